//! Tolerances: what a hypothesis accepts of a probe's value.

mod check;
mod jsonpath;
mod number;
mod order;
mod parse;
mod regex;
#[cfg(test)]
mod tests;

pub use regex::{InvalidPattern, PythonRegex, TooExpensive};

use crate::document::{Pointer, Problems};
use crate::experiment::Activity;
use crate::substitution::Variables;
use serde_json::Value;
use std::borrow::Cow;

/// A tolerance, as the reference reads it.
#[derive(Debug, Clone)]
pub enum Tolerance {
    /// A probe that judges the value: it gets it as its argument `value`, and its answer's truth counts.
    Probe(Box<Judge>),
    /// Anything that can be judged here. It stays as written, since variables decide what a
    /// text, a pattern or a path turns out to be.
    Value(Value),
}

/// A probe that judges another one's value.
#[derive(Debug, Clone)]
pub struct Judge {
    /// The probe, before it is given a value.
    pub probe: Activity,
    /// Its definition as written, which the value is put into.
    pub definition: Value,
}

/// The value cannot be judged by this tolerance (the reference dies of it).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unjudgeable(pub String);

impl Unjudgeable {
    /// The first error among these.
    pub(crate) fn because(problems: &Problems) -> Unjudgeable {
        let first = problems.errors().next();
        Unjudgeable(first.map_or_else(String::new, |problem| problem.message.clone()))
    }
}

impl Tolerance {
    /// Reads a tolerance; everything that is wrong with it goes to `problems`, and nothing is
    /// returned then. Accepts what the reference accepts, and JSON paths of RFC 9535.
    pub fn parse(value: &Value, at: &Pointer, problems: &mut Problems) -> Option<Tolerance> {
        parse::tolerance(value, at, problems)
    }

    /// As written, for messages.
    pub fn written(&self) -> &Value {
        match self {
            Tolerance::Probe(judge) => &judge.definition,
            Tolerance::Value(value) => value,
        }
    }

    /// What it turns out to be: a text may be a variable that holds a map of type `probe`.
    ///
    /// # Errors
    /// That probe is of no use.
    pub fn resolve(&self, variables: &Variables) -> Result<Cow<'_, Tolerance>, Unjudgeable> {
        if let Tolerance::Value(Value::String(text)) = self
            && let resolved = variables.substitute_text(text)
            && resolved.get("type").and_then(Value::as_str) == Some("probe")
        {
            let mut problems = Problems::new();
            return match Tolerance::parse(&resolved, &Pointer::root(), &mut problems) {
                Some(probe) if !problems.has_errors() => Ok(Cow::Owned(probe)),
                _ => Err(Unjudgeable::because(&problems)),
            };
        }
        Ok(Cow::Borrowed(self))
    }

    /// Whether `value` is within it. Not for [`Tolerance::Probe`], which the driver runs.
    ///
    /// # Errors
    /// When the reference would raise an unexpected exception (a pattern applied to a number, a
    /// range of texts applied to a number), or when judging would cost too much.
    pub fn check(&self, value: &Value, variables: &Variables) -> Result<bool, Unjudgeable> {
        match self {
            Tolerance::Probe(_) => Err(check::probe_is_run()),
            Tolerance::Value(tolerance) => check::within(tolerance, value, variables),
        }
    }
}
