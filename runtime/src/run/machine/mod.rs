//! The machine: what happened so far in, what may happen next out. Pure.
//!
//! A run is `apply` over its records, and nothing else; a crashed run is a shorter log.

mod apply;
mod block;
#[cfg(test)]
mod tests;

pub use apply::Illegal;

use block::{Block, Place};

use super::record::Signal;
use crate::experiment::RollbackStrategy;
use crate::plan::{Outline, Stage, StepId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The journal's `status`, with the reference's meaning of each word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It went to its end, deviated or not.
    Completed,
    /// A probe of the hypothesis failed, or fail-fast ended the run.
    Failed,
    /// Something unexpected ended the method.
    Aborted,
    /// A signal or a control ended it.
    Interrupted,
}

/// What may happen next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A stage is to begin.
    Begin(Stage),
    /// These steps may begin, unless they are under way already. Empty: wait for those that are.
    Steps(Vec<StepId>),
    /// Nothing is left to do.
    End,
}

/// One check of the hypothesis.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Check {
    begun: usize,
    left: usize,
    /// Why it ended early.
    missed: Option<Miss>,
    cut: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Miss {
    Tolerance,
    Probe,
    Unexpected,
}

impl Check {
    fn next(&self, probes: usize) -> Option<usize> {
        let free = self.begun == self.left && self.missed.is_none() && !self.cut;
        (free && self.begun < probes).then_some(self.begun)
    }

    fn is_over(&self, probes: usize) -> bool {
        self.begun == self.left && (self.missed.is_some() || self.cut || self.left == probes)
    }
}

/// The state of a run.
#[derive(Debug, Clone)]
pub struct Machine {
    outline: Arc<Outline>,
    stage: Option<Stage>,
    before: Check,
    after: Check,
    during: Option<Check>,
    checks: usize,
    missed_checks: usize,
    method: Block,
    rollbacks: Block,
    status: Option<Status>,
    deviated: bool,
    signals: Vec<Signal>,
    /// An interruption ends the rollbacks too.
    rollbacks_cut: bool,
    facts: Facts,
    ended: bool,
}

/// What the verdict needs to know besides the status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// An action of the method failed, timed out or found nothing to act on.
    pub idle_action: bool,
    /// A call was refused for want of a right or of budget.
    pub denied: bool,
    /// A rollback failed, or was not played because a second signal came.
    pub rollback_failed: bool,
    /// A rollback failed in a way that ends the reference with a traceback.
    pub rollback_crashed: bool,
    /// A tolerance could not judge, or a probe of the hypothesis failed unexpectedly.
    pub unjudgeable: bool,
    /// A check during the method was not met.
    pub missed_during: bool,
    /// The check before the method was not met.
    pub missed_before: bool,
    /// A control interrupted the run.
    pub refused: bool,
}

impl Machine {
    /// Nothing has happened yet.
    pub fn new(outline: impl Into<Arc<Outline>>) -> Machine {
        let outline = outline.into();
        Machine {
            method: Block::new(outline.method.len()),
            rollbacks: Block::new(outline.rollbacks.len()),
            outline,
            stage: None,
            before: Check::default(),
            after: Check::default(),
            during: None,
            checks: 0,
            missed_checks: 0,
            status: None,
            deviated: false,
            signals: Vec::new(),
            rollbacks_cut: false,
            facts: Facts::default(),
            ended: false,
        }
    }

    /// The stage under way or last finished.
    pub fn stage(&self) -> Option<Stage> {
        self.stage
    }

    /// The journal's status so far; `Completed` as long as nothing speaks against it.
    pub fn status(&self) -> Status {
        self.status.unwrap_or(Status::Completed)
    }

    /// Whether the check after the method was not met.
    pub fn deviated(&self) -> bool {
        self.deviated
    }

    /// The signals that arrived, in order.
    pub fn signals(&self) -> &[Signal] {
        &self.signals
    }

    /// For the verdict.
    pub fn facts(&self) -> Facts {
        self.facts
    }

    /// Whether the run's last record was seen.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Checks made during the method, and how many of them were not met.
    pub fn checks(&self) -> (usize, usize) {
        (self.checks, self.missed_checks)
    }

    /// Whether another check of the hypothesis may begin now, while the method runs.
    pub fn may_check(&self) -> bool {
        self.outline.during
            && self.stage == Some(Stage::Method)
            && self.during.is_none()
            && (!self.method.is_over() || self.checks == 0)
            && !self.is_stopped()
    }

    /// Whether a check of the hypothesis is under way while the method runs.
    pub fn is_checking(&self) -> bool {
        self.during.is_some()
    }

    /// Whether steps under way are to be cut off: the run is interrupted, and they are not
    /// cleaning up.
    pub fn is_cut(&self) -> bool {
        match self.stage {
            Some(Stage::Rollbacks) => self.rollbacks_cut,
            _ => self.is_interrupted(),
        }
    }

    /// Whether a signal or a control interrupted the run.
    fn is_interrupted(&self) -> bool {
        self.facts.refused || !self.signals.is_empty()
    }

    /// Whether the runner is to leave at once.
    pub fn is_leaving(&self) -> bool {
        self.signals.len() > 1
    }

    /// Rollbacks that were declared but not begun.
    pub fn rollbacks_left(&self) -> impl Iterator<Item = StepId> + '_ {
        self.rollbacks.waiting().map(StepId::Rollback)
    }

    /// Whether rollbacks are played, and by which rule; decided when the stages before are over.
    ///
    /// Without `--compat`, the default strategy cleans up whenever the method had begun, whatever
    /// the status; nothing was injected before that, so there is nothing to clean up.
    pub fn plays_rollbacks(&self) -> bool {
        if self.signals.contains(&Signal::Ungraceful) {
            return false;
        }
        match self.outline.rollback_strategy {
            RollbackStrategy::Always => true,
            RollbackStrategy::Never => false,
            RollbackStrategy::Deviated => self.deviated,
            RollbackStrategy::Default if self.outline.compat => {
                !matches!(self.status, Some(Status::Failed | Status::Interrupted))
            }
            RollbackStrategy::Default => self.stage >= Some(Stage::Method),
        }
    }

    /// What may happen next.
    pub fn next(&self) -> Next {
        if self.ended || self.is_leaving() {
            return Next::End;
        }
        let outline = &self.outline;
        let probes = outline.probes.len();
        match self.stage {
            None if self.is_stopped() => self.rollbacks_or_end(),
            None if outline.before => Next::Begin(Stage::Before),
            None => Next::Begin(Stage::Method),
            Some(Stage::Before) => match self.before.next(probes) {
                Some(index) if !self.is_cut() => Next::Steps(vec![StepId::Before(index)]),
                _ if self.before.begun > self.before.left => Next::Steps(Vec::new()),
                _ if self.is_stopped() || self.before.missed.is_some() => self.rollbacks_or_end(),
                _ => Next::Begin(Stage::Method),
            },
            Some(Stage::Method) => self.next_in_method(),
            Some(Stage::After) => match self.after.next(probes) {
                Some(index) if !self.is_cut() => Next::Steps(vec![StepId::After(index)]),
                _ if self.after.begun > self.after.left => Next::Steps(Vec::new()),
                _ => self.rollbacks_or_end(),
            },
            Some(Stage::Rollbacks) => {
                let steps = if self.rollbacks_cut {
                    Vec::new()
                } else {
                    self.rollbacks
                        .startable(&outline.rollbacks, StepId::Rollback)
                };
                if steps.is_empty() && self.rollbacks.at_rest(self.rollbacks_cut) {
                    return Next::End;
                }
                Next::Steps(steps)
            }
        }
    }

    fn next_in_method(&self) -> Next {
        let mut steps = if self.is_stopped() {
            Vec::new()
        } else {
            self.method.startable(&self.outline.method, StepId::Method)
        };
        if let Some(check) = &self.during {
            let next = check.next(self.outline.probes.len());
            if let (Some(index), false) = (next, self.is_cut()) {
                steps.push(StepId::During(self.checks - 1, index));
            }
            return Next::Steps(steps);
        }
        // A method that is over at once is no reason to look at nothing.
        let unchecked = self.outline.during && self.checks == 0 && !self.is_stopped();
        if !steps.is_empty() || unchecked || !self.method.at_rest(self.is_stopped()) {
            return Next::Steps(steps);
        }
        let skipped = matches!(self.status, Some(Status::Aborted | Status::Interrupted));
        if self.outline.after && !skipped {
            return Next::Begin(Stage::After);
        }
        self.rollbacks_or_end()
    }

    fn rollbacks_or_end(&self) -> Next {
        if self.plays_rollbacks() {
            Next::Begin(Stage::Rollbacks)
        } else {
            Next::End
        }
    }

    /// Nothing new of the method may begin.
    fn is_stopped(&self) -> bool {
        self.is_interrupted()
            || matches!(
                self.status,
                Some(Status::Failed | Status::Aborted | Status::Interrupted)
            )
    }
}
