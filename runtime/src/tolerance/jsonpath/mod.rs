//! JSON paths: the reference's dialect (jsonpath2 0.4.5), and RFC 9535 for what it rejects.

mod evaluate;
mod lex;
mod parse;
mod query;

use super::Unjudgeable;
use crate::python;
use serde_json::Value;

/// Longer paths are nobody's; the limit keeps parsing cheap.
const MAX_LENGTH: usize = 10_000;
/// Brackets within each other in an RFC 9535 path, whose parser recurses.
const MAX_RFC_DEPTH: usize = 60;
/// Levels of a value that an RFC 9535 path is applied to, since its evaluation recurses.
const MAX_RFC_VALUE_DEPTH: usize = 300;
/// Values that an RFC 9535 path may look at, estimated from above: its evaluation cannot be
/// interrupted.
const MAX_RFC_VISITS: f64 = 5e7;

/// A JSON path.
#[derive(Debug)]
pub(super) struct JsonPath(Dialect);

#[derive(Debug)]
enum Dialect {
    /// In the reference's dialect, with its meaning.
    Reference(query::Query),
    /// Only valid as RFC 9535 (the reference rejects it), with the meaning given there.
    Rfc9535(Rfc9535),
}

/// A path of RFC 9535, and what its evaluation can cost.
#[derive(Debug)]
struct Rfc9535 {
    path: serde_json_path::JsonPath,
    descents: usize,
    absolute_queries: usize,
}

impl JsonPath {
    /// Reads a path; white space around it does not count.
    ///
    /// # Errors
    /// What is wrong with it as a path of the reference's dialect.
    pub(super) fn parse(path: &str) -> Result<JsonPath, String> {
        let path = python::strip(path);
        if path.len() > MAX_LENGTH {
            return Err(format!("it is longer than {MAX_LENGTH} bytes"));
        }
        parse::parse(path)
            .map(Dialect::Reference)
            .or_else(|reason| Rfc9535::parse(path).map(Dialect::Rfc9535).ok_or(reason))
            .map(JsonPath)
    }

    /// Gives `found` every match in `value`, in order.
    ///
    /// # Errors
    /// When the reference would raise, or the evaluation costs too much.
    pub(super) fn evaluate(
        &self,
        value: &Value,
        found: &mut dyn FnMut(&Value),
    ) -> Result<(), Unjudgeable> {
        match &self.0 {
            Dialect::Reference(query) => evaluate::evaluate(query, value, found),
            Dialect::Rfc9535(path) => path.evaluate(value, found),
        }
    }
}

impl Rfc9535 {
    fn parse(path: &str) -> Option<Rfc9535> {
        let mut depth = 0_usize;
        let mut deepest = 0_usize;
        for character in path.chars() {
            match character {
                '[' | '(' | '!' => depth += 1,
                ']' | ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        if deepest > MAX_RFC_DEPTH {
            return None;
        }
        Some(Rfc9535 {
            descents: path.matches("..").count(),
            absolute_queries: path.matches('$').count().saturating_sub(1),
            path: serde_json_path::JsonPath::parse(path).ok()?,
        })
    }

    fn evaluate(&self, value: &Value, found: &mut dyn FnMut(&Value)) -> Result<(), Unjudgeable> {
        let size = Size::of(value)?;
        // Every `..` may reach a value once for each of its ancestors, and every query within a
        // filter that begins with `$` reads everything again for each value filtered.
        let exponent = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let visits = size.values
            * size.depth.powi(exponent(self.descents))
            * size.values.powi(exponent(self.absolute_queries));
        if visits > MAX_RFC_VISITS {
            return Err(Unjudgeable(
                "the JSON path may look at too many values: use fewer `..`, and fewer `$` \
                 within filters"
                    .to_owned(),
            ));
        }
        for node in self.path.query(value).iter() {
            found(node);
        }
        Ok(())
    }
}

/// How much there is of a value.
struct Size {
    values: f64,
    depth: f64,
}

impl Size {
    fn of(value: &Value) -> Result<Size, Unjudgeable> {
        let mut values = 0_usize;
        let mut deepest = 0_usize;
        let mut left = vec![(value, 1_usize)];
        while let Some((value, depth)) = left.pop() {
            values += 1;
            deepest = deepest.max(depth);
            match value {
                Value::Array(items) => left.extend(items.iter().map(|item| (item, depth + 1))),
                Value::Object(map) => left.extend(map.values().map(|item| (item, depth + 1))),
                _ => {}
            }
        }
        if deepest > MAX_RFC_VALUE_DEPTH {
            return Err(Unjudgeable(format!(
                "the value is nested too deeply for this JSON path \
                 (more than {MAX_RFC_VALUE_DEPTH} levels)"
            )));
        }
        Ok(Size {
            values: values as f64,
            depth: deepest as f64,
        })
    }
}

/// The JSON document that a text holds, as the reference looks for it before applying a path:
/// nothing when the text is not JSON.
///
/// # Errors
/// When it is JSON, but nested too deeply to be read.
pub(super) fn document(text: &str) -> Result<Option<Value>, Unjudgeable> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.to_string().starts_with("recursion limit exceeded") => Err(
            Unjudgeable("the value is a JSON text that is nested too deeply to be read".to_owned()),
        ),
        Err(_) => Ok(None),
    }
}
