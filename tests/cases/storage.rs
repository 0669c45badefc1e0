//! Where a run writes: its log, its state, its journal; and what happens when it cannot.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::experiment::{expects, experiment, get, run, shell, with, with_hypothesis};
use chaos_tests::sandbox::{Finished, await_true};
use chaos_tests::{Sandbox, Service};
use rustix::process::{Signal, geteuid};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(15);

/// Runs the experiment below a shell's own settings: limits, umask, redirections.
fn run_below(sandbox: &Sandbox, experiment: &Value, script: &str) -> Finished {
    sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    let mut command = sandbox.command(Path::new("bash"));
    let binary = chaos_tests::sandbox::binary().unwrap();
    command.args(["-c", script, "bash"]).arg(binary);
    sandbox.run(command).unwrap()
}

/// A value that makes the log outgrow a limit of 64 KiB for a file.
fn long() -> String {
    "x".repeat(100_000)
}

#[test]
fn without_a_log_nothing_is_injected() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    service.answer("/long", 200, "text/plain", &long());
    let method = [
        get("never", &format!("{}/never", service.url())),
        get("never-either", &format!("{}/never", service.url())),
    ];
    let probe = expects("long", &format!("{}/long", service.url()), 200);
    let it = with_hypothesis(experiment(&method), &[probe]);
    let script =
        r#"ulimit -f 64; exec "$1" --no-log-file run experiment.json --journal-path /dev/null"#;
    let ended = run_below(&sandbox, &it, script);
    assert_eq!(service.count("/never"), 0, "{}", ended.stderr);
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("'never' was not executed: the write-ahead log cannot be written"),
        "{}",
        ended.stderr
    );
    assert_is_released(&sandbox);
}

#[test]
fn what_was_injected_is_cleaned_up_even_without_a_log() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    service.answer("/long", 200, "text/plain", &long());
    // The fault itself is what makes the log fail: as one that fills a disk does.
    let method = [
        get("fills", &format!("{}/long", service.url())),
        get("never", &format!("{}/never", service.url())),
    ];
    let undo = json!([
        get("undo", &format!("{}/undone", service.url())),
        shell("undo-too", "echo yes > undone"),
    ]);
    let it = with(experiment(&method), "rollbacks", undo);
    let script =
        r#"ulimit -f 64; exec "$1" --no-log-file run experiment.json --journal-path /dev/null"#;
    let ended = run_below(&sandbox, &it, script);
    assert_eq!(service.count("/never"), 0, "{}", ended.stderr);
    assert_eq!(service.count("/undone"), 1, "{}", ended.stderr);
    assert!(sandbox.file("undone").exists(), "{}", ended.stderr);
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("Cleaning up although the write-ahead log"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_log_that_failed_in_the_end_is_said() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    service.answer("/long", 200, "text/plain", &long());
    let it = experiment(&[get("acts", &format!("{}/long", service.url()))]);
    let script =
        r#"ulimit -f 64; exec "$1" --no-log-file run experiment.json --journal-path /dev/null"#;
    let ended = run_below(&sandbox, &it, script);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("log of this run is incomplete"),
        "{}",
        ended.stderr
    );
}

#[track_caller]
fn assert_is_released(sandbox: &Sandbox) {
    let folder = sandbox.file("state/chaos-wasm/experiments");
    for lease in fs::read_dir(folder).unwrap() {
        assert_eq!(lease.unwrap().metadata().unwrap().len(), 0);
    }
}

fn acts(service: &Service) -> Value {
    experiment(&[get("acts", &format!("{}/acted", service.url()))])
}

#[test]
fn an_unusable_state_folder_is_said_before_anything_is_done() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    sandbox.write("file", "in the way").unwrap();
    for place in ["file", "file/below", "/proc/nowhere"] {
        let refused = run(&sandbox, &acts(&service), &["--state-dir", place]).unwrap();
        assert_eq!(refused.code, 2, "{place}: {}", refused.stderr);
        assert!(refused.stderr.contains("--state-dir"), "{}", refused.stderr);
    }
    if !geteuid().is_root() {
        fs::create_dir(sandbox.file("closed")).unwrap();
        let closed = fs::Permissions::from_mode(0o500);
        fs::set_permissions(sandbox.file("closed"), closed).unwrap();
        let refused = run(&sandbox, &acts(&service), &["--state-dir", "closed"]).unwrap();
        assert_eq!(refused.code, 2, "{}", refused.stderr);
    }
    assert_eq!(service.count("/acted"), 0);
}

#[test]
fn without_a_home_the_state_goes_where_it_is_told() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    sandbox
        .write("experiment.json", acts(&service).to_string())
        .unwrap();
    let homeless = |arguments: &[&str]| {
        let mut command = sandbox.chaos(["run", "experiment.json"]).unwrap();
        command.args(arguments).env("HOME", "");
        command.env_remove("XDG_STATE_HOME");
        sandbox.run(command).unwrap()
    };
    let refused = homeless(&[]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("--state-dir"), "{}", refused.stderr);
    assert_eq!(service.count("/acted"), 0);
    let ended = homeless(&["--state-dir", "told"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(sandbox.file("told/runs").is_dir());
}

#[test]
fn a_run_that_never_began_leaves_nothing_behind() {
    let sandbox = Sandbox::new().unwrap();
    let it = with(
        experiment(&[shell("never", "true")]),
        "configuration",
        json!({ "missing": { "type": "env", "key": "NOT_SET_ANYWHERE" } }),
    );
    let refused = run(&sandbox, &it, &["--no-validation"]).unwrap();
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    let refused = run(&sandbox, &it, &["--journal-path", "/nowhere/journal.json"]).unwrap();
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("--journal-path"),
        "{}",
        refused.stderr
    );
    assert_is_released(&sandbox);
    let runs = fs::read_dir(sandbox.file("state/chaos-wasm/runs"));
    assert_eq!(runs.map_or(0, Iterator::count), 0);
}

#[test]
fn the_journal_goes_through_links_and_keeps_to_the_umask() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    fs::create_dir(sandbox.file("real")).unwrap();
    sandbox.write("real/there.json", "old").unwrap();
    for target in ["there.json", "new.json"] {
        let _ = fs::remove_file(sandbox.file("journal.json"));
        symlink(format!("real/{target}"), sandbox.file("journal.json")).unwrap();
        let script = r#"umask 027; exec "$1" run experiment.json"#;
        let ended = run_below(&sandbox, &acts(&service), script);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let link = fs::symlink_metadata(sandbox.file("journal.json")).unwrap();
        assert!(link.is_symlink(), "the link was replaced");
        let written = fs::symlink_metadata(sandbox.file(&format!("real/{target}"))).unwrap();
        assert!(written.is_file());
        assert_eq!(written.mode() & 0o777, 0o640);
        assert_eq!(sandbox.journal().unwrap()["status"], "completed");
    }
    let left = fs::read_dir(sandbox.file("real")).unwrap().count();
    assert_eq!(left, 2, "something temporary was left");
}

#[test]
fn the_journal_may_go_to_standard_output_whatever_that_is() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let run = r#""$1" run experiment.json --journal-path /dev/stdout"#;
    let scripts = [
        format!("echo first > out; {run} >> out"),
        format!("{run} | (echo first; cat) > out"),
    ];
    for script in scripts {
        let ended = run_below(&sandbox, &acts(&service), &script);
        assert_eq!(ended.code, 0, "{script}: {}", ended.stderr);
        let out = fs::read_to_string(sandbox.file("out")).unwrap();
        let journal = out.strip_prefix("first\n").unwrap();
        let journal: Value = serde_json::from_str(journal).unwrap();
        assert_eq!(journal["status"], "completed", "{script}");
    }
}

#[test]
fn a_journal_lost_in_the_end_is_no_success() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let ended = run(&sandbox, &acts(&service), &["--journal-path", "/dev/full"]).unwrap();
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert!(ended.stderr.contains("No space left"), "{}", ended.stderr);
    assert_eq!(service.count("/acted"), 1);
    // Everything was done, and the copy is there.
    assert_is_released(&sandbox);
    let kept = sandbox.contents().unwrap();
    assert!(kept.iter().any(|(path, _)| path.ends_with("journal.json")));
}

#[test]
fn a_folder_in_the_journal_s_place_is_said_before_anything_is_done() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    for place in ["/", "state-of-things", "/proc/journal.json"] {
        let _ = fs::create_dir(sandbox.file("state-of-things"));
        let refused = run(&sandbox, &acts(&service), &["--journal-path", place]).unwrap();
        assert_eq!(refused.code, 2, "{place}: {}", refused.stderr);
        assert!(
            refused.stderr.contains("--journal-path"),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(service.count("/acted"), 0);
}

fn pipe(sandbox: &Sandbox) {
    let made = Command::new("mkfifo").arg(sandbox.file("pipe")).status();
    assert!(made.unwrap().success());
    let kind = fs::metadata(sandbox.file("pipe")).unwrap().file_type();
    assert!(kind.is_fifo());
}

#[test]
fn a_pipe_that_nobody_reads_is_not_waited_for() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    pipe(&sandbox);
    let refused = run(&sandbox, &acts(&service), &["--journal-path", "pipe"]).unwrap();
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("nobody reads"),
        "{}",
        refused.stderr
    );
    assert_eq!(service.count("/acted"), 0);
    assert_is_released(&sandbox);
}

#[test]
fn a_pipe_that_is_read_gets_the_journal() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    service.answer("/acted", 200, "text/plain", &"y".repeat(300_000));
    pipe(&sandbox);
    let script = r#"cat pipe > read & exec 3> pipe; "$1" run experiment.json --journal-path pipe; code=$?; exec 3>&-; wait; exit $code"#;
    let ended = run_below(&sandbox, &acts(&service), script);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(sandbox.json("read").unwrap()["status"], "completed");
}

#[test]
fn a_signal_ends_the_wait_for_a_pipe_s_slow_reader() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    service.answer("/acted", 200, "text/plain", &"y".repeat(300_000));
    pipe(&sandbox);
    sandbox
        .write("experiment.json", acts(&service).to_string())
        .unwrap();
    // Opened for both, so that it is there to be read, and never read.
    let _reader = fs::File::options()
        .read(true)
        .write(true)
        .open(sandbox.file("pipe"))
        .unwrap();
    let command = sandbox.chaos(["run", "experiment.json", "--journal-path", "pipe"]);
    let running = sandbox.start(command.unwrap()).unwrap();
    assert!(await_true(SOON, || running
        .stderr()
        .contains("ended with status")));
    std::thread::sleep(Duration::from_millis(300));
    running.signal(Signal::TERM).unwrap();
    let ended = running.wait(SOON).unwrap();
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("a signal ended the wait"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_reader_of_the_log_that_stalls_holds_nothing_up() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let mut silent = get("silent", &format!("{}/silent", service.url()));
    silent["timeout"] = json!(0.3);
    let it = with(
        experiment(&[silent]),
        "rollbacks",
        json!([get("undo", &format!("{}/undone", service.url()))]),
    );
    sandbox.write("experiment.json", it.to_string()).unwrap();
    let mut command = sandbox.chaos(["run", "experiment.json"]).unwrap();
    let (reader, writer) = rustix::pipe::pipe().unwrap();
    // Full from the start: the first line would block already.
    rustix::io::ioctl_fionbio(&writer, true).unwrap();
    while rustix::io::write(&writer, &[b'x'; 4096]).is_ok() {}
    while rustix::io::write(&writer, b"x").is_ok() {}
    rustix::io::ioctl_fionbio(&writer, false).unwrap();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(writer)
        .spawn()
        .unwrap();
    let undone = service.await_requests("/undone", 1, SOON);
    let ended = await_true(SOON, || child.try_wait().unwrap().is_some());
    let _ = child.kill();
    let _ = child.wait();
    drop(reader);
    assert!(undone, "the run stalled with its log");
    assert!(ended, "the runner never ended");
    assert!(sandbox.journal().is_ok());
}

#[test]
fn a_closed_standard_error_holds_nothing_up() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let ended = run_below(
        &sandbox,
        &acts(&service),
        r#"exec "$1" run experiment.json 2>&-"#,
    );
    assert_eq!(ended.code, 0);
    assert_eq!(sandbox.journal().unwrap()["status"], "completed");
}

#[test]
fn a_standard_input_that_never_ends_is_not_read() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let script = r#"sleep 60 | { "$1" run experiment.json; code=$?; kill $$; exit $code; }"#;
    let ended = run_below(&sandbox, &acts(&service), script);
    assert_eq!(service.count("/acted"), 1, "{}", ended.stderr);
    assert_eq!(sandbox.journal().unwrap()["status"], "completed");
}
