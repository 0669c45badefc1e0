//! The journal: the reference's result document, folded from the run's records. Pure.

mod entry;
#[cfg(test)]
mod tests;

use crate::plan::{Outline, Stage, StepId};
use crate::run::machine::Machine;
use crate::run::record::{Beginning, Record};
use crate::verdict::Verdict;
use entry::ActivityEntry;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The engine whose journal format this is, under the reference's own key.
const FORMAT_OF: &str = "1.44.0";

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
    stages: Vec<Stage>,
    unexpected: Vec<(StepId, String)>,
    end: Option<(String, f64, Value)>,
}

impl Journal {
    /// Takes in what happened. Records must come as the machine accepts them.
    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::RunBegan(beginning) => self.beginning = Some((**beginning).clone()),
            Record::StageBegan { stage, .. } => self.stages.push(*stage),
            Record::CheckBegan { .. } => self.during.push(Vec::new()),
            Record::ActivityBegan { step, at, timeout } => {
                let entry = ActivityEntry::begun(*step, *at, *timeout);
                let list = self.list(*step);
                list.push(entry);
                let place = list.len() - 1;
                if matches!(step, StepId::Method(_) | StepId::Rollback(_)) {
                    self.places.insert(*step, place);
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
                let place = self.places.get(step).copied();
                let list = self.list(*step);
                let entry = match place {
                    Some(place) => list.get_mut(place),
                    None => list.last_mut(),
                };
                if let Some(entry) = entry {
                    entry.end(*at, *seconds, outcome.clone(), judgement.clone());
                }
            }
            Record::StepSkipped {
                step,
                unexpected: Some(message),
            } => self.unexpected.push((*step, message.clone())),
            Record::RunEnded { at, seconds, spent } => {
                self.end = Some((at.to_string(), *seconds, json!(spent)));
            }
            Record::StepSkipped { .. }
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

    /// The document. Keys and their order are the reference's; everything else is under
    /// `chaos-wasm`.
    pub fn render(&self, machine: &Machine, verdict: Verdict) -> Value {
        let Some(beginning) = &self.beginning else {
            return Value::Null;
        };
        let outline = &beginning.outline;
        let source = &beginning.experiment;
        let check = |entries: &[ActivityEntry]| self.check(entries, outline, source);
        let activities = |entries: &[ActivityEntry]| -> Value {
            let rendered = entries.iter().map(|entry| entry.render(outline, source));
            Value::Array(rendered.collect())
        };
        let during: Vec<Value> = self
            .during
            .iter()
            .filter_map(|entries| check(entries))
            .collect();
        let mut journal = Map::new();
        let mut put = |key: &str, value: Value| journal.insert(key.to_owned(), value);
        put("chaoslib-version", json!(FORMAT_OF));
        put("platform", json!(beginning.platform));
        put("node", json!(beginning.node));
        put("experiment", source.clone());
        put("start", json!(beginning.at));
        put("status", json!(machine.status()));
        put("deviated", json!(machine.deviated()));
        put(
            "steady_states",
            json!({
                "before": check(&self.before),
                "after": check(&self.after),
                "during": during,
            }),
        );
        put("run", activities(&self.method));
        put("rollbacks", activities(&self.rollbacks));
        if let Some((at, seconds, _)) = &self.end {
            put("end", json!(at));
            put("duration", json!(seconds));
        }
        put("chaos-wasm", self.render_ours(beginning, machine, verdict));
        Value::Object(journal)
    }

    /// One check; `None` when it did not come to its end.
    fn check(&self, entries: &[ActivityEntry], outline: &Outline, source: &Value) -> Option<Value> {
        let met = match entries.last()? {
            last if last.is_missed() => false,
            last if last.is_met() && entries.len() == outline.probes.len() => true,
            _ => return None,
        };
        let probes: Vec<Value> = entries
            .iter()
            .map(|entry| entry.render(outline, source))
            .collect();
        Some(json!({ "steady_state_met": met, "probes": probes }))
    }

    fn render_ours(&self, beginning: &Beginning, machine: &Machine, verdict: Verdict) -> Value {
        let mut entries: Vec<&ActivityEntry> = self.before.iter().collect();
        entries.extend(self.method.iter());
        entries.extend(self.during.iter().flatten());
        entries.extend(self.after.iter());
        entries.extend(self.rollbacks.iter());
        let activities: Vec<Value> = entries.iter().map(|entry| entry.render_timing()).collect();
        let mut ours = json!({
            "version": beginning.version,
            "run": beginning.run,
            "source": beginning.source,
            "compat": beginning.outline.compat,
            "verdict": verdict,
            "exit-code": verdict.exit_code(),
            "signals": machine.signals(),
            "notes": beginning.notes,
            "activities": activities,
            "budget": {
                "ceilings": beginning.ceilings,
                "spent": self.end.as_ref().map(|(_, _, spent)| spent),
            },
        });
        let left: Vec<String> = machine
            .rollbacks_left()
            .map(|step| step.to_string())
            .collect();
        if !left.is_empty() {
            ours["rollbacks-not-played"] = json!(left);
        }
        for (step, message) in &self.unexpected {
            ours["unexpected"][step.to_string()] = json!(message);
        }
        ours
    }
}
