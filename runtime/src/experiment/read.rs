//! Reading a whole document.

use super::entry::{Definitions, Draft, Place};
use super::shape::{self, filled, kind, text};
use super::{Experiment, Hypothesis, RuntimeBlock, control, declaration, extension, spelling};
use crate::document::{Pointer, Problems};
use crate::python;
use serde_json::{Map, Value};
use std::sync::Arc;

const REQUIRED_KEYS: &[&str] = &["title", "description", "method"];
const OPTIONAL_KEYS: &[&str] = &[
    HYPOTHESIS,
    "rollbacks",
    "configuration",
    "secrets",
    "controls",
    "extensions",
    "runtime",
    "tags",
    "contributions",
];
const HYPOTHESIS: &str = "steady-state-hypothesis";

/// Reads everything, the rest too when one part is wrong. `None` only after an error.
pub(super) fn experiment(value: &Arc<Value>, problems: &mut Problems) -> Option<Experiment> {
    let root = Pointer::root();
    if !python::truthy(value) {
        problems
            .error(&root, "an empty experiment is not an experiment")
            .hint("`chaos-wasm init` writes one to start from");
        return None;
    }
    let document = shape::object(value, "an experiment", &root, problems)?;
    spelling::warn_misspelt(document, REQUIRED_KEYS, OPTIONAL_KEYS, &root, problems);

    let title = read_text(document, "title", problems);
    read_text(document, "description", problems);
    read_tags(document, problems);
    let ceilings = extension::read_extensions(document, problems);
    let configuration = declaration::read_configuration(document, problems);
    let secrets = declaration::read_secrets(document, problems);

    let (hypothesis_title, probes) = read_hypothesis(document, problems);
    let method = read_method(document, problems);
    let rollbacks = read_rollbacks(document, problems);
    let definitions = Definitions::of(&method, &probes, &rollbacks);
    warn_of_argument_maps(&[&probes, &method, &rollbacks], problems);
    let probes = definitions.resolve(probes, Place::Hypothesis, problems);
    let method = definitions.resolve(method, Place::Method, problems);
    let rollbacks = definitions.resolve(rollbacks, Place::Rollbacks, problems);

    let runtime = document
        .get("runtime")
        .and_then(|block| RuntimeBlock::parse(block, &root.key("runtime"), problems));
    let controls = control::read_controls(document, problems);

    Some(Experiment {
        title: title?,
        configuration,
        secrets,
        hypothesis: hypothesis_title.map(|title| Hypothesis { title, probes }),
        method,
        rollbacks,
        runtime,
        controls,
        ceilings,
        warnings: Vec::new(),
        source: Arc::clone(value),
    })
}

fn read_text(document: &Map<String, Value>, key: &str, problems: &mut Problems) -> Option<String> {
    let written = filled(document, key).map(|value| text(value).into_owned());
    if written.is_none() {
        let at = match document.contains_key(key) {
            true => Pointer::root().key(key),
            false => Pointer::root(),
        };
        let problem = problems.error(&at, format!("experiment requires a {key}"));
        spelling::hint_misspelt(problem, document, key);
    }
    written
}

fn read_tags(document: &Map<String, Value>, problems: &mut Problems) {
    let at = Pointer::root().key("tags");
    match filled(document, "tags") {
        None => {}
        Some(Value::Array(tags)) => {
            for (index, tag) in tags.iter().enumerate() {
                if tag.as_str().is_none_or(str::is_empty) {
                    problems.error(
                        &at.index(index),
                        "experiment tags must be a non-empty string",
                    );
                }
            }
        }
        Some(Value::Object(tags)) if tags.contains_key("") => {
            problems.error(&at.key(""), "experiment tags must be a non-empty string");
        }
        // The reference takes what Python can iterate and finds texts in.
        Some(tags @ (Value::String(_) | Value::Object(_))) => {
            problems
                .warning(&at, format!("tags should be a list, not {}", kind(tags)))
                .hint("write [\"tag\"]");
        }
        Some(other) => {
            problems.error(&at, format!("tags must be a list, not {}", kind(other)));
        }
    }
}

fn read_hypothesis<'v>(
    document: &'v Map<String, Value>,
    problems: &mut Problems,
) -> (Option<String>, Vec<Draft<'v>>) {
    let Some(written) = document.get(HYPOTHESIS) else {
        return (None, Vec::new());
    };
    let at = Pointer::root().key(HYPOTHESIS);
    let Some(hypothesis) = shape::object(written, "the hypothesis", &at, problems) else {
        return (None, Vec::new());
    };
    let title = filled(hypothesis, "title").map(|title| text(title).into_owned());
    if title.is_none() {
        let problem = problems.error(&at, "hypothesis requires a title");
        spelling::hint_misspelt(problem, hypothesis, "title");
    }
    spelling::warn_misspelt(
        hypothesis,
        &["title"],
        &["probes", "controls"],
        &at,
        problems,
    );
    let at = at.key("probes");
    let probes = hypothesis
        .get("probes")
        .and_then(|probes| shape::list(probes, "the probes of the hypothesis", &at, problems))
        .map(|probes| Draft::read_all(probes, &at, problems))
        .unwrap_or_default();
    (title, probes)
}

fn read_method<'v>(document: &'v Map<String, Value>, problems: &mut Problems) -> Vec<Draft<'v>> {
    let at = Pointer::root().key("method");
    match document.get("method") {
        Some(Value::Array(entries)) => Draft::read_all(entries, &at, problems),
        Some(other) if !other.is_null() => {
            problems.error(
                &at,
                format!(
                    "the method must be a list of activities, not {}",
                    kind(other)
                ),
            );
            Vec::new()
        }
        missing => {
            let at = if missing.is_some() {
                at
            } else {
                Pointer::root()
            };
            let problem = problems.error(
                &at,
                "an experiment requires a method, which can be empty for only checking steady \
                 state hypothesis ",
            );
            problem.hint("add \"method\": []");
            spelling::hint_misspelt(problem, document, "method");
            Vec::new()
        }
    }
}

fn read_rollbacks<'v>(document: &'v Map<String, Value>, problems: &mut Problems) -> Vec<Draft<'v>> {
    let at = Pointer::root().key("rollbacks");
    match document.get("rollbacks") {
        None => Vec::new(),
        Some(Value::Array(entries)) => Draft::read_all(entries, &at, problems),
        // The reference takes what Python can iterate, if there is nothing in it.
        Some(empty @ (Value::String(_) | Value::Object(_))) if !python::truthy(empty) => {
            problems
                .warning(
                    &at,
                    format!("the rollbacks should be a list, not {}", kind(empty)),
                )
                .hint("write []");
            Vec::new()
        }
        Some(other) => {
            problems
                .error(
                    &at,
                    format!(
                        "the rollbacks must be a list of activities, not {}",
                        kind(other)
                    ),
                )
                .hint("leave the key out, or write []");
            Vec::new()
        }
    }
}

/// Says once that process arguments as a map are deprecated.
fn warn_of_argument_maps(lists: &[&[Draft<'_>]], problems: &mut Problems) {
    let first = lists
        .iter()
        .copied()
        .flatten()
        .find_map(Draft::process_argument_map);
    if let Some(at) = first {
        problems.warning(
            &at,
            "Process arguments should now be a list to keep the ordering of the arguments. \
             Dictionary arguments are deprecated for process activities.",
        );
    }
}
