//! `--var` and `--var-file`.

use super::Environment;
use super::conversion::{ConversionError, VariableType};
use crate::document::{Document, DocumentError, Format};
use chaos_host_api::limits::DOCUMENT_BYTES;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

/// `--var` and `--var-file`, parsed.
///
/// Files come first, in their order, then the single variables: later ones win.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Replaces declared configuration keys.
    pub configuration: Map<String, Value>,
    /// Replaces whole groups of secrets.
    pub secrets: Map<String, Value>,
    /// Environment variables from `.env` files: declarations of type `env` see them, and so do
    /// processes (through [`chaos_host_api::Door::with_environment`]).
    pub environment: BTreeMap<String, String>,
    /// What was named on the command line itself, and so must not go without effect unnoticed.
    named: BTreeSet<String>,
}

/// Why a `--var` or `--var-file` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OverrideError {
    /// A `--var` that is not `NAME[:TYPE]=VALUE`.
    #[error("'{0}' is not of the form NAME=VALUE or NAME:TYPE=VALUE")]
    Form(String),
    /// A `--var` whose value is not of its type.
    #[error("the value of '{name}' cannot be used: {reason}")]
    Value {
        /// Its name.
        name: String,
        /// What Python says.
        reason: String,
    },
    /// A file that cannot be read.
    #[error("Cannot read var file '{path}'")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's word.
        source: std::io::Error,
    },
    /// A file larger than [`DOCUMENT_BYTES`].
    #[error("var file '{path}' is larger than {limit} bytes")]
    TooLarge {
        /// The file.
        path: String,
        /// The limit.
        limit: usize,
    },
    /// A file that is not in its notation.
    #[error("Failed to parse variable file '{path}'")]
    Syntax {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: DocumentError,
    },
    /// A JSON or YAML file of another shape.
    #[error("variable file '{path}': {what} must be a mapping")]
    Shape {
        /// The file.
        path: String,
        /// Which part.
        what: &'static str,
    },
    /// A line of a `.env` file that sets nothing.
    #[error("line {line} of variable file '{path}' is not of the form KEY=VALUE")]
    Line {
        /// The file.
        path: String,
        /// From 1.
        line: usize,
    },
}

impl Overrides {
    /// Takes one `--var`: `NAME[:TYPE]=VALUE`, split at the first `=` and the last `:` before it.
    ///
    /// # Errors
    /// [`OverrideError::Form`], [`OverrideError::Value`].
    pub fn var(&mut self, text: &str) -> Result<(), OverrideError> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| OverrideError::Form(text.to_owned()))?;
        let (name, wanted) = match name.rsplit_once(':') {
            Some((name, wanted)) => (name, VariableType::parse(wanted)),
            None => (name, Ok(VariableType::Text)),
        };
        let unusable = |error: ConversionError| OverrideError::Value {
            name: name.to_owned(),
            reason: error.to_string(),
        };
        let value = wanted
            .and_then(|wanted| wanted.convert(value.into()))
            .map_err(unusable)?;
        if name.is_empty() {
            return Err(OverrideError::Form(text.to_owned()));
        }
        self.configuration.insert(name.to_owned(), value);
        self.named.insert(name.to_owned());
        Ok(())
    }

    /// Takes one `--var-file`: JSON or YAML by its extension, else lines of `KEY=VALUE`.
    ///
    /// # Errors
    /// All others of [`OverrideError`]. (The reference goes on without a file that it cannot
    /// parse, and so with values that nobody meant.)
    pub fn var_file(&mut self, path: &Path) -> Result<(), OverrideError> {
        let name = path.to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        let limit = DOCUMENT_BYTES;
        std::fs::File::open(path)
            .and_then(|file| file.take(limit as u64 + 1).read_to_end(&mut bytes))
            .map_err(|source| OverrideError::Unreadable {
                path: name.clone(),
                source,
            })?;
        if bytes.len() > limit {
            return Err(OverrideError::TooLarge { path: name, limit });
        }
        match Format::of_path(path) {
            Some(_) if says_nothing(&bytes) => Ok(()),
            Some(format) => self.merge_document(&name, &bytes, format),
            None => self.merge_lines(&name, &bytes),
        }
    }

    fn merge_document(
        &mut self,
        name: &str,
        bytes: &[u8],
        format: Format,
    ) -> Result<(), OverrideError> {
        let document =
            Document::parse(name, bytes, format).map_err(|source| OverrideError::Syntax {
                path: name.to_owned(),
                source,
            })?;
        let shape = |what| OverrideError::Shape {
            path: name.to_owned(),
            what,
        };
        let part = |what: &'static str| match document.value() {
            Value::Null => Ok(Map::new()),
            Value::Object(parts) => match parts.get(what) {
                None | Some(Value::Null) => Ok(Map::new()),
                Some(Value::Object(part)) => Ok(part.clone()),
                Some(_) => Err(shape(what)),
            },
            _ => Err(shape("the document")),
        };
        self.configuration.extend(part("configuration")?);
        self.secrets.extend(part("secrets")?);
        Ok(())
    }

    fn merge_lines(&mut self, name: &str, bytes: &[u8]) -> Result<(), OverrideError> {
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let wrong = || OverrideError::Line {
                path: name.to_owned(),
                line: index + 1,
            };
            let line = std::str::from_utf8(line).map_err(|_| wrong())?.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = line.split_once('=').ok_or_else(wrong)?;
            if key.is_empty() || line.contains('\0') {
                return Err(wrong());
            }
            self.environment.insert(key.to_owned(), value.to_owned());
        }
        Ok(())
    }

    /// The environment that processes get besides the runner's own.
    pub fn process_environment(&self) -> Vec<(OsString, OsString)> {
        let variables = self.environment.iter();
        variables
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    /// An environment variable, `.env` files first.
    pub(super) fn variable(&self, name: &str, environment: Environment<'_>) -> Option<String> {
        let own = self.environment.get(name).cloned();
        own.or_else(|| environment(name))
    }

    /// The names given by `--var` that `declared` does not have: they have no effect.
    pub(super) fn undeclared<'o>(
        &'o self,
        declared: &'o Map<String, Value>,
    ) -> impl Iterator<Item = &'o str> {
        let named = self.named.iter().map(String::as_str);
        named.filter(|name| !declared.contains_key(*name))
    }
}

/// Whether there is nothing but white space and comments.
fn says_nothing(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    lines.all(|line| matches!(line.trim_ascii().first(), None | Some(b'#')))
}
