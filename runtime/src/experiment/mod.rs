//! The experiment: a document that was found valid, every part with its meaning.

mod activity;

pub use activity::{Activity, Entry, Kind, Pause};

use crate::document::{Document, Problem, Problems};
use chaos_host_api::budget::Ceilings;
use serde_json::{Map, Value};
use std::sync::Arc;

/// When the hypothesis is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HypothesisStrategy {
    /// Before and after the method.
    #[default]
    Default,
    /// Only before.
    BeforeMethodOnly,
    /// Only after.
    AfterMethodOnly,
    /// Only while the method runs.
    DuringMethodOnly,
    /// Before, during and after.
    Continuously,
    /// Never.
    Skip,
}

/// When rollbacks are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RollbackStrategy {
    /// As the reference does by default (and, without `--compat`, after failures too).
    #[default]
    Default,
    /// Always.
    Always,
    /// Never.
    Never,
    /// When the experiment deviated.
    Deviated,
}

/// The `runtime` block of an experiment or a settings file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuntimeBlock {
    /// `hypothesis.strategy`.
    pub hypothesis: Option<HypothesisStrategy>,
    /// `rollbacks.strategy`.
    pub rollbacks: Option<RollbackStrategy>,
}

/// A control that the document declares. None runs (they are Python); each is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredControl {
    /// Its name.
    pub name: String,
    /// Its Python module.
    pub module: Option<String>,
}

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
    /// Every control declared anywhere, once per name.
    pub controls: Vec<DeclaredControl>,
    /// The budget that the experiment asks to be held to.
    pub ceilings: Ceilings,
    /// What was said on the way.
    pub warnings: Vec<Problem>,
    /// The document's value, for the journal.
    pub source: Arc<Value>,
}

impl Experiment {
    /// Finds everything that is wrong with a document, or the experiment that it means.
    ///
    /// Every rule of the reference's `validate` and, where it would crash on a wrong type, an
    /// ordinary error. Pure: environment variables are looked up by [`crate::configuration`].
    ///
    /// # Errors
    /// All problems, warnings included.
    pub fn read(_document: &Document) -> Result<Experiment, Problems> {
        Err(Problems::new())
    }
}
