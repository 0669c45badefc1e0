//! Held against what Node's own eraser makes of the same texts (`node.json`, by `record.mjs`).
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use chaos_script_typescript::strip;
use serde_json::Value;

/// Where Node's answer is no JavaScript, or is none that QuickJS knows.
const DIFFERENT: [&str; 5] = [
    // Node leaves `async` alone in its line, which is then a name.
    "async <\nT\n>(x:T)=>x",
    // Node leaves the type.
    "let a = <const>['x']",
    // Not in QuickJS.
    "@dec class A{}",
    "class A { accessor x: number = 1 }",
    // Node takes the type `as as as` for a name.
    "import a, * as b from 'c'; import {} from 'd'; import {type} from 'e'; import {type as} from 'f'; import {type as as} from 'g'; import {type as as as} from 'h'",
];

/// Without semicolons, which we put more of, and as it is read: Node's blanks are bytes, ours
/// characters.
fn read(code: &str) -> String {
    let words = |line: &str| {
        let line = line.replace(';', " ");
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    code.lines().map(words).collect::<Vec<_>>().join("\n")
}

#[test]
fn types_are_erased_as_node_erases_them() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("node.json")).unwrap();
    assert!(cases.len() > 100);
    for case in cases {
        let source = case["source"].as_str().unwrap();
        let ours = strip(source);
        if let Ok(ours) = &ours {
            assert_eq!(ours.chars().count(), source.chars().count(), "{source:?}");
            assert_eq!(ours.lines().count(), source.lines().count(), "{source:?}");
        }
        let same = match (&ours, case["code"].as_str()) {
            (Ok(ours), Some(node)) => read(ours) == read(node),
            (ours, node) => ours.is_err() && node.is_none(),
        };
        assert_eq!(
            same,
            !DIFFERENT.contains(&source),
            "{source:?}: {ours:?}, Node: {case}"
        );
    }
}

#[test]
fn what_is_refused_is_told_with_its_place() {
    let told = |source: &str| {
        let refused = strip(source).unwrap_err();
        (refused.line, refused.column, refused.message)
    };
    let (line, column, message) = told("let ü = 1\nlet é; enum A { B }");
    assert_eq!((line, column), (2, 8));
    assert!(message.contains("write an object"), "{message}");
    let (line, column, _) = told("let a: string\nlet b: = 1");
    assert_eq!((line, column), (2, 8));
}

#[test]
fn javascript_stays_as_it_is() {
    let source = "export const f = async ({a}) => a?.b ?? `${a}` // é\n";
    assert_eq!(strip(source).unwrap(), source);
}
