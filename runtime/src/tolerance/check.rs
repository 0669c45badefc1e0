//! Judges a value, as the reference's `within_tolerance` does.

use super::jsonpath::JsonPath;
use super::number::{Exact, NoNumber};
use super::order::at_most;
use super::regex::PythonRegex;
use super::{Unjudgeable, jsonpath};
use crate::experiment::kind;
use crate::python::{equal, truthy};
use crate::substitution::Variables;
use serde_json::{Map, Value};
use std::borrow::Cow;

fn unjudgeable<T>(message: impl Into<String>) -> Result<T, Unjudgeable> {
    Err(Unjudgeable(message.into()))
}

/// A probe tolerance was to be judged here.
pub(super) fn probe_is_run() -> Unjudgeable {
    Unjudgeable("a tolerance of type probe is run, not compared".to_owned())
}

/// Whether `value` is within `tolerance`, which is as written.
pub(super) fn within(
    tolerance: &Value,
    value: &Value,
    variables: &Variables,
) -> Result<bool, Unjudgeable> {
    let tolerance = match tolerance {
        Value::String(_) => Cow::Owned(variables.substitute(tolerance)),
        _ => Cow::Borrowed(tolerance),
    };
    let status = value.as_object().and_then(|map| map.get("status"));
    match tolerance.as_ref() {
        exact @ (Value::Bool(_) | Value::String(_)) => Ok(equal(value, exact)),
        // A float is no tolerance to the reference: nothing is within it.
        Value::Number(number) if number.is_f64() => Ok(false),
        number @ Value::Number(_) => Ok(equal(status.unwrap_or(value), number)),
        Value::Null => Ok(false),
        Value::Array(items) => match (status, items.as_slice()) {
            (Some(status), _) => Ok(items.iter().any(|item| equal(status, item))),
            (None, [low, high]) => Ok(at_most(low, value)? && at_most(value, high)?),
            (None, _) => Ok(items.iter().any(|item| equal(value, item))),
        },
        Value::Object(rule) => within_rule(rule, value, variables),
    }
}

fn within_rule(
    rule: &Map<String, Value>,
    value: &Value,
    variables: &Variables,
) -> Result<bool, Unjudgeable> {
    match rule.get("type").and_then(Value::as_str) {
        Some("probe") => Err(probe_is_run()),
        Some("regex") => regex(rule, value, variables),
        Some("jsonpath") => jsonpath(rule, value, variables),
        Some("range") => range(rule, value),
        _ => Ok(false),
    }
}

/// `value[target]`, or the whole value when it has no such key.
fn targeted<'v>(rule: &Map<String, Value>, value: &'v Value) -> Result<&'v Value, Unjudgeable> {
    let Some(target) = rule.get("target").filter(|target| truthy(target)) else {
        return Ok(value);
    };
    let Some(map) = value.as_object() else {
        return unjudgeable(format!(
            "the tolerance has a `target`, but the value is {}, not an object",
            kind(value)
        ));
    };
    match target {
        Value::String(key) => Ok(map.get(key).unwrap_or(value)),
        Value::Array(_) | Value::Object(_) => {
            unjudgeable("the tolerance's `target` must be the name of a key")
        }
        _ => Ok(value),
    }
}

fn substituted_text(
    rule: &Map<String, Value>,
    key: &str,
    variables: &Variables,
) -> Result<String, Unjudgeable> {
    match rule.get(key).map(|text| variables.substitute(text)) {
        Some(Value::String(text)) => Ok(text),
        Some(other) => unjudgeable(format!(
            "the tolerance's `{key}` turns out to be {}, not a string",
            kind(&other)
        )),
        None => unjudgeable(format!("the tolerance has no `{key}`")),
    }
}

fn regex(
    rule: &Map<String, Value>,
    value: &Value,
    variables: &Variables,
) -> Result<bool, Unjudgeable> {
    let pattern = substituted_text(rule, "pattern", variables)?;
    let compiled = PythonRegex::new(&pattern)
        .map_err(|error| Unjudgeable(format!("the tolerance's `pattern` is invalid: {error}")))?;
    let Value::String(text) = targeted(rule, value)? else {
        return unjudgeable(format!(
            "a regex tolerance needs a string, but the value is {}: name the key that holds the \
             string in `target`, or use a tolerance of type jsonpath",
            kind(targeted(rule, value)?)
        ));
    };
    compiled
        .search(text)
        .map_err(|error| Unjudgeable(error.to_string()))
}

fn jsonpath(
    rule: &Map<String, Value>,
    value: &Value,
    variables: &Variables,
) -> Result<bool, Unjudgeable> {
    let path = substituted_text(rule, "path", variables)?;
    let path = JsonPath::parse(&path)
        .map_err(|reason| Unjudgeable(format!("the tolerance's `path` is invalid: {reason}")))?;
    let target = targeted(rule, value)?;
    let document = match target {
        Value::String(text) => jsonpath::document(text)?.map_or(Cow::Borrowed(target), Cow::Owned),
        _ => Cow::Borrowed(target),
    };

    let expected = rule
        .get("expect")
        .map(|expect| match variables.substitute(expect) {
            Value::Array(items) => items,
            single => vec![single],
        });
    let mut count = 0_usize;
    let mut as_expected = true;
    path.evaluate(&document, &mut |found| {
        if let Some(expected) = &expected {
            as_expected &= expected
                .get(count)
                .is_some_and(|expected| equal(found, expected));
        }
        count += 1;
    })?;

    if let Some(expected) = expected {
        return Ok(as_expected && count == expected.len());
    }
    Ok(match rule.get("count") {
        None | Some(Value::Null) => count > 0,
        Some(wanted) => equal(&Value::from(count), wanted),
    })
}

fn range(rule: &Map<String, Value>, value: &Value) -> Result<bool, Unjudgeable> {
    let value = targeted(rule, value)?;
    let number = match decimal(value) {
        Ok(number) => number,
        Err(Decimal::NotNumeric) => return Ok(false),
        Err(Decimal::Impossible(message)) => return unjudgeable(message),
    };
    let bounds = match rule.get("range") {
        Some(Value::Array(items)) => items.clone(),
        Some(Value::String(text)) => text.chars().map(|c| Value::from(c.to_string())).collect(),
        _ => Vec::new(),
    };
    let no_range = || Unjudgeable("the tolerance's `range` must be a list of two numbers".into());
    let [low, high, ..] = bounds.as_slice() else {
        return Err(no_range());
    };
    let bound = |value: &Value| decimal(value).map_err(|_| no_range());
    // The second bound is only read as a number when it decides.
    Ok(bound(low)? <= number && number <= bound(high)?)
}

/// Why a value has no `Decimal`.
enum Decimal {
    /// The reference says that the range is not met.
    NotNumeric,
    /// The reference dies of it.
    Impossible(String),
}

/// `Decimal(value)`.
fn decimal(value: &Value) -> Result<Exact, Decimal> {
    match value {
        Value::String(text) => Exact::of_text(text).map_err(|reason| match reason {
            NoNumber::Text => Decimal::NotNumeric,
            NoNumber::NotANumber => {
                Decimal::Impossible("nan compares with nothing, so not with a range".to_owned())
            }
        }),
        _ => Exact::of(value).ok_or_else(|| {
            Decimal::Impossible(format!(
                "a range tolerance needs a number, but the value is {}: name the key that holds \
                 the number in `target`",
                kind(value)
            ))
        }),
    }
}
