//! Finds everything that is wrong with a tolerance.

use super::Tolerance;
use super::jsonpath::JsonPath;
use super::order::kind;
use super::regex::{self, PythonRegex};
use crate::document::{Pointer, Problems};
use crate::experiment::Activity;
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
            return Activity::parse(value, at, problems)
                .map(|activity| Tolerance::Probe(Box::new(activity)));
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
    let written = rule.get("type");
    let pointer = if written.is_some() {
        at.key("type")
    } else {
        at.clone()
    };
    let name = python::str(written.unwrap_or(&Value::Null));
    let closest = TYPES
        .iter()
        .map(|known| {
            (
                strsim::jaro_winkler(known, &name.to_ascii_lowercase()),
                known,
            )
        })
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = match closest {
        Some((_, known)) if written.is_some() => format!("did you mean `{known}`?"),
        _ => "the types are `probe`, `regex`, `jsonpath` and `range`".to_owned(),
    };
    problems
        .error(
            &pointer,
            format!("hypothesis probe tolerance type '{name}' is unsupported"),
        )
        .hint(hint);
    None
}

fn pattern(rule: &Map<String, Value>, at: &Pointer, problems: &mut Problems) -> Option<()> {
    let Some(pattern) = rule.get("pattern") else {
        problems
            .error(
                at,
                "hypothesis regex probe tolerance must have a `pattern` key",
            )
            .hint(close_key(rule, "pattern").unwrap_or_else(|| {
                "add `pattern`, a regular expression as Python writes it".to_owned()
            }));
        return None;
    };
    let at = at.key("pattern");
    let Value::String(text) = pattern else {
        problems
            .error(
                &at,
                format!(
                    "hypothesis probe tolerance pattern {} has an invalid type",
                    python::str(pattern)
                ),
            )
            .hint(format!("it is {}; write it as a text", kind(pattern)));
        return None;
    };
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
    let Some(path) = rule.get("path") else {
        problems
            .error(
                at,
                "hypothesis jsonpath probe tolerance must have a `path` key",
            )
            .hint(
                close_key(rule, "path")
                    .unwrap_or_else(|| "add `path`, for instance \"$.status\"".to_owned()),
            );
        return None;
    };
    let at = at.key("path");
    let Value::String(text) = path else {
        problems
            .error(
                &at,
                format!(
                    "hypothesis probe tolerance JSON path {} has an invalid type",
                    python::str(path)
                ),
            )
            .hint(format!("it is {}; write it as a text", kind(path)));
        return None;
    };
    let text = text.trim_matches(regex::is_python_space);
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
    let Some(range) = rule.get("range") else {
        problems
            .error(
                at,
                "hypothesis range probe tolerance must have a `range` key",
            )
            .hint(
                close_key(rule, "range").unwrap_or_else(|| "add `range`: [low, high]".to_owned()),
            );
        return None;
    };
    let at = at.key("range");
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

/// Says which key was probably meant to be `key`.
fn close_key(rule: &Map<String, Value>, key: &str) -> Option<String> {
    rule.keys()
        .filter(|written| !["type", "target", "expect", "count"].contains(&written.as_str()))
        .map(|written| (strsim::jaro_winkler(written, key), written))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, written)| format!("did you mean `{key}` instead of `{written}`?"))
}
