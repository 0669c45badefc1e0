//! What each record does to the state.

use super::{Check, Machine, Miss, Next, Place, Status};
use crate::plan::{OutlineStep, Stage, StepId};
use crate::plugin::ControlEnd;
use crate::run::record::{Judgement, Outcome, Record, Signal};

/// A record that cannot follow what happened before: the log is not one of this run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record '{record}' does not follow from what happened before it")]
pub struct Illegal {
    record: String,
}

impl Machine {
    /// Takes in what happened.
    ///
    /// # Errors
    /// [`Illegal`] when it cannot have happened now; the machine is unchanged then.
    pub fn apply(&mut self, record: &Record) -> Result<(), Illegal> {
        let illegal = |what: String| Err(Illegal { record: what });
        if self.ended && !matches!(record, Record::Done(_) | Record::Guest { .. }) {
            return illegal("anything after the end".to_owned());
        }
        match record {
            Record::RunBegan(_) | Record::Intent(_) | Record::Done(_) | Record::Guest { .. } => {}
            Record::StageBegan { stage, .. } => {
                if self.next() != Next::Begin(*stage) {
                    return illegal(format!("stage {stage:?} began"));
                }
                self.stage = Some(*stage);
            }
            Record::CheckBegan { check, .. } => {
                if !self.may_check() || *check != self.checks {
                    return illegal(format!("check {check} began"));
                }
                self.during = Some(Check::default());
                self.checks += 1;
            }
            Record::ActivityBegan { step, .. } => {
                if !self.begin(*step) {
                    return illegal(format!("{step} began"));
                }
            }
            Record::ActivityEnded {
                step,
                outcome,
                judgement,
                pausing,
                ..
            } => {
                if !self.end(*step, outcome, judgement.as_ref()) {
                    return illegal(format!("{step} ended"));
                }
                if !pausing {
                    self.leave(*step);
                }
            }
            Record::StepLeft { step } => {
                if !self.leave(*step) {
                    return illegal(format!("{step} was left"));
                }
            }
            Record::StepSkipped { step, unexpected } => {
                if !self.begin(*step) {
                    return illegal(format!("{step} was skipped"));
                }
                let outcome = match unexpected {
                    Some(message) => Outcome::Unexpected {
                        message: message.clone(),
                    },
                    None => Outcome::Cut,
                };
                self.end(*step, &outcome, None);
                self.leave(*step);
            }
            Record::Signalled { signal, .. } => self.signal(*signal),
            Record::Control(called) => {
                if let ControlEnd::Refused { denied, .. } = called.outcome {
                    self.refuse(denied);
                }
            }
            Record::RunEnded { .. } => self.ended = true,
        }
        Ok(())
    }

    fn begin(&mut self, step: StepId) -> bool {
        let expected = matches!(self.next(), Next::Steps(steps) if steps.contains(&step));
        // A step that was already on its way when a signal came may still report itself.
        let late = self.is_stopped() && self.place(step) == Some(Place::Waiting);
        if !expected && !late {
            return false;
        }
        match step {
            StepId::Before(_) => self.before.begun += 1,
            StepId::After(_) => self.after.begun += 1,
            StepId::During(..) => match &mut self.during {
                Some(check) => check.begun += 1,
                None => return false,
            },
            StepId::Method(index) => {
                return self.method.advance(index, Place::Waiting, Place::Begun);
            }
            StepId::Rollback(index) => {
                return self.rollbacks.advance(index, Place::Waiting, Place::Begun);
            }
        }
        true
    }

    fn end(&mut self, step: StepId, outcome: &Outcome, judgement: Option<&Judgement>) -> bool {
        if self.place(step) != Some(Place::Begun) {
            return false;
        }
        self.facts.denied |= matches!(outcome, Outcome::Denied { .. });
        match step {
            StepId::Method(index) => {
                self.method.advance(index, Place::Begun, Place::Ended);
                let OutlineStep {
                    background, action, ..
                } = self.outline.method[index];
                let idle = match outcome {
                    Outcome::Succeeded {
                        touched_nothing, ..
                    } => *touched_nothing,
                    Outcome::Dry | Outcome::Cut => false,
                    _ => true,
                };
                self.facts.idle_action |= action && idle;
                let unexpected = matches!(outcome, Outcome::Unexpected { .. });
                if unexpected && !background && !self.is_interrupted() {
                    self.status = Some(Status::Aborted);
                }
            }
            StepId::Rollback(index) => {
                self.rollbacks.advance(index, Place::Begun, Place::Ended);
                self.facts.rollback_failed |= !outcome.is_success();
                self.facts.rollback_crashed |= matches!(outcome, Outcome::Unexpected { .. });
            }
            StepId::Before(_) | StepId::During(..) | StepId::After(_) => {
                self.end_probe(step, outcome, judgement);
            }
        }
        true
    }

    fn end_probe(&mut self, step: StepId, outcome: &Outcome, judgement: Option<&Judgement>) {
        let missed = match (outcome, judgement) {
            (Outcome::Cut, _) => None,
            (Outcome::Unexpected { .. }, _) | (_, Some(Judgement::Unjudgeable { .. })) => {
                Some(Miss::Unexpected)
            }
            (outcome, _) if !outcome.is_success() => Some(Miss::Probe),
            (_, Some(Judgement::Missed)) => Some(Miss::Tolerance),
            _ => None,
        };
        self.facts.unjudgeable |= missed == Some(Miss::Unexpected);
        let cut = *outcome == Outcome::Cut;
        if let Some(check) = self.check_mut(step) {
            check.missed = missed;
            check.cut = cut;
        }
        let Some(miss) = missed else { return };
        let status = match miss {
            Miss::Tolerance => Status::Completed,
            Miss::Probe | Miss::Unexpected => Status::Failed,
        };
        match step {
            StepId::Before(_) => {
                self.facts.missed_before = true;
                self.status = Some(status);
            }
            StepId::After(_) => {
                self.deviated = true;
                self.status = Some(status);
            }
            _ => self.miss_during(miss),
        }
    }

    fn miss_during(&mut self, miss: Miss) {
        self.facts.missed_during = true;
        self.missed_checks += 1;
        if miss == Miss::Unexpected {
            self.status = Some(Status::Aborted);
            return;
        }
        let ratio = self.missed_checks as f64 * 100.0 / self.checks as f64;
        if self.outline.fail_fast.is_some_and(|limit| ratio >= limit) {
            self.status = Some(Status::Failed);
        }
    }

    fn leave(&mut self, step: StepId) -> bool {
        match step {
            StepId::Method(index) => {
                return self.method.advance(index, Place::Ended, Place::Left);
            }
            StepId::Rollback(index) => {
                return self.rollbacks.advance(index, Place::Ended, Place::Left);
            }
            StepId::Before(_) | StepId::During(..) | StepId::After(_) => {
                let probes = self.outline.probes.len();
                let Some(check) = self.check_mut(step) else {
                    return false;
                };
                if check.left >= check.begun {
                    return false;
                }
                check.left += 1;
                if check.is_over(probes) && matches!(step, StepId::During(..)) {
                    self.during = None;
                }
            }
        }
        true
    }

    fn check_mut(&mut self, step: StepId) -> Option<&mut Check> {
        match step {
            StepId::Before(_) => Some(&mut self.before),
            StepId::After(_) => Some(&mut self.after),
            StepId::During(..) => self.during.as_mut(),
            StepId::Method(_) | StepId::Rollback(_) => None,
        }
    }

    /// `None` when there is no such step, or its check is not under way.
    fn place(&self, step: StepId) -> Option<Place> {
        let probe = |check: &Check, index: usize| {
            (index < self.outline.probes.len()).then_some(if index >= check.begun {
                Place::Waiting
            } else if index >= check.left {
                Place::Begun
            } else {
                Place::Left
            })
        };
        match step {
            StepId::Before(index) => probe(&self.before, index),
            StepId::After(index) => probe(&self.after, index),
            StepId::During(number, index) if number.checked_add(1) == Some(self.checks) => {
                self.during.as_ref().and_then(|check| probe(check, index))
            }
            StepId::During(..) => None,
            StepId::Method(index) => self.method.place(index),
            StepId::Rollback(index) => self.rollbacks.place(index),
        }
    }

    /// A control does not want the run to go on.
    fn refuse(&mut self, denied: bool) {
        self.facts.refused = true;
        self.facts.denied |= denied;
        self.interrupt();
    }

    fn signal(&mut self, signal: Signal) {
        self.signals.push(signal);
        self.interrupt();
        if self.signals.len() > 1 {
            let left = self.rollbacks_left().next().is_some();
            self.facts.rollback_failed |= left && self.plays_rollbacks();
        }
    }

    /// Nothing new begins, but for cleaning up.
    fn interrupt(&mut self) {
        self.status = Some(Status::Interrupted);
        if self.stage == Some(Stage::Rollbacks) && self.outline.compat {
            self.rollbacks_cut = true;
        }
        if let Some(check) = &mut self.during
            && check.begun == check.left
        {
            self.during = None;
        }
    }
}
