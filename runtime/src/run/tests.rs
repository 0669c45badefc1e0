//! Random experiments through the real driver, held to what any run must keep to.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use super::machine::{Machine, Next};
use super::prepare::{Prepared, prepare};
use super::record::{Outcome, Record};
use super::step::Event;
use super::*;
use crate::document::{Document, Format};
use crate::experiment::RuntimeBlock;
use crate::journal::Journal;
use crate::plan::{Outline, Stage, StepId};
use crate::wal::{self, RunFolder};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tempfile::TempDir;

fn options(place: &Path) -> Options {
    Options {
        hypothesis_strategy: None,
        rollback_strategy: None,
        settings_runtime: RuntimeBlock::default(),
        frequency: Duration::from_millis(2),
        fail_fast: None,
        dry: None,
        compat: false,
        default_timeout: Duration::from_secs(10),
        overrides: Overrides::default(),
        journal_path: place.join("journal.json"),
        state_dir: place.join("state"),
        force: false,
        redaction: Redaction::default(),
        plugins: Plugins::default(),
        policy: None,
        source: "experiment.json".to_owned(),
    }
}

fn experiment(value: &Value) -> Experiment {
    let bytes = serde_json::to_vec(value).unwrap();
    let document = Document::parse("x.json", &bytes, Format::Json).unwrap();
    Experiment::read(&document).unwrap()
}

fn sleep(seconds: f64) -> Value {
    let arguments = json!({ "secs": seconds });
    json!({ "type": "python", "module": "time", "func": "sleep", "arguments": arguments })
}

/// What an activity comes to.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Succeeds,
    Fails,
    TimesOut,
    /// A pause that is no number: it is skipped, unexpectedly.
    Skipped,
    Misses,
    Unjudgeable,
}

#[derive(Debug, Clone)]
struct Part {
    fate: Fate,
    background: bool,
    milliseconds: u8,
    pauses: (bool, bool),
}

fn activity(kind: &str, name: &str, part: &Part) -> Value {
    let mut provider = sleep(f64::from(part.milliseconds) / 1000.0);
    let pause = |wanted: bool| if wanted { 0.001 } else { 0.0 };
    let mut activity = json!({
        "type": kind, "name": name, "background": part.background,
        "pauses": { "before": pause(part.pauses.0), "after": pause(part.pauses.1) },
    });
    match part.fate {
        Fate::Fails => provider = sleep(-1.0),
        Fate::TimesOut => {
            provider = sleep(9.0);
            activity["timeout"] = json!(0.003);
        }
        Fate::Skipped => activity["pauses"]["before"] = json!("${word}"),
        Fate::Succeeds | Fate::Misses | Fate::Unjudgeable => {}
    }
    activity["provider"] = provider;
    activity
}

fn probe(name: &str, part: &Part) -> Value {
    let mut probe = activity("probe", name, part);
    probe["background"] = json!(false);
    if matches!(part.fate, Fate::Succeeds | Fate::Misses | Fate::Unjudgeable) {
        probe["provider"] = json!({ "type": "python", "module": "time", "func": "time" });
    }
    probe["tolerance"] = match part.fate {
        Fate::Misses => json!({ "type": "range", "range": [0, 1] }),
        Fate::Unjudgeable => json!({ "type": "jsonpath", "path": "$.x" }),
        _ => json!({ "type": "range", "range": [1, 1e12] }),
    };
    probe
}

fn parts(most: usize) -> impl Strategy<Value = Vec<Part>> {
    use proptest::prelude::*;
    let fate = prop_oneof![
        12 => Just(Fate::Succeeds),
        2 => Just(Fate::Fails),
        1 => Just(Fate::TimesOut),
        1 => Just(Fate::Skipped),
        1 => Just(Fate::Misses),
        1 => Just(Fate::Unjudgeable),
    ];
    let part = (fate, any::<bool>(), 0..4u8, any::<(bool, bool)>()).prop_map(
        |(fate, background, milliseconds, pauses)| Part {
            fate,
            background,
            milliseconds,
            pauses,
        },
    );
    prop::collection::vec(part, 0..=most)
}

#[derive(Debug, Clone)]
struct Case {
    document: Value,
    hypothesis: HypothesisStrategy,
    rollbacks: RollbackStrategy,
    compat: bool,
    fail_fast: Option<f64>,
}

fn cases() -> impl Strategy<Value = Case> {
    use HypothesisStrategy as H;
    use RollbackStrategy as R;
    use proptest::prelude::*;
    let hypothesis = prop::sample::select(vec![
        H::Default,
        H::BeforeMethodOnly,
        H::AfterMethodOnly,
        H::DuringMethodOnly,
        H::Continuously,
        H::Skip,
    ]);
    let rollbacks = prop::sample::select(vec![R::Default, R::Always, R::Never, R::Deviated]);
    let fail_fast = prop::option::of(0.0..100.0);
    let documents = (parts(2), parts(6), parts(3)).prop_map(|(probes, method, rollbacks)| {
        let listed = |name: &str, kind: &str, parts: &[Part]| -> Vec<Value> {
            let numbered = parts.iter().enumerate();
            numbered
                .map(|(n, part)| activity(kind, &format!("{name}-{n}"), part))
                .collect()
        };
        let probes: Vec<Value> = probes
            .iter()
            .enumerate()
            .map(|(n, part)| probe(&format!("probe-{n}"), part))
            .collect();
        json!({
            "title": "t", "description": "d",
            "configuration": { "word": "no number" },
            "steady-state-hypothesis": { "title": "s", "probes": probes },
            "method": listed("act", "action", &method),
            "rollbacks": listed("undo", "action", &rollbacks),
        })
    });
    (documents, hypothesis, rollbacks, any::<bool>(), fail_fast).prop_map(
        |(document, hypothesis, rollbacks, compat, fail_fast)| Case {
            document,
            hypothesis,
            rollbacks,
            compat,
            fail_fast,
        },
    )
}

async fn prepared(case: &Case, place: &Path) -> Prepared {
    let options = Options {
        hypothesis_strategy: Some(case.hypothesis),
        rollback_strategy: Some(case.rollbacks),
        compat: case.compat,
        fail_fast: case.fail_fast,
        ..options(place)
    };
    prepare(experiment(&case.document), options).await.unwrap()
}

/// The records of the only run.
fn records(place: &Path) -> Vec<Record> {
    let mut runs = std::fs::read_dir(place.join("state/runs")).unwrap();
    let run = runs.next().unwrap().unwrap().file_name();
    let folder = RunFolder::of(&place.join("state"), run.to_str().unwrap());
    let log = wal::read(&folder).unwrap();
    assert!(log.damage.is_none() && !log.torn);
    log.records
}

/// Folds the log from its start; every record must follow from those before it.
fn fold(outline: &Outline, records: &[Record]) -> (Machine, Journal) {
    let mut machine = Machine::new(outline.clone());
    let mut journal = Journal::default();
    for record in records {
        machine.apply(record).unwrap();
        journal.apply(record.clone());
    }
    (machine, journal)
}

/// What must be true of any log, whatever the machine thinks.
fn assert_orderly(outline: &Outline, records: &[Record]) {
    let mut begun: BTreeMap<StepId, usize> = BTreeMap::new();
    let mut over: BTreeSet<StepId> = BTreeSet::new();
    for (number, record) in records.iter().enumerate() {
        match record {
            Record::ActivityBegan { step, .. } => {
                assert!(begun.insert(*step, number).is_none(), "{step} twice");
                let before =
                    |index: usize, steps: &[crate::plan::OutlineStep], id: fn(usize) -> StepId| {
                        for (earlier, listed) in steps.iter().enumerate().take(index) {
                            let waited_for = listed.background || over.contains(&id(earlier));
                            assert!(waited_for, "{step} did not wait for {}", id(earlier));
                        }
                    };
                match *step {
                    StepId::Method(index) => before(index, &outline.method, StepId::Method),
                    StepId::Rollback(index) => {
                        before(index, &outline.rollbacks, StepId::Rollback);
                    }
                    _ => {}
                }
            }
            Record::ActivityEnded { step, pausing, .. } => {
                assert!(begun.contains_key(step), "{step} ended before it began");
                if !pausing {
                    assert!(over.insert(*step), "{step} ended twice");
                }
            }
            Record::StepLeft { step } | Record::StepSkipped { step, .. } => {
                assert!(over.insert(*step), "{step} was left twice");
            }
            Record::StageBegan {
                stage: Stage::After | Stage::Rollbacks,
                ..
            } => {
                for step in begun.keys() {
                    assert!(
                        over.contains(step),
                        "{step} was under way at the next stage"
                    );
                }
            }
            _ => {}
        }
    }
    assert!(begun.keys().all(|step| over.contains(step)));
    assert!(matches!(records.last(), Some(Record::RunEnded { .. })));
}

#[tokio::test]
async fn any_run_ends_and_is_the_fold_of_its_log() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for number in 0..60 {
        let case = cases().new_tree(&mut runner).unwrap().current();
        let place = tempfile::tempdir().unwrap();
        let prepared = prepared(&case, place.path()).await;
        let outline = prepared.driver.plan.outline.clone();
        let ending = tokio::time::timeout(Duration::from_secs(20), prepared.run());
        let Ok(ended) = ending.await else {
            panic!("run {number} hangs: {case:#?}");
        };
        let records = records(place.path());
        assert_orderly(&outline, &records);
        let (machine, journal) = fold(&outline, &records);
        assert_eq!(machine.next(), Next::End);
        assert_eq!(Verdict::of(&machine), ended.verdict, "{case:#?}");
        assert_eq!(journal.render(&machine, ended.verdict), ended.journal());
        let written = std::fs::read(place.path().join("journal.json")).unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&written).unwrap(),
            ended.journal()
        );
    }
}

fn one_action(seconds: f64) -> Value {
    json!({
        "title": "t", "description": "d",
        "method": [{ "type": "action", "name": "acts", "provider": sleep(seconds) }],
        "rollbacks": [{ "type": "action", "name": "undoes", "provider": sleep(0.0) }],
    })
}

/// Prepares a run and lets the driver hear that a step crashed after `part` of it.
async fn crashed(part: &str) -> (TempDir, Ended, Vec<Record>) {
    let place = tempfile::tempdir().unwrap();
    let mut prepared = prepare(experiment(&one_action(9.0)), options(place.path()))
        .await
        .unwrap();
    let step = StepId::Method(0);
    let driver = &mut prepared.driver;
    let at = driver.clock.now();
    driver.append(Record::StageBegan {
        stage: Stage::Method,
        at,
    });
    driver.steps.pretend(step);
    let (go, _) = tokio::sync::oneshot::channel();
    if part != "before" {
        driver.take(Event::Begin {
            step,
            timeout: Duration::from_secs(9),
            go,
        });
    }
    if part == "after" {
        driver.take(Event::Ended {
            step,
            seconds: 0.1,
            outcome: Outcome::Succeeded {
                output: Value::Null,
                touched_nothing: false,
            },
            judgement: None,
            pausing: true,
            record: None,
        });
    }
    driver.take(Event::Crashed { step });
    let ended = tokio::time::timeout(Duration::from_secs(5), prepared.run());
    let ended = ended.await.unwrap();
    let records = records(place.path());
    (place, ended, records)
}

#[tokio::test]
async fn a_step_that_crashes_ends_the_method_and_not_the_run() {
    for (part, status, verdict) in [
        ("before", "aborted", Verdict::Failed),
        ("in", "aborted", Verdict::Failed),
        ("after", "completed", Verdict::Passed),
    ] {
        let (_place, ended, records) = crashed(part).await;
        let journal = ended.journal();
        assert_eq!(journal["status"], status, "{part}");
        assert_eq!(ended.verdict, verdict, "{part}");
        let rollbacks = journal["rollbacks"].as_array().unwrap();
        assert_eq!(rollbacks.len(), 1, "{part}: not cleaned up");
        let Some(Record::RunBegan(beginning)) = records.first() else {
            panic!("no beginning");
        };
        fold(&beginning.outline, &records);
    }
}
