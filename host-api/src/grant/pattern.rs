//! Names with stars in them.

use std::fmt;

/// A name in which each `*` stands for any characters, also for none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct NamePattern(String);

impl NamePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It is empty, or holds what no name holds.
    pub(crate) fn parse(text: &str) -> Result<NamePattern, String> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._:*".contains(c);
        match text.chars().find(|c| !fits(*c)) {
            None if !text.is_empty() => Ok(NamePattern(text.to_owned())),
            None => Err("a name pattern is missing".to_owned()),
            Some(c) => Err(format!("'{text}': no name holds {c:?}")),
        }
    }

    /// Whether it means `name`. In time proportional to the product of both lengths.
    pub(crate) fn matches(&self, name: &str) -> bool {
        matches(self.0.as_bytes(), name.as_bytes())
    }

    /// The name, when it is one.
    pub(crate) fn exact(&self) -> Option<&str> {
        (!self.0.contains('*')).then_some(&self.0)
    }

    /// What all that it means begins with.
    pub(crate) fn prefix(&self) -> &str {
        self.0.split('*').next().unwrap_or_default()
    }

    /// Whether everything that it means is meant by `other`. May miss exotic cases.
    pub(crate) fn is_within(&self, other: &NamePattern) -> bool {
        // A star of `self` can only be met by a star of `other`.
        self == other || matches(other.0.as_bytes(), self.0.as_bytes())
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut done) = (0, 0);
    // Where the last star stood, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(done) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, done));
                at += 1;
            }
            Some(own) if own == byte => {
                at += 1;
                done += 1;
            }
            _ => match &mut star {
                Some((before, taken)) => {
                    *taken += 1;
                    at = *before + 1;
                    done = *taken;
                }
                None => return false,
            },
        }
    }
    pattern[at.min(pattern.len())..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
    use super::*;

    #[test]
    fn stars_stand_for_anything_and_the_rest_for_itself() {
        for (pattern, name, expected) in [
            ("web", "web", true),
            ("web", "web-1", false),
            ("web-*", "web-1", true),
            ("web-*", "web", false),
            ("web-*", "my-web-1", false),
            ("*-web", "my-web", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("*", "", true),
            ("*", "anything", true),
            ("web", "WEB", false),
            ("**a", "ba", true),
        ] {
            let pattern = NamePattern::parse(pattern).unwrap();
            assert_eq!(pattern.matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn within() {
        let of = |text| NamePattern::parse(text).unwrap();
        assert!(of("web-1").is_within(&of("web-*")));
        assert!(of("web-*").is_within(&of("*")));
        assert!(of("web-*-x").is_within(&of("web-*")));
        assert!(!of("*").is_within(&of("web-*")));
        assert!(!of("w*").is_within(&of("web-*")));
    }

    #[test]
    fn what_no_name_holds_is_no_pattern() {
        for text in ["", "a b", "a/b", "a?", "../x", "é"] {
            assert!(NamePattern::parse(text).is_err(), "{text}");
        }
    }
}
