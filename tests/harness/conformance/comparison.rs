//! What the reference did against what this runner did, field by field.

use super::observation::same;
use serde_json::{Map, Value, json};
use std::io;

/// Where two observations differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// `exit`, `console`, `requests`, `status`, `deviated`, `before`, `during`, `after`, `run`,
    /// `rollbacks`, `experiment`, or `journal` (its presence, its other keys and their order).
    pub field: String,
    /// The reference's value.
    pub reference: Value,
    /// This runner's.
    pub ours: Value,
}

/// The deliberate differences.
#[derive(Debug, Clone, Default)]
pub struct Differences {
    cases: Map<String, Value>,
    lines: Vec<String>,
}

impl Differences {
    /// Reads `differences.json`: `cases` maps a case to a list of `{field, reason, ours?}`;
    /// `lines` lists `{begins, reason}`, lines that only this runner writes, in any case.
    ///
    /// # Errors
    /// Unreadable, or an entry without a reason.
    pub fn load() -> io::Result<Differences> {
        let text = std::fs::read(super::folder().join("differences.json"))?;
        let list: Value = serde_json::from_slice(&text)?;
        let cases = list.get("cases").and_then(Value::as_object).cloned();
        let cases = cases.unwrap_or_default();
        let lines = list.get("lines").and_then(Value::as_array).cloned();
        let lines = lines.unwrap_or_default();
        let entries = cases.values().filter_map(Value::as_array).flatten();
        for entry in entries.chain(&lines) {
            let reason = entry.get("reason").and_then(Value::as_str);
            if reason.is_none_or(|text| text.len() < 10) {
                return Err(io::Error::other(format!("no reason is given for {entry}")));
            }
        }
        let begins = |entry: &Value| entry.get("begins")?.as_str().map(str::to_owned);
        Ok(Differences {
            cases,
            lines: lines.iter().filter_map(begins).collect(),
        })
    }

    /// The names of the cases that have an entry.
    pub fn cases(&self) -> impl Iterator<Item = &str> {
        self.cases.keys().map(String::as_str)
    }

    /// What is wrong with a case: differences that nobody listed, entries that no longer differ.
    pub fn judge(&self, case: &str, found: &[Difference]) -> Vec<String> {
        let listed = self.cases.get(case).and_then(Value::as_array);
        let listed: Vec<&Value> = listed.into_iter().flatten().collect();
        let field_of = |entry: &Value| {
            entry
                .get("field")
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let mut wrong = Vec::new();
        for difference in found {
            let entry = listed
                .iter()
                .find(|entry| field_of(entry).as_deref() == Some(&difference.field));
            match entry.map(|entry| entry.get("ours")) {
                None => wrong.push(difference.to_string()),
                Some(Some(ours)) if *ours != difference.ours => {
                    wrong.push(format!("listed as {ours}, but {difference}"));
                }
                Some(_) => {}
            }
        }
        for entry in listed {
            let field = field_of(entry).unwrap_or_default();
            if !found.iter().any(|difference| difference.field == field) {
                wrong.push(format!("{field}: listed as a difference, but it is none"));
            }
        }
        wrong
    }

    fn is_ours_alone(&self, line: &str) -> bool {
        self.lines.iter().any(|begins| line.starts_with(begins))
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
        let (reference, ours) = (pretty(&self.reference), pretty(&self.ours));
        writeln!(formatter, "{}:", self.field)?;
        let (left, right): (Vec<_>, Vec<_>) = (reference.lines().collect(), ours.lines().collect());
        let same = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
        let longest = left.len().min(right.len()) - same;
        let ending = left.iter().rev().zip(right.iter().rev()).take(longest);
        let ending = ending.take_while(|(a, b)| a == b).count();
        for line in left.iter().take(same).skip(same.saturating_sub(4)) {
            writeln!(formatter, "      {line}")?;
        }
        for line in left.iter().take(left.len() - ending).skip(same).take(60) {
            writeln!(formatter, "    - {line}")?;
        }
        for line in right.iter().take(right.len() - ending).skip(same).take(60) {
            writeln!(formatter, "    + {line}")?;
        }
        Ok(())
    }
}

/// Where `ours` is not what the reference did.
///
/// Where the reference crashed with a Python traceback there is nothing to be equal to but the
/// exit code; where it refused the document at the first problem, each of its errors must be
/// among ours.
pub fn compare(reference: &Value, ours: &Value, differences: &Differences) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut field = |name: &str, reference: Value, ours: Value| {
        if !same(&reference, &ours) {
            found.push(Difference {
                field: name.to_owned(),
                reference,
                ours,
            });
        }
    };
    let of = |value: &Value, key: &str| value.get(key).cloned().unwrap_or_default();
    field("exit", of(reference, "exit"), of(ours, "exit"));
    if reference.get("crashed") == Some(&json!(true)) {
        return found;
    }
    let lines = |value: &Value| -> Vec<String> {
        let lines = value.get("console").and_then(Value::as_array);
        let texts = lines.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    let (expected, mut got) = (lines(reference), lines(ours));
    let journal = of(reference, "journal");
    if journal.is_null() && reference.get("exit") != Some(&json!(0)) {
        let errors = expected.iter().filter(|line| line.starts_with("ERROR "));
        let errors: Vec<&String> = errors.collect();
        let said = |line: &&String| {
            let text = line.trim_start_matches("ERROR ").trim_end();
            got.iter().any(|ours| ours.contains(text))
        };
        if !errors.iter().all(said) {
            field("console", json!(errors), json!(got));
        }
    } else {
        got.retain(|line| !differences.is_ours_alone(line) || expected.contains(line));
        field("console", json!(expected), json!(got));
    }
    field("requests", of(reference, "requests"), of(ours, "requests"));
    compare_journals(journal, of(ours, "journal"), &mut field);
    found
}

fn compare_journals(reference: Value, ours: Value, field: &mut impl FnMut(&str, Value, Value)) {
    let (Value::Object(mut reference), Value::Object(mut ours)) = (reference.clone(), ours.clone())
    else {
        return field("journal", reference, ours);
    };
    let keys = |map: &Map<String, Value>| map.keys().cloned().collect::<Value>();
    field("journal", keys(&reference), keys(&ours));
    let mut take = |key: &str| {
        (
            reference.shift_remove(key).unwrap_or_default(),
            ours.shift_remove(key).unwrap_or_default(),
        )
    };
    let (states, our_states) = take("steady_states");
    for key in ["status", "deviated", "run", "rollbacks", "experiment"] {
        let (left, right) = take(key);
        field(key, left, right);
    }
    for key in ["before", "during", "after"] {
        let of = |states: &Value| states.get(key).cloned().unwrap_or(json!("missing"));
        field(key, of(&states), of(&our_states));
    }
    field("journal", Value::Object(reference), Value::Object(ours));
}
