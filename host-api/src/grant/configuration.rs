use std::fmt;

/// `NAME` or `PREFIX*`: entries of the experiment's configuration that a guest may read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConfigurationGrant {
    name: String,
    is_prefix: bool,
}

impl ConfigurationGrant {
    pub(super) fn read(line: &str) -> Result<ConfigurationGrant, String> {
        let (name, is_prefix) = match line.strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (line, false),
        };
        if line.is_empty() {
            return Err("it is empty".to_owned());
        }
        if name.contains('*') {
            return Err("a star stands at the end only, as in shop_*".to_owned());
        }
        if let Some(c) = name.chars().find(|c| c.is_whitespace() || c.is_control()) {
            return Err(format!("a name does not hold {c:?}"));
        }
        Ok(ConfigurationGrant {
            name: name.to_owned(),
            is_prefix,
        })
    }

    /// For exactly `name`, whatever it holds; `None` when no line can name it.
    pub(crate) fn exactly(name: &str) -> Option<ConfigurationGrant> {
        ConfigurationGrant::read(name)
            .ok()
            .filter(|grant| !grant.is_prefix)
    }

    /// Whether `name` is meant.
    pub fn matches(&self, name: &str) -> bool {
        match self.is_prefix {
            true => name.starts_with(&self.name),
            false => name == self.name,
        }
    }

    /// Whether everything that `self` means is meant by `other`.
    pub fn is_within(&self, other: &ConfigurationGrant) -> bool {
        match self.is_prefix {
            true => other.is_prefix && self.name.starts_with(&other.name),
            false => other.matches(&self.name),
        }
    }

    /// What it allows, in words.
    pub fn explain(&self) -> String {
        match (self.is_prefix, self.name.as_str()) {
            (true, "") => "read everything in the experiment's configuration".to_owned(),
            (true, prefix) => format!("read configuration whose name begins with {prefix}"),
            (false, name) => format!("read the configuration {name}"),
        }
    }
}

impl fmt::Display for ConfigurationGrant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.is_prefix { "*" } else { "" };
        write!(formatter, "{}{star}", self.name)
    }
}
