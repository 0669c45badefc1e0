use super::{DocumentError, Format, Location};
use chaos_host_api::limits::DOCUMENT_BYTES;

/// A document's bytes as text, without a byte order mark.
pub(super) fn decode(bytes: &[u8], format: Format) -> Result<&str, DocumentError> {
    if bytes.len() > DOCUMENT_BYTES {
        return Err(DocumentError::whole(format!(
            "the document has {} bytes, more than the {DOCUMENT_BYTES} allowed",
            bytes.len()
        ))
        .hint("is this the right file?"));
    }
    if let Some(encoding) = wide_encoding(bytes) {
        return Err(
            DocumentError::whole(format!("the document is {encoding} text"))
                .hint("save it as UTF-8"),
        );
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(
            DocumentError::whole("the document is binary, not text".to_owned())
                .hint("is this the right file?"),
        );
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let valid = std::str::from_utf8(valid).unwrap_or_default();
        let at = location(valid, valid.len());
        DocumentError::at(at, "the document is not UTF-8".to_owned()).hint("save it as UTF-8")
    })?;
    if text.trim().is_empty() {
        return Err(empty());
    }
    if format == Format::Yaml
        && let Some((offset, c)) = text.char_indices().find(|(_, c)| !is_yaml_character(*c))
    {
        return Err(DocumentError::at(
            location(text, offset),
            format!("the character U+{:04X} can't stand in YAML", u32::from(c)),
        )
        .hint("remove it, or write it as an escape within double quotes"));
    }
    Ok(text)
}

pub(super) const EMPTY: &str = "the document is empty";

/// A document without a value.
pub(super) fn empty() -> DocumentError {
    DocumentError::whole(EMPTY.to_owned()).hint("is this the right file?")
}

/// The line and column of a byte offset.
pub(super) fn location(text: &str, offset: usize) -> Location {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    Location {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).map_or(0, |l| l.chars().count()) + 1,
    }
}

fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        // ASCII in two bytes each, unmarked
        [a, 0, b, 0, ..] | [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some("UTF-16"),
        _ => None,
    }
}

/// What PyYAML's reader lets through.
fn is_yaml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{D7FF}'
        | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// Messages quote at most this much of a document.
pub(super) fn shorten(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
