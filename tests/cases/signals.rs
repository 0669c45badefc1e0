//! The first SIGINT or SIGTERM stops and cleans up, the second leaves at once.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::experiment::{expects, experiment, get, shell, with, with_hypothesis};
use chaos_tests::sandbox::{Finished, Running, alive, await_true, kill};
use chaos_tests::{Sandbox, Service};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(15);
const BOTH: [(Signal, i32); 2] = [(Signal::INT, 130), (Signal::TERM, 143)];

fn start(sandbox: &Sandbox, experiment: &Value) -> Running {
    sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    let command = sandbox.chaos(["run", "experiment.json"]).unwrap();
    sandbox.start(command).unwrap()
}

fn stopped(running: Running, signal: Signal) -> Finished {
    running.signal(signal).unwrap();
    running.wait(SOON).unwrap()
}

fn process_in(sandbox: &Sandbox, file: &str) -> i32 {
    assert!(sandbox.await_file(file, SOON), "{file} was never written");
    let text = std::fs::read_to_string(sandbox.file(file)).unwrap();
    text.trim().parse().unwrap()
}

fn with_undo(experiment: Value, service: &Service) -> Value {
    let undo = get("undo", &format!("{}/undone", service.url()));
    with(experiment, "rollbacks", json!([undo]))
}

#[track_caller]
fn assert_cleaned_up(sandbox: &Sandbox, service: &Service, ended: &Finished, code: i32) {
    assert_eq!(ended.code, code, "{}", ended.stderr);
    let journal = sandbox.journal().unwrap();
    assert_eq!(journal["status"], "interrupted");
    assert_eq!(service.count("/undone"), 1, "the rollback was not played");
    assert_eq!(journal["rollbacks"][0]["status"], "succeeded");
    assert_eq!(service.count("/never"), 0, "the method went on");
}

#[test]
fn in_a_process() {
    for (signal, code) in BOTH {
        let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
        let method = [
            shell("sleeps", "echo $$ > child; exec sleep 60"),
            get("never", &format!("{}/never", service.url())),
        ];
        let running = start(&sandbox, &with_undo(experiment(&method), &service));
        let child = process_in(&sandbox, "child");
        let ended = stopped(running, signal);
        let gone = await_true(SOON, || !alive(child));
        kill(child);
        assert!(gone, "the process was left running");
        assert_cleaned_up(&sandbox, &service, &ended, code);
    }
}

#[test]
fn in_a_process_that_ignores_sigterm() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let script = "trap '' TERM INT; echo $$ > child; while :; do sleep 1; done";
    let running = start(
        &sandbox,
        &with_undo(experiment(&[shell("stubborn", script)]), &service),
    );
    let child = process_in(&sandbox, "child");
    let ended = stopped(running, Signal::TERM);
    let gone = await_true(SOON, || !alive(child));
    kill(child);
    assert!(gone, "the process was left running");
    assert_cleaned_up(&sandbox, &service, &ended, 143);
}

#[test]
fn in_a_request() {
    for (signal, code) in BOTH {
        let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
        let method = [
            get("waits", &format!("{}/silent", service.url())),
            get("never", &format!("{}/never", service.url())),
        ];
        let running = start(&sandbox, &with_undo(experiment(&method), &service));
        assert!(service.await_requests("/silent", 1, SOON));
        let ended = stopped(running, signal);
        assert_cleaned_up(&sandbox, &service, &ended, code);
    }
}

#[test]
fn in_a_pause() {
    for (signal, code) in BOTH {
        for when in ["before", "after"] {
            let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
            let mut paused = get("paused", &format!("{}/paused", service.url()));
            paused["pauses"] = json!({ when: 60 });
            let method = [
                get("first", &format!("{}/first", service.url())),
                paused,
                get("never", &format!("{}/never", service.url())),
            ];
            let running = start(&sandbox, &with_undo(experiment(&method), &service));
            let line = if when == "before" {
                "Pausing before"
            } else {
                "Pausing after"
            };
            assert!(
                await_true(SOON, || running.stderr().contains(line)),
                "{}",
                running.stderr()
            );
            let ended = stopped(running, signal);
            assert_cleaned_up(&sandbox, &service, &ended, code);
        }
    }
}

#[test]
fn in_a_background_activity() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let mut background = shell("bg", "echo $$ > child; exec sleep 60");
    background["background"] = json!(true);
    let method = [
        background,
        get("waits", &format!("{}/silent", service.url())),
    ];
    let running = start(&sandbox, &with_undo(experiment(&method), &service));
    let child = process_in(&sandbox, "child");
    assert!(service.await_requests("/silent", 1, SOON));
    let ended = stopped(running, Signal::INT);
    let gone = await_true(SOON, || !alive(child));
    kill(child);
    assert!(gone, "the background process was left running");
    assert_cleaned_up(&sandbox, &service, &ended, 130);
}

#[test]
fn in_the_gate_nothing_is_injected() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let silent = expects("silent", &format!("{}/silent", service.url()), 200);
    let method = [get("never", &format!("{}/never", service.url()))];
    let running = start(&sandbox, &with_hypothesis(experiment(&method), &[silent]));
    assert!(service.await_requests("/silent", 1, SOON));
    let ended = stopped(running, Signal::TERM);
    assert_eq!(ended.code, 143, "{}", ended.stderr);
    let journal = sandbox.journal().unwrap();
    assert_eq!(journal["status"], "interrupted");
    assert_eq!(journal["run"], json!([]));
    assert_eq!(service.count("/never"), 0);
}

#[test]
fn the_second_leaves_at_once_and_says_what_was_left() {
    for (signal, _) in BOTH {
        let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
        let method = [get("waits", &format!("{}/silent", service.url()))];
        let rollbacks = json!([
            shell("slow-undo", "echo $$ > undoing; exec sleep 60"),
            get("later-undo", &format!("{}/never", service.url())),
        ]);
        let running = start(&sandbox, &with(experiment(&method), "rollbacks", rollbacks));
        assert!(service.await_requests("/silent", 1, SOON));
        running.signal(signal).unwrap();
        let undoing = process_in(&sandbox, "undoing");
        let ended = stopped(running, signal);
        kill(undoing);
        // Rollbacks were left: more than an interruption.
        assert_eq!(ended.code, 7, "{}", ended.stderr);
        let left: Vec<&str> = ended
            .stderr
            .lines()
            .filter(|line| line.contains("Left "))
            .collect();
        for name in ["slow-undo", "later-undo"] {
            let said = left.iter().any(|line| line.contains(name));
            assert!(said, "{name} is not named as left:\n{}", ended.stderr);
        }
        assert_eq!(service.count("/never"), 0);
    }
}

#[test]
fn while_a_probe_judges() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let mut probe = expects("judged", &format!("{}/ok", service.url()), 200);
    probe["tolerance"] = json!({
        "type": "probe", "name": "judge",
        "provider": { "type": "http", "url": format!("{}/silent", service.url()), "arguments": {} }
    });
    let method = [get("never", &format!("{}/never", service.url()))];
    let running = start(&sandbox, &with_hypothesis(experiment(&method), &[probe]));
    assert!(service.await_requests("/silent", 1, SOON));
    let ended = stopped(running, Signal::INT);
    assert_eq!(ended.code, 130, "{}", ended.stderr);
    assert_eq!(service.count("/never"), 0);
}

#[test]
fn while_configuration_is_looked_up_nothing_was_done() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let it = with(
        experiment(&[get("never", &format!("{}/never", service.url()))]),
        "configuration",
        json!({ "looked-up": {
            "type": "probe", "name": "looks",
            "provider": { "type": "http", "url": format!("{}/silent", service.url()) }
        }}),
    );
    for (signal, code) in BOTH {
        let before = service.count("/silent");
        let running = start(&sandbox, &it);
        assert!(service.await_requests("/silent", before + 1, SOON));
        // Not refused the second time: the first run gave its lease back.
        let ended = stopped(running, signal);
        assert_eq!(ended.code, code, "{}", ended.stderr);
        assert!(sandbox.journal().is_err());
    }
    assert_eq!(service.count("/never"), 0);
}

#[test]
fn during_continuous_checks() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let alive = expects("alive", &format!("{}/ok", service.url()), 200);
    let slow = expects("slow", &format!("{}/silent", service.url()), 200);
    let mut it = with_undo(
        experiment(&[
            shell("sleeps", "echo $$ > child; exec sleep 60"),
            get("never", &format!("{}/never", service.url())),
        ]),
        &service,
    );
    it = with_hypothesis(it, &[alive, slow]);
    it = with(
        it,
        "runtime",
        json!({ "hypothesis": { "strategy": "during-method-only" } }),
    );
    let running = start(&sandbox, &it);
    let child = process_in(&sandbox, "child");
    assert!(service.await_requests("/silent", 1, SOON));
    let ended = stopped(running, Signal::INT);
    let gone = await_true(SOON, || !chaos_tests::sandbox::alive(child));
    kill(child);
    assert!(gone, "the process was left running");
    assert_cleaned_up(&sandbox, &service, &ended, 130);
    assert!(!ended.stderr.contains("report"), "{}", ended.stderr);
}

#[test]
fn rollbacks_under_way_go_on_after_the_first() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let rollbacks = json!([
        shell("slow-undo", "echo $$ > undoing; sleep 0.5"),
        get("undo", &format!("{}/undone", service.url())),
    ]);
    let it = with(
        experiment(&[get("acts", &format!("{}/ok", service.url()))]),
        "rollbacks",
        rollbacks,
    );
    let running = start(&sandbox, &it);
    process_in(&sandbox, "undoing");
    let ended = stopped(running, Signal::TERM);
    assert_cleaned_up(&sandbox, &service, &ended, 143);
}

#[test]
fn the_others_that_end_a_run() {
    for (signal, code, undone) in [
        (Signal::HUP, 143, 1),
        (Signal::USR1, 130, 1),
        (Signal::USR2, 130, 0),
    ] {
        let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
        let method = [
            get("waits", &format!("{}/silent", service.url())),
            get("never", &format!("{}/never", service.url())),
        ];
        let running = start(&sandbox, &with_undo(experiment(&method), &service));
        assert!(service.await_requests("/silent", 1, SOON));
        let ended = stopped(running, signal);
        assert_eq!(ended.code, code, "{signal:?}: {}", ended.stderr);
        assert_eq!(service.count("/undone"), undone, "{signal:?}");
        assert_eq!(service.count("/never"), 0);
        assert_eq!(sandbox.journal().unwrap()["status"], "interrupted");
    }
}

#[test]
fn while_only_the_background_is_waited_for() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let mut background = shell("bg", "echo $$ > child; exec sleep 60");
    background["background"] = json!(true);
    let running = start(&sandbox, &with_undo(experiment(&[background]), &service));
    let child = process_in(&sandbox, "child");
    let ended = stopped(running, Signal::INT);
    let gone = await_true(SOON, || !alive(child));
    kill(child);
    assert!(gone, "the background process was left running");
    assert_cleaned_up(&sandbox, &service, &ended, 130);
}
