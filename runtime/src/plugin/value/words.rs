//! What was expected, and what there was instead.

use super::json_name;
use crate::experiment::nearest;
use crate::plugin::signature::Type;
use serde_json::Value;

pub(super) const FLOAT: &str = "a number, \"NaN\", \"Infinity\" or \"-Infinity\"";

pub(super) fn range(ty: &Type) -> &'static str {
    match ty {
        Type::S8 => "a whole number from -128 to 127",
        Type::U8 => "a whole number from 0 to 255",
        Type::S16 => "a whole number from -32768 to 32767",
        Type::U16 => "a whole number from 0 to 65535",
        Type::S32 => "a whole number from -2147483648 to 2147483647",
        Type::U32 => "a whole number from 0 to 4294967295",
        Type::S64 => "a whole number from -9223372036854775808 to 9223372036854775807",
        _ => "a whole number from 0 to 18446744073709551615",
    }
}

pub(super) fn alternatives<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const SHOWN: usize = 12;
    let mut names: Vec<String> = names
        .map(|name| format!("\"{}\"", json_name(name)))
        .collect();
    if names.len() > SHOWN {
        let more = names.len() - SHOWN;
        names.truncate(SHOWN);
        names.push(format!("{more} more"));
    }
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [front @ .., last] => format!("{} or {last}", front.join(", ")),
    }
}

pub(super) fn refusal(json: &Value, expected: &str, ty: &Type) -> String {
    format!("expected {expected} ({}), not {}", ty.wit(), shown(json))
}

/// A value for a message.
fn shown(json: &Value) -> String {
    const SHOWN: usize = 40;
    match json {
        Value::Array(items) if items.is_empty() => "an empty list".to_owned(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().nth(SHOWN).is_some() => {
            let start: String = text.chars().take(SHOWN).collect();
            format!("the text {}...", Value::from(start))
        }
        Value::String(_) => format!("the text {json}"),
        other => other.to_string(),
    }
}

pub(super) fn suggestion<'n>(
    written: &str,
    names: impl Iterator<Item = &'n str> + Clone,
    what: &str,
) -> String {
    match nearest(written, names.clone()) {
        Some(near) => format!("did you mean '{}'?", json_name(near)),
        None => {
            let names: Vec<_> = names.map(json_name).collect();
            match names.is_empty() {
                true => format!("there are no {what}s"),
                false => format!("there are: {}", names.join(", ")),
            }
        }
    }
}
