//! Tolerances against what Chaos Toolkit made of the same ones (recorded by
//! tests/conformance/tolerance/record.py).
#![expect(clippy::unwrap_used, reason = "a test may end at what cannot be")]

use chaos_wasm::document::{Pointer, Problems};
use chaos_wasm::substitution::Variables;
use chaos_wasm::tolerance::Tolerance;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What the reference made of a tolerance.
#[derive(Debug, Deserialize)]
struct Case {
    tolerance: Value,
    value: Value,
    #[serde(default)]
    configuration: Map<String, Value>,
    /// `true`, `false`, or `"error"` when it died instead of saying what is wrong.
    valid: Value,
    /// `true`, `false` or `"error"`.
    met: Value,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../../tests/conformance/tolerance/cases.json")).unwrap()
}

/// Where we differ on purpose.
struct Difference {
    reason: &'static str,
    concerns: fn(&Case) -> bool,
}

fn kind(case: &Case) -> &str {
    case.tolerance["type"].as_str().unwrap_or_default()
}

fn text<'c>(case: &'c Case, key: &str) -> &'c str {
    case.tolerance[key].as_str().unwrap_or_default()
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        reason: "a JSON path that only RFC 9535 knows is accepted, with its meaning there",
        concerns: |case| {
            kind(case) == "jsonpath"
                && case.valid == json!(false)
                && serde_json_path::JsonPath::parse(text(case, "path").trim()).is_ok()
        },
    },
    Difference {
        reason: "characters by name are not supported in patterns",
        concerns: |case| kind(case) == "regex" && text(case, "pattern").contains(r"\N{"),
    },
    Difference {
        reason: "repetition counts that the engine has no room for are refused",
        concerns: |case| kind(case) == "regex" && text(case, "pattern").contains("4294967294"),
    },
    Difference {
        reason: "Python forgets `(?u:...)` at the beginning of an ASCII pattern, a bug of it",
        concerns: |case| kind(case) == "regex" && text(case, "pattern") == r"(?a)(?u:\w)",
    },
    Difference {
        reason: "white space around a path does not count when it is applied, as when validated",
        concerns: |case| {
            // The reference skips these four anywhere in a path.
            let skipped = [' ', '\t', '\n', '\r'];
            let path = text(case, "path").trim_matches(skipped);
            kind(case) == "jsonpath" && path != path.trim_matches(|c: char| c <= ' ').trim()
        },
    },
    Difference {
        reason: "a path that is a list is refused, although the reference can apply it",
        concerns: |case| kind(case) == "jsonpath" && case.tolerance["path"].is_array(),
    },
    Difference {
        reason: "a JSON text nested more than 128 deep is not read, and cannot be judged",
        concerns: |case| {
            kind(case) == "jsonpath"
                && case
                    .value
                    .as_str()
                    .is_some_and(|text| text.starts_with(&"[".repeat(128)))
        },
    },
    Difference {
        reason: "NaN and Infinity within a JSON text are no JSON",
        concerns: |case| {
            kind(case) == "jsonpath"
                && case
                    .value
                    .as_str()
                    .is_some_and(|text| text.contains("NaN") || text.contains("Infinity"))
        },
    },
];

struct Ours {
    valid: bool,
    met: Value,
}

fn ours(case: &Case) -> Ours {
    let mut problems = Problems::new();
    let parsed = Tolerance::parse(&case.tolerance, &Pointer::root(), &mut problems);
    assert_eq!(
        parsed.is_none(),
        problems.has_errors(),
        "{case:?}: {problems:?}"
    );
    let variables = Variables {
        configuration: case.configuration.clone(),
        secrets: Map::new(),
    };
    // As the reference does without validation.
    let met = Tolerance::Value(case.tolerance.clone()).check(&case.value, &variables);
    Ours {
        valid: parsed.is_some(),
        met: met.map_or(json!("error"), Value::Bool),
    }
}

fn agrees(case: &Case) -> bool {
    let ours = ours(case);
    (case.valid == json!(true)) == ours.valid && case.met == ours.met
}

/// What differs and is not meant to.
fn differences(cases: &[Case]) -> Vec<String> {
    cases
        .iter()
        .filter(|case| !DIFFERENCES.iter().any(|known| (known.concerns)(case)))
        .filter(|case| !agrees(case))
        .map(|case| {
            let ours = ours(case);
            format!(
                "{}\n  reference: valid {}, met {}\n  ours:      valid {}, met {}",
                json!({"tolerance": case.tolerance, "value": case.value,
                       "configuration": case.configuration}),
                case.valid,
                case.met,
                ours.valid,
                ours.met,
            )
        })
        .collect()
}

#[test]
fn every_verdict_is_the_references() {
    let cases = cases();
    assert!(cases.len() >= 3000, "only {} cases", cases.len());
    // Compiling thousands of patterns takes its time without optimization.
    let differing: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = cases
            .chunks(cases.len().div_ceil(4))
            .map(|chunk| scope.spawn(|| differences(chunk)))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    assert!(
        differing.is_empty(),
        "{} of {} differ:\n{}",
        differing.len(),
        cases.len(),
        differing.join("\n")
    );
}

#[test]
fn every_deliberate_difference_is_one() {
    let cases = cases();
    for known in DIFFERENCES {
        assert!(
            cases
                .iter()
                .any(|case| (known.concerns)(case) && !agrees(case)),
            "nothing differs any more, so this can go: {}",
            known.reason
        );
    }
}
