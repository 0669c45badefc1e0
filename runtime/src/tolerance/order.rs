//! Python's `<=` on JSON values.

use super::Unjudgeable;
use crate::experiment::kind;
use crate::python;
use serde_json::Value;

/// Levels of lists compared within each other; the reference's own limit is near this.
const MAX_DEPTH: usize = 200;

/// `a <= b`: numbers (bools are 0 and 1) exactly, strings by code point, lists by their first
/// difference.
///
/// # Errors
/// For values that have no order.
pub(super) fn at_most(a: &Value, b: &Value) -> Result<bool, Unjudgeable> {
    within_depth(a, b, MAX_DEPTH)
}

fn within_depth(a: &Value, b: &Value, depth: usize) -> Result<bool, Unjudgeable> {
    if let Some(order) = python::compare(a, b) {
        return Ok(order.is_le());
    }
    match (a, b) {
        (Value::String(a), Value::String(b)) => Ok(a <= b),
        (Value::Array(a), Value::Array(b)) => {
            let Some(depth) = depth.checked_sub(1) else {
                return Err(Unjudgeable(format!(
                    "lists nested more than {MAX_DEPTH} deep are not compared"
                )));
            };
            match a.iter().zip(b).find(|(a, b)| !python::equal(a, b)) {
                Some((a, b)) => within_depth(a, b, depth),
                None => Ok(a.len() <= b.len()),
            }
        }
        _ => Err(Unjudgeable(format!(
            "{} and {} cannot be compared: a tolerance of two items is a range, whose bounds \
             must be of the value's type",
            kind(a),
            kind(b)
        ))),
    }
}
