#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use super::*;
use crate::budget::Ceilings;
use crate::deadline::Deadline;
use crate::ledger::{Done, Intent, Ledger, NoLedger, NotWritten};
use crate::limits::PROCESS_OUTPUT_BYTES;
use futures_util::future::BoxFuture;
use rustix::process::{kill_process, test_kill_process};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(30);

fn door() -> Door {
    Door::new(Arc::new(NoLedger), Ceilings::default())
}

fn pass(allowed: Duration) -> Pass {
    Pass::new("method/0", Effect::Mutate, Deadline::after(allowed))
}

fn shell(script: &str) -> ProcessCommand {
    ProcessCommand {
        program: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
        effect: Effect::Mutate,
    }
}

async fn run(script: &str) -> ProcessOutput {
    door().process(&pass(LONG), shell(script)).await.unwrap()
}

/// The ids that a script wrote to a file, once it has written `count` of them.
async fn ids(file: &Path, count: usize) -> Vec<Pid> {
    for _ in 0..1000 {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let found = text.split_ascii_whitespace().map(|id| id.parse().unwrap());
        let found: Vec<Pid> = found.map(|id| Pid::from_raw(id).unwrap()).collect();
        if found.len() == count && text.ends_with('\n') {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the script did not start: {file:?}");
}

/// Whether it has ended; a zombie has.
fn ended(pid: Pid) -> bool {
    let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
    match std::fs::read_to_string(stat) {
        Ok(stat) => stat
            .rsplit_once(')')
            .is_some_and(|(_, rest)| rest.trim_start().starts_with('Z')),
        Err(_) => test_kill_process(pid).is_err(),
    }
}

async fn all_end(pids: &[Pid]) {
    for _ in 0..400 {
        if pids.iter().all(|pid| ended(*pid)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for pid in pids {
        let _ = kill_process(*pid, Signal::KILL);
    }
    panic!("still alive: {pids:?}");
}

#[tokio::test]
async fn streams_and_status_come_back() {
    let output = run("printf out; printf err >&2; exit 3").await;
    assert_eq!(output.status, 3);
    assert_eq!(output.stdout.bytes, b"out");
    assert_eq!(output.stderr.bytes, b"err");
    assert_eq!(run("kill -9 $$").await.status, -9);
    assert_eq!(run("kill -TERM $$").await.status, -15);
}

#[tokio::test]
async fn standard_input_is_empty() {
    assert_eq!(run("cat; read x || echo end").await.stdout.bytes, b"end\n");
}

#[tokio::test]
async fn closing_the_streams_early_does_not_end_the_waiting() {
    let output = run("exec >&- 2>&-; sleep 0.1; exit 7").await;
    assert_eq!(output.status, 7);
    assert!(output.stdout.bytes.is_empty());
}

#[tokio::test]
async fn output_beyond_the_limit_is_drained_and_counted() {
    let more = 3 * 1024 * 1024;
    let script = format!(
        "head -c {} /dev/zero; echo done >&2",
        PROCESS_OUTPUT_BYTES + more
    );
    let output = run(&script).await;
    assert_eq!(output.status, 0);
    assert_eq!(output.stdout.bytes.len(), PROCESS_OUTPUT_BYTES);
    assert_eq!(output.stdout.dropped, more as u64);
    assert_eq!(output.stderr.bytes, b"done\n");
    assert_eq!(output.stderr.dropped, 0);
}

#[tokio::test]
async fn at_the_deadline_a_group_that_ignores_sigterm_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ids");
    let script = format!(
        "trap '' TERM; sleep 60 & child=$!; echo $$ $child > {}; wait; sleep 60",
        file.display()
    );
    let begun = Instant::now();
    let (door, pass) = (door(), pass(Duration::from_millis(200)));
    let (error, pids) = tokio::join!(door.process(&pass, shell(&script)), ids(&file, 2));
    let taken = begun.elapsed();
    assert!(
        matches!(error, Err(ProcessError::TooSlow { seconds, .. }) if seconds == 0.2),
        "{error:?}"
    );
    assert!(taken < Duration::from_secs(3), "{taken:?}");
    all_end(&pids).await;
}

#[tokio::test]
async fn at_the_deadline_a_group_may_clean_up() {
    let folder = tempfile::tempdir().unwrap();
    let (file, trace) = (folder.path().join("ids"), folder.path().join("trace"));
    let script = format!(
        "trap 'echo cleaned > {}; exit 0' TERM; echo $$ > {}; sleep 60 & wait",
        trace.display(),
        file.display()
    );
    let (door, pass) = (door(), pass(Duration::from_millis(300)));
    let (error, pids) = tokio::join!(door.process(&pass, shell(&script)), ids(&file, 1));
    assert!(matches!(error, Err(ProcessError::TooSlow { .. })));
    all_end(&pids).await;
    assert_eq!(std::fs::read_to_string(trace).unwrap(), "cleaned\n");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn at_the_deadline_descendants_in_sessions_of_their_own_end_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ids");
    let script = format!(
        "setsid sh -c 'sleep 60 & echo $$ $! > {}; wait; sleep 60' & wait; sleep 60",
        file.display()
    );
    let (door, pass) = (door(), pass(Duration::from_millis(300)));
    let (error, pids) = tokio::join!(door.process(&pass, shell(&script)), ids(&file, 2));
    assert!(matches!(error, Err(ProcessError::TooSlow { .. })));
    all_end(&pids).await;
}

#[tokio::test]
async fn a_dropped_future_leaves_no_process_behind() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ids");
    let script = format!(
        "trap '' TERM; sleep 60 & echo $$ $! > {}; wait",
        file.display()
    );
    let ledger = Arc::new(Notes::default());
    let door = Door::new(Arc::clone(&ledger) as Arc<dyn Ledger>, Ceilings::default());
    let pids = tokio::select! {
        pids = ids(&file, 2) => pids,
        ended = async { door.process(&pass(LONG), shell(&script)).await } => panic!("{ended:?}"),
    };
    all_end(&pids).await;
    let done = ledger.done.lock().unwrap();
    assert_eq!(done.len(), 1);
    assert!(done[0].error.as_deref().unwrap().contains("cancelled"));
}

#[tokio::test]
async fn what_is_left_in_the_background_lives_on_and_is_not_waited_for() {
    let begun = Instant::now();
    let output = run("sh -c 'sleep 20; echo late' & echo $!").await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(output.status, 0);
    let text = String::from_utf8(output.stdout.bytes).unwrap();
    let pid = Pid::from_raw(text.trim().parse().unwrap()).unwrap();
    let alive = !ended(pid);
    let group = rustix::process::getpgid(Some(pid)).unwrap();
    kill_process_group(group);
    assert!(alive);
}

fn kill_process_group(group: Pid) {
    rustix::process::kill_process_group(group, Signal::KILL).unwrap();
}

#[tokio::test]
async fn many_at_a_time() {
    let (door, pass) = (door(), pass(LONG));
    let all = (0..400).map(|_| door.process(&pass, shell("sleep 0.3; exit 4")));
    let statuses = futures_util::future::join_all(all).await;
    assert!(
        statuses
            .into_iter()
            .all(|output| output.unwrap().status == 4)
    );
}

#[tokio::test]
async fn what_cannot_be_started_says_so() {
    let nothing = ProcessCommand {
        program: "/nothing/here".into(),
        arguments: vec![],
        effect: Effect::Read,
    };
    let error = door().process(&pass(LONG), nothing).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot start /nothing/here");
    assert!(matches!(error, ProcessError::Start { source, .. }
        if source.kind() == std::io::ErrorKind::NotFound));
}

#[tokio::test]
async fn the_doors_environment_reaches_processes() {
    let door = door().with_environment(vec![("FROM_FILE".into(), "yes".into())]);
    let output = door
        .process(&pass(LONG), shell("echo $FROM_FILE$HOME"))
        .await;
    let home = std::env::var("HOME").unwrap();
    assert_eq!(
        output.unwrap().stdout.bytes,
        format!("yes{home}\n").into_bytes()
    );
    assert_eq!(door.variable("FROM_FILE"), Some("yes".into()));
}

#[derive(Default)]
struct Notes {
    intents: Mutex<Vec<Intent>>,
    done: Mutex<Vec<Done>>,
}

impl Ledger for Notes {
    fn intent(&self, intent: Intent) -> BoxFuture<'_, Result<(), NotWritten>> {
        self.intents.lock().unwrap().push(intent);
        Box::pin(async { Ok(()) })
    }
    fn done(&self, done: Done) {
        self.done.lock().unwrap().push(done);
    }
}

#[tokio::test]
async fn the_ledger_learns_of_every_process() {
    let ledger = Arc::new(Notes::default());
    let ceilings = Ceilings {
        processes: 2,
        ..Ceilings::default()
    };
    let door = Door::new(Arc::clone(&ledger) as Arc<dyn Ledger>, ceilings);
    door.process(&pass(LONG), shell("true")).await.unwrap();
    let late = pass(Duration::from_millis(50));
    door.process(&late, shell("sleep 9")).await.unwrap_err();
    let refused = door.process(&pass(LONG), shell("true")).await.unwrap_err();
    assert!(matches!(&refused, ProcessError::Refused(refusal) if refusal.is_denial()));
    let looking = Pass::new("probe", Effect::Read, Deadline::after(LONG));
    let refused = door.process(&looking, shell("true")).await.unwrap_err();
    assert!(matches!(
        refused,
        ProcessError::Refused(Refusal::ReadOnly { .. })
    ));

    let intents = ledger.intents.lock().unwrap();
    let targets: Vec<&str> = intents
        .iter()
        .map(|intent| intent.target.as_str())
        .collect();
    assert_eq!(targets, ["/bin/sh -c true", "/bin/sh -c sleep 9"]);
    let done = ledger.done.lock().unwrap();
    let errors: Vec<bool> = done.iter().map(|done| done.error.is_some()).collect();
    assert_eq!(errors, [false, true, true, true]);
}
