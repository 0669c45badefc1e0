//! The machine driven without a driver: every step answered by a rule, nothing slept.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use super::*;
use crate::plan::OutlineStep;
use crate::run::Dry;
use crate::run::moment::{Clock, Moment};
use crate::run::record::{Judgement, Outcome, Record};
use crate::verdict::Verdict;
use proptest::prelude::*;
use serde_json::json;

fn now() -> Moment {
    Clock::start().now()
}

fn step(action: bool, background: bool) -> OutlineStep {
    OutlineStep {
        activity: String::new(),
        background,
        action,
    }
}

/// One probe, one action, one rollback.
fn outline(strategy: &str, rollback_strategy: RollbackStrategy, compat: bool) -> Outline {
    let checked = |strategies: &[&str]| strategies.contains(&strategy);
    Outline {
        before: checked(&["default", "before", "continuously"]),
        during: checked(&["during", "continuously"]),
        after: checked(&["default", "after", "continuously"]),
        fail_fast: None,
        rollback_strategy,
        dry: None::<Dry>,
        compat,
        probes: vec![step(false, false)],
        method: vec![step(true, false)],
        rollbacks: vec![step(true, false)],
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Answer {
    Good,
    Missed,
    Failed,
    Unexpected,
}

fn answered(id: StepId, answer: Answer) -> Record {
    let message = || "it broke".to_owned();
    let outcome = match answer {
        Answer::Good | Answer::Missed => Outcome::Succeeded {
            output: json!(null),
            touched_nothing: false,
        },
        Answer::Failed => Outcome::Failed { message: message() },
        Answer::Unexpected => Outcome::Unexpected { message: message() },
    };
    let probe = !matches!(id, StepId::Method(_) | StepId::Rollback(_));
    let judgement = match answer {
        Answer::Good if probe => Some(Judgement::Met),
        Answer::Missed if probe => Some(Judgement::Missed),
        _ => None,
    };
    Record::ActivityEnded {
        step: id,
        at: now(),
        seconds: 0.0,
        outcome,
        judgement,
        pausing: false,
    }
}

/// Runs to the end; background steps end as late as possible. Gives the records.
fn play(outline: &Outline, answer: impl Fn(StepId) -> Answer) -> (Machine, Vec<Record>) {
    let mut machine = Machine::new(outline.clone());
    let mut records = Vec::new();
    let mut open: Vec<StepId> = Vec::new();
    let mut apply = |machine: &mut Machine, record: Record| {
        machine.apply(&record).unwrap();
        records.push(record);
    };
    loop {
        assert!(!machine.may_check() || outline.during);
        if machine.may_check() {
            let (check, _) = machine.checks();
            if check < 3 {
                apply(&mut machine, Record::CheckBegan { check, at: now() });
            }
        }
        match machine.next() {
            Next::End => break,
            Next::Begin(stage) => {
                apply(&mut machine, Record::StageBegan { stage, at: now() });
            }
            Next::Steps(steps) => {
                let fresh: Vec<StepId> =
                    steps.into_iter().filter(|id| !open.contains(id)).collect();
                for id in &fresh {
                    let began = Record::ActivityBegan {
                        step: *id,
                        at: now(),
                        timeout: 1.0,
                    };
                    apply(&mut machine, began);
                    open.push(*id);
                }
                let background = |id: &StepId| {
                    let listed = outline.step(*id);
                    listed.is_some_and(|step| step.background)
                        && matches!(id, StepId::Method(_) | StepId::Rollback(_))
                };
                let next = open.iter().position(|id| !background(id)).unwrap_or(0);
                if !open.is_empty() && (fresh.is_empty() || !background(&open[next])) {
                    let id = open.remove(next);
                    apply(&mut machine, answered(id, answer(id)));
                }
            }
        }
    }
    apply(&mut machine, ended());
    (machine, records)
}

fn ended() -> Record {
    Record::RunEnded {
        at: now(),
        seconds: 0.0,
        spent: Default::default(),
    }
}

fn played(machine: &Machine) -> bool {
    machine.stage() == Some(Stage::Rollbacks)
}

/// The reference's outcome matrix: status, deviated, rollbacks played by
/// default / always / never / deviated.
#[test]
fn the_reference_s_outcome_matrix_holds() {
    use RollbackStrategy as R;
    let dead = |id: StepId| match id {
        StepId::Method(_) | StepId::Rollback(_) => Answer::Good,
        _ => Answer::Missed,
    };
    let action_fails = |id: StepId| match id {
        StepId::Method(_) => Answer::Failed,
        _ => Answer::Good,
    };
    let deviates = |id: StepId| match id {
        StepId::During(..) | StepId::After(_) => Answer::Missed,
        _ => Answer::Good,
    };
    let gate_errs = |id: StepId| match id {
        StepId::Before(_) => Answer::Failed,
        _ => Answer::Good,
    };
    let after_errs = |id: StepId| match id {
        StepId::After(_) => Answer::Failed,
        _ => Answer::Good,
    };
    let method_crashes = |id: StepId| match id {
        StepId::Method(_) => Answer::Unexpected,
        _ => Answer::Good,
    };
    type Rule = fn(StepId) -> Answer;
    type Row = (
        &'static str,
        &'static [&'static str],
        Rule,
        Status,
        bool,
        [bool; 4],
    );
    let rows: Vec<Row> = vec![
        (
            "dead",
            &["default", "before", "continuously"],
            dead,
            Status::Completed,
            false,
            [true, true, false, false],
        ),
        (
            "dead",
            &["after"],
            dead,
            Status::Completed,
            true,
            [true, true, false, true],
        ),
        (
            "dead",
            &["during"],
            dead,
            Status::Completed,
            false,
            [true, true, false, false],
        ),
        (
            "action fails",
            &["default", "before", "after", "during", "continuously"],
            action_fails,
            Status::Completed,
            false,
            [true, true, false, false],
        ),
        (
            "deviates",
            &["default", "after", "continuously"],
            deviates,
            Status::Completed,
            true,
            [true, true, false, true],
        ),
        (
            "deviates",
            &["before", "during"],
            deviates,
            Status::Completed,
            false,
            [true, true, false, false],
        ),
        (
            "gate probe errs",
            &["default"],
            gate_errs,
            Status::Failed,
            false,
            [false, true, false, false],
        ),
        (
            "after probe errs",
            &["default"],
            after_errs,
            Status::Failed,
            true,
            [false, true, false, true],
        ),
        (
            "method crashes",
            &["default"],
            method_crashes,
            Status::Aborted,
            false,
            [true, true, false, false],
        ),
    ];
    for (case, strategies, rule, status, deviated, rollbacks) in rows {
        for strategy in strategies {
            for (by, expected) in [R::Default, R::Always, R::Never, R::Deviated]
                .into_iter()
                .zip(rollbacks)
            {
                let (machine, _) = play(&outline(strategy, by, true), rule);
                let what = format!("{case}, {strategy}, {by:?}");
                assert_eq!(machine.status(), status, "{what}");
                assert_eq!(machine.deviated(), deviated, "{what}");
                assert_eq!(played(&machine), expected, "{what}");
            }
        }
    }
}

#[test]
fn by_default_what_was_begun_is_cleaned_up() {
    for failing in [Answer::Failed, Answer::Unexpected, Answer::Missed] {
        let after = |id: StepId| match id {
            StepId::After(_) => failing,
            _ => Answer::Good,
        };
        let (machine, _) = play(&outline("default", RollbackStrategy::Default, false), after);
        assert!(played(&machine), "{failing:?} after the method");
        let before = |id: StepId| match id {
            StepId::Before(_) => failing,
            _ => Answer::Good,
        };
        let (machine, _) = play(
            &outline("default", RollbackStrategy::Default, false),
            before,
        );
        assert!(!played(&machine), "{failing:?} before the method");
    }
}

#[test]
fn fail_fast_counts_the_checks() {
    let mut outline = outline("during", RollbackStrategy::Default, true);
    outline.method = vec![step(true, true), step(true, false)];
    let every_second = |id: StepId| match id {
        StepId::During(check, _) if check % 2 == 1 => Answer::Missed,
        _ => Answer::Good,
    };
    for (limit, status) in [
        (0.0, Status::Failed),
        (50.0, Status::Failed),
        (60.0, Status::Completed),
    ] {
        outline.fail_fast = Some(limit);
        let (machine, _) = play(&outline, every_second);
        assert_eq!(machine.status(), status, "{limit} %");
        assert!(machine.facts().missed_during);
    }
}

#[test]
fn a_signal_stops_the_method_and_cleans_up() {
    let mut machine = Machine::new(outline("default", RollbackStrategy::Default, false));
    let at = now();
    let records = [
        Record::StageBegan {
            stage: Stage::Before,
            at,
        },
        Record::ActivityBegan {
            step: StepId::Before(0),
            at,
            timeout: 1.0,
        },
        answered(StepId::Before(0), Answer::Good),
        Record::StageBegan {
            stage: Stage::Method,
            at,
        },
        Record::ActivityBegan {
            step: StepId::Method(0),
            at,
            timeout: 1.0,
        },
        Record::Signalled {
            signal: Signal::Interrupt,
            at,
        },
    ];
    for record in &records {
        machine.apply(record).unwrap();
    }
    assert!(machine.is_cut());
    assert_eq!(machine.next(), Next::Steps(vec![]));
    let cut = Record::ActivityEnded {
        step: StepId::Method(0),
        at,
        seconds: 0.0,
        outcome: Outcome::Cut,
        judgement: None,
        pausing: false,
    };
    machine.apply(&cut).unwrap();
    assert_eq!(machine.next(), Next::Begin(Stage::Rollbacks));
    assert_eq!(machine.status(), Status::Interrupted);
    machine
        .apply(&Record::StageBegan {
            stage: Stage::Rollbacks,
            at,
        })
        .unwrap();
    assert!(
        !machine.is_cut(),
        "cleaning up is not cut off by the signal that asked for it"
    );
    assert_eq!(machine.next(), Next::Steps(vec![StepId::Rollback(0)]));
    machine
        .apply(&Record::Signalled {
            signal: Signal::Interrupt,
            at,
        })
        .unwrap();
    assert_eq!(machine.next(), Next::End);
    assert_eq!(Verdict::of(&machine), Verdict::UndoIncomplete);
}

#[test]
fn records_that_cannot_follow_are_refused() {
    let at = now();
    let began = |step| Record::ActivityBegan {
        step,
        at,
        timeout: 1.0,
    };
    let mut machine = Machine::new(outline("default", RollbackStrategy::Default, false));
    assert!(machine.apply(&began(StepId::Method(0))).is_err());
    assert!(
        machine
            .apply(&Record::StageBegan {
                stage: Stage::Method,
                at
            })
            .is_err()
    );
    machine
        .apply(&Record::StageBegan {
            stage: Stage::Before,
            at,
        })
        .unwrap();
    assert!(machine.apply(&began(StepId::Before(1))).is_err());
    machine.apply(&began(StepId::Before(0))).unwrap();
    assert!(machine.apply(&began(StepId::Before(0))).is_err());
    assert!(
        machine
            .apply(&Record::StepLeft {
                step: StepId::Method(7)
            })
            .is_err()
    );
}

fn answers() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => Just(Answer::Good),
        1 => Just(Answer::Missed),
        1 => Just(Answer::Failed),
        1 => Just(Answer::Unexpected),
    ]
}

fn outlines() -> impl Strategy<Value = Outline> {
    let steps = || prop::collection::vec((any::<bool>(), any::<bool>()), 0..4);
    let rollback = prop_oneof![
        Just(RollbackStrategy::Default),
        Just(RollbackStrategy::Always),
        Just(RollbackStrategy::Never),
        Just(RollbackStrategy::Deviated)
    ];
    let fail_fast = prop::option::of(0.0..100.0);
    (
        any::<(bool, bool, bool, bool)>(),
        1..3usize,
        steps(),
        steps(),
        rollback,
        fail_fast,
    )
        .prop_map(
            |(
                (before, during, after, compat),
                probes,
                method,
                rollbacks,
                rollback_strategy,
                fail_fast,
            )| {
                let listed = |steps: Vec<(bool, bool)>| -> Vec<OutlineStep> {
                    steps
                        .into_iter()
                        .map(|(action, background)| step(action, background))
                        .collect()
                };
                Outline {
                    before,
                    during,
                    after,
                    fail_fast,
                    rollback_strategy,
                    dry: None,
                    compat,
                    probes: vec![step(false, false); probes],
                    method: listed(method),
                    rollbacks: listed(rollbacks),
                }
            },
        )
}

proptest! {
    /// Whatever fails, a run ends, does nothing twice, and is the fold of its records: folding
    /// any beginning of them gives the state that the run was in then.
    #[test]
    fn every_run_ends_and_is_the_fold_of_its_records(
        outline in outlines(),
        pattern in prop::collection::vec(answers(), 1..12),
    ) {
        let rule = |id: StepId| {
            let number = match id {
                StepId::Before(n) => n,
                StepId::Method(n) => n + 3,
                StepId::During(check, n) => check + n + 5,
                StepId::After(n) => n + 7,
                StepId::Rollback(n) => n + 9,
            };
            pattern[number % pattern.len()]
        };
        let (machine, records) = play(&outline, rule);
        let mut begun: Vec<StepId> = records.iter().filter_map(|record| match record {
            Record::ActivityBegan { step, .. } => Some(*step),
            _ => None,
        }).collect();
        let count = begun.len();
        begun.sort();
        begun.dedup();
        prop_assert_eq!(begun.len(), count, "a step was begun twice");
        for length in 0..records.len() {
            let mut folded = Machine::new(outline.clone());
            for record in &records[..length] {
                folded.apply(record).unwrap();
            }
            prop_assert!(!folded.has_ended());
        }
        let mut folded = Machine::new(outline.clone());
        for record in &records {
            folded.apply(record).unwrap();
        }
        prop_assert_eq!(folded.status(), machine.status());
        prop_assert_eq!(Verdict::of(&folded), Verdict::of(&machine));
        prop_assert_eq!(folded.next(), Next::End);
    }
}
