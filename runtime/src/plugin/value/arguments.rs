//! A call's arguments: an object of JSON against a function's parameters.

use super::path::Path;
use super::read::{Reader, Substituted};
use crate::document::{Pointer, Problems};
use crate::plugin::signature::Function;
use serde_json::{Map, Value};
use wasmtime::component::Val;

/// The values that a call passes, in order, for `given` (of the document, at `at`), in which
/// `${name}` was replaced.
///
/// `None`: they do not fit; every reason goes to `problems`.
pub fn arguments(
    function: &Function,
    given: &Map<String, Value>,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<Vec<Val>> {
    read(function, given, at, problems, Substituted::Yes)
}

/// Says what is wrong with arguments before `${name}` is replaced: what a variable decides is
/// taken for right.
pub fn check_arguments(
    function: &Function,
    given: &Map<String, Value>,
    at: &Pointer,
    problems: &mut Problems,
) {
    read(function, given, at, problems, Substituted::NotYet);
}

fn read(
    function: &Function,
    given: &Map<String, Value>,
    at: &Pointer,
    problems: &mut Problems,
    substituted: Substituted,
) -> Option<Vec<Val>> {
    let start = Path::Start(at);
    Reader::new(problems, substituted).members(given, &function.parameters, "argument", &start)
}
