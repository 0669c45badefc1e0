//! The document: an experiment as it was written, with the place of every value.

mod build;
mod event;
mod json;
mod locate;
mod pointer;
mod problem;
mod render;
mod text;
mod yaml;

pub use pointer::Pointer;
pub use problem::{Problem, Problems, Severity};
pub use render::render;

pub(crate) use build::DEPTH;
use build::Observer;
use event::Events;
use json::Json;
use locate::Locator;
use serde_json::Value;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use yaml::Yaml;

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

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

/// A document that could not be read. [`DocumentError::render`] shows it with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", location.map(|at| format!(" ({at})")).unwrap_or_default())]
pub struct DocumentError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub location: Option<Location>,
    /// What to do.
    pub hint: Option<String>,
    /// The source line, with a caret.
    excerpt: Option<String>,
}

impl DocumentError {
    /// Whether there is nothing wrong but that there is nothing: no bytes, white space, comments.
    pub fn is_empty_document(&self) -> bool {
        self.message == text::EMPTY
    }

    fn whole(message: String) -> DocumentError {
        DocumentError {
            message,
            location: None,
            hint: None,
            excerpt: None,
        }
    }

    fn at(location: Location, message: String) -> DocumentError {
        DocumentError {
            location: Some(location),
            ..DocumentError::whole(message)
        }
    }

    fn too_deep(location: Location) -> DocumentError {
        let message = format!("lists and maps nest deeper than {DEPTH} levels");
        DocumentError::at(location, message).hint("is this the right file?")
    }

    fn hint(mut self, hint: &str) -> DocumentError {
        self.hint = Some(hint.to_owned());
        self
    }
}

/// A key that a map of the document holds twice.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Duplicate {
    /// The map.
    pointer: Pointer,
    key: String,
    first: Location,
    /// Where it stands again; its value there counts.
    second: Location,
}

impl fmt::Display for Duplicate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Duplicate { first, second, .. } = self;
        let key = text::shorten(&self.key);
        write!(
            formatter,
            "the key `{key}` stands twice in one object: at {first}, and again at {second}"
        )
    }
}

/// An experiment as it was written.
#[derive(Debug, Clone)]
pub struct Document {
    name: String,
    text: String,
    format: Format,
    value: Arc<Value>,
    duplicates: Vec<Duplicate>,
}

impl Document {
    /// Reads a document. `name` is what messages call it (path or URL).
    ///
    /// # Errors
    /// Syntax, encoding, size, nesting depth, duplicate keys.
    pub fn parse(name: &str, bytes: &[u8], format: Format) -> Result<Document, DocumentError> {
        let document = Document::parse_keeping_last(name, bytes, format)?;
        match document.duplicates.first() {
            None => Ok(document),
            Some(duplicate) => Err(DocumentError::at(duplicate.second, duplicate.to_string())
                .hint("remove or rename one of them; with `--compat` the last one counts")
                .quoting(&document.text)),
        }
    }

    /// Like [`Document::parse`], but as the reference: of duplicate keys the last one counts.
    /// [`Document::warn_of_duplicates`] tells them.
    ///
    /// # Errors
    /// Syntax, encoding, size, nesting depth.
    pub fn parse_keeping_last(
        name: &str,
        bytes: &[u8],
        format: Format,
    ) -> Result<Document, DocumentError> {
        let text = text::decode(bytes, format)?;
        let (value, duplicates) =
            read(text, format, &mut ()).map_err(|error| error.quoting(text))?;
        Ok(Document {
            name: name.to_owned(),
            text: text.to_owned(),
            format,
            value: Arc::new(value.ok_or_else(text::empty)?),
            duplicates,
        })
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text itself, without a byte order mark.
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

    /// The same, to be held longer than the document: a copy of a large one costs as much again.
    pub fn shared_value(&self) -> &Arc<Value> {
        &self.value
    }

    /// Adds a warning for every duplicate key (of very many, for the first ones).
    pub fn warn_of_duplicates(&self, problems: &mut Problems) {
        for duplicate in &self.duplicates {
            problems
                .warning(
                    &duplicate.pointer.key(&duplicate.key),
                    duplicate.to_string(),
                )
                .hint("the last one counts");
        }
    }

    /// Where the value at `pointer` begins; for a missing one, where its nearest ancestor does.
    ///
    /// Reads the text again: only problems need places.
    pub fn locate(&self, pointer: &Pointer) -> Option<Location> {
        self.locate_all(&[pointer]).into_iter().next().flatten()
    }

    /// [`Document::locate`] for many pointers in one reading.
    pub fn locate_all(&self, pointers: &[&Pointer]) -> Vec<Option<Location>> {
        let mut locator = Locator::new(pointers.iter().copied());
        // It was read without an error before.
        let _ = read(&self.text, self.format, &mut locator);
        let location = |mark| match self.format {
            Format::Json => Json::new(&self.text).location(mark),
            Format::Yaml => Yaml::new(&self.text).location(mark),
        };
        pointers
            .iter()
            .map(|pointer| locator.mark(pointer).map(location))
            .collect()
    }
}

fn read(
    text: &str,
    format: Format,
    observer: &mut impl Observer,
) -> Result<(Option<Value>, Vec<Duplicate>), DocumentError> {
    match format {
        Format::Json => build::build(&mut Json::new(text), observer),
        Format::Yaml => build::build(&mut Yaml::new(text), observer),
    }
}

#[cfg(test)]
mod tests;
