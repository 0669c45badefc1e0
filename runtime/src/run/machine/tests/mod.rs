//! The machine driven without a driver: every step answered by a rule, nothing slept.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod controls;
mod fold;
mod outcomes;

use super::*;
use crate::plan::OutlineStep;
use crate::run::Dry;
use crate::run::moment::{Clock, Moment};
use crate::run::record::{Judgement, Outcome, Record};
use crate::verdict::Verdict;
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
        rights: Vec::new(),
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
