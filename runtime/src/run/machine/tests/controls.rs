//! A control that interrupts the run.

use super::*;
use crate::experiment::{Hook, Level};
use crate::plugin::ControlEnd;
use crate::run::record::ControlUse;

fn refused(level: Level, denied: bool) -> Record {
    let message = "no".to_owned();
    Record::Control(Box::new(ControlUse {
        control: "guard".to_owned(),
        hook: Hook::before(level),
        step: None,
        at: now(),
        seconds: 0.0,
        outcome: ControlEnd::Refused { message, denied },
        guest: None,
    }))
}

fn machine(compat: bool) -> Machine {
    Machine::new(outline("default", RollbackStrategy::Default, compat))
}

fn began(stage: Stage) -> Record {
    Record::StageBegan { stage, at: now() }
}

#[test]
fn before_anything_it_leaves_nothing_to_do() {
    let mut machine = machine(false);
    machine.apply(&refused(Level::Experiment, false)).unwrap();
    assert_eq!(machine.next(), Next::End);
    assert_eq!(machine.status(), Status::Interrupted);
    assert_eq!(Verdict::of(&machine), Verdict::Failed);
}

#[test]
fn one_that_was_denied_what_it_needs_is_a_matter_of_rights() {
    let mut machine = machine(false);
    machine.apply(&refused(Level::Experiment, true)).unwrap();
    assert_eq!(Verdict::of(&machine), Verdict::Denied);
}

#[test]
fn in_the_method_it_cuts_and_cleans_up() {
    for (compat, next) in [(false, Next::Begin(Stage::Rollbacks)), (true, Next::End)] {
        let mut machine = machine(compat);
        let at = now();
        let step = StepId::Before(0);
        for record in [
            began(Stage::Before),
            Record::ActivityBegan {
                step,
                at,
                timeout: 1.0,
            },
            answered(step, Answer::Good),
            began(Stage::Method),
            refused(Level::Activity, false),
        ] {
            machine.apply(&record).unwrap();
        }
        assert!(machine.is_cut());
        let skipped = Record::StepSkipped {
            step: StepId::Method(0),
            unexpected: None,
        };
        machine.apply(&skipped).unwrap();
        assert_eq!(machine.next(), next);
    }
}

#[test]
fn while_cleaning_up_it_is_heeded_with_compat_alone() {
    for (compat, next) in [
        (false, Next::Steps(vec![StepId::Rollback(0)])),
        (true, Next::End),
    ] {
        let strategy = RollbackStrategy::Always;
        let mut machine = Machine::new(outline("none", strategy, compat));
        let method = StepId::Method(0);
        for record in [
            began(Stage::Method),
            Record::ActivityBegan {
                step: method,
                at: now(),
                timeout: 1.0,
            },
            answered(method, Answer::Good),
            began(Stage::Rollbacks),
            refused(Level::Activity, false),
        ] {
            machine.apply(&record).unwrap();
        }
        assert_eq!(machine.next(), next);
        assert_eq!(machine.is_cut(), compat);
        assert_eq!(machine.status(), Status::Interrupted);
    }
}
