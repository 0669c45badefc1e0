//! The operator's policy: what is allowed, how much of it, and whom to trust.
//!
//! It is read from a TOML file, `chaos-wasm.toml` by custom. Keys that nobody knows are errors.
//! What is missing is not granted: a policy without `[builtin]` lets built-in activities do
//! nothing, unless it says `trust-author = true` there.

mod limits;
mod raw;

pub use limits::{LimitsPolicy, Seconds};

use crate::budget::Ceilings;
use crate::grant::{BuiltinGrants, Grants};
use crate::permit::{Layer, Permit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A policy file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    path: PathBuf,
    builtin: BuiltinPolicy,
    /// `[budget]`: the ceilings of every run. Keys that are not there have their default.
    pub budget: Ceilings,
    /// `[plugins.NAME]`.
    pub plugins: BTreeMap<String, PluginPolicy>,
    /// `[modules]`: Python modules, and the plugin that stands for each.
    pub modules: BTreeMap<String, String>,
}

/// `[builtin]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuiltinPolicy {
    /// Built-in activities do what the experiment's author wrote, as without a policy.
    AuthorIsTrusted,
    /// They do what these lines grant.
    Granted(BuiltinGrants),
}

/// `[plugins.NAME]`: what one plugin may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PluginPolicy {
    /// What it may do, if its manifest asks for it too.
    pub grants: Grants,
    /// The only file that this is meant for.
    pub digest: Option<Digest>,
    /// `[plugins.NAME.limits]`.
    pub limits: LimitsPolicy,
}

/// What is wrong with a policy file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}:{column}: {reason}", .path.display())]
pub struct PolicyError {
    /// The file.
    pub path: PathBuf,
    /// Its line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what to write instead.
    pub reason: String,
}

impl Policy {
    /// Reads a policy. `path` is for messages.
    ///
    /// # Errors
    /// It is not TOML, holds a key that nobody knows, or a value that is none.
    pub fn parse(text: &str, path: &Path) -> Result<Policy, PolicyError> {
        raw::parse(text, path)
    }

    /// The permit of built-in activities; `None` when their author is trusted.
    pub fn builtin_permit(&self) -> Option<Permit> {
        match &self.builtin {
            BuiltinPolicy::AuthorIsTrusted => None,
            BuiltinPolicy::Granted(grants) => {
                let name = format!("{} [builtin]", self.path.display());
                Some(Permit::builtin(name, grants.clone()))
            }
        }
    }

    /// `[builtin]`.
    pub fn builtin(&self) -> &BuiltinPolicy {
        &self.builtin
    }

    /// What this policy grants a plugin: nothing, when it does not name it.
    pub fn layer(&self, plugin: &str) -> Layer {
        let own = self.plugins.get(plugin);
        Layer {
            name: format!("{} [plugins.{}]", self.path.display(), key(plugin)),
            grants: own.map(|own| own.grants.clone()).unwrap_or_default(),
        }
    }

    /// The policy in words, a line each.
    pub fn explain(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.builtin {
            BuiltinPolicy::AuthorIsTrusted => {
                lines.push("built-in activities: whatever the experiment's author wrote".to_owned())
            }
            BuiltinPolicy::Granted(grants) => {
                let mut granted: Vec<String> = Vec::new();
                granted.extend(grants.http.iter().map(|grant| grant.explain()));
                granted.extend(grants.kubernetes.iter().map(|grant| grant.explain()));
                granted.extend(grants.process.iter().map(|grant| grant.explain()));
                granted.extend(grants.file.iter().map(|grant| grant.explain()));
                list("built-in activities", &granted, &mut lines);
            }
        }
        for (name, plugin) in &self.plugins {
            let pinned = match &plugin.digest {
                Some(digest) => format!("plugin {name} (only the file with {digest})"),
                None => format!("plugin {name}"),
            };
            list(&pinned, &explain(&plugin.grants), &mut lines);
            let limits = plugin.limits.explain();
            if !limits.is_empty() {
                lines.push(format!("  limits: {}", limits.join(", ")));
            }
        }
        for (module, plugin) in &self.modules {
            lines.push(format!(
                "functions of the Python module {module}: those of the plugin {plugin}"
            ));
        }
        let defaults = Ceilings::default();
        for (key, ceiling) in self.budget.by_key() {
            let default = defaults.by_key().into_iter().find(|(own, _)| *own == key);
            if default != Some((key, ceiling)) {
                lines.push(format!("a run may spend {ceiling} {key}"));
            }
        }
        lines
    }
}

fn explain(grants: &Grants) -> Vec<String> {
    let lines = grants.explain().into_iter();
    lines.map(|(_, text)| text).collect()
}

fn list(who: &str, granted: &[String], lines: &mut Vec<String>) {
    if granted.is_empty() {
        lines.push(format!("{who}: nothing"));
        return;
    }
    lines.push(format!("{who} may"));
    lines.extend(granted.iter().map(|text| format!("  {text}")));
}

/// A TOML key, quoted where it has to be.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    match !name.is_empty() && name.chars().all(bare) {
        true => name.to_owned(),
        false => format!("\"{}\"", name.escape_debug()),
    }
}

/// `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of these bytes of SHA-256.
    pub fn of_sha256(bytes: [u8; 32]) -> Digest {
        Digest(bytes)
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Digest, String> {
        let wrong = || {
            format!(
                "'{}' is no digest: write sha256: and 64 hexadecimal digits, as `sha256sum` prints \
                 them",
                text.escape_debug()
            )
        };
        let digits = text.strip_prefix("sha256:").ok_or_else(wrong)?;
        if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Digest(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("sha256:")?;
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
