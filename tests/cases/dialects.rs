//! YAML, Python's texts and substitution against results recorded from the reference
//! (`tests/conformance/*/record.py`).

#![expect(clippy::unwrap_used, reason = "tests")]

use chaos_wasm::document::{Document, Format};
use chaos_wasm::python;
use chaos_wasm::substitution::Variables;
use serde_json::{Map, Value};
use std::fmt::Write;

/// Recorded results, read by the product's own reader: it is exact with floats.
fn recorded(name: &str) -> Value {
    let path = format!(
        "{}/conformance/{name}/cases.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let bytes = std::fs::read(&path).unwrap();
    let document = Document::parse(&path, &bytes, Format::Json);
    document
        .unwrap_or_else(|e| panic!("{}", e.render(&path)))
        .value()
        .clone()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

/// Where our reader of YAML differs from PyYAML, deliberately: the case's text, what we make of it
/// (`None`: an error), and why. An integer value beyond 64 bits is a float on both sides here.
const YAML_DIFFERENCES: &[(&str, Option<&str>, &str)] = &[
    ("- {: a}\n", Some(r#"[{"null":"a"}]"#), GRAMMAR),
    (": a\n", Some(r#"{"null":"a"}"#), GRAMMAR),
    ("- : a\n", Some(r#"[{"null":"a"}]"#), GRAMMAR),
    ("- :\n", Some(r#"[{"null":null}]"#), GRAMMAR),
    (
        "{a: http://x/y?z#w}\n",
        Some(r#"{"a":"http://x/y?z#w"}"#),
        GRAMMAR,
    ),
    ("{a: :a}\n", Some(r#"{"a":":a"}"#), GRAMMAR),
    ("{a: ::a}\n", Some(r#"{"a":"::a"}"#), GRAMMAR),
    ("{a: ?a}\n", Some(r#"{"a":"?a"}"#), GRAMMAR),
    ("{a: -a?}\n", Some(r#"{"a":"-a?"}"#), GRAMMAR),
    ("{a: |a}\n", Some(r#"{"a":"|a"}"#), GRAMMAR),
    ("{a: >a}\n", Some(r#"{"a":">a"}"#), GRAMMAR),
    ("a: b\t\n", Some(r#"{"a":"b"}"#), GRAMMAR),
    ("\ta: b\n", Some(r#"{"a":"b"}"#), GRAMMAR),
    ("a: b\u{2028}c\n", Some(r#"{"a":"b c"}"#), GRAMMAR),
    ("a: b\u{85}c\n", Some(r#"{"a":"bc"}"#), GRAMMAR),
    ("&a: a\n", Some(r#""a""#), GRAMMAR),
    ("{a: -}\n", None, GRAMMAR),
    ("a: 'b\nc'\n", None, GRAMMAR),
    ("a: b\u{feff}c\n", None, GRAMMAR),
    (
        "a: &x 1\nb: &x 2\nc: *x\n",
        Some(r#"{"a":1,"b":2,"c":2}"#),
        ANCHOR,
    ),
    ("- <<\n", Some(r#"["<<"]"#), TEXT),
    ("- =\n", Some(r#"["="]"#), TEXT),
    ("2001-12-14: a\n", Some(r#"{"2001-12-14":"a"}"#), DATE_KEY),
    (
        "2001-12-14T21:59:43Z: a\n",
        Some(r#"{"2001-12-14T21:59:43+00:00":"a"}"#),
        DATE_KEY,
    ),
    (
        "2001-12-14t21:59:43.10-05:00: a\n",
        Some(r#"{"2001-12-14T21:59:43.100000-05:00":"a"}"#),
        DATE_KEY,
    ),
    (
        "2001-12-15T2:59:43.1Z: a\n",
        Some(r#"{"2001-12-15T02:59:43.100000+00:00":"a"}"#),
        DATE_KEY,
    ),
    (
        "2001-12-14T21:59:43: a\n",
        Some(r#"{"2001-12-14T21:59:43":"a"}"#),
        DATE_KEY,
    ),
    ("2000-02-29: a\n", Some(r#"{"2000-02-29":"a"}"#), DATE_KEY),
    ("0001-01-01: a\n", Some(r#"{"0001-01-01":"a"}"#), DATE_KEY),
    ("9999-12-31: a\n", Some(r#"{"9999-12-31":"a"}"#), DATE_KEY),
    (
        "2001-12-14T21:59:43.123456789: a\n",
        Some(r#"{"2001-12-14T21:59:43.123456":"a"}"#),
        DATE_KEY,
    ),
    (
        "2001-12-14T21:59:43.: a\n",
        Some(r#"{"2001-12-14T21:59:43":"a"}"#),
        DATE_KEY,
    ),
    (
        "2001-12-14T21:59:43+1: a\n",
        Some(r#"{"2001-12-14T21:59:43+01:00":"a"}"#),
        DATE_KEY,
    ),
    (
        "2001-12-14T21:59:43+01:30: a\n",
        Some(r#"{"2001-12-14T21:59:43+01:30":"a"}"#),
        DATE_KEY,
    ),
    (
        "2001-12-14T21:59:43-00:30: a\n",
        Some(r#"{"2001-12-14T21:59:43-00:30":"a"}"#),
        DATE_KEY,
    ),
    (
        "2001-12-14T21:59:43-00:00: a\n",
        Some(r#"{"2001-12-14T21:59:43+00:00":"a"}"#),
        DATE_KEY,
    ),
    (
        "2001-12-14T21:59:43+23:59: a\n",
        Some(r#"{"2001-12-14T21:59:43+23:59":"a"}"#),
        DATE_KEY,
    ),
    (
        "2001-12-14T1:59:43: a\n",
        Some(r#"{"2001-12-14T01:59:43":"a"}"#),
        DATE_KEY,
    ),
    (
        "18446744073709551616: a\n",
        Some(r#"{"1.8446744073709552e+19":"a"}"#),
        BIG,
    ),
    (
        "-9223372036854775809: a\n",
        Some(r#"{"-9.223372036854776e+18":"a"}"#),
        BIG,
    ),
    (
        "123456789012345678901234567890: a\n",
        Some(r#"{"1.2345678901234568e+29":"a"}"#),
        BIG,
    ),
    (
        "0xFFFFFFFFFFFFFFFFF: a\n",
        Some(r#"{"2.9514790517935283e+20":"a"}"#),
        BIG,
    ),
    (
        "- {1: a, 1.5: b, true: c}\n",
        Some(r#"[{"1":"a","1.5":"b","true":"c"}]"#),
        EQUAL_KEYS,
    ),
];

const GRAMMAR: &str = "the grammar is YAML 1.2's, of which PyYAML's differs in corners";
const ANCHOR: &str = "an anchor may be defined anew, as YAML allows; PyYAML refuses it";
const TEXT: &str = "plain text; PyYAML knows no value for it";
const DATE_KEY: &str = "a date as a key becomes text; the reference can't write its journal";
const BIG: &str = "an integer beyond 64 bits becomes a float";
const EQUAL_KEYS: &str = "keys are texts; in Python 1 and true are the same key";

#[test]
fn yaml_means_what_pyyaml_says() {
    let mut report = String::new();
    let cases = recorded("yaml");
    for case in list(&cases) {
        let text = case["text"].as_str().unwrap();
        let ours = Document::parse_keeping_last("case.yaml", text.as_bytes(), Format::Yaml);
        let ours = ours.map(|document| document.value().clone());
        let same = match (&ours, case.get("value")) {
            (Ok(ours), Some(theirs)) => identical(ours, theirs),
            (Err(_), None) => true,
            // An empty document: none, rather than null.
            (Err(error), Some(Value::Null)) => error.is_empty_document(),
            _ => false,
        };
        let known = YAML_DIFFERENCES.iter().find(|known| known.0 == text);
        match known {
            Some((_, expected, _)) => {
                let ours = ours.as_ref().ok().map(Value::to_string);
                if same || ours.as_deref() != *expected {
                    writeln!(report, "{text:?}: listed as a difference, is {ours:?}").unwrap();
                }
            }
            None if !same => {
                let theirs = case.get("value").or(case.get("error")).unwrap();
                let ours = ours.map(|v| v.to_string()).map_err(|e| e.to_string());
                writeln!(report, "{text:?}: {theirs} is {ours:?}").unwrap();
            }
            None => {}
        }
    }
    assert!(
        report.is_empty(),
        "{} differences:\n{report}",
        report.lines().count()
    );
}

/// Same types, same key order, same floats.
fn identical(a: &Value, b: &Value) -> bool {
    let written = |value: &Value| value.to_string();
    written(a) == written(b)
}

/// Texts whose number differs from Python's, deliberately, and why.
const NUMBER_DIFFERENCES: &[(&str, &str)] = &[
    ("179769313486231570000000000000000000000", BIG),
    ("\u{661}", "only ASCII digits are read"),
];

#[test]
fn values_print_compare_and_read_as_in_python() {
    let mut report = String::new();
    let recorded = recorded("python");
    for case in list(&recorded["texts"]) {
        let value = &case["value"];
        let (str, repr) = (python::str(value), python::repr(value));
        if str != case["str"] || repr != case["repr"] || python::truthy(value) != case["truthy"] {
            writeln!(report, "{case}: {str} {repr}").unwrap();
        }
    }
    for case in list(&recorded["pairs"]) {
        let (a, b) = (&case["a"], &case["b"]);
        let less = python::compare(a, b).map(|order| order.is_lt());
        if python::equal(a, b) != case["equal"] || less != case["less"].as_bool() {
            writeln!(report, "{case}: {less:?}").unwrap();
        }
    }
    for case in list(&recorded["numbers"]) {
        let text = case["text"].as_str().unwrap();
        if NUMBER_DIFFERENCES.iter().any(|(known, _)| *known == text) {
            continue;
        }
        let int = python::parse_int(text).map(|int| int.to_string());
        let float = python::parse_float(text).map(|float| match Value::from(float) {
            Value::Null => float.to_string().to_lowercase(),
            value => python::repr(&value),
        });
        if int.as_deref() != case["int"].as_str() || float.as_deref() != case["float"].as_str() {
            writeln!(report, "{case}: {int:?} {float:?}").unwrap();
        }
    }
    assert!(
        report.is_empty(),
        "{} differences:\n{report}",
        report.lines().count()
    );
}

#[test]
fn characters_are_escaped_as_in_python() {
    let recorded = recorded("python");
    let ranges = |name: &str| -> Vec<(u64, u64)> {
        let ranges = list(&recorded["characters"][name]).iter();
        ranges
            .map(|range| (range[0].as_u64().unwrap(), range[1].as_u64().unwrap()))
            .collect()
    };
    let (printable, unassigned) = (ranges("printable"), ranges("unassigned"));
    let within = |ranges: &[(u64, u64)], code: u64| {
        let next = ranges.partition_point(|(first, _)| *first <= code);
        next.checked_sub(1).is_some_and(|at| code <= ranges[at].1)
    };
    let mut different = Vec::new();
    for c in ('\u{80}'..=char::MAX).filter(|c| !within(&unassigned, u64::from(*c))) {
        let as_it_is = python::repr(&Value::String(c.to_string())) == format!("'{c}'");
        if as_it_is != within(&printable, u64::from(c)) {
            different.push(u32::from(c));
        }
    }
    assert!(different.is_empty(), "{different:x?}");
}

#[test]
fn texts_are_substituted_as_by_the_reference() {
    let mut report = String::new();
    let recorded = recorded("substitution");
    let map = |value: &Value| -> Map<String, Value> { value.as_object().unwrap().clone() };
    let variables: Vec<Variables> = list(&recorded["variables"])
        .iter()
        .map(|variables| Variables {
            configuration: map(&variables["configuration"]),
            secrets: map(&variables["secrets"]),
        })
        .collect();
    for case in list(&recorded["cases"]) {
        let index = usize::try_from(case["variables"].as_u64().unwrap()).unwrap();
        let ours = variables[index].substitute(&case["data"]);
        if !identical(&ours, &case["result"]) {
            writeln!(report, "{case}: {ours}").unwrap();
        }
    }
    assert!(
        report.is_empty(),
        "{} differences:\n{report}",
        report.lines().count()
    );
}
