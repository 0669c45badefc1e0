//! Where two JSON values differ.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Places that are shown; what follows is counted.
const SHOWN: usize = 10;

/// The places, two lines each: `- /a/0: what is expected` and `+ /a/0: what there is`. None: the
/// values are the same. Numbers are the same when they mean the same: `1` and `1.0`.
pub(super) fn difference(expected: &Value, got: &Value) -> Vec<String> {
    let mut places = Vec::new();
    compare("", Some(expected), Some(got), &mut places);
    let more = places.len().saturating_sub(SHOWN);
    let mut lines: Vec<String> = places.into_iter().take(SHOWN).flatten().collect();
    if more > 0 {
        let s = if more == 1 { "" } else { "s" };
        lines.push(format!("  and {more} more place{s}"));
    }
    lines
}

fn compare(at: &str, expected: Option<&Value>, got: Option<&Value>, places: &mut Vec<Vec<String>>) {
    match (expected, got) {
        (Some(Value::Object(expected)), Some(Value::Object(got))) => {
            for key in keys(expected, got) {
                let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                compare(&at, expected.get(key), got.get(key), places);
            }
        }
        (Some(Value::Array(expected)), Some(Value::Array(got))) => {
            for index in 0..expected.len().max(got.len()) {
                let at = format!("{at}/{index}");
                compare(&at, expected.get(index), got.get(index), places);
            }
        }
        (Some(Value::Number(a)), Some(Value::Number(b))) if a == b || a.as_f64() == b.as_f64() => {}
        (expected, got) if expected == got => {}
        (expected, got) => {
            let at = if at.is_empty() {
                String::new()
            } else {
                format!("{at}: ")
            };
            let line = |sign: char, value: &Value| format!("{sign} {at}{value}");
            let lines = [
                expected.map(|value| line('-', value)),
                got.map(|value| line('+', value)),
            ];
            places.push(lines.into_iter().flatten().collect());
        }
    }
}

fn keys<'v>(expected: &'v Map<String, Value>, got: &'v Map<String, Value>) -> BTreeSet<&'v String> {
    expected.keys().chain(got.keys()).collect()
}
