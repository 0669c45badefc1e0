//! Extensions: foreign payloads, kept, and the one that is ours.

use super::shape::{self, filled, kind, text};
use super::spelling;
use crate::document::{Pointer, Problems};
use chaos_host_api::budget::Ceilings;
use serde_json::{Map, Value};

/// The `name` of the entry of `extensions` that speaks to this tool.
const OURS: &str = "chaos-wasm";

/// Checks `extensions` and reads ours: the budget that the experiment asks to be held to.
///
/// Several entries of ours lower the budget one after the other.
pub(super) fn read_extensions(document: &Map<String, Value>, problems: &mut Problems) -> Ceilings {
    let mut ceilings = Ceilings::UNBOUNDED;
    let Some(written) = filled(document, "extensions") else {
        return ceilings;
    };
    let at = Pointer::root().key("extensions");
    let Some(extensions) = shape::list(written, "extensions", &at, problems) else {
        return ceilings;
    };
    for (index, extension) in extensions.iter().enumerate() {
        let at = at.index(index);
        let Some(extension) = shape::object(extension, "an extension", &at, problems) else {
            continue;
        };
        match extension.get("name").and_then(Value::as_str) {
            Some(OURS) => {
                if let Some(asked) = read_ours(extension, &at, problems) {
                    ceilings = ceilings.lowered_by(&asked);
                }
            }
            Some(name) if !name.trim().is_empty() => {}
            _ => {
                let problem = problems.error(&at, "All extensions require a non-empty name");
                spelling::hint_misspelt(problem, extension, "name");
            }
        }
    }
    ceilings
}

fn read_ours(
    extension: &Map<String, Value>,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<Ceilings> {
    for key in extension.keys() {
        if !["name", "budget"].contains(&key.as_str()) {
            problems
                .error(&at.key(key), format!("unknown key '{key}'"))
                .hint(spelling::one_of(key, &["budget"]));
        }
    }
    let at = at.key("budget");
    let budget = shape::object(extension.get("budget")?, "a budget", &at, problems)?;
    read_budget(budget, &at, problems)
}

/// Member by member, so that each that is wrong is named with its place.
fn read_budget(
    budget: &Map<String, Value>,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<Ceilings> {
    // The keys are the type's own; serialising five numbers cannot fail.
    let defaults = serde_json::to_value(Ceilings::default()).unwrap_or_default();
    let defaults = defaults.as_object()?;
    let known: Vec<&str> = defaults.keys().map(String::as_str).collect();
    for (key, asked) in budget {
        let at = at.key(key);
        let Some(default) = defaults.get(key).and_then(Value::as_u64) else {
            problems
                .error(&at, format!("unknown key '{key}' in the budget"))
                .hint(spelling::one_of(key, &known));
            continue;
        };
        match asked.as_u64() {
            None => {
                problems.error(
                    &at,
                    format!(
                        "'{key}' must be a whole number, 0 or more, not {}",
                        describe(asked)
                    ),
                );
            }
            Some(asked) if asked > default => {
                problems
                    .warning(
                        &at,
                        format!("'{key}' stays at its default, {default}, unless a policy raises it: an experiment can only lower it"),
                    )
                    .hint(format!("give at most {default}"));
            }
            Some(_) => {}
        }
    }
    // What is not asked for lowers nothing.
    let mut asked = serde_json::to_value(Ceilings::UNBOUNDED).ok()?;
    asked.as_object_mut()?.extend(budget.clone());
    serde_json::from_value(asked).ok()
}

fn describe(value: &Value) -> String {
    match value {
        Value::Number(_) => text(value).into_owned(),
        other => kind(other).to_owned(),
    }
}
