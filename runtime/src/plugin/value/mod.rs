//! JSON to values of the component model and back.
//!
//! | WIT | JSON |
//! |---|---|
//! | `bool`, `string` | as is; nothing is coerced |
//! | `u8` .. `s64` | a whole number (`3.0` and `1e3` too, up to 2^53); `u64`, `s64`: digits as text too |
//! | `f32`, `f64` | a number, or `"NaN"`, `"Infinity"`, `"-Infinity"` |
//! | `char` | a text of one character |
//! | `option<T>` | `null` or T; a parameter or field that is not there is none |
//! | `option<option<T>>` | `null`, `{"some": null}`, `{"some": T}` |
//! | `record` | an object; going out in the order of the declaration |
//! | `record NAME { json-text: string }` | any value at all, which the plugin has as its text |
//! | `list`, `tuple` | an array |
//! | `enum` | `"case"` |
//! | `variant` | `"case"` or `{"case": value}` |
//! | `result` within a value | as a variant of `ok` and `err` |
//! | `flags` | an array of names |
//!
//! Names have `_` in JSON where WIT has `-`; coming in, `-` is accepted too.

mod arguments;
mod path;
mod read;
mod take;
#[cfg(test)]
mod tests;
mod words;
mod write;

pub use arguments::{arguments, check_arguments};
pub use read::{NODES, from_json};
pub use take::{NotJson, into_json};
pub use write::{Json, outcome, to_json};

use std::borrow::Cow;

/// Up to here every whole number is exact as a float: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A WIT name as it stands in JSON.
pub(super) fn json_name(name: &str) -> Cow<'_, str> {
    match name.contains('-') {
        true => Cow::Owned(name.replace('-', "_")),
        false => Cow::Borrowed(name),
    }
}

/// A name of JSON as WIT has it.
pub(super) fn wit_name(name: &str) -> Cow<'_, str> {
    match name.contains('_') {
        true => Cow::Owned(name.replace('_', "-")),
        false => Cow::Borrowed(name),
    }
}
