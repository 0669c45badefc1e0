use super::{DocumentError, Format, Location};
use chaos_host_api::limits::DOCUMENT_BYTES;

/// A document's bytes as text, without a byte order mark.
pub(super) fn decode(bytes: &[u8], format: Format) -> Result<&str, DocumentError> {
    if bytes.len() > DOCUMENT_BYTES {
        return Err(DocumentError::whole(format!(
            "the document has {} bytes, more than the {DOCUMENT_BYTES} allowed",
            bytes.len()
        ))
        .hint("is this file an experiment?"));
    }
    if let Some(encoding) = wide_encoding(bytes) {
        return Err(
            DocumentError::whole(format!("the document is {encoding} text"))
                .hint("save it as UTF-8"),
        );
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| not_text(bytes, error.valid_up_to()))?;
    if text.trim().is_empty() {
        return Err(empty());
    }
    let forbidden = text.char_indices().find(|(_, c)| match format {
        Format::Json => *c == '\0',
        Format::Yaml => !is_yaml_character(*c),
    });
    match forbidden {
        None => Ok(text),
        Some((offset, '\0')) => Err(not_text(bytes, offset)),
        Some((offset, c)) => Err(DocumentError::at(
            location(text, offset),
            format!("the character U+{:04X} can't stand in YAML", u32::from(c)),
        )
        .hint("remove it, or write it as an escape within double quotes")),
    }
}

/// A document without a value.
pub(super) fn empty() -> DocumentError {
    DocumentError::whole("the document is empty".to_owned())
        .hint("`chaos-wasm init` writes an experiment to begin with")
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

fn not_text(bytes: &[u8], offset: usize) -> DocumentError {
    let valid = bytes.get(..offset).unwrap_or_default();
    let valid = std::str::from_utf8(valid).unwrap_or_default();
    let at = location(valid, valid.len());
    if bytes.contains(&0) {
        return DocumentError::at(at, "the document is binary, not text".to_owned())
            .hint("is this file an experiment?");
    }
    DocumentError::at(at, "the document is not UTF-8".to_owned()).hint("save it as UTF-8")
}

/// What PyYAML's reader lets through.
fn is_yaml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{D7FF}'
        | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}
