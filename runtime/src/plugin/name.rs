//! What a plugin may be called.

use std::fmt;
use std::str::FromStr;

/// A plugin's name: lower-case words with hyphens between them, each starting with a letter, as
/// WIT and all package registries have it; at most [`Name::LONGEST`] bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(String);

/// Why a text names no plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{}' cannot name a plugin: write lower-case words with hyphens between them, each starting with a letter, as in `checkout` or `cart-latency`, at most {} letters", .0.escape_debug(), Name::LONGEST
)]
pub struct NoName(pub String);

impl Name {
    /// Bytes of the longest one, as long as crates.io takes.
    pub const LONGEST: usize = 64;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        let is_word = |word: &str| {
            word.starts_with(|first: char| first.is_ascii_lowercase())
                && word
                    .chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        };
        match text.len() <= Name::LONGEST && text.split('-').all(is_word) {
            true => Ok(Self(text.to_owned())),
            false => Err(NoName(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
    use super::*;

    #[test]
    fn names_are_words_with_hyphens() {
        let longest = "a".repeat(Name::LONGEST);
        for name in ["checkout", "cart-latency", "a1-b2", &longest] {
            assert_eq!(name.parse::<Name>().unwrap().as_str(), name);
        }
        let longer = "a".repeat(Name::LONGEST + 1);
        for name in [
            "",
            "Checkout",
            "check_out",
            "1st",
            "a-",
            "-a",
            "a--b",
            "a-1",
            "größe",
            "a/b",
            "..",
            "a\n",
            &longer,
        ] {
            assert_eq!(name.parse::<Name>(), Err(NoName(name.to_owned())));
        }
    }
}
