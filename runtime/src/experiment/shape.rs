//! What JSON values look like, and the words for it in messages.

use crate::document::{Pointer, Problems};
use crate::python;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// What kind of value it is, in words.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The value as the reference puts it into its messages.
pub(crate) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(python::str(other)),
    }
}

/// The member, unless it is missing or what Python calls false: null, empty, zero.
pub(crate) fn filled<'v>(object: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    object.get(key).filter(|value| python::truthy(value))
}

/// The value as an object; anything else is an error about `what`.
pub(crate) fn object<'v>(
    value: &'v Value,
    what: &str,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<&'v Map<String, Value>> {
    let object = value.as_object();
    if object.is_none() {
        problems.error(at, format!("{what} must be an object, not {}", kind(value)));
    }
    object
}

/// The value as a list; anything else is an error about `what`.
pub(crate) fn list<'v>(
    value: &'v Value,
    what: &str,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<&'v [Value]> {
    let list = value.as_array();
    if list.is_none() {
        problems.error(at, format!("{what} must be a list, not {}", kind(value)));
    }
    list.map(Vec::as_slice)
}
