//! The settings file: strategies, credentials for fetching, notifications, controls, and whatever
//! else its owner keeps there.
//!
//! The same file as Chaos Toolkit's. What is unknown is left alone.

use crate::document::{Document, DocumentError, Format, Pointer, Problems};
use crate::experiment::RuntimeBlock;
use serde_json::{Map, Value};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The settings file's content: a map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings(Map<String, Value>);

/// Why there are no settings, although there is a file.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("the settings file '{}' cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// It is not YAML.
    #[error("{}", problem.render(&path.to_string_lossy()).trim_end())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: DocumentError,
    },
    /// It is YAML, but not a map.
    #[error("'{}' must hold a map of settings, and holds {found}", path.display())]
    NotAMap {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: &'static str,
    },
}

impl Settings {
    /// Reads the file at `path`; `None` when there is none.
    ///
    /// # Errors
    /// It is there, but of no use.
    pub fn load(path: &Path) -> Result<Option<Settings>, SettingsError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(SettingsError::Unreadable {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        if blank(&bytes) {
            return Ok(Some(Settings::default()));
        }
        let document =
            Document::parse(&path.to_string_lossy(), &bytes, Format::Yaml).map_err(|problem| {
                // Settings hold tokens in many places.
                let problem = problem.unquoted();
                SettingsError::Malformed {
                    path: path.to_owned(),
                    problem,
                }
            })?;
        match document.value() {
            Value::Object(map) => Ok(Some(Settings(map.clone()))),
            Value::Null => Ok(Some(Settings::default())),
            other => Err(SettingsError::NotAMap {
                path: path.to_owned(),
                found: kind(other),
            }),
        }
    }

    /// The whole content.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The value of a top-level key.
    pub fn section(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// `runtime`: strategies for experiments that have no such block. What is wrong goes to
    /// `problems`.
    pub fn runtime(&self, problems: &mut Problems) -> RuntimeBlock {
        self.0
            .get("runtime")
            .and_then(|block| RuntimeBlock::parse(block, &Pointer::root().key("runtime"), problems))
            .unwrap_or_default()
    }

    /// The value at `key`.
    pub fn get(&self, key: &Key) -> Option<&Value> {
        let (first, rest) = key.split();
        rest.iter()
            .try_fold(self.0.get(first)?, |value, step| match step {
                Step::Name(name) => value.as_object()?.get(name),
                Step::Index(index) => value.as_array()?.get(*index),
            })
    }

    /// Replaces the value at `key`; `false` when there is none.
    pub fn set(&mut self, key: &Key, value: Value) -> bool {
        match self.slot(key) {
            Some(slot) => {
                *slot = value;
                true
            }
            None => false,
        }
    }

    /// Removes the value at `key`; `false` when there is none.
    pub fn remove(&mut self, key: &Key) -> bool {
        let (first, rest) = key.split();
        let Some((last, parents)) = rest.split_last() else {
            return self.0.shift_remove(first).is_some();
        };
        let parent = self.0.get_mut(first).and_then(|top| descend(top, parents));
        match (last, parent) {
            (Step::Name(name), Some(Value::Object(map))) => map.shift_remove(name).is_some(),
            (Step::Index(index), Some(Value::Array(items))) if *index < items.len() => {
                items.remove(*index);
                true
            }
            _ => false,
        }
    }

    fn slot(&mut self, key: &Key) -> Option<&mut Value> {
        let (first, rest) = key.split();
        descend(self.0.get_mut(first)?, rest)
    }
}

fn descend<'v>(value: &'v mut Value, steps: &[Step]) -> Option<&'v mut Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Name(name) => value.as_object_mut()?.get_mut(name),
        Step::Index(index) => value.as_array_mut()?.get_mut(*index),
    })
}

/// Whether there is nothing but comments.
fn blank(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.all(|line| line.is_empty() || line.starts_with(b"#") || line == b"---")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

/// The place of one setting, written as a dotted path: `controls[0].name`,
/// `auths.example\.com:8443.type`. At least one step, the first a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    first: String,
    rest: Vec<Step>,
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.first.replace('.', "\\."))?;
        self.rest.iter().try_for_each(|step| match step {
            Step::Name(name) => write!(formatter, ".{}", name.replace('.', "\\.")),
            Step::Index(index) => write!(formatter, "[{index}]"),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// A text that is no dotted path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a dotted path like `auths.example\\.com.type` or `controls[0].name`")]
pub struct MalformedKey(String);

impl Key {
    fn split(&self) -> (&str, &[Step]) {
        (&self.first, &self.rest)
    }
}

impl FromStr for Key {
    type Err = MalformedKey;

    fn from_str(text: &str) -> Result<Key, MalformedKey> {
        let malformed = || MalformedKey(text.to_owned());
        let mut steps = Vec::new();
        for part in parts(text) {
            let (name, indices) = part.split_once('[').unwrap_or((&part, ""));
            if name.is_empty() {
                return Err(malformed());
            }
            steps.push(Step::Name(name.to_owned()));
            if part.len() > name.len() {
                let indices = indices.strip_suffix(']').ok_or_else(malformed)?;
                for index in indices.split("][") {
                    steps.push(Step::Index(index.parse().map_err(|_| malformed())?));
                }
            }
        }
        let mut steps = steps.into_iter();
        match steps.next() {
            Some(Step::Name(first)) => Ok(Key {
                first,
                rest: steps.collect(),
            }),
            _ => Err(malformed()),
        }
    }
}

/// Split at dots that no backslash precedes; backslashes are dropped.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for character in text.chars() {
        match character {
            '\\' => {
                escaped = true;
                continue;
            }
            '.' if !escaped => parts.push(String::new()),
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(character);
                }
            }
        }
        escaped = false;
    }
    parts
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use crate::experiment::RollbackStrategy;
    use serde_json::json;

    fn settings() -> Settings {
        let value = json!({
            "auths": {"example.com:8443": {"type": "basic"}},
            "list": [{"name": "first"}, [1, 2]],
            "runtime": {"rollbacks": {"strategy": "always"}, "hypothesis": {"strategy": "no"}},
        });
        Settings(value.as_object().unwrap().clone())
    }

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    #[test]
    fn dotted_paths_lead_to_values() {
        let settings = settings();
        let at = |text: &str| settings.get(&key(text)).cloned();
        assert_eq!(at("auths.example\\.com:8443.type"), Some(json!("basic")));
        assert_eq!(at("list[0].name"), Some(json!("first")));
        assert_eq!(at("list[1][1]"), Some(json!(2)));
        assert_eq!(at("list[2]"), None);
        assert_eq!(at("auths.example.com"), None);
        assert_eq!(at("list.name"), None);
    }

    #[test]
    fn malformed_paths_are_refused() {
        for text in ["", ".", "a.", "a[", "a[x]", "a[]", "[0]", "a[0]b", "a[-1]"] {
            assert!(text.parse::<Key>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_what_is_there_is_set_or_removed() {
        let mut settings = settings();
        assert!(settings.set(&key("list[1][0]"), json!("new")));
        assert!(!settings.set(&key("nothing"), json!(1)));
        assert!(!settings.set(&key("list[9]"), json!(1)));
        assert!(settings.remove(&key("list[0]")));
        assert_eq!(settings.get(&key("list[0][0]")), Some(&json!("new")));
        assert!(settings.remove(&key("auths")));
        assert!(!settings.remove(&key("auths")));
        assert!(!settings.remove(&key("list[0][7]")));
    }

    #[test]
    fn unknown_strategies_are_problems() {
        let mut problems = Problems::new();
        let block = settings().runtime(&mut problems);
        assert_eq!(block.rollbacks, Some(RollbackStrategy::Always));
        assert_eq!(block.hypothesis, None);
        assert_eq!(problems.errors().count(), 1);
    }

    #[test]
    fn files_that_are_no_maps_are_errors() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("settings.yaml");
        assert!(Settings::load(&path).unwrap().is_none());
        for (text, fine) in [
            ("", true),
            ("# no\n---\n", true),
            ("{}", true),
            ("[1]", false),
            ("{", false),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(Settings::load(&path).is_ok(), fine, "{text}");
        }
    }
}
