//! A wall clock that jumps while a run is under way: nothing waits by it, nothing is ordered by it.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::experiment::{expects, experiment, get, shell, with, with_hypothesis};
use chaos_tests::sandbox::Finished;
use chaos_tests::{Sandbox, Service};
use chaos_wasm::run::record::Record;
use chaos_wasm::wal::{self, RunFolder};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Above what the run takes on a busy machine, below any of the jumps.
const BOUND: Duration = Duration::from_secs(30);

const HOUR: i64 = 3600;

/// Seconds by which the clock is wrong, one after the other.
const JUMPS: [i64; 6] = [-5 * HOUR, 9 * HOUR, 0, 24 * 366 * HOUR, -HOUR, 60];

/// Where the preloaded clock reads how wrong it is.
const CLOCK: &str = "clock";

/// `chaos-wasm run` of the experiment with a clock of its own. Compiled by the C compiler that
/// cargo links with.
fn below_a_clock(sandbox: &Sandbox, experiment: &Value, arguments: &[&str]) -> Command {
    let library = sandbox.file("jumping.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/clock/jumping.c");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]);
    let compiled = compiler.arg(&library).arg(source).output().unwrap();
    let said = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "cc: {said}");
    sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    let mut command = sandbox.chaos(["run", "experiment.json"]).unwrap();
    command
        .args(arguments)
        .env("LD_PRELOAD", library)
        .env("JUMPING_CLOCK", sandbox.file(CLOCK));
    command
}

fn set_clock(sandbox: &Sandbox, wrong_by: i64) {
    // Renamed over the old one: a half-written number would be another jump.
    let new = sandbox.write("clock.new", wrong_by.to_string()).unwrap();
    fs::rename(new, sandbox.file(CLOCK)).unwrap();
}

/// Runs to the end while the clock jumps, every 10 ms.
fn run_jumping(sandbox: &Sandbox, command: Command) -> Finished {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let jumping = scope.spawn(|| {
            for wrong_by in JUMPS.into_iter().cycle() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                set_clock(sandbox, wrong_by);
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        let ended = sandbox.start(command).and_then(|run| run.wait(BOUND));
        over.store(true, Ordering::Relaxed);
        jumping.join().unwrap();
        ended.unwrap()
    })
}

/// The times that the log's lines begin with.
fn times_of(log: &str) -> Vec<&str> {
    let lines = log.lines().filter_map(|line| line.strip_prefix('['));
    lines.filter_map(|line| line.get(..19)).collect()
}

#[track_caller]
fn assert_in_order(times: &[&str]) {
    assert!(times.is_sorted(), "not in order: {times:?}");
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap()
}

/// Seconds as they were asked for: not less, and no jump more.
#[track_caller]
fn assert_took(record: &Value, seconds: f64) {
    let duration = record["duration"].as_f64().unwrap();
    let late = seconds + BOUND.as_secs_f64();
    assert!((seconds..late).contains(&duration), "{record}");
}

fn limited(mut activity: Value, timeout: f64) -> Value {
    activity["timeout"] = json!(timeout);
    activity
}

/// Everything that waits: two timeouts, a pause, a sleep, a background activity, checks by a beat.
fn waits(service: &Service) -> Value {
    let at = |path: &str| format!("{}{path}", service.url());
    let mut background = limited(shell("background", "exec sleep 60"), 0.6);
    background["background"] = json!(true);
    let mut sleeps = json!({ "type": "action", "name": "sleeps", "provider": {
        "type": "python", "module": "time", "func": "sleep", "arguments": { "secs": 0.3 } } });
    sleeps["pauses"] = json!({ "after": 0.3 });
    let method = [
        background,
        limited(get("silent", &at("/silent")), 0.4),
        limited(shell("stubborn", "exec sleep 60"), 0.4),
        sleeps,
    ];
    let it = with_hypothesis(experiment(&method), &[expects("ok", &at("/ok"), 200)]);
    with(it, "rollbacks", json!([get("undo", &at("/undone"))]))
}

#[test]
fn a_clock_that_jumps_changes_no_wait_and_no_order() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let arguments = [
        "--hypothesis-strategy=continuously",
        "--hypothesis-frequency=0.05",
    ];
    let command = below_a_clock(&sandbox, &waits(&service), &arguments);
    let start = Instant::now();
    let ended = run_jumping(&sandbox, command);
    let elapsed = start.elapsed().as_secs_f64();
    let log = times_of(&ended.stderr);
    assert!(!log.is_sorted(), "the clock did not jump: {log:?}");
    // Actions that ran out of time: inconclusive, and everything else as it should be.
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert_eq!(service.count("/undone"), 1);

    let journal = sandbox.journal().unwrap();
    let outcomes = ["timed-out", "timed-out", "timed-out", "succeeded"];
    let activities = journal["chaos-wasm"]["activities"].as_array().unwrap();
    for activity in activities {
        let duration = activity["duration"].as_f64().unwrap();
        assert!((0.0..elapsed).contains(&duration), "{activity}");
    }
    let method = activities
        .iter()
        .filter(|one| text(one, "step").starts_with("method/"));
    let method: Vec<&Value> = method.collect();
    for ((activity, outcome), asked) in method.iter().zip(outcomes).zip([0.6, 0.4, 0.4, 0.3]) {
        assert_eq!(activity["outcome"], outcome, "{activity}");
        assert_took(activity, asked);
    }
    assert_eq!(method.len(), 4);

    let took = journal["duration"].as_f64().unwrap();
    assert!((1.4..elapsed).contains(&took), "{took} s of {elapsed} s");
    let checks = journal["steady_states"]["during"].as_array().unwrap();
    let most = took / 0.05 + 2.0;
    assert!((2..most as usize).contains(&checks.len()), "{checks:?}");
    assert_journal_in_order(&journal, checks);
    assert_log_in_order(&sandbox, text(&journal["chaos-wasm"], "run"));
}

fn assert_journal_in_order(journal: &Value, checks: &[Value]) {
    let begun = journal["run"].as_array().unwrap();
    let probes = checks.iter().map(|check| &check["probes"][0]);
    for record in begun.iter().chain(probes).chain([journal]) {
        assert_in_order(&[
            text(journal, "start"),
            text(record, "start"),
            text(record, "end"),
            text(journal, "end"),
        ]);
        assert!(record["duration"].as_f64().unwrap() >= 0.0, "{record}");
    }
    let starts: Vec<&str> = begun.iter().map(|record| text(record, "start")).collect();
    assert_in_order(&starts);
}

fn assert_log_in_order(sandbox: &Sandbox, run: &str) {
    let folder = RunFolder::of(&sandbox.file("state/chaos-wasm"), run);
    let log = wal::read(&folder).unwrap();
    assert!(log.damage.is_none());
    assert!(matches!(log.records.last(), Some(Record::RunEnded { .. })));
    let records = log.records.iter().map(|it| json!(it));
    let times: Vec<String> = records
        .filter_map(|record| record["at"].as_str().map(str::to_owned))
        .collect();
    assert!(times.len() > 10, "{times:?}");
    assert_in_order(&times.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_clock_that_is_centuries_off_keeps_nobody_from_running() {
    let year = 365 * 24 * HOUR;
    for wrong_by in [-120 * year, 3000 * year] {
        let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
        let it = experiment(&[get("acts", &format!("{}/acted", service.url()))]);
        let command = below_a_clock(&sandbox, &it, &[]);
        set_clock(&sandbox, wrong_by);
        let ended = sandbox.run(command).unwrap();
        assert_eq!(ended.code, 0, "{wrong_by}: {}", ended.stderr);
        let journal = sandbox.journal().unwrap();
        assert_eq!(journal["status"], "completed");
        assert_in_order(&[text(&journal, "start"), text(&journal, "end")]);
        let now = text(&journal, "start");
        assert!(!now.starts_with("20"), "the clock was not off: {now}");
        assert!(journal["duration"].as_f64().unwrap() >= 0.0);
    }
}
