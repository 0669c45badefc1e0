//! The journal: the reference's result document, folded from the run's records. Pure.

mod entry;
#[cfg(test)]
mod tests;
mod view;

pub use view::{FORMAT_OF, View};

use crate::plan::StepId;
use crate::plugin::{GuestUse, RightsUse};
use crate::run::machine::Machine;
use crate::run::moment::Moment;
use crate::run::record::{Beginning, ControlUse, Record};
use crate::verdict::Verdict;
use chaos_host_api::budget::Spent;
use chaos_host_api::ledger::Done;
use entry::ActivityEntry;
use serde_json::Value;
use std::collections::HashMap;

/// What was seen so far.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    beginning: Option<Beginning>,
    before: Vec<ActivityEntry>,
    during: Vec<Vec<ActivityEntry>>,
    after: Vec<ActivityEntry>,
    method: Vec<ActivityEntry>,
    rollbacks: Vec<ActivityEntry>,
    /// Where in its list a step of the method or the rollbacks is: they are kept as they begin.
    places: HashMap<StepId, usize>,
    unexpected: Vec<(StepId, String)>,
    end: Option<(Moment, f64, Spent)>,
    /// Each with the step or the control that it was called for.
    guests: Vec<(String, GuestUse)>,
    controls: Vec<ControlUse>,
    /// Calls that guests made or were denied.
    calls: Vec<Done>,
    rights: Vec<RightsUse>,
}

impl Journal {
    /// Takes in what happened. Records must come as the machine accepts them.
    pub fn apply(&mut self, record: Record) {
        match record {
            Record::RunBegan(beginning) => self.beginning = Some(*beginning),
            Record::CheckBegan { .. } => self.during.push(Vec::new()),
            Record::ActivityBegan { step, at, timeout } => {
                let entry = ActivityEntry::begun(step, at, timeout);
                let list = self.list(step);
                list.push(entry);
                let place = list.len() - 1;
                if matches!(step, StepId::Method(_) | StepId::Rollback(_)) {
                    self.places.insert(step, place);
                }
            }
            Record::ActivityEnded {
                step,
                at,
                seconds,
                outcome,
                judgement,
                ..
            } => {
                let place = self.places.get(&step).copied();
                let list = self.list(step);
                let entry = match place {
                    Some(place) => list.get_mut(place),
                    None => list.last_mut(),
                };
                if let Some(entry) = entry {
                    entry.end(at, seconds, outcome, judgement);
                }
            }
            Record::StepSkipped {
                step,
                unexpected: Some(message),
            } => self.unexpected.push((step, message)),
            Record::RunEnded {
                at,
                seconds,
                spent,
                rights,
            } => {
                self.end = Some((at, seconds, spent));
                self.rights = rights;
            }
            Record::Guest { step, guest } => self.guests.push((step.to_string(), guest)),
            Record::Control(mut called) => {
                let name = ControlUse::pass_name(called.hook, &called.control);
                self.guests
                    .extend(called.guest.take().map(|guest| (name, guest)));
                self.controls.push(*called);
            }
            Record::Done(done) if done.guest => self.calls.push(done),
            Record::StageBegan { .. }
            | Record::StepSkipped { .. }
            | Record::StepLeft { .. }
            | Record::Signalled { .. }
            | Record::Intent(_)
            | Record::Done(_) => {}
        }
    }

    fn list(&mut self, step: StepId) -> &mut Vec<ActivityEntry> {
        match step {
            StepId::Before(_) => &mut self.before,
            StepId::After(_) => &mut self.after,
            StepId::Method(_) => &mut self.method,
            StepId::Rollback(_) => &mut self.rollbacks,
            StepId::During(check, _) => {
                while self.during.len() <= check {
                    self.during.push(Vec::new());
                }
                &mut self.during[check]
            }
        }
    }

    /// The document, as a value.
    pub fn render(&self, machine: &Machine, verdict: Verdict) -> Value {
        serde_json::to_value(self.view(machine, verdict)).unwrap_or_default()
    }

    /// The document as it will be if the run ends now, `at` and after so many `seconds`.
    pub fn at_end(&self, machine: &Machine, verdict: Verdict, at: Moment, seconds: f64) -> Value {
        let mut document = self.render(machine, verdict);
        if let Value::Object(document) = &mut document {
            let ours = document.shift_remove("chaos-wasm");
            document.insert("end".to_owned(), Value::from(at.to_string()));
            document.insert("duration".to_owned(), Value::from(seconds));
            document.extend(ours.map(|ours| ("chaos-wasm".to_owned(), ours)));
        }
        document
    }

    /// The document, to be serialised piece by piece: a run of many activities need not hold its
    /// journal twice. Keys and their order are the reference's; everything else is under
    /// `chaos-wasm`.
    pub fn view<'j>(&'j self, machine: &'j Machine, verdict: Verdict) -> View<'j> {
        View {
            journal: self,
            machine,
            verdict,
        }
    }
}
