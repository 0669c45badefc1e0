//! Values out of a plugin, as JSON.

use super::json_name;
use crate::plugin::signature::JSON_TEXT;
use serde::ser::{Error, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;
use wasmtime::component::Val;

/// A value that serializes as its JSON, without an intermediate tree.
#[derive(Debug)]
pub struct Json<'v>(pub &'v Val);

/// The JSON of a value.
///
/// # Errors
/// A plugin's own JSON text is none. (A resource, future, stream or error context, too:
/// [`inspect`](mod@super::super::inspect) refuses functions that have one.)
pub fn to_json(value: &Val) -> Result<Value, serde_json::Error> {
    serde_json::to_value(Json(value))
}

/// What a function came to, by what it gave: `result`'s error is a failure with its text, anything
/// else a value; no value is none.
///
/// # Errors
/// The function's own error: text as it is, any other type as JSON.
pub fn outcome(given: Option<Val>) -> Result<Option<Val>, String> {
    match given {
        Some(Val::Result(Ok(value))) => Ok(value.map(|value| *value)),
        Some(Val::Result(Err(None))) => {
            Err("the function returned an error without text".to_owned())
        }
        Some(Val::Result(Err(Some(error)))) => Err(match *error {
            Val::String(text) => text,
            other => serde_json::to_string(&Json(&other)).unwrap_or_else(|why| why.to_string()),
        }),
        other => Ok(other),
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Val::Bool(value) => to.serialize_bool(*value),
            Val::S8(value) => to.serialize_i8(*value),
            Val::U8(value) => to.serialize_u8(*value),
            Val::S16(value) => to.serialize_i16(*value),
            Val::U16(value) => to.serialize_u16(*value),
            Val::S32(value) => to.serialize_i32(*value),
            Val::U32(value) => to.serialize_u32(*value),
            Val::S64(value) => to.serialize_i64(*value),
            Val::U64(value) => to.serialize_u64(*value),
            Val::Float32(value) => float(shortest(*value), to),
            Val::Float64(value) => float(*value, to),
            Val::Char(value) => to.serialize_char(*value),
            Val::String(value) => to.serialize_str(value),
            Val::List(items) | Val::Tuple(items) | Val::FixedLengthList(items) => {
                to.collect_seq(items.iter().map(Json))
            }
            Val::Map(entries) => {
                to.collect_seq(entries.iter().map(|(key, value)| (Json(key), Json(value))))
            }
            Val::Record(fields) => {
                if let [(name, Val::String(text))] = fields.as_slice()
                    && name == JSON_TEXT
                {
                    return any(text, to);
                }
                let mut map = to.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(&*json_name(name), &Json(value))?;
                }
                map.end()
            }
            Val::Variant(case, value) => one_of(case, value.as_deref(), to),
            Val::Enum(case) => one_of(case, None, to),
            Val::Option(None) => to.serialize_unit(),
            Val::Option(Some(value)) => match **value {
                Val::Option(_) => one_of("some", Some(value), to),
                _ => Json(value).serialize(to),
            },
            Val::Result(Ok(value)) => one_of("ok", value.as_deref(), to),
            Val::Result(Err(error)) => one_of("err", error.as_deref(), to),
            Val::Flags(names) => {
                let mut seq = to.serialize_seq(Some(names.len()))?;
                for name in names {
                    seq.serialize_element(&*json_name(name))?;
                }
                seq.end()
            }
            Val::Resource(_) | Val::Future(_) | Val::Stream(_) | Val::ErrorContext(_) => {
                Err(S::Error::custom("a handle cannot be written as JSON"))
            }
        }
    }
}

/// A JSON text that a guest wrote. It is read, and its depth is bounded by that.
fn any<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    let value: Value = serde_json::from_str(text).map_err(S::Error::custom)?;
    value.serialize(to)
}

fn one_of<S: Serializer>(case: &str, value: Option<&Val>, to: S) -> Result<S::Ok, S::Error> {
    let case = json_name(case);
    match value {
        None => to.serialize_str(&case),
        Some(value) => {
            let mut map = to.serialize_map(Some(1))?;
            map.serialize_entry(&*case, &Json(value))?;
            map.end()
        }
    }
}

/// The double that prints with the same digits: widening 0.1 would give 0.10000000149011612.
pub(super) fn shortest(value: f32) -> f64 {
    if value.is_finite() {
        value.to_string().parse().unwrap_or(f64::from(value))
    } else {
        f64::from(value)
    }
}

fn float<S: Serializer>(value: f64, to: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() {
        to.serialize_f64(value)
    } else if value.is_nan() {
        to.serialize_str("NaN")
    } else if value > 0.0 {
        to.serialize_str("Infinity")
    } else {
        to.serialize_str("-Infinity")
    }
}
