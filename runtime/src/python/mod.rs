//! What Python would say: the reference's equality, truth, text and numbers.

mod number;
mod text;

pub(crate) use number::integer;
pub use number::{parse_float, parse_int};
pub use text::{repr, str, strip};

use serde_json::Value;
use std::cmp::Ordering;

/// `a == b` as Python compares JSON values: `1 == 1.0 == True`, containers element by element.
pub fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => compare(a, b) == Some(Ordering::Equal),
    }
}

/// The order of two numbers (booleans count as 0 and 1), exact between integers and floats.
/// `None` when one is no number.
pub fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (exact(a)?, exact(b)?) {
        (Exact::Int(a), Exact::Int(b)) => Some(a.cmp(&b)),
        (Exact::Float(a), Exact::Float(b)) => a.partial_cmp(&b),
        (Exact::Int(a), Exact::Float(b)) => compare_mixed(a, b),
        (Exact::Float(a), Exact::Int(b)) => compare_mixed(b, a).map(Ordering::reverse),
    }
}

/// `bool(value)`.
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

enum Exact {
    Int(i128),
    Float(f64),
}

fn exact(value: &Value) -> Option<Exact> {
    int(value)
        .map(Exact::Int)
        .or_else(|| value.as_f64().map(Exact::Float))
}

/// What Python takes for an `int`: bools too, `1.0` not. Within 64 bits.
pub(crate) fn int(value: &Value) -> Option<i128> {
    match value {
        Value::Bool(flag) => Some(i128::from(*flag)),
        Value::Number(number) => number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from)),
        _ => None,
    }
}

/// Converting the integer could round it; converting the float's whole part can't.
fn compare_mixed(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // Saturates, and every integer here is within 64 bits.
    #[expect(clippy::cast_possible_truncation, reason = "saturation is meant")]
    let whole = float.trunc() as i128;
    let by_fraction = 0.0_f64.partial_cmp(&float.fract());
    Some(int.cmp(&whole).then(by_fraction.unwrap_or(Ordering::Equal)))
}
