//! What a run says about the system, and the exit code that tells it to a pipeline.

use crate::run::machine::{Machine, Status};
use crate::run::record::Signal;
use serde::{Deserialize, Serialize};

/// The one-word result of a run. See `docs/exit-codes.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The fault happened and the steady state held.
    Passed,
    /// The steady state did not hold.
    Deviated,
    /// The steady state was not met before anything was injected.
    NotSteady,
    /// The fault never happened: an action failed or touched nothing.
    Inconclusive,
    /// The run itself failed or was aborted, or a control interrupted it.
    Failed,
    /// A right or the budget was missing.
    Denied,
    /// Something was changed and could not be put back.
    UndoIncomplete,
    /// A signal ended it: SIGINT.
    Interrupted,
    /// A signal ended it: SIGTERM.
    Terminated,
}

/// Exit code of a usage error or an invalid file: nothing was run.
pub const INVALID: u8 = 2;

impl Verdict {
    /// The exit code, by the table in `docs/exit-codes.md`.
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Passed => 0,
            Verdict::Deviated => 1,
            Verdict::NotSteady => 3,
            Verdict::Inconclusive => 4,
            Verdict::Failed => 5,
            Verdict::Denied => 6,
            Verdict::UndoIncomplete => 7,
            Verdict::Interrupted => 130,
            Verdict::Terminated => 143,
        }
    }
}

impl Verdict {
    /// The verdict of a run, from what the machine saw.
    ///
    /// What needs a person soonest wins: something left changed, then a run that was cut short or
    /// refused, then what was learnt about the system.
    pub fn of(machine: &Machine) -> Verdict {
        let facts = machine.facts();
        if facts.rollback_failed {
            return Verdict::UndoIncomplete;
        }
        match machine.signals().first() {
            Some(Signal::Terminate | Signal::HangUp) => return Verdict::Terminated,
            Some(_) => return Verdict::Interrupted,
            None => {}
        }
        if facts.denied {
            return Verdict::Denied;
        }
        if machine.status() == Status::Aborted || facts.unjudgeable || facts.refused {
            return Verdict::Failed;
        }
        if facts.missed_before {
            return Verdict::NotSteady;
        }
        if machine.deviated() || facts.missed_during {
            return Verdict::Deviated;
        }
        if facts.idle_action {
            return Verdict::Inconclusive;
        }
        Verdict::Passed
    }
}
