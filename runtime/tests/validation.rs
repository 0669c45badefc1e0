//! Every document of `tests/conformance/validation` gets the answer that Chaos Toolkit gave
//! (recorded by `record.py` there), but for the differences listed there with their reasons.

#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use chaos_wasm::configuration::Overrides;
use chaos_wasm::document::{Document, Format, Problem, Problems};
use chaos_wasm::experiment::Experiment;
use chaos_wasm::preflight;
use chaos_wasm::provider::modules::Modules;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    document: Value,
    reference: Reference,
}

/// What Chaos Toolkit did.
#[derive(Deserialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
enum Reference {
    Valid,
    Invalid { message: String },
    Crash { error: String },
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/validation")
}

/// Case name -> why we answer differently on purpose.
fn differences() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder().join("differences.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn cases() -> Vec<Case> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .filter(|path| !path.ends_with("differences.json"))
        .collect();
    paths.sort();
    paths
        .iter()
        .flat_map(|path| -> Vec<Case> {
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
        })
        .collect()
}

/// All that `validate` finds.
fn validate(document: &Value) -> Vec<Problem> {
    let document = Document::parse(
        "case.json",
        &serde_json::to_vec(document).unwrap(),
        Format::Json,
    )
    .unwrap();
    match Experiment::read(&document) {
        Err(problems) => {
            assert!(problems.has_errors(), "refused without a word");
            problems.iter().cloned().collect()
        }
        Ok(experiment) => {
            let mut problems = Problems::new();
            preflight::check(
                &experiment,
                &Overrides::default(),
                &Modules::default(),
                &mut problems,
            );
            let warnings = experiment.warnings.iter().cloned();
            warnings.chain(problems.iter().cloned()).collect()
        }
    }
}

fn errors(problems: &[Problem]) -> Vec<&str> {
    problems
        .iter()
        .filter(|problem| problem.severity == chaos_wasm::document::Severity::Error)
        .map(|problem| problem.message.as_str())
        .collect()
}

/// What of our answer contradicts the reference's.
fn contradiction(reference: &Reference, errors: &[&str]) -> Option<String> {
    match reference {
        Reference::Valid if !errors.is_empty() => {
            Some(format!("the reference takes it, we say {errors:?}"))
        }
        Reference::Invalid { message } if !errors.contains(&message.as_str()) => {
            Some(format!("the reference says {message:?}, we say {errors:?}"))
        }
        Reference::Crash { error } if errors.is_empty() => {
            Some(format!("the reference dies of {error}, we take it"))
        }
        _ => None,
    }
}

#[test]
fn documents_get_the_answer_that_the_reference_gave() {
    let cases = cases();
    assert!(cases.len() >= 400, "only {} cases found", cases.len());
    let mut differences = differences();
    let mut wrong = Vec::new();
    for case in &cases {
        let problems = validate(&case.document);
        let contradiction = contradiction(&case.reference, &errors(&problems));
        match (contradiction, differences.remove(&case.name)) {
            (Some(found), None) => wrong.push(format!("{}: {found}", case.name)),
            (None, Some(reason)) => wrong.push(format!(
                "{}: listed as a difference ({reason}), and is none",
                case.name
            )),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    for name in differences.keys() {
        wrong.push(format!("{name}: listed as a difference, and no case"));
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_problem_has_its_place_and_is_said_once() {
    for case in cases() {
        let problems = validate(&case.document);
        let mut said = HashSet::new();
        for problem in &problems {
            let pointer = problem.pointer.as_str();
            // A missing member may be pointed at itself.
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            assert!(
                case.document.pointer(pointer).is_some()
                    || case.document.pointer(parent).is_some_and(Value::is_object),
                "{}: nothing stands at {pointer} ({})",
                case.name,
                problem.message
            );
            assert!(
                said.insert((pointer, &problem.message)),
                "{}: said twice: {} at {pointer}",
                case.name,
                problem.message
            );
        }
    }
}

#[test]
fn an_override_takes_the_place_of_a_probe_that_cannot_be_served() {
    let document = serde_json::json!({
        "title": "t", "description": "d", "method": [],
        "configuration": {"count": {"type": "probe", "name": "p", "provider": {
            "type": "python", "module": "chaosaws.ec2.probes", "func": "count_instances",
        }}},
    });
    assert_eq!(errors(&validate(&document)).len(), 1);

    let bytes = serde_json::to_vec(&document).unwrap();
    let document = Document::parse("case.json", &bytes, Format::Json).unwrap();
    let experiment = Experiment::read(&document).unwrap();
    let mut overrides = Overrides::default();
    overrides
        .configuration
        .insert("count".to_owned(), Value::from(3));
    let mut problems = Problems::new();
    preflight::check(&experiment, &overrides, &Modules::default(), &mut problems);
    assert!(!problems.has_errors(), "{problems:?}");
}
