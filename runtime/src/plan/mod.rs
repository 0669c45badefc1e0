//! The plan: what a run will do, in order, with every strategy folded in.

mod step;

pub use step::{Stage, StepId};

use crate::experiment::{Entry, Experiment, HypothesisStrategy, Kind, RollbackStrategy};
use crate::run::{Dry, Options};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a run will do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The hypothesis's title; empty without one.
    pub hypothesis_title: String,
    /// Its probes.
    pub probes: Vec<Entry>,
    /// The method.
    pub method: Vec<Entry>,
    /// The rollbacks.
    pub rollbacks: Vec<Entry>,
    /// When the hypothesis is checked.
    pub hypothesis: HypothesisStrategy,
    /// The part of it that is written down.
    pub outline: Arc<Outline>,
}

/// The part of a plan that the machine and the journal need, written to the log with the run's
/// first record, so that a run can be understood from its log alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Outline {
    /// The hypothesis is checked before the method.
    pub before: bool,
    /// It is checked again and again while the method runs.
    pub during: bool,
    /// It is checked after the method.
    pub after: bool,
    /// Percentage of failed checks during the method from which on the run ends.
    pub fail_fast: Option<f64>,
    /// When rollbacks are played.
    pub rollback_strategy: RollbackStrategy,
    /// `--dry`.
    pub dry: Option<Dry>,
    /// `--compat`.
    pub compat: bool,
    /// The hypothesis's probes.
    pub probes: Vec<OutlineStep>,
    /// The method's activities.
    pub method: Vec<OutlineStep>,
    /// The rollbacks.
    pub rollbacks: Vec<OutlineStep>,
}

/// One step of an [`Outline`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OutlineStep {
    /// JSON pointer to the activity's definition (of a `ref`: to what it refers to).
    pub activity: String,
    /// Runs in the background.
    pub background: bool,
    /// It is an action.
    pub action: bool,
}

impl Plan {
    /// Folds the strategies of the command line, the experiment and the settings.
    ///
    /// The command line beats the experiment, which beats the settings; an experiment's `runtime`
    /// block replaces both of the settings' strategies (the reference's rule).
    pub fn new(experiment: &Experiment, options: &Options) -> Plan {
        let declared = experiment.runtime.unwrap_or(options.settings_runtime);
        let hypothesis = options
            .hypothesis_strategy
            .or(declared.hypothesis)
            .unwrap_or_default();
        let rollback_strategy = options
            .rollback_strategy
            .or(declared.rollbacks)
            .unwrap_or_default();
        let (title, probes) = match &experiment.hypothesis {
            Some(hypothesis) => (hypothesis.title.clone(), hypothesis.probes.clone()),
            None => (String::new(), Vec::new()),
        };
        use HypothesisStrategy as S;
        let checked = |strategies: &[S]| !probes.is_empty() && strategies.contains(&hypothesis);
        let outline = Outline {
            before: checked(&[S::Default, S::BeforeMethodOnly, S::Continuously]),
            during: checked(&[S::DuringMethodOnly, S::Continuously]),
            after: checked(&[S::Default, S::AfterMethodOnly, S::Continuously]),
            fail_fast: options.fail_fast,
            rollback_strategy,
            dry: options.dry,
            compat: options.compat,
            probes: outline_of(&probes),
            method: outline_of(&experiment.method),
            rollbacks: outline_of(&experiment.rollbacks),
        };
        Plan {
            hypothesis_title: title,
            probes,
            method: experiment.method.clone(),
            rollbacks: experiment.rollbacks.clone(),
            hypothesis,
            outline: Arc::new(outline),
        }
    }

    /// The entry that a step executes.
    pub fn entry(&self, step: StepId) -> Option<&Entry> {
        match step {
            StepId::Before(index) | StepId::During(_, index) | StepId::After(index) => {
                self.probes.get(index)
            }
            StepId::Method(index) => self.method.get(index),
            StepId::Rollback(index) => self.rollbacks.get(index),
        }
    }

    /// Whether `--dry` keeps this entry from being executed.
    pub fn is_dry(&self, entry: &Entry) -> bool {
        match self.outline.dry {
            Some(Dry::Activities) => true,
            Some(Dry::Probes) => entry.activity.kind == Kind::Probe,
            Some(Dry::Actions) => entry.activity.kind == Kind::Action,
            Some(Dry::Pause) | None => false,
        }
    }
}

impl Outline {
    /// The steps of a list.
    pub fn step(&self, step: StepId) -> Option<&OutlineStep> {
        match step {
            StepId::Before(index) | StepId::During(_, index) | StepId::After(index) => {
                self.probes.get(index)
            }
            StepId::Method(index) => self.method.get(index),
            StepId::Rollback(index) => self.rollbacks.get(index),
        }
    }
}

fn outline_of(entries: &[Entry]) -> Vec<OutlineStep> {
    entries
        .iter()
        .map(|entry| OutlineStep {
            activity: entry.activity.pointer.as_str().to_owned(),
            background: entry.background,
            action: entry.activity.kind == Kind::Action,
        })
        .collect()
}
