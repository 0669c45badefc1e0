//! Texts that stand for secrets until a request leaves.
//!
//! Who holds a placeholder can send the secret, to where its grant says, and not read it: the
//! door puts the value in its place in the bytes that leave, and takes it out of what comes back.

use crate::redact::{MASK, Redactor, SHORTEST, is_maskable};
use aho_corasick::AhoCorasick;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

/// What placeholders begin with; then follow [`DIGITS`] hexadecimal digits. All of them are
/// characters that stand for themselves in URLs, headers and JSON.
const PREFIX: &str = "chaos-secret-";

/// Digits of a placeholder: too many to guess.
const DIGITS: usize = 32;

/// Bytes that [`DIGITS`] digits are made from.
pub const RANDOM_BYTES: usize = DIGITS / 2;

/// Placeholders that one guest may hold: more than any program needs, few enough to look through.
const MOST: usize = 256;

/// The secrets that somebody holds placeholders for.
#[derive(Clone, Default)]
pub struct Placeholders {
    /// By placeholder.
    entries: HashMap<String, Secret>,
    redactor: Redactor,
}

/// One secret, by the names that grants know it by.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The group in the experiment's secrets.
    pub target: String,
    /// Its name there.
    pub key: String,
    /// What nobody may see.
    pub value: String,
    /// What is sent, where that is made from the value.
    pub sent: Option<String>,
}

/// Why a secret gets no placeholder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlaceholder {
    /// It could not be kept from whom it is sent for.
    #[error(
        "the secret {target}.{key} is too short to be recognised (and hidden) in an answer; \
         {SHORTEST} characters would do"
    )]
    TooShort {
        /// [`Secret::target`].
        target: String,
        /// [`Secret::key`].
        key: String,
    },
    /// There are enough.
    #[error("more than {MOST} placeholders")]
    TooMany,
}

/// How a value is written where its placeholder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// As it is.
    Plain,
    /// With percent escapes: in a URL or a form.
    Percent,
    /// Within a JSON string.
    Json,
}

impl Placeholders {
    /// A placeholder for `secret`, made from random bytes; the same secret has one only.
    ///
    /// # Errors
    /// See [`NoPlaceholder`].
    pub fn stand_for(
        &mut self,
        secret: Secret,
        random: [u8; RANDOM_BYTES],
    ) -> Result<String, NoPlaceholder> {
        if !is_maskable(&secret.value) {
            let Secret { target, key, .. } = secret;
            return Err(NoPlaceholder::TooShort { target, key });
        }
        if let Some((text, _)) = self.entries.iter().find(|(_, own)| **own == secret) {
            return Ok(text.clone());
        }
        if self.entries.len() >= MOST {
            return Err(NoPlaceholder::TooMany);
        }
        let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let text = format!("{PREFIX}{digits}");
        let values = || self.entries.values().map(|known| &known.value);
        if !values().any(|known| *known == secret.value) {
            let all = values().chain([&secret.value]).cloned();
            self.redactor = Redactor::new(all);
        }
        self.entries.insert(text.clone(), secret);
        Ok(text)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The secrets whose placeholders stand in `text`, as often as they do.
    pub(crate) fn within<'p, 't>(
        &'p self,
        text: &'t [u8],
    ) -> impl Iterator<Item = &'p Secret> + use<'p, 't> {
        self.places(text).map(|(_, secret)| secret)
    }

    /// Puts the values in place.
    pub(crate) fn fill<'t>(&self, text: &'t [u8], spelling: Spelling) -> Cow<'t, [u8]> {
        let mut filled = Vec::new();
        let mut end = 0;
        for (at, secret) in self.places(text) {
            filled.extend_from_slice(text.get(end..at).unwrap_or_default());
            filled.extend_from_slice(
                spelling
                    .write(secret.sent.as_ref().unwrap_or(&secret.value))
                    .as_bytes(),
            );
            end = at + PREFIX.len() + DIGITS;
        }
        if end == 0 {
            return Cow::Borrowed(text);
        }
        filled.extend_from_slice(text.get(end..).unwrap_or_default());
        Cow::Owned(filled)
    }

    /// What came back, without the secrets.
    pub fn mask<'t>(&self, answer: &'t [u8]) -> Cow<'t, [u8]> {
        self.redactor.bytes(answer)
    }

    /// A text that came back, without the secrets.
    pub fn mask_text<'t>(&self, answer: &'t str) -> Cow<'t, str> {
        self.redactor.text(answer)
    }

    fn places<'p, 't>(
        &'p self,
        text: &'t [u8],
    ) -> impl Iterator<Item = (usize, &'p Secret)> + use<'p, 't> {
        static SEARCH: LazyLock<Option<AhoCorasick>> =
            LazyLock::new(|| AhoCorasick::new([PREFIX]).ok());
        let search = SEARCH.as_ref().filter(|_| !self.entries.is_empty());
        let found = search.map(|search| search.find_iter(text));
        found.into_iter().flatten().filter_map(|found| {
            let at = found.start();
            let whole = text.get(at..at + PREFIX.len() + DIGITS)?;
            let secret = self.entries.get(std::str::from_utf8(whole).ok()?)?;
            Some((at, secret))
        })
    }
}

/// Says how many there are, and none of the values.
impl fmt::Debug for Placeholders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Placeholders({})", self.entries.len())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{} ({MASK})", self.target, self.key)
    }
}

impl Spelling {
    /// For a body of this content type.
    pub(crate) fn of_body(content_type: &str) -> Spelling {
        let kind = content_type.split(';').next().unwrap_or_default();
        let kind = kind.trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/x-www-form-urlencoded" => Spelling::Percent,
            "application/json" => Spelling::Json,
            other if other.ends_with("+json") => Spelling::Json,
            _ => Spelling::Plain,
        }
    }

    fn write(self, value: &str) -> Cow<'_, str> {
        match self {
            Spelling::Plain => Cow::Borrowed(value),
            Spelling::Percent => {
                let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~".contains(&byte);
                let bytes = value.bytes().map(|byte| match unreserved(byte) {
                    true => char::from(byte).to_string(),
                    false => format!("%{byte:02X}"),
                });
                Cow::Owned(bytes.collect())
            }
            Spelling::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                let inner = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"'));
                Cow::Owned(inner.unwrap_or_default().to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests;
