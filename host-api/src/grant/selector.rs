//! Label selectors, as kubectl writes them.

use serde_json::Value;
use std::fmt;

/// `app=shop,tier in (a,b),!canary`: all requirements must hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Selector(Vec<Requirement>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Test {
    Equals(String),
    /// Also true where the label is missing, as in Kubernetes.
    Differs(String),
    OneOf(Vec<String>),
    /// Also true where the label is missing.
    NoneOf(Vec<String>),
    Exists,
    Missing,
}

impl Selector {
    /// Reads a selector; an empty one is an error.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn parse(text: &str) -> Result<Selector, String> {
        split(text)
            .into_iter()
            .map(|part| Requirement::parse(part.trim()))
            .collect::<Result<_, _>>()
            .map(Selector)
    }

    /// Whether an object with these labels (`metadata.labels`) is meant.
    pub(crate) fn matches(&self, labels: Option<&Value>) -> bool {
        let of = |key: &str| labels?.get(key)?.as_str();
        self.0.iter().all(|requirement| {
            let value = of(&requirement.key);
            match &requirement.test {
                Test::Equals(wanted) => value == Some(wanted),
                Test::Differs(unwanted) => value != Some(unwanted),
                Test::OneOf(wanted) => value.is_some_and(|v| wanted.iter().any(|w| w == v)),
                Test::NoneOf(unwanted) => value.is_none_or(|v| unwanted.iter().all(|w| w != v)),
                Test::Exists => value.is_some(),
                Test::Missing => value.is_none(),
            }
        })
    }

    /// Whether everything that `self` means is meant by `other`: it asks for all that `other` asks
    /// for. May miss cases where that follows from values.
    pub(crate) fn is_within(&self, other: &Selector) -> bool {
        other
            .0
            .iter()
            .all(|requirement| self.0.contains(requirement))
    }
}

/// At the commas outside of parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

impl Requirement {
    fn parse(text: &str) -> Result<Requirement, String> {
        let requirement = |key: &str, test| {
            Ok(Requirement {
                key: label(key)?,
                test,
            })
        };
        if text.is_empty() {
            return Err("a label selector is missing, or ends in a comma".to_owned());
        }
        if let Some(key) = text.strip_prefix('!') {
            return requirement(key, Test::Missing);
        }
        if let Some((key, value)) = text.split_once("!=") {
            return requirement(key, Test::Differs(self::value(value)?));
        }
        if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
            return requirement(key, Test::Equals(self::value(value)?));
        }
        let Some((key, rest)) = text.split_once(char::is_whitespace) else {
            return requirement(text, Test::Exists);
        };
        let rest = rest.trim_start();
        let (word, values) = rest.split_at(rest.find('(').unwrap_or(rest.len()));
        let values = values
            .strip_prefix('(')
            .and_then(|values| values.strip_suffix(')'))
            .ok_or_else(|| {
                format!("'{text}' is no part of a label selector: write app=shop or app in (a,b)")
            })?;
        let values = values
            .split(',')
            .map(value)
            .collect::<Result<Vec<_>, _>>()?;
        match word.trim_end() {
            "in" => requirement(key, Test::OneOf(values)),
            "notin" => requirement(key, Test::NoneOf(values)),
            other => {
                let hint = super::spelling::hint(other, &["in", "notin"]);
                Err(format!("'{other}' in the label selector: {hint}"))
            }
        }
    }
}

/// `[prefix/]name`.
fn label(key: &str) -> Result<String, String> {
    let key = key.trim();
    let name = key.split_once('/').map_or(key, |(_, name)| name);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let fits = !name.is_empty()
        && name.len() <= 63
        && key.len() <= 317
        && name.chars().all(plain)
        && key.chars().all(|c| plain(c) || c == '/')
        && !key.starts_with('/');
    match fits {
        true => Ok(key.to_owned()),
        false => Err(format!("'{key}' is no label's name")),
    }
}

fn value(text: &str) -> Result<String, String> {
    let text = text.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    match text.len() <= 63 && text.chars().all(plain) {
        true => Ok(text.to_owned()),
        false => Err(format!("'{text}' is no label's value")),
    }
}

/// In one form, without spaces behind commas.
impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Requirement { key, test }) in self.0.iter().enumerate() {
            formatter.write_str(if index > 0 { "," } else { "" })?;
            match test {
                Test::Equals(value) => write!(formatter, "{key}={value}")?,
                Test::Differs(value) => write!(formatter, "{key}!={value}")?,
                Test::OneOf(values) => write!(formatter, "{key} in ({})", values.join(","))?,
                Test::NoneOf(values) => write!(formatter, "{key} notin ({})", values.join(","))?,
                Test::Exists => formatter.write_str(key)?,
                Test::Missing => write!(formatter, "!{key}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
    use super::*;
    use serde_json::json;

    #[test]
    fn selectors_mean_what_kubernetes_says() {
        let labels = json!({"app": "shop", "tier": "a", "empty": "", "x.io/y": "z"});
        for (selector, expected) in [
            ("app=shop", true),
            ("app==shop", true),
            ("app = shop", true),
            ("app=shop,tier=b", false),
            ("app!=shop", false),
            ("other!=shop", true),
            ("tier in (a,b)", true),
            ("tier in (a, b) , app", true),
            ("tier in(b)", false),
            ("other in (a)", false),
            ("tier notin (a)", false),
            ("other notin (a)", true),
            ("app", true),
            ("other", false),
            ("!other", true),
            ("! app", false),
            ("empty=", true),
            ("x.io/y=z", true),
        ] {
            let parsed = Selector::parse(selector).unwrap();
            assert_eq!(parsed.matches(Some(&labels)), expected, "{selector}");
            assert_eq!(Selector::parse(&parsed.to_string()), Ok(parsed));
        }
        assert!(!Selector::parse("app").unwrap().matches(None));
        assert!(Selector::parse("!app").unwrap().matches(None));
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for text in [
            "",
            ",",
            "app=shop,",
            "=x",
            "a b",
            "a in x",
            "a in (b",
            "a on (b)",
            "a=b c",
            "a=b)",
            "a=(b)",
            "a/b/c",
            "/a",
            "a=b&x=y",
            "a>1",
        ] {
            assert!(Selector::parse(text).is_err(), "{text}");
        }
    }
}
