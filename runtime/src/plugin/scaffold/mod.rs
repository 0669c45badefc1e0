//! The files of a new plugin. Writing them is the caller's.

mod rust;
mod sdk;

use std::fmt;
use std::str::FromStr;

/// A plugin's name: lower-case words with hyphens between them, each starting with a letter, as
/// WIT and all package registries have it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(String);

impl Name {
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

/// Why a text names no plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Other letters, or a word that starts with a digit.
    #[error(
        "`{0}` cannot name a plugin: write lower-case words with hyphens between them, each starting with a letter, as in `checkout` or `cart-latency`"
    )]
    Letters(String),
    /// It already means something where plugins are built.
    #[error(
        "`{0}` cannot name a plugin, as it has a meaning in Rust or Cargo: choose another name"
    )]
    Taken(String),
}

/// What cargo refuses as the name of a package, or would mix up with one.
const TAKEN: [&str; 45] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "chaos-plugin",
    "chaos-plugin-macros",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "std",
    "test",
    "true",
    "type",
    "use",
];

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_word = |word: &str| {
            word.starts_with(|first: char| first.is_ascii_lowercase())
                && word
                    .chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        };
        if !text.split('-').all(is_word) {
            return Err(NameError::Letters(text.to_owned()));
        }
        if TAKEN.contains(&text) {
            return Err(NameError::Taken(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

/// A file of a new plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative to the plugin's folder, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// A plugin in Rust: a working probe with its tests, and the SDK.
pub fn rust(name: &Name) -> Vec<File> {
    rust::files(name)
}

/// A template with its blanks filled in.
fn fill(template: &str, name: &Name) -> String {
    template.replace("{{name}}", name.as_str())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn names_are_words_with_hyphens() {
        for name in ["checkout", "cart-latency", "a1-b2"] {
            assert_eq!(name.parse::<Name>().unwrap().as_str(), name);
        }
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
        ] {
            assert_eq!(
                name.parse::<Name>(),
                Err(NameError::Letters(name.to_owned()))
            );
        }
        for name in ["test", "core", "match", "chaos-plugin"] {
            assert_eq!(name.parse::<Name>(), Err(NameError::Taken(name.to_owned())));
        }
    }

    #[test]
    fn no_blank_is_left_and_no_path_leads_out() {
        for file in rust(&"cart-latency".parse().unwrap()) {
            let blank = !file.path.starts_with("vendor/") && file.text.contains("{{");
            assert!(!blank, "{}", file.path);
            assert!(
                file.path
                    .split('/')
                    .all(|part| !part.is_empty() && part != ".."),
                "{}",
                file.path
            );
        }
    }
}
