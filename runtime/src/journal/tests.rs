//! What each outcome looks like in the journal: keys, their order, their types.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use super::*;
use crate::experiment::RollbackStrategy;
use crate::plan::Outline;
use crate::plan::OutlineStep;
use crate::run::moment::Clock;
use crate::run::record::{FORMAT, Judgement, Outcome};
use chaos_host_api::budget::{Ceilings, Spent};
use serde_json::json;

/// The journal of a run whose only activity came to `outcome`; `None`: it never ended.
fn journal(step: StepId, outcome: Option<Outcome>, judgement: Option<Judgement>) -> Value {
    let at = Clock::start().now();
    let listed = |pointer: &str| OutlineStep {
        activity: pointer.to_owned(),
        background: false,
        action: pointer != "/probe",
    };
    let outline = Outline {
        before: true,
        during: false,
        after: false,
        fail_fast: None,
        rollback_strategy: RollbackStrategy::Default,
        dry: None,
        compat: false,
        probes: vec![listed("/probe")],
        method: vec![listed("/act")],
        rollbacks: Vec::new(),
    };
    let mut journal = Journal::default();
    journal.apply(Record::RunBegan(Box::new(Beginning {
        format: FORMAT,
        version: "1".to_owned(),
        run: "R".to_owned(),
        at,
        source: "x.json".to_owned(),
        pid: 1,
        platform: "p".to_owned(),
        node: "n".to_owned(),
        experiment: json!({ "probe": { "name": "look" }, "act": { "name": "do" } }),
        outline: outline.clone().into(),
        ceilings: Ceilings::default(),
        notes: Vec::new(),
    })));
    journal.apply(Record::ActivityBegan {
        step,
        at,
        timeout: 1.0,
    });
    if let Some(outcome) = outcome {
        journal.apply(Record::ActivityEnded {
            step,
            at,
            seconds: 0.123_456_789,
            outcome,
            judgement,
            pausing: false,
        });
        journal.apply(Record::RunEnded {
            at,
            seconds: 2.5,
            spent: Spent::default(),
            rights: Vec::new(),
        });
    }
    journal.render(&Machine::new(outline), Verdict::Passed)
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn succeeded(output: Value) -> Outcome {
    Outcome::Succeeded {
        output,
        touched_nothing: false,
    }
}

#[test]
fn the_journal_has_the_reference_s_keys_in_its_order_and_ours_last() {
    let ended = journal(StepId::Method(0), Some(succeeded(json!(1))), None);
    let all = [
        "chaoslib-version",
        "platform",
        "node",
        "experiment",
        "start",
        "status",
        "deviated",
        "steady_states",
        "run",
        "rollbacks",
        "end",
        "duration",
        "chaos-wasm",
    ];
    assert_eq!(keys(&ended), all);
    assert_eq!(keys(&ended["steady_states"]), ["before", "after", "during"]);
    assert!(ended["deviated"].is_boolean() && ended["duration"].is_f64());
    for key in [
        "chaoslib-version",
        "platform",
        "node",
        "start",
        "end",
        "status",
    ] {
        assert!(ended[key].is_string(), "{key}");
    }
    for key in ["run", "rollbacks"] {
        assert!(ended[key].is_array(), "{key}");
    }
    // A run that never ended: still a journal.
    let cut_off = journal(StepId::Method(0), None, None);
    assert!(!keys(&cut_off).contains(&"end"));
    assert_eq!(cut_off["chaos-wasm"]["activities"][0]["outcome"], "unknown");
}

#[test]
fn each_outcome_has_its_keys() {
    let message = || "it broke".to_owned();
    let good = ["activity", "output", "start", "status", "end", "duration"];
    let bad = [
        "activity",
        "output",
        "start",
        "status",
        "exception",
        "end",
        "duration",
    ];
    let bare = ["activity", "output", "start", "end", "duration"];
    let cases: [(Outcome, &[&str], &str); 7] = [
        (succeeded(json!({ "a": 1 })), &good, "succeeded"),
        (Outcome::Dry, &good, "dry"),
        (Outcome::Failed { message: message() }, &bad, "failed"),
        (Outcome::TimedOut { message: message() }, &bad, "timed-out"),
        (Outcome::Denied { message: message() }, &bad, "denied"),
        (
            Outcome::Unexpected { message: message() },
            &bare,
            "unexpected",
        ),
        (Outcome::Cut, &bare, "cut"),
    ];
    for (outcome, expected, ours) in cases {
        let ended = journal(StepId::Method(0), Some(outcome.clone()), None);
        let record = &ended["run"][0];
        assert_eq!(keys(record), expected, "{ours}");
        assert_eq!(ended["chaos-wasm"]["activities"][0]["outcome"], ours);
        assert_eq!(record["duration"], 0.123_457);
        assert_eq!(record["activity"]["name"], "do");
        if let Some(exception) = record.get("exception") {
            let lines = exception.as_array().unwrap();
            assert_eq!(lines, &["chaoslib.exceptions.ActivityFailed: it broke\n"]);
            assert_eq!(record["status"], "failed");
        }
    }
}

#[test]
fn a_probe_of_the_hypothesis_says_whether_it_is_met() {
    let unjudgeable = Judgement::Unjudgeable {
        message: "no number".to_owned(),
    };
    for (outcome, judgement, met) in [
        (succeeded(json!(200)), Some(Judgement::Met), Some(true)),
        (succeeded(json!(500)), Some(Judgement::Missed), Some(false)),
        (succeeded(json!("x")), Some(unjudgeable), Some(false)),
        (
            Outcome::Failed {
                message: "down".to_owned(),
            },
            None,
            Some(false),
        ),
        (Outcome::Cut, None, None),
    ] {
        let ended = journal(StepId::Before(0), Some(outcome), judgement);
        let before = &ended["steady_states"]["before"];
        let Some(met) = met else {
            // A check that was cut off says nothing of the system.
            assert!(before.is_null());
            continue;
        };
        assert_eq!(keys(before), ["steady_state_met", "probes"]);
        assert_eq!(before["steady_state_met"], met);
        assert_eq!(before["probes"][0]["tolerance_met"], met);
        assert_eq!(keys(&before["probes"][0]).last(), Some(&"tolerance_met"));
    }
}
