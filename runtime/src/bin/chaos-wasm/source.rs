//! Getting an experiment's document from where the user says it is.

use chaos_wasm::document::{Document, Format};
use std::path::Path;

/// Loads the document at `source`.
///
/// `compat`: of duplicate keys the last one counts, as in the reference, instead of an error.
///
/// # Errors
/// What is wrong, in words for the log.
pub(crate) async fn load(source: &str, compat: bool) -> Result<Document, String> {
    let path = Path::new(source);
    if !path.exists() {
        return Err(format!("Path \"{source}\" does not exist."));
    }
    let format = Format::of_path(path)
        .ok_or("only files with json, yaml or yml extensions are supported")?;
    let bytes =
        std::fs::read(path).map_err(|error| format!("Cannot read \"{source}\": {error}"))?;
    let parse = if compat {
        Document::parse_keeping_last
    } else {
        Document::parse
    };
    parse(source, &bytes, format).map_err(|error| error.render(source).trim_end().to_owned())
}
