//! What each fuzz target does with an input. A panic is a finding.

use chaos_wasm::document::{Document, Format, Pointer, Problems, render};
use chaos_wasm::substitution::Variables;
use chaos_wasm::tolerance::Tolerance;
use serde_json::{Map, Value, json};

/// Reads the input as JSON and as YAML, asks for every value's place, and shows what is wrong.
pub(crate) fn document(input: &[u8]) {
    let json = Document::parse_keeping_last("input.json", input, Format::Json);
    let judge: Result<Value, _> = serde_json::from_slice(input);
    match &json {
        // Ours takes a byte order mark, and less depth.
        Err(error) => assert!(
            judge.is_err() || error.message.contains("nest deeper"),
            "refused: {error}"
        ),
        Ok(_) => assert!(judge.is_ok() || input.starts_with(b"\xEF\xBB\xBF")),
    }
    let yaml = Document::parse_keeping_last("input.yaml", input, Format::Yaml);
    for document in [json, yaml] {
        match document {
            Ok(document) => places(&document),
            Err(error) => assert!(error.render("input").starts_with("input")),
        }
    }
}

fn places(document: &Document) {
    let mut problems = Problems::new();
    let mut left = vec![(Pointer::root(), document.value())];
    while let Some((pointer, value)) = left.pop() {
        problems.error(&pointer, "here");
        match value {
            Value::Array(items) => {
                left.extend(items.iter().enumerate().map(|(i, v)| (pointer.index(i), v)));
            }
            Value::Object(map) => left.extend(map.iter().map(|(k, v)| (pointer.key(k), v))),
            _ => {}
        }
    }
    document.warn_of_duplicates(&mut problems);
    let pointers: Vec<&Pointer> = problems.iter().map(|problem| &problem.pointer).collect();
    let lines = document.text().split('\n').count();
    for location in document.locate_all(&pointers) {
        assert!(location.is_some_and(|at| at.line >= 1 && at.column >= 1));
        assert!(document.format() == Format::Yaml || location.is_some_and(|at| at.line <= lines));
    }
    assert!(render(document, &problems, |_| false).contains("error: here (at /)"));
}

/// Substitutes within the input.
pub(crate) fn substitution(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let none = Variables::default();
    assert_eq!(
        none.substitute_text(&text),
        text.replace("$$", "$").as_str()
    );
    let variables = Variables {
        configuration: map(json!({"a": text, "b": 1.5, "_": [null, "$a"], "n": null})),
        secrets: map(json!({"g": {"a": "hidden", "s": "secret"}, "h": 1})),
    };
    let alone = variables.substitute_text(&text);
    let nested = variables.substitute(&json!({"$a": [text]}));
    assert_eq!(nested["$a"][0], alone);
    if !text.contains('$') {
        assert_eq!(alone, *text);
    }
}

/// The input's first line is a tolerance, the rest a value; both JSON, or else text.
pub(crate) fn tolerance(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    let mut problems = Problems::new();
    let variables = Variables {
        configuration: map(json!({"a": "$.b", "n": 1})),
        secrets: Map::new(),
    };
    let tolerance = Tolerance::parse(&read(first), &Pointer::root(), &mut problems);
    if let Some(tolerance @ Tolerance::Value(_)) = tolerance {
        let _ = tolerance.check(&read(rest), &variables);
    }
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
