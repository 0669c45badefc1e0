use super::Journal;
use super::entry::ActivityEntry;
use crate::plan::{Outline, StepId};
use crate::plugin::GuestUse;
use crate::run::machine::Machine;
use crate::run::record::Beginning;
use crate::verdict::Verdict;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Value, json};

/// The engine whose journal format this is, under the reference's own key.
pub const FORMAT_OF: &str = "1.44.0";

/// A journal that serialises as the document it is.
#[derive(Debug)]
pub struct View<'j> {
    pub(super) journal: &'j Journal,
    pub(super) machine: &'j Machine,
    pub(super) verdict: Verdict,
}

/// Activities, one record each.
struct Activities<'j> {
    entries: &'j [ActivityEntry],
    beginning: &'j Beginning,
}

/// One check of the hypothesis, come to its end.
struct Check<'j> {
    met: bool,
    probes: Activities<'j>,
}

struct SteadyStates<'j>(&'j Journal, &'j Beginning);

/// Calls of plugins' functions, one object each.
struct GuestCalls<'j>(&'j [(String, GuestUse)]);

/// What is under `chaos-wasm`.
struct Ours<'j>(&'j View<'j>, &'j Beginning);

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(beginning) = &self.journal.beginning else {
            return serializer.serialize_unit();
        };
        let activities = |entries| Activities { entries, beginning };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("chaoslib-version", FORMAT_OF)?;
        map.serialize_entry("platform", &beginning.platform)?;
        map.serialize_entry("node", &beginning.node)?;
        map.serialize_entry("experiment", &beginning.experiment)?;
        map.serialize_entry("start", &beginning.at)?;
        map.serialize_entry("status", &self.machine.status())?;
        map.serialize_entry("deviated", &self.machine.deviated())?;
        map.serialize_entry("steady_states", &SteadyStates(self.journal, beginning))?;
        map.serialize_entry("run", &activities(&self.journal.method))?;
        map.serialize_entry("rollbacks", &activities(&self.journal.rollbacks))?;
        if let Some((at, seconds, _)) = &self.journal.end {
            map.serialize_entry("end", at)?;
            map.serialize_entry("duration", seconds)?;
        }
        map.serialize_entry("chaos-wasm", &Ours(self, beginning))?;
        map.end()
    }
}

/// Parts of the document, as controls get them; null for what is not there.
impl Journal {
    /// The experiment.
    pub fn experiment(&self) -> &Value {
        let beginning = self.beginning.as_ref();
        beginning.map_or(&Value::Null, |beginning| &beginning.experiment)
    }

    /// The record of a step's activity, the last one begun.
    pub fn record(&self, step: StepId) -> Value {
        let entry = match (self.places.get(&step), self.recorded(step)) {
            (Some(place), entries) => entries.get(*place),
            (None, entries) => entries.last(),
        };
        let entry = entry.filter(|entry| entry.is_of(step));
        let (Some(entry), Some(beginning)) = (entry, &self.beginning) else {
            return Value::Null;
        };
        let record = entry.record(&beginning.outline, &beginning.experiment);
        serde_json::to_value(record).unwrap_or_default()
    }

    /// The check of the hypothesis that a step belongs to, or would.
    pub fn check(&self, step: StepId) -> Value {
        let Some(beginning) = &self.beginning else {
            return Value::Null;
        };
        let entries = self.recorded(step);
        let met = Check::of(entries, beginning).map(|check| check.met);
        json!({ "steady_state_met": met, "probes": Activities { entries, beginning } })
    }

    /// The records of all activities in the part of the run that a step belongs to, or would.
    pub fn records(&self, step: StepId) -> Value {
        let Some(beginning) = &self.beginning else {
            return Value::Null;
        };
        let entries = self.recorded(step);
        json!(Activities { entries, beginning })
    }

    fn recorded(&self, step: StepId) -> &[ActivityEntry] {
        match step {
            StepId::Before(_) => &self.before,
            StepId::After(_) => &self.after,
            StepId::Method(_) => &self.method,
            StepId::Rollback(_) => &self.rollbacks,
            StepId::During(check, _) => self.during.get(check).map_or(&[], Vec::as_slice),
        }
    }
}

impl Serialize for Activities<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Beginning {
            outline,
            experiment,
            ..
        } = self.beginning;
        let records = self.entries.iter();
        serializer.collect_seq(records.map(|entry| entry.record(outline, experiment)))
    }
}

impl<'j> Check<'j> {
    /// `None` when it did not come to its end.
    fn of(entries: &'j [ActivityEntry], beginning: &'j Beginning) -> Option<Check<'j>> {
        let Outline { probes, .. } = &*beginning.outline;
        let met = match entries.last()? {
            last if last.is_missed() => false,
            last if last.is_met() && entries.len() == probes.len() => true,
            _ => return None,
        };
        let probes = Activities { entries, beginning };
        Some(Check { met, probes })
    }
}

impl Serialize for Check<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("steady_state_met", &self.met)?;
        map.serialize_entry("probes", &self.probes)?;
        map.end()
    }
}

impl Serialize for SteadyStates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let SteadyStates(journal, beginning) = self;
        let during: Vec<Check<'_>> = journal
            .during
            .iter()
            .filter_map(|entries| Check::of(entries, beginning))
            .collect();
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("before", &Check::of(&journal.before, beginning))?;
        map.serialize_entry("after", &Check::of(&journal.after, beginning))?;
        map.serialize_entry("during", &during)?;
        map.end()
    }
}

impl Serialize for GuestCalls<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct GuestCall<'j> {
            step: &'j str,
            call: &'j GuestUse,
        }
        let calls = self.0.iter();
        serializer.collect_seq(calls.map(|(step, call)| GuestCall { step, call }))
    }
}

impl Serialize for Ours<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Ours(
            View {
                journal,
                machine,
                verdict,
            },
            beginning,
        ) = self;
        let entries = journal.before.iter().chain(&journal.method);
        let entries = entries.chain(journal.during.iter().flatten());
        let entries = entries.chain(&journal.after).chain(&journal.rollbacks);
        let timings: Vec<_> = entries.map(ActivityEntry::timing).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", &beginning.version)?;
        map.serialize_entry("run", &beginning.run)?;
        map.serialize_entry("source", &beginning.source)?;
        map.serialize_entry("compat", &beginning.outline.compat)?;
        map.serialize_entry("verdict", verdict)?;
        map.serialize_entry("exit-code", &verdict.exit_code())?;
        map.serialize_entry("signals", machine.signals())?;
        map.serialize_entry("notes", &beginning.notes)?;
        map.serialize_entry("activities", &timings)?;
        let spent = journal.end.as_ref().map(|(_, _, spent)| spent);
        let budget = json!({ "ceilings": beginning.ceilings, "spent": spent });
        map.serialize_entry("budget", &budget)?;
        if !journal.guests.is_empty() || !journal.rights.is_empty() {
            map.serialize_entry("guests", &GuestCalls(&journal.guests))?;
            map.serialize_entry("host-calls", &journal.calls)?;
            map.serialize_entry("rights", &journal.rights)?;
        }
        if !journal.controls.is_empty() {
            map.serialize_entry("controls", &journal.controls)?;
        }
        let left: Vec<StepId> = machine.rollbacks_left().collect();
        if !left.is_empty() {
            map.serialize_entry("rollbacks-not-played", &left)?;
        }
        if !journal.unexpected.is_empty() {
            let unexpected = journal.unexpected.iter();
            let unexpected =
                unexpected.map(|(step, message)| (step.to_string(), message.clone().into()));
            map.serialize_entry(
                "unexpected",
                &unexpected.collect::<serde_json::Map<String, Value>>(),
            )?;
        }
        map.end()
    }
}
