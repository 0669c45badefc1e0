//! Finds everything that is wrong with a tolerance.

use super::jsonpath::JsonPath;
use super::regex::PythonRegex;
use super::{Judge, Tolerance};
use crate::document::{Pointer, Problems};
use crate::experiment::{self, Activity, kind};
use crate::python;
use serde_json::{Map, Value};

const TYPES: [&str; 4] = ["probe", "regex", "jsonpath", "range"];

/// See [`Tolerance::parse`].
pub(super) fn tolerance(value: &Value, at: &Pointer, problems: &mut Problems) -> Option<Tolerance> {
    let rule = match value {
        Value::Object(rule) => rule,
        Value::Null => return unusable(at, problems, "null"),
        Value::Number(number) if number.is_f64() => {
            return unusable(at, problems, "a number with a fraction");
        }
        _ => return Some(Tolerance::Value(value.clone())),
    };
    let sound = match rule.get("type").and_then(Value::as_str) {
        Some("probe") => {
            let probe = Activity::parse(value, at, problems)?;
            let definition = value.clone();
            return Some(Tolerance::Probe(Box::new(Judge { probe, definition })));
        }
        Some("regex") => pattern(rule, at, problems),
        Some("jsonpath") => path(rule, at, problems),
        Some("range") => range(rule, at, problems),
        _ => unsupported(rule, at, problems),
    };
    sound.map(|()| Tolerance::Value(value.clone()))
}

fn unusable(at: &Pointer, problems: &mut Problems, what: &str) -> Option<Tolerance> {
    problems
        .error(
            at,
            "hypothesis probe tolerance must either be an integer, a string, a boolean or a pair \
             of values for boundaries. It can also be a dictionary which is a probe activity \
             definition that takes an argument called `value` with the value of the probe itself \
             to be validated",
        )
        .hint(format!(
            "it is {what}; to accept numbers between bounds write \
             {{\"type\": \"range\", \"range\": [low, high]}}"
        ));
    None
}

fn unsupported(rule: &Map<String, Value>, at: &Pointer, problems: &mut Problems) -> Option<()> {
    let (name, at) = match rule.get("type") {
        Some(written) => (python::str(written), at.key("type")),
        None => ("None".to_owned(), at.clone()),
    };
    let problem = problems.error(
        &at,
        format!("hypothesis probe tolerance type '{name}' is unsupported"),
    );
    problem.hint(experiment::one_of(&name, &TYPES));
    if !rule.contains_key("type") {
        experiment::hint_misspelt(problem, rule, "type");
    }
    None
}

/// The member `key` and its place; `example` says how it is written.
fn member<'r>(
    rule: &'r Map<String, Value>,
    key: &str,
    example: &str,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<(&'r Value, Pointer)> {
    if let Some(member) = rule.get(key) {
        return Some((member, at.key(key)));
    }
    let kind = rule.get("type").map(python::str).unwrap_or_default();
    let problem = problems.error(
        at,
        format!("hypothesis {kind} probe tolerance must have a `{key}` key"),
    );
    problem.hint(format!("add `{key}`, {example}"));
    experiment::hint_misspelt(problem, rule, key);
    None
}

/// The value as a text; messages call it `what`.
fn text<'v>(
    value: &'v Value,
    what: &str,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<&'v str> {
    let text = value.as_str();
    if text.is_none() {
        problems
            .error(
                at,
                format!(
                    "hypothesis probe tolerance {what} {} has an invalid type",
                    python::str(value)
                ),
            )
            .hint(format!("it is {}; write it in quotes", kind(value)));
    }
    text
}

fn pattern(rule: &Map<String, Value>, at: &Pointer, problems: &mut Problems) -> Option<()> {
    let example = "a regular expression as Python writes it";
    let (pattern, at) = member(rule, "pattern", example, at, problems)?;
    let text = text(pattern, "pattern", &at, problems)?;
    match PythonRegex::new(text) {
        Ok(_) => Some(()),
        Err(reason) => {
            problems
                .error(
                    &at,
                    format!("hypothesis probe tolerance pattern {text} seems invalid: {reason}"),
                )
                .hint("it is a regular expression as Python's `re` reads it");
            None
        }
    }
}

fn path(rule: &Map<String, Value>, at: &Pointer, problems: &mut Problems) -> Option<()> {
    let (path, at) = member(rule, "path", "for instance \"$.status\"", at, problems)?;
    let text = text(path, "JSON path", &at, problems)?;
    let text = python::strip(text);
    if text.is_empty() {
        problems.error(&at, "hypothesis probe tolerance JSON path cannot be empty");
        return None;
    }
    match JsonPath::parse(text) {
        Ok(_) => Some(()),
        Err(reason) => {
            problems
                .error(
                    &at,
                    format!("hypothesis probe tolerance JSON path {text} is invalid"),
                )
                .hint(if text.starts_with("${") {
                    "a path cannot be one variable; `${name}` may stand within a path's text, \
                     as in $.items[*][?(@.name = \"${name}\")]"
                        .to_owned()
                } else {
                    reason
                });
            None
        }
    }
}

fn range(rule: &Map<String, Value>, at: &Pointer, problems: &mut Problems) -> Option<()> {
    let (range, at) = member(rule, "range", "as [low, high]", at, problems)?;
    let Value::Array(bounds) = range else {
        problems
            .error(&at, "hypothesis range must be a sequence")
            .hint("write `range`: [low, high]");
        return None;
    };
    let [low, high] = bounds.as_slice() else {
        problems
            .error(&at, "hypothesis range sequence must be made of two values")
            .hint("write `range`: [low, high]");
        return None;
    };
    let mut sound = Some(());
    for (index, name, bound) in [(0, "lower", low), (1, "upper", high)] {
        if !matches!(bound, Value::Number(_) | Value::Bool(_)) {
            problems
                .error(
                    &at.index(index),
                    format!("hypothesis range {name} boundary must be a number"),
                )
                .hint(format!(
                    "it is {}; variables are not substituted in a range",
                    kind(bound)
                ));
            sound = None;
        }
    }
    sound
}
