//! Controls: what accompanies a run. A plugin's are called; Python's are named and are not.

mod hook;
mod read;

pub use hook::{Hook, Level, NotAHook, Side};
pub(super) use read::read_controls;
pub use read::read_global;

use crate::document::Pointer;
use crate::provider::plugin::Component;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A control that a plugin serves.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Its name.
    pub name: String,
    /// The only side on which it is called; `None`: both.
    pub scope: Option<Side>,
    /// Whether one of the experiment's also accompanies what is within the experiment.
    pub automatic: bool,
    /// Whose functions are called.
    pub component: Component,
    /// Where it is declared.
    pub pointer: Pointer,
}

/// A control that nothing serves here. It is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredControl {
    /// Its name.
    pub name: String,
    /// Its Python module.
    pub module: Option<String>,
}

/// Every control of a run, by where it was declared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Controls {
    /// Of the experiment itself.
    pub experiment: Vec<Arc<Control>>,
    /// Of the hypothesis.
    pub hypothesis: Vec<Arc<Control>>,
    /// Of activities, by the place of their definition.
    pub activities: BTreeMap<Pointer, Vec<Arc<Control>>>,
    /// Of the settings and control files.
    pub global: Vec<Arc<Control>>,
    /// Those that do not run, once per name.
    pub not_run: Vec<DeclaredControl>,
}

impl Controls {
    /// All that are declared in the experiment's document, each once.
    pub fn declared(&self) -> impl Iterator<Item = &Arc<Control>> {
        let activities = self.activities.values().flatten();
        let all = self.experiment.iter().chain(&self.hypothesis);
        // A reference stands for the control that it refers to.
        let mut seen = BTreeSet::new();
        all.chain(activities)
            .filter(move |control| seen.insert(&control.pointer))
    }

    /// Those that are called at a hook, in order; `activity`: of which one it is.
    ///
    /// The reference's order: for the whole experiment global ones and then its own; for what is
    /// within it the experiment's automatic ones, then global ones, then those declared there,
    /// of which one takes the place of the experiment's with the same name.
    pub fn at(&self, hook: Hook, activity: Option<&Pointer>) -> Vec<Arc<Control>> {
        let own: &[Arc<Control>] = match hook.level {
            Level::Experiment => &self.experiment,
            Level::Hypothesis => &self.hypothesis,
            Level::Method | Level::Rollback => &[],
            Level::Activity => activity
                .and_then(|activity| self.activities.get(activity))
                .map_or(&[], Vec::as_slice),
        };
        let nearer = || self.global.iter().chain(own);
        let automatic = self.experiment.iter().filter(|control| {
            hook.level != Level::Experiment
                && control.automatic
                && nearer().all(|nearer| nearer.name != control.name)
        });
        automatic
            .chain(nearer())
            .filter(|control| control.scope.is_none_or(|scope| scope == hook.side))
            .cloned()
            .collect()
    }
}
