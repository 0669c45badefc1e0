//! `--fail-fast` and its ratio: the method ends at the check that reaches the ratio, and no sooner.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::experiment::{expects, experiment, get, shell, with, with_hypothesis};
use chaos_tests::sandbox::{Finished, await_true};
use chaos_tests::{Sandbox, Service};
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

/// What came of a run whose first activity lasts until enough checks were made.
struct Observed {
    ended: Finished,
    journal: Value,
    /// Whether the activity after it was begun.
    went_on: bool,
    undone: bool,
}

/// Runs with checks that get these answers, one after the other, then the last one for ever. The
/// first activity ends after `checks` checks; when the run is to stop there, once it says so.
fn observe(codes: &str, checks: usize, stops: bool, runtime: Value, flags: &[&str]) -> Observed {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let at = |path: &str| format!("{}{path}", service.url());
    let health = expects("health", &at(&format!("/sequence?codes={codes}")), 200);
    let method = [
        shell("lasts", "while ! [ -e enough ]; do sleep 0.02; done"),
        get("next", &at("/next")),
    ];
    let it = with_hypothesis(experiment(&method), &[health]);
    let it = with(it, "rollbacks", json!([get("undo", &at("/undone"))]));
    let it = with(it, "runtime", runtime);
    sandbox.write("experiment.json", it.to_string()).unwrap();
    let mut command = sandbox.chaos(["run", "experiment.json"]).unwrap();
    command
        .args(["--hypothesis-frequency", "0.02"])
        .args(["--rollback-strategy", "always"])
        .args(flags);
    let running = sandbox.start(command).unwrap();
    let checked = service.await_requests("/sequence", checks, SOON);
    let enough = checked
        && (!stops
            || await_true(SOON, || {
                running.stderr().contains("Terminating immediately")
            }));
    assert!(enough, "{}", running.stderr());
    sandbox.write("enough", "").unwrap();
    let ended = running.wait(SOON).unwrap();
    Observed {
        journal: sandbox.journal().unwrap(),
        went_on: service.count("/next") > 0,
        undone: service.count("/undone") > 0,
        ended,
    }
}

/// The checks during the method that were met, in order.
fn during(journal: &Value) -> Vec<bool> {
    let checks = journal["steady_states"]["during"].as_array().unwrap();
    let met = checks.iter().map(|check| &check["steady_state_met"]);
    met.map(|met| met.as_bool().unwrap()).collect()
}

#[track_caller]
fn assert_stopped(observed: &Observed, checks: &[bool], percent: &str) {
    let Observed { ended, journal, .. } = observed;
    assert_eq!(during(journal), checks, "{}", ended.stderr);
    assert!(!observed.went_on, "the method went on: {}", ended.stderr);
    assert!(observed.undone, "{}", ended.stderr);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let said = format!("Terminating immediately the experiment after {percent}% hypothesis");
    assert!(ended.stderr.contains(&said), "{}", ended.stderr);
    let record = &journal["run"][0];
    assert_eq!(record["status"], "succeeded", "what is under way goes on");
    assert_eq!(journal["chaos-wasm"]["verdict"], "deviated");
}

#[track_caller]
fn assert_went_on(observed: &Observed) {
    let Observed { ended, journal, .. } = observed;
    assert!(observed.went_on, "{}", ended.stderr);
    assert!(
        !ended.stderr.contains("Terminating"),
        "it said that it ends: {}",
        ended.stderr
    );
    assert_eq!(journal["run"].as_array().unwrap().len(), 2);
    assert_eq!(journal["status"], "completed");
    assert!(during(journal).contains(&false), "no check was missed");
    // A missed check is no success, also without --fail-fast.
    assert_eq!(ended.code, 1, "{}", ended.stderr);
}

const DURING: [&str; 2] = ["--hypothesis-strategy", "during-method-only"];

fn during_with(flags: &[&'static str]) -> Vec<&'static str> {
    [&DURING[..], flags].concat()
}

#[test]
fn the_first_missed_check_ends_the_method() {
    let flags = during_with(&["--fail-fast"]);
    let observed = observe("200,200,503", 3, true, json!({}), &flags);
    assert_stopped(&observed, &[true, true, false], "33.3");
    assert_eq!(observed.journal["status"], "failed");
}

#[test]
fn without_it_no_check_does() {
    let observed = observe("200,503,503,200", 6, false, json!({}), &DURING);
    assert_went_on(&observed);
}

#[test]
fn the_ratio_alone_asks_for_it_and_counts_all_checks() {
    // 0, 0, 33, 50 per cent: at the ratio.
    let at = during_with(&["--fail-fast-ratio", "50"]);
    let observed = observe("200,200,503", 4, true, json!({}), &at);
    assert_stopped(&observed, &[true, true, false, false], "50.0");
    // 0, 50 per cent: over it.
    let over = during_with(&["--fail-fast", "--fail-fast-ratio", "40.5"]);
    let observed = observe("200,503", 2, true, json!({}), &over);
    assert_stopped(&observed, &[true, false], "50.0");
}

#[test]
fn below_the_ratio_the_method_goes_on() {
    // 0, 50, 33, 50, 40, 33, ... per cent.
    for ratio in ["50.1", "100"] {
        let flags = during_with(&["--fail-fast", "--fail-fast-ratio", ratio]);
        let observed = observe("200,503,200,503,200", 8, false, json!({}), &flags);
        assert_went_on(&observed);
    }
}

#[test]
fn the_strategy_may_come_from_the_experiment() {
    let runtime = json!({ "hypothesis": { "strategy": "continuously" } });
    // The first answer is for the check before the method, which does not count.
    let flags = ["--fail-fast-ratio", "50"];
    let observed = observe("200,200,503", 3, true, runtime.clone(), &flags);
    assert_stopped(&observed, &[true, false], "50.0");
    assert_eq!(observed.journal["deviated"], true);
    let after = &observed.journal["steady_states"]["after"];
    assert_eq!(after["steady_state_met"], false, "it is checked after too");
    let flags = ["--fail-fast-ratio", "60"];
    let observed = observe("200,200,503,200", 7, false, runtime, &flags);
    assert_went_on(&observed);
    assert_eq!(observed.journal["deviated"], false);
}
