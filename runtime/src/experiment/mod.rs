//! The experiment: a document that was found valid, every part with its meaning.

mod activity;
mod control;
mod declaration;
mod entry;
mod extension;
#[cfg(test)]
mod properties;
mod read;
mod shape;
mod spelling;
mod strategy;
#[cfg(test)]
mod tests;

pub use activity::{Activity, Entry, Kind, Pause};
pub use control::{Control, Controls, DeclaredControl, Hook, Level, NotAHook, Side, read_global};
pub use strategy::{HypothesisStrategy, RollbackStrategy, RuntimeBlock};

pub(crate) use shape::{filled, kind, text};
pub(crate) use spelling::{hint_misspelt, nearest, one_of, warn_misspelt};

use crate::document::{Document, Problem, Problems};
use crate::provider::modules::Modules;
use crate::tolerance::Tolerance;
use chaos_host_api::budget::Ceilings;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The steady-state hypothesis.
#[derive(Debug, Clone)]
pub struct Hypothesis {
    /// Its title.
    pub title: String,
    /// Its probes, each with a tolerance.
    pub probes: Vec<Entry>,
}

/// A valid experiment.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// As written; `${}` is substituted at the start of a run.
    pub title: String,
    /// As written, unresolved.
    pub configuration: Map<String, Value>,
    /// As written, unresolved.
    pub secrets: Map<String, Value>,
    /// `None` when absent; an empty list of probes counts as none at run time.
    pub hypothesis: Option<Hypothesis>,
    /// The method.
    pub method: Vec<Entry>,
    /// The rollbacks.
    pub rollbacks: Vec<Entry>,
    /// `None` when absent or empty: settings then count.
    pub runtime: Option<RuntimeBlock>,
    /// What accompanies it.
    pub controls: Controls,
    /// The budget that the experiment asks to be held to; [`Ceilings::UNBOUNDED`] where it asks
    /// for nothing. It only lowers that of the run.
    pub ceilings: Ceilings,
    /// What was said on the way.
    pub warnings: Vec<Problem>,
    /// The document's value, shared with it; for the journal.
    pub source: Arc<Value>,
}

impl Experiment {
    /// As [`Experiment::read_with`], with the plugins known by default.
    ///
    /// # Errors
    /// All problems, warnings included.
    pub fn read(document: &Document) -> Result<Experiment, Problems> {
        Experiment::read_with(document, &Modules::default())
    }

    /// Finds everything that is wrong with a document, or the experiment that it means. `modules`
    /// says which plugins serve Python modules.
    ///
    /// Every rule of the reference's `validate` and, where it would crash on a wrong type, an
    /// ordinary error. Pure: what depends on the machine (environment variables, programs) is
    /// looked up by [`crate::preflight`].
    ///
    /// # Errors
    /// All problems, warnings included.
    pub fn read_with(document: &Document, modules: &Modules) -> Result<Experiment, Problems> {
        let mut problems = Problems::new();
        let experiment = read::experiment(document.shared_value(), &mut problems);
        if let Some(experiment) = &experiment {
            for activity in experiment.activities().chain(experiment.judges()) {
                let at = activity.pointer.key("provider");
                modules.check(&activity.provider, &activity.name, &at, &mut problems);
            }
        }
        match experiment {
            Some(experiment) if !problems.has_errors() => Ok(Experiment {
                warnings: problems.iter().cloned().collect(),
                ..experiment
            }),
            _ => Err(problems),
        }
    }

    /// Every activity of hypothesis, method and rollbacks, where it is defined.
    pub fn activities(&self) -> impl Iterator<Item = &Activity> {
        let defined = self.entries().filter(|entry| !entry.by_reference);
        defined.map(|entry| &*entry.activity)
    }

    /// Every probe that judges a tolerance: it gets the value as its argument `value`.
    pub fn judges(&self) -> impl Iterator<Item = &Activity> {
        self.entries()
            .filter_map(|entry| match entry.tolerance.as_deref() {
                Some(Tolerance::Probe(judge)) => Some(&judge.probe),
                _ => None,
            })
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        let probes = self.hypothesis.iter().flat_map(|part| &part.probes);
        probes.chain(&self.method).chain(&self.rollbacks)
    }
}
