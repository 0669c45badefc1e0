//! Whatever a document holds, it is read or refused, never a panic.

#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use super::read;
use super::tests::{action, probe, with};
use crate::document::Problems;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

/// Keys and texts that the reader looks at, so that random documents reach deep into it.
const WORDS: &[&str] = &[
    "title",
    "description",
    "method",
    "rollbacks",
    "steady-state-hypothesis",
    "probes",
    "tags",
    "extensions",
    "chaos-wasm",
    "budget",
    "calls",
    "runtime",
    "hypothesis",
    "strategy",
    "default",
    "continously",
    "configuration",
    "secrets",
    "controls",
    "scope",
    "before",
    "after",
    "type",
    "probe",
    "action",
    "name",
    "provider",
    "http",
    "process",
    "python",
    "kubernetes",
    "path",
    "url",
    "module",
    "func",
    "arguments",
    "chaosk8s.pod.probes",
    "pods_in_phase",
    "ref",
    "tolerance",
    "regex",
    "pattern",
    "jsonpath",
    "range",
    "$.a",
    "pauses",
    "timeout",
    "background",
    "env",
    "key",
    "vault",
    "env_var_type",
    "${x}",
    "",
    "\u{e9}/~",
];

fn arbitrary_json() -> impl Strategy<Value = Value> {
    let word = || prop::sample::select(WORDS).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn whole() -> Value {
    let mut held = probe("look");
    held["tolerance"] = json!({"type": "probe", "name": "judge", "provider": {"type": "process", "path": "true", "arguments": {}}});
    let mut act = action("act");
    act["pauses"] = json!({"before": 1, "after": "${rest}"});
    act["controls"] =
        json!([{"name": "c", "scope": "before", "provider": {"type": "python", "module": "m"}}]);
    with(json!({
        "tags": ["a"],
        "extensions": [{"name": "chaos-wasm", "budget": {"calls": 5}}],
        "configuration": {"rest": {"type": "env", "key": "HOME", "default": 1, "env_var_type": "int"}, "dynamic": {"type": "probe", "name": "p", "provider": {"type": "http", "url": "http://127.0.0.1/"}}},
        "secrets": {"g": {"k": {"type": "env", "key": "HOME"}, "v": {"type": "vault", "path": "p"}}},
        "steady-state-hypothesis": {"title": "h", "probes": [held, {"ref": "look", "tolerance": [1, 2]}]},
        "method": [act, {"ref": "act"}],
        "rollbacks": [{"ref": "act"}],
        "runtime": {"hypothesis": {"strategy": "skip"}, "rollbacks": {"strategy": "always"}},
    }))
}

/// Pointers of all values within `value`.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                places(member, &format!("{at}/{key}"), found);
            }
        }
        _ => {}
    }
}

/// Whatever comes out, it says something, and nothing it says points into the blue.
fn reads_soundly(document: &Value) -> Result<(), TestCaseError> {
    let mut problems = Problems::new();
    let experiment = read::experiment(&Arc::new(document.clone()), &mut problems);
    prop_assert!(experiment.is_some() || problems.has_errors());
    for problem in problems.iter() {
        let pointer = problem.pointer.as_str();
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        prop_assert!(
            document
                .pointer(pointer)
                .or(document.pointer(parent))
                .is_some(),
            "{pointer}"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_document_is_read_or_refused_with_a_word(document in arbitrary_json()) {
        reads_soundly(&document)?;
    }

    #[test]
    fn an_experiment_with_any_part_replaced_is_read_or_refused_with_a_word(
        place in any::<prop::sample::Index>(),
        again in any::<prop::sample::Index>(),
        part in arbitrary_json(),
        other in arbitrary_json(),
    ) {
        let mut document = whole();
        for (place, part) in [(place, part), (again, other)] {
            let mut found = Vec::new();
            places(&document, "", &mut found);
            if let Some(old) = document.pointer_mut(place.get::<String>(found.as_slice())) {
                *old = part;
            }
        }
        reads_soundly(&document)?;
    }
}

#[test]
fn the_experiment_that_the_properties_start_from_is_valid() {
    assert_eq!(super::tests::read(&whole()).unwrap().warnings.len(), 1);
}
