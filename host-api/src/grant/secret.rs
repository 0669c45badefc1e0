use super::location::UrlPattern;
use std::fmt;
use url::Url;

/// `TARGET.KEY to URL-PATTERN`: one of the experiment's secrets, and where it may be sent to. The
/// guest never sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SecretGrant {
    target: String,
    key: String,
    to: UrlPattern,
}

impl SecretGrant {
    pub(super) fn read(line: &str) -> Result<SecretGrant, String> {
        let form = "write TARGET.KEY to URL-PATTERN, such as \
                    shop.token to https://shop.example.com/*";
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, to, pattern] = words[..] else {
            return Err(format!("it has not three words; {form}"));
        };
        if to != "to" {
            return Err(format!("'{to}' stands where 'to' should; {form}"));
        }
        let (target, key) = match name.split_once('.') {
            Some((target, key)) if !target.is_empty() && !key.is_empty() => (target, key),
            _ => return Err(format!("'{name}' is no TARGET.KEY; {form}")),
        };
        if name.contains('*') {
            return Err(format!("'{name}': secrets are granted one by one"));
        }
        Ok(SecretGrant {
            target: target.to_owned(),
            key: key.to_owned(),
            to: UrlPattern::parse(pattern)?,
        })
    }

    /// For exactly this secret and `url`; `None` when no line can name them.
    pub(crate) fn exactly(target: &str, key: &str, url: &Url) -> Option<SecretGrant> {
        let to = UrlPattern::exactly(url)?;
        let grant = SecretGrant::read(&format!("{target}.{key} to {to}")).ok()?;
        grant.names(target, key).then_some(grant)
    }

    /// Whether this secret is meant, whatever the place.
    pub fn names(&self, target: &str, key: &str) -> bool {
        self.target == target && self.key == key
    }

    /// Whether the secret may be sent to `url`.
    pub fn matches(&self, target: &str, key: &str, url: &Url) -> bool {
        self.names(target, key) && self.to.matches(url)
    }

    /// Whether everything that `self` means is meant by `other`.
    pub fn is_within(&self, other: &SecretGrant) -> bool {
        other.names(&self.target, &self.key) && self.to.is_within(&other.to)
    }

    /// What it allows, in words.
    pub fn explain(&self) -> String {
        format!(
            "send the secret {} of {} (without seeing it) to {}",
            self.key,
            self.target,
            self.to.explain()
        )
    }
}

impl fmt::Display for SecretGrant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{} to {}", self.target, self.key, self.to)
    }
}
