//! From the bytes on the wire to a body, and from a body to text.

use super::HttpResponse;
use super::allowance::Bound;
use crate::placeholder::Placeholders;
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use std::borrow::Cow;
use std::io::Read;

/// Bytes decompressed at once.
const PIECE: usize = 32 * 1024;

/// Why a body cannot be decoded.
pub(super) enum Undecodable {
    /// It grows beyond the limit.
    TooLarge,
    /// It is not what it says that it is.
    Corrupt(String),
}

/// Undoes every `Content-Encoding` that the reference's client undoes; others stay as they are.
/// Blocks for as long as the decompression takes.
///
/// # Errors
/// See [`Undecodable`].
pub(super) fn decompress(
    mut body: Vec<u8>,
    encodings: &str,
    bound: &Bound,
) -> Result<Vec<u8>, Undecodable> {
    for encoding in encodings.rsplit(',') {
        if body.is_empty() {
            return Ok(body); // the answer to a HEAD request names an encoding too
        }
        let decoded = match encoding.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => gunzip(&body, bound),
            // Some servers mean the bare format, most the zlib one.
            "deflate" => {
                let mut decoded = Vec::new();
                match append(&mut decoded, ZlibDecoder::new(body.as_slice()), bound) {
                    Err(Undecodable::Corrupt(_)) => {
                        decoded.clear();
                        append(&mut decoded, DeflateDecoder::new(body.as_slice()), bound)
                    }
                    ended => ended,
                }
                .map(|()| decoded)
            }
            _ => return Ok(body),
        };
        body = decoded.map_err(|error| match error {
            Undecodable::Corrupt(reason) => Undecodable::Corrupt(format!("{encoding}: {reason}")),
            Undecodable::TooLarge => Undecodable::TooLarge,
        })?;
    }
    Ok(body)
}

/// All members of a gzip file; what follows them and is none is dropped.
fn gunzip(body: &[u8], bound: &Bound) -> Result<Vec<u8>, Undecodable> {
    let mut rest = body;
    let mut decoded = Vec::new();
    loop {
        let mut member = GzDecoder::new(rest);
        append(&mut decoded, &mut member, bound)?;
        rest = member.into_inner();
        if !rest.starts_with(&[0x1f, 0x8b]) {
            return Ok(decoded);
        }
    }
}

/// Reads to the end, piece by piece, so that nothing is held that is not within `bound`.
fn append(decoded: &mut Vec<u8>, mut reader: impl Read, bound: &Bound) -> Result<(), Undecodable> {
    let mut piece = vec![0; PIECE];
    loop {
        let read = reader.read(&mut piece);
        let read = read.map_err(|error| Undecodable::Corrupt(error.to_string()))?;
        let piece = piece.get(..read).unwrap_or_default();
        if piece.is_empty() {
            return Ok(());
        }
        if !bound.admits(decoded.len(), piece.len()) {
            return Err(Undecodable::TooLarge);
        }
        decoded.extend_from_slice(piece);
    }
}

impl HttpResponse {
    /// The first header of this name, whatever its case; repeated ones joined with `, `.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .headers
            .iter()
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Takes secrets out, wherever the server put them.
    pub(super) fn mask(&mut self, placeholders: &Placeholders) {
        for (name, value) in &mut self.headers {
            *name = placeholders.mask_text(name).into_owned();
            // Headers carry bytes as Latin-1.
            let bytes: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(c).ok()).collect();
            if let Some(bytes) = bytes {
                *value = latin1(&placeholders.mask(&bytes));
            }
        }
        self.url = placeholders.mask_text(&self.url).into_owned();
        if let Cow::Owned(masked) = placeholders.mask(&self.body) {
            self.body = masked.into();
        }
    }

    /// The body as text: by the charset of the `Content-Type`; else ISO-8859-1 for `text/*` and
    /// UTF-8 for JSON, as the reference has it; else UTF-8 if it is valid, and Windows-1252 if
    /// not (the reference guesses a charset from the letters' frequencies). Bytes that do not fit
    /// are replaced by U+FFFD.
    pub fn text(&self) -> String {
        let content_type = self.header("content-type").unwrap_or_default();
        let lower = content_type.to_ascii_lowercase();
        let charset = lower.split(';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            (name.trim() == "charset").then(|| value.trim().trim_matches(['\'', '"']))
        });
        match charset {
            Some("iso-8859-1" | "latin-1" | "latin1" | "iso8859-1" | "iso_8859-1" | "l1") => {
                latin1(&self.body)
            }
            Some(label) => {
                let encoding = encoding_rs::Encoding::for_label(label.as_bytes());
                let encoding = encoding.unwrap_or(encoding_rs::UTF_8);
                let (text, _) = encoding.decode_without_bom_handling(&self.body);
                text.into_owned()
            }
            None if lower.contains("text") => latin1(&self.body),
            None if lower.contains("application/json") => {
                String::from_utf8_lossy(&self.body).into_owned()
            }
            None => match std::str::from_utf8(&self.body) {
                Ok(text) => text.to_owned(),
                Err(_) => encoding_rs::WINDOWS_1252.decode(&self.body).0.into_owned(),
            },
        }
    }
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn text(content_type: &str, body: &[u8]) -> String {
        HttpResponse {
            status: 200,
            headers: vec![("Content-Type".into(), content_type.into())],
            body: Bytes::copy_from_slice(body),
            elapsed: std::time::Duration::ZERO,
            url: String::new(),
        }
        .text()
    }

    #[test]
    fn text_follows_the_charset_then_the_kind() {
        assert_eq!(text("text/html; charset=UTF-8", "é✅".as_bytes()), "é✅");
        assert_eq!(text("text/html", "é".as_bytes()), "Ã©");
        assert_eq!(
            text("text/html; charset=\"iso-8859-1\"", b"\x80\xe9"),
            "\u{80}é"
        );
        assert_eq!(text("text/plain; charset=nonsense", "é".as_bytes()), "é");
        assert_eq!(text("application/json", "é".as_bytes()), "é");
        assert_eq!(text("application/json", b"\xff"), "\u{fffd}");
        assert_eq!(text("", "ok ✅".as_bytes()), "ok ✅");
        assert_eq!(text("", b"caf\xe9"), "café");
        assert_eq!(
            text("text/plain; charset=shift_jis", b"\x93\xfa\x96\x7b"),
            "日本"
        );
    }
}
