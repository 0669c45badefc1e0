//! Strategies: when the hypothesis is checked and when rollbacks are played.

use super::shape::{self, text};
use super::spelling;
use crate::document::{Pointer, Problems};
use crate::python;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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

impl HypothesisStrategy {
    /// Every strategy.
    pub const ALL: [HypothesisStrategy; 6] = [
        HypothesisStrategy::Default,
        HypothesisStrategy::BeforeMethodOnly,
        HypothesisStrategy::AfterMethodOnly,
        HypothesisStrategy::DuringMethodOnly,
        HypothesisStrategy::Continuously,
        HypothesisStrategy::Skip,
    ];

    /// A misspelling of [`HypothesisStrategy::Continuously`] that the reference once documented
    /// and still takes. Not taken by [`HypothesisStrategy::parse`].
    pub const MISSPELT_CONTINUOUSLY: &'static str = "continously";

    /// By its name.
    pub fn parse(name: &str) -> Option<HypothesisStrategy> {
        Self::ALL
            .into_iter()
            .find(|strategy| strategy.name() == name)
    }

    /// Its name in documents, settings and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            HypothesisStrategy::Default => "default",
            HypothesisStrategy::BeforeMethodOnly => "before-method-only",
            HypothesisStrategy::AfterMethodOnly => "after-method-only",
            HypothesisStrategy::DuringMethodOnly => "during-method-only",
            HypothesisStrategy::Continuously => "continuously",
            HypothesisStrategy::Skip => "skip",
        }
    }

    /// What the run's log calls it.
    pub fn log_name(self) -> &'static str {
        match self {
            HypothesisStrategy::Continuously => "continuous",
            other => other.name(),
        }
    }
}

/// When rollbacks are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

impl RollbackStrategy {
    /// Every strategy.
    pub const ALL: [RollbackStrategy; 4] = [
        RollbackStrategy::Default,
        RollbackStrategy::Always,
        RollbackStrategy::Never,
        RollbackStrategy::Deviated,
    ];

    /// By its name.
    pub fn parse(name: &str) -> Option<RollbackStrategy> {
        Self::ALL
            .into_iter()
            .find(|strategy| strategy.name() == name)
    }

    /// Its name in documents, settings and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            RollbackStrategy::Default => "default",
            RollbackStrategy::Always => "always",
            RollbackStrategy::Never => "never",
            RollbackStrategy::Deviated => "deviated",
        }
    }

    /// What the run's log calls it.
    pub fn log_name(self) -> &'static str {
        self.name()
    }
}

/// The `runtime` block of an experiment or a settings file.
///
/// One of an experiment replaces the settings' as a whole: what it leaves out is the default
/// strategy, not the settings'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuntimeBlock {
    /// `hypothesis.strategy`.
    pub hypothesis: Option<HypothesisStrategy>,
    /// `rollbacks.strategy`.
    pub rollbacks: Option<RollbackStrategy>,
}

impl RuntimeBlock {
    /// Reads a block; `None` when it is empty, or wrong (which goes to `problems`).
    pub fn parse(value: &Value, at: &Pointer, problems: &mut Problems) -> Option<RuntimeBlock> {
        if !python::truthy(value) {
            return None;
        }
        let block = shape::object(value, "the runtime block", at, problems)?;
        spelling::warn_misspelt(block, &[], &["hypothesis", "rollbacks"], at, problems);
        Some(RuntimeBlock {
            hypothesis: strategy(block, "hypothesis", at, problems, |name, at, problems| {
                if name == HypothesisStrategy::MISSPELT_CONTINUOUSLY {
                    problems
                        .warning(at, format!("the strategy '{name}' is misspelt"))
                        .hint("write 'continuously'");
                    return Ok(HypothesisStrategy::Continuously);
                }
                HypothesisStrategy::parse(name)
                    .ok_or(HypothesisStrategy::ALL.map(HypothesisStrategy::name))
            }),
            rollbacks: strategy(block, "rollbacks", at, problems, |name, _, _| {
                RollbackStrategy::parse(name)
                    .ok_or(RollbackStrategy::ALL.map(RollbackStrategy::name))
            }),
        })
    }
}

/// `<of>.strategy` of a runtime block; `parse` gives the names it knows for one it doesn't.
fn strategy<S, const N: usize>(
    block: &Map<String, Value>,
    of: &str,
    at: &Pointer,
    problems: &mut Problems,
    parse: impl FnOnce(&str, &Pointer, &mut Problems) -> Result<S, [&'static str; N]>,
) -> Option<S> {
    let at = at.key(of);
    let part = shape::object(block.get(of)?, &format!("runtime.{of}"), &at, problems)?;
    spelling::warn_misspelt(part, &[], &["strategy"], &at, problems);
    let written = part.get("strategy")?;
    let at = at.key("strategy");
    let name = written.as_str().unwrap_or_default();
    match parse(name, &at, problems) {
        Ok(strategy) => Some(strategy),
        Err(known) => {
            problems
                .error(
                    &at,
                    format!("'{}' is no strategy of the {of}", text(written)),
                )
                .hint(spelling::one_of(name, &known));
            None
        }
    }
}
