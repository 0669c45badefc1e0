//! Keeps secrets out of everything that leaves the process as text.
//!
//! A secret is looked for as it is, in base64 (standard and URL-safe, also within a larger text,
//! such as `user:secret`), in hexadecimal, and line by line. The text is searched as it is, and as
//! it reads with its backslash escapes (JSON, Python, Rust; also twice) or its percent escapes
//! (with `+` as a space too) undone, so that it does not matter which characters an encoder chose
//! to escape, or how.

mod view;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use view::View;

/// What stands in a secret's place.
pub const MASK: &str = "********";

/// The shortest secret that is masked, in bytes. A shorter one occurs by chance in ordinary text,
/// which masking would destroy (and so tell the secret).
pub const SHORTEST: usize = 4;

/// The shortest line of a secret of several lines that is masked on its own, in characters:
/// shorter ones are brackets and words of ordinary text.
pub const SHORTEST_LINE: usize = 8;

/// Replaces every known secret, in any of the forms that it may take on its way, by [`MASK`].
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    search: Option<AhoCorasick>,
}

/// Whether a secret is long enough to be masked. One that isn't deserves a warning.
pub fn is_maskable(secret: &str) -> bool {
    secret.len() >= SHORTEST && !secret.trim().is_empty() && !MASK.contains(secret)
}

impl Redactor {
    /// A redactor for these secret values; those that are not [maskable](is_maskable) are left.
    pub fn new<I: IntoIterator<Item = String>>(secrets: I) -> Redactor {
        let mut forms = BTreeSet::new();
        for secret in secrets {
            add_forms(&secret, &mut forms);
            add_forms(secret.trim(), &mut forms);
            let lines = secret.lines().map(str::trim);
            if secret.trim().contains('\n') {
                for line in lines.filter(|line| line.chars().count() >= SHORTEST_LINE) {
                    add_forms(line, &mut forms);
                }
            }
        }
        if forms.is_empty() {
            return Redactor::default();
        }
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(forms);
        if let Err(error) = &search {
            tracing::error!("secrets can't be masked: {error}");
        }
        Redactor {
            search: search.ok(),
        }
    }

    /// A redactor for every text and number within these values.
    pub fn of_values<'v, I: IntoIterator<Item = &'v Value>>(secrets: I) -> Redactor {
        let mut left: Vec<&Value> = secrets.into_iter().collect();
        let mut texts = Vec::new();
        while let Some(value) = left.pop() {
            match value {
                Value::String(text) => texts.push(text.clone()),
                Value::Number(number) => texts.push(number.to_string()),
                Value::Array(items) => left.extend(items),
                Value::Object(map) => left.extend(map.values()),
                Value::Null | Value::Bool(_) => {}
            }
        }
        Redactor::new(texts)
    }

    /// The text without secrets.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let found = self.find(text.as_bytes());
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for range in found {
            if range.start >= end {
                out.push_str(text.get(end..range.start).unwrap_or_default());
                out.push_str(MASK);
            }
            end = end.max(range.end);
        }
        out.push_str(text.get(end..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// The bytes without secrets, whether they are text or not.
    pub fn bytes<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let found = self.find(bytes);
        if found.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut end = 0;
        for range in found {
            if range.start >= end {
                out.extend_from_slice(bytes.get(end..range.start).unwrap_or_default());
                out.extend_from_slice(MASK.as_bytes());
            }
            end = end.max(range.end);
        }
        out.extend_from_slice(bytes.get(end..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// Where secrets stand, by where they begin; some may overlap.
    fn find(&self, text: &[u8]) -> Vec<Range<usize>> {
        let Some(search) = &self.search else {
            return Vec::new();
        };
        let mut found: Vec<Range<usize>> = search
            .find_iter(text)
            .map(|found| after_backslash(text, found.start())..found.end())
            .collect();
        View::each(text, |view| {
            found.extend(
                search
                    .find_iter(view.bytes())
                    .map(|f| view.range(f.range())),
            );
        });
        found.sort_by_key(|range| range.start);
        found
    }

    /// Masks every string (keys too) within `value`, and numbers that are a secret as a whole.
    pub fn value(&self, value: &mut Value) {
        if self.search.is_none() {
            return;
        }
        match value {
            Value::String(text) => {
                if let Cow::Owned(masked) = self.text(text) {
                    *text = masked;
                }
            }
            Value::Number(number) => {
                if self.text(&number.to_string()) == MASK {
                    *value = Value::String(MASK.to_owned());
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(map) => {
                for (key, mut value) in std::mem::take(map) {
                    self.value(&mut value);
                    map.insert(self.text(&key).into_owned(), value);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
}

/// A backslash before a secret may be half of an escape whose other half is the secret's first
/// character: without it, what remains would not be JSON.
fn after_backslash(text: &[u8], start: usize) -> usize {
    let before = text.get(..start).unwrap_or_default();
    let slashes = before.iter().rev().take_while(|b| **b == b'\\').count();
    start - slashes % 2
}

fn add_forms(secret: &str, forms: &mut BTreeSet<Vec<u8>>) {
    if !is_maskable(secret) {
        return;
    }
    let bytes = secret.as_bytes();
    forms.insert(bytes.to_vec());
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    forms.insert(hex.to_ascii_uppercase().into_bytes());
    forms.insert(hex.into_bytes());
    for engine in [&STANDARD, &URL_SAFE] {
        forms.insert(engine.encode(bytes).into_bytes());
        for before in 0..3 {
            let mut shifted = vec![0; before];
            shifted.extend(bytes);
            let encoded = engine.encode(&shifted);
            // The characters that the secret alone decides, whatever stands around it.
            let first = (before * 8).div_ceil(6);
            let end = shifted.len() * 8 / 6;
            if let Some(own) = encoded.get(first..end) {
                forms.insert(own.as_bytes().to_vec());
            }
        }
    }
}

#[cfg(test)]
mod tests;
