//! Every timeout is real, and nothing that was started outlives it.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::experiment::{experiment, get, run, shell, with};
use chaos_tests::sandbox::{alive, await_true, kill};
use chaos_tests::{Sandbox, Service};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Generous: what doesn't end would take a minute or for ever.
const BOUND: Duration = Duration::from_secs(15);

/// A child and a grandchild that ignore SIGTERM and write down who they are.
const STUBBORN: &str = "trap '' TERM; echo $$ > child; \
    sh -c 'trap \"\" TERM; echo $$ > grandchild; while :; do sleep 1; done' & \
    while :; do sleep 1; done";

fn limited(mut activity: Value, key: &str, timeout: Value) -> Value {
    let target = if key == "provider" {
        &mut activity["provider"]
    } else {
        &mut activity
    };
    target["timeout"] = timeout;
    activity
}

/// Runs one activity; its record, after making sure that it didn't take too long.
fn record_of(sandbox: &Sandbox, activity: Value, arguments: &[&str]) -> Value {
    let start = Instant::now();
    let ended = run(sandbox, &experiment(&[activity]), arguments).unwrap();
    assert!(start.elapsed() < BOUND, "it took {:?}", start.elapsed());
    assert_eq!(
        ended.code, 4,
        "a failed action is inconclusive: {}",
        ended.stderr
    );
    let record = sandbox.journal().unwrap()["run"][0].clone();
    assert_eq!(record["status"], "failed", "{record}");
    record
}

fn process_of(sandbox: &Sandbox, file: &str) -> i32 {
    let text = std::fs::read_to_string(sandbox.file(file)).unwrap();
    text.trim().parse().unwrap()
}

#[track_caller]
fn assert_gone(sandbox: &Sandbox, files: &[&str]) {
    for file in files {
        let id = process_of(sandbox, file);
        let gone = await_true(Duration::from_secs(5), || !alive(id));
        kill(id);
        assert!(gone, "the {file} {id} was left running");
    }
}

#[test]
fn a_process_that_ignores_sigterm_ends_with_its_grandchildren() {
    let sandbox = Sandbox::new().unwrap();
    let activity = limited(shell("stubborn", STUBBORN), "provider", json!(0.5));
    let record = record_of(&sandbox, activity, &[]);
    let last = record["exception"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .to_string();
    assert!(last.contains("took too long to complete"), "{last}");
    assert_gone(&sandbox, &["child", "grandchild"]);
}

#[test]
fn a_background_process_ends_too() {
    let sandbox = Sandbox::new().unwrap();
    let mut activity = limited(shell("stubborn", STUBBORN), "provider", json!(0.5));
    activity["background"] = json!(true);
    record_of(&sandbox, activity, &[]);
    assert_gone(&sandbox, &["child", "grandchild"]);
}

#[test]
fn a_grandchild_that_keeps_the_output_open_holds_nobody_up() {
    let sandbox = Sandbox::new().unwrap();
    let script = "sh -c 'echo $$ > grandchild; exec sleep 60' & sleep 0.1; echo done";
    let start = Instant::now();
    let activity = limited(shell("leaves", script), "provider", json!(1));
    run(&sandbox, &experiment(&[activity]), &[]).unwrap();
    assert!(start.elapsed() < BOUND);
    kill(process_of(&sandbox, "grandchild"));
}

#[test]
fn an_activity_s_own_timeout_counts() {
    let sandbox = Sandbox::new().unwrap();
    record_of(
        &sandbox,
        limited(
            shell("sleeps", "echo $$ > child; exec sleep 60"),
            "activity",
            json!(0.3),
        ),
        &[],
    );
    assert_gone(&sandbox, &["child"]);
    let service = Service::start().unwrap();
    let silent = get("silent", &format!("{}/silent", service.url()));
    record_of(
        &Sandbox::new().unwrap(),
        limited(silent, "activity", json!(0.3)),
        &[],
    );
}

#[test]
fn without_any_timeout_the_default_counts() {
    let service = Service::start().unwrap();
    let silent = get("silent", &format!("{}/silent", service.url()));
    record_of(
        &Sandbox::new().unwrap(),
        silent,
        &["--default-timeout", "0.3"],
    );
    let sandbox = Sandbox::new().unwrap();
    record_of(
        &sandbox,
        shell("stubborn", STUBBORN),
        &["--default-timeout", "0.5"],
    );
    assert_gone(&sandbox, &["child", "grandchild"]);
}

#[test]
fn a_server_that_never_answers() {
    let service = Service::start().unwrap();
    for timeout in [json!(0.3), json!([5, 0.3])] {
        let silent = get("silent", &format!("{}/silent", service.url()));
        record_of(
            &Sandbox::new().unwrap(),
            limited(silent, "provider", timeout),
            &[],
        );
    }
}

#[test]
fn a_dripping_body_is_no_way_around_it() {
    let service = Service::start().unwrap();
    let drip = get("drip", &format!("{}/drip?ms=50&count=1200", service.url()));
    record_of(
        &Sandbox::new().unwrap(),
        limited(drip, "provider", json!(0.5)),
        &[],
    );
}

#[test]
fn an_endless_body_fails() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let endless = get("endless", &format!("{}/endless", service.url()));
    let start = Instant::now();
    let ended = run(&sandbox, &experiment(&[endless]), &[]).unwrap();
    assert!(start.elapsed() < BOUND, "it took {:?}", start.elapsed());
    assert!(
        [4, 5].contains(&ended.code),
        "{}: {}",
        ended.code,
        ended.stderr
    );
    assert!(ended.stderr.contains("larger than"), "{}", ended.stderr);
}

#[test]
fn a_probe_of_the_hypothesis_has_one_too() {
    let service = Service::start().unwrap();
    let mut probe =
        chaos_tests::experiment::expects("silent", &format!("{}/silent", service.url()), 200);
    probe["provider"]["timeout"] = json!(0.3);
    let it = chaos_tests::experiment::with_hypothesis(experiment(&[]), &[probe]);
    let start = Instant::now();
    let ended = run(&Sandbox::new().unwrap(), &it, &[]).unwrap();
    assert!(start.elapsed() < BOUND);
    assert_eq!(ended.code, 3, "{}", ended.stderr);
}

#[test]
fn a_dynamic_configuration_has_one_too() {
    let service = Service::start().unwrap();
    let slow = json!({ "type": "probe", "name": "slow", "provider": {
        "type": "http", "url": format!("{}/silent", service.url()), "timeout": 0.3 } });
    let it = with(experiment(&[]), "configuration", json!({ "slow": slow }));
    let start = Instant::now();
    run(&Sandbox::new().unwrap(), &it, &[]).unwrap();
    assert!(start.elapsed() < BOUND);
}

#[test]
fn time_asked_and_time_taken_are_in_the_journal() {
    let sandbox = Sandbox::new().unwrap();
    let record = record_of(
        &sandbox,
        limited(shell("sleeps", "exec sleep 60"), "provider", json!(0.25)),
        &[],
    );
    let journal = sandbox.journal().unwrap();
    let timing = &journal["chaos-wasm"]["activities"][0];
    assert_eq!(timing["step"], "method/0", "{timing}");
    assert_eq!(timing["timeout"], 0.25, "{timing}");
    assert_eq!(timing["duration"], record["duration"], "{timing}");
    assert_eq!(timing["outcome"], "timed-out", "{timing}");
    assert!(record["duration"].as_f64().unwrap() >= 0.2, "{record}");
}
