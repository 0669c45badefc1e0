//! What ends a run early, or does not: errors of controls, and signals.

use super::guest::Does;
use super::{accompanied, called, control, probe, run, sandbox, telling, told};
use chaos_tests::Service;
use chaos_tests::experiment::{experiment, shell, with, with_hypothesis};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

#[test]
fn an_error_before_the_experiment_stops_it_before_anything_happens() {
    for (dry, compat) in [(false, false), (true, false), (false, true)] {
        let sandbox = sandbox(&[
            ("before-experiment", Does::Refuses),
            ("after-experiment", Does::Tells),
        ]);
        let act = shell("act", "touch happened");
        let undo = json!([shell("undo", "touch happened")]);
        let experiment = accompanied(with(experiment(&[act]), "rollbacks", undo));
        let more: &[&str] = match (dry, compat) {
            (true, _) => &["--dry", "activities"],
            (_, true) => &["--compat"],
            _ => &[],
        };
        let ended = run(&sandbox, &experiment, more);
        assert_eq!(ended.code, if compat { 1 } else { 5 }, "{}", ended.stderr);
        assert!(!sandbox.file("happened").exists());
        let journal = sandbox.journal().unwrap();
        assert_eq!(journal["status"], "interrupted");
        assert_eq!(journal["chaos-wasm"]["verdict"], "failed");
        assert_eq!(journal["run"], json!([]));
        let expected = [
            "audit before-experiment: refused",
            "audit after-experiment: succeeded",
        ];
        assert_eq!(called(&sandbox), expected);
        let said = "CRITICAL] Control 'audit' interrupts the run (before-experiment): not today";
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

#[test]
fn an_error_before_a_part_interrupts_and_cleans_up_what_had_begun() {
    // What refuses, whether the method's action happens, whether the rollback is played.
    let cases = [
        ("before-hypothesis", false, false),
        ("before-method", false, false),
        ("before-activity", false, false),
        ("before-rollback", true, true),
    ];
    for (hook, acted, undone) in cases {
        let sandbox = sandbox(&[(hook, Does::Refuses)]);
        let experiment = experiment(&[shell("act", "touch acted")]);
        let experiment = with(
            experiment,
            "rollbacks",
            json!([shell("undo", "touch undone")]),
        );
        let experiment = accompanied(with_hypothesis(experiment, &[probe("steady")]));
        let ended = run(&sandbox, &experiment, &[]);
        assert_eq!(ended.code, 5, "{hook}: {}", ended.stderr);
        assert_eq!(sandbox.file("acted").exists(), acted, "{hook}");
        assert_eq!(sandbox.file("undone").exists(), undone, "{hook}");
        assert_eq!(
            sandbox.journal().unwrap()["status"],
            "interrupted",
            "{hook}"
        );
    }
}

#[test]
fn one_activity_s_control_stops_the_method_there_and_rollbacks_are_played() {
    let sandbox = sandbox(&[
        ("before-activity", Does::Refuses),
        ("after-activity", Does::Tells),
    ]);
    let mut second = shell("second", "touch second");
    second["controls"] = json!([control("guard")]);
    let method = [
        shell("first", "touch first"),
        second,
        shell("third", "touch third"),
    ];
    let experiment = with(
        experiment(&method),
        "rollbacks",
        json!([shell("undo", "touch undone")]),
    );
    let ended = run(&sandbox, &experiment, &[]);
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    let there = |name: &str| sandbox.file(name).exists();
    assert!(there("first") && !there("second") && !there("third") && there("undone"));
    // The activity never began: what comes after it has nothing to look at.
    assert_eq!(told(&ended, "after-activity")[1], Value::Null);
    assert_eq!(
        sandbox.journal().unwrap()["run"].as_array().unwrap().len(),
        1
    );

    // The reference's strategy: an interrupted experiment is not rolled back.
    std::fs::remove_file(sandbox.file("undone")).unwrap();
    let ended = run(&sandbox, &experiment, &["--compat"]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(!there("undone"));
}

#[test]
fn cleaning_up_does_not_heed_a_control_but_with_compat() {
    let sandbox = sandbox(&[("before-activity", Does::Refuses)]);
    let mut undo = shell("undo", "touch undone");
    undo["controls"] = json!([control("guard")]);
    let experiment = with(
        experiment(&[]),
        "rollbacks",
        json!([undo, shell("more", "touch more")]),
    );
    let ended = run(&sandbox, &experiment, &["--compat"]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(!sandbox.file("undone").exists() && !sandbox.file("more").exists());
    let ended = run(&sandbox, &experiment, &[]);
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert!(sandbox.file("undone").exists() && sandbox.file("more").exists());
}

#[test]
fn whatever_else_goes_wrong_in_a_control_is_recorded_and_the_run_goes_on() {
    let sandbox = sandbox(&[
        ("before-experiment", Does::Crashes),
        ("before-method", Does::Spins),
        ("after-method", Does::Refuses),
        ("after-experiment", Does::Crashes),
    ]);
    let mut experiment = accompanied(experiment(&[shell("act", "touch acted")]));
    experiment["controls"][0]["provider"]["timeout"] = json!(0.1);
    let ended = run(&sandbox, &experiment, &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(sandbox.file("acted").exists());
    let expected = [
        "audit before-experiment: failed",
        "audit before-method: timed-out",
        "audit after-method: failed",
        "audit after-experiment: failed",
    ];
    assert_eq!(called(&sandbox), expected);
    let journal = sandbox.journal().unwrap();
    let controls = &journal["chaos-wasm"]["controls"];
    assert_eq!(controls[2]["outcome"]["message"], "not today");
    for said in [
        "Control 'audit' failed (before-experiment), and the run goes on: the plugin crashed",
        "Control 'audit' failed (after-method), and the run goes on: not today",
    ] {
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

#[test]
fn a_guard_that_is_denied_what_it_needs_refuses_and_the_verdict_says_denied() {
    let service = Service::start().unwrap();
    let url = format!("{}/hook", service.url());
    let sandbox = sandbox(&[("before-experiment", Does::Fetches("GET", url))]);
    let ended = run(&sandbox, &accompanied(experiment(&[])), &[]);
    assert_eq!(ended.code, 6, "{}", ended.stderr);
    assert_eq!(called(&sandbox), ["audit before-experiment: refused"]);
    assert_eq!(sandbox.journal().unwrap()["status"], "interrupted");
}

#[test]
fn after_a_signal_what_comes_after_is_still_called() {
    let sandbox = telling();
    let experiment = experiment(&[shell("act", "echo > begun; exec sleep 60")]);
    let experiment = accompanied(with(
        experiment,
        "rollbacks",
        json!([shell("undo", "true")]),
    ));
    sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    let command = sandbox.chaos(["run", "experiment.json"]).unwrap();
    let running = sandbox.start(command).unwrap();
    assert!(sandbox.await_file("begun", SOON));
    running.signal(Signal::TERM).unwrap();
    let ended = running.wait(SOON).unwrap();
    assert_eq!(ended.code, 143, "{}", ended.stderr);
    let expected = [
        "before-experiment",
        "before-method",
        "before-activity method/0",
        "after-activity method/0",
        "after-method",
        "before-rollback",
        "before-activity rollback/0",
        "after-activity rollback/0",
        "after-rollback",
        "after-experiment",
    ];
    let expected = expected.map(|hook| format!("audit {hook}: succeeded"));
    assert_eq!(called(&sandbox), expected);
    // In the state that the last one was given.
    let said = r#""status":"interrupted""#;
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn a_signal_ends_a_control_that_stands_before_something() {
    let sandbox = sandbox(&[
        ("before-experiment", Does::Tells),
        ("before-method", Does::Spins),
        ("after-experiment", Does::Tells),
    ]);
    let mut experiment = accompanied(experiment(&[shell("act", "touch acted")]));
    experiment["controls"][0]["provider"]["timeout"] = json!(50);
    sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    let command = sandbox.chaos(["run", "experiment.json"]).unwrap();
    let running = sandbox.start(command).unwrap();
    let begun = || running.stderr().contains("guest: before-experiment");
    assert!(chaos_tests::sandbox::await_true(SOON, begun));
    running.signal(Signal::INT).unwrap();
    let ended = running.wait(SOON).unwrap();
    assert_eq!(ended.code, 130, "{}", ended.stderr);
    assert!(!sandbox.file("acted").exists());
    let last = "audit after-experiment: succeeded";
    assert_eq!(called(&sandbox).last().unwrap(), last, "{}", ended.stderr);
}

#[test]
fn a_second_signal_waits_for_no_control() {
    let sandbox = sandbox(&[
        ("after-method", Does::Tells),
        ("after-experiment", Does::Spins),
    ]);
    let mut experiment = accompanied(experiment(&[]));
    experiment["controls"][0]["provider"]["timeout"] = json!(50);
    sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    let command = sandbox.chaos(["run", "experiment.json"]).unwrap();
    let running = sandbox.start(command).unwrap();
    let said = |text: &'static str| {
        let running = &running;
        chaos_tests::sandbox::await_true(SOON, move || running.stderr().contains(text))
    };
    assert!(said("guest: after-method"));
    running.signal(Signal::INT).unwrap();
    assert!(said("a second signal leaves at once"));
    running.signal(Signal::INT).unwrap();
    let ended = running.wait(SOON).unwrap();
    assert_eq!(ended.code, 130, "{}", ended.stderr);
    assert_eq!(called(&sandbox), ["audit after-method: succeeded"]);
}
