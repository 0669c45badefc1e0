//! Getting an experiment's document from where the user says it is.

use chaos_wasm::document::{Document, DocumentError, Format};
use std::path::Path;

/// Loads the document at `source`.
///
/// # Errors
/// What is wrong, in words for the log.
pub(crate) async fn load(source: &str) -> Result<Document, String> {
    let path = Path::new(source);
    if !path.exists() {
        return Err(format!("Path \"{source}\" does not exist."));
    }
    let format = Format::of_path(path)
        .ok_or("only files with json, yaml or yml extensions are supported")?;
    let bytes =
        std::fs::read(path).map_err(|error| format!("Cannot read \"{source}\": {error}"))?;
    Document::parse(source, &bytes, format).map_err(|error| described(&error))
}

/// A document's error with its place and what to do.
pub(crate) fn described(error: &DocumentError) -> String {
    let place = error
        .location
        .map(|at| format!("line {}, column {}: ", at.line, at.column))
        .unwrap_or_default();
    let hint = error
        .hint
        .as_deref()
        .map(|hint| format!("\n{hint}"))
        .unwrap_or_default();
    format!("{place}{error}{hint}")
}
