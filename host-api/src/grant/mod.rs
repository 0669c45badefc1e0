//! Grants: what may be done, one line of text each.
//!
//! The same lines stand in a plugin's manifest (`plugin.toml`), in the operator's policy
//! (`chaos-wasm.toml`) and behind `--grant`. Nothing is granted that no line names; an empty list
//! and a missing one both mean nothing.

pub(crate) mod address;
mod configuration;
mod file;
mod http;
mod kubernetes;
mod location;
mod pattern;
mod process;
mod secret;
mod selector;
pub(crate) mod spelling;

pub use address::is_special;
pub use configuration::ConfigurationGrant;
pub use file::{FileAccess, FileGrant};
pub use http::HttpGrant;
pub(crate) use http::effect_of;
pub use kubernetes::{GrantedVerb, KubernetesGrant};
pub(crate) use kubernetes::{Scope, Subject, is_system};
pub use location::UrlPattern;
pub(crate) use location::{canonical_path, origin};
pub use process::ProcessGrant;
pub use secret::SecretGrant;

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A line that is no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{line}\" is no {key} grant: {reason}")]
pub struct GrantError {
    /// The list that it would stand in: `http`, `kubernetes`, ...
    pub key: &'static str,
    /// The line.
    pub line: String,
    /// What is wrong with it, and what to write instead.
    pub reason: String,
}

/// What a guest may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Grants {
    /// HTTP requests.
    pub http: Vec<HttpGrant>,
    /// Kubernetes calls.
    pub kubernetes: Vec<KubernetesGrant>,
    /// Secrets, each with the places that it may be sent to.
    pub secrets: Vec<SecretGrant>,
    /// Names of the experiment's configuration.
    pub configuration: Vec<ConfigurationGrant>,
}

/// What built-in activities may do under a policy. Their secrets and configuration are the
/// experiment's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuiltinGrants {
    /// HTTP requests.
    pub http: Vec<HttpGrant>,
    /// Kubernetes calls.
    pub kubernetes: Vec<KubernetesGrant>,
    /// Programs to start.
    pub process: Vec<ProcessGrant>,
    /// Files and folders.
    pub file: Vec<FileGrant>,
}

/// One grant with the name of its list before it, as after `--grant`:
/// `http GET http://127.0.0.1:8080/*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// See [`Grants::http`].
    Http(HttpGrant),
    /// See [`Grants::kubernetes`].
    Kubernetes(KubernetesGrant),
    /// See [`Grants::secrets`].
    Secret(SecretGrant),
    /// See [`Grants::configuration`].
    Configuration(ConfigurationGrant),
}

impl Grants {
    /// Whether nothing is granted.
    pub fn is_empty(&self) -> bool {
        *self == Grants::default()
    }

    /// These lines and `more`.
    #[must_use]
    pub fn and(mut self, more: &Grants) -> Grants {
        self.http.extend_from_slice(&more.http);
        self.kubernetes.extend_from_slice(&more.kubernetes);
        self.secrets.extend_from_slice(&more.secrets);
        self.configuration.extend_from_slice(&more.configuration);
        self
    }

    /// Each line with the name of its list, and what it allows in words.
    pub fn explain(&self) -> Vec<(Grant, String)> {
        let http = self.http.iter().cloned().map(Grant::Http);
        let kubernetes = self.kubernetes.iter().cloned().map(Grant::Kubernetes);
        let secrets = self.secrets.iter().cloned().map(Grant::Secret);
        let configuration = self.configuration.iter().cloned().map(Grant::Configuration);
        http.chain(kubernetes)
            .chain(secrets)
            .chain(configuration)
            .map(|grant| {
                let text = grant.explain();
                (grant, text)
            })
            .collect()
    }

    /// The lines of these grants that are not wholly within one line of `allowed`: what a manifest
    /// asks for and a policy does not give.
    pub fn beyond(&self, allowed: &Grants) -> Vec<Grant> {
        fn lacking<G: Clone>(
            own: &[G],
            allowed: &[G],
            within: fn(&G, &G) -> bool,
            wrap: fn(G) -> Grant,
        ) -> Vec<Grant> {
            own.iter()
                .filter(|line| !allowed.iter().any(|other| within(line, other)))
                .cloned()
                .map(wrap)
                .collect()
        }
        let http =
            |own: &HttpGrant, other: &HttpGrant| own.is_within(other) || own.is_met_by(other);
        let mut beyond = lacking(&self.http, &allowed.http, http, Grant::Http);
        beyond.extend(lacking(
            &self.kubernetes,
            &allowed.kubernetes,
            KubernetesGrant::is_within,
            Grant::Kubernetes,
        ));
        beyond.extend(lacking(
            &self.secrets,
            &allowed.secrets,
            SecretGrant::is_within,
            Grant::Secret,
        ));
        beyond.extend(lacking(
            &self.configuration,
            &allowed.configuration,
            ConfigurationGrant::is_within,
            Grant::Configuration,
        ));
        beyond
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Grants {
        let mut all = Grants::default();
        for grant in grants {
            match grant {
                Grant::Http(line) => all.http.push(line),
                Grant::Kubernetes(line) => all.kubernetes.push(line),
                Grant::Secret(line) => all.secrets.push(line),
                Grant::Configuration(line) => all.configuration.push(line),
            }
        }
        all
    }
}

impl Grant {
    /// The names of the lists.
    pub const KEYS: [&'static str; 4] = ["http", "kubernetes", "secrets", "configuration"];

    /// The name of the list that it belongs into.
    pub fn key(&self) -> &'static str {
        let [http, kubernetes, secrets, configuration] = Grant::KEYS;
        match self {
            Grant::Http(_) => http,
            Grant::Kubernetes(_) => kubernetes,
            Grant::Secret(_) => secrets,
            Grant::Configuration(_) => configuration,
        }
    }

    /// The line within its list.
    pub fn line(&self) -> String {
        match self {
            Grant::Http(line) => line.to_string(),
            Grant::Kubernetes(line) => line.to_string(),
            Grant::Secret(line) => line.to_string(),
            Grant::Configuration(line) => line.to_string(),
        }
    }

    /// What it allows, in words.
    pub fn explain(&self) -> String {
        match self {
            Grant::Http(line) => line.explain(),
            Grant::Kubernetes(line) => line.explain(),
            Grant::Secret(line) => line.explain(),
            Grant::Configuration(line) => line.explain(),
        }
    }
}

impl FromStr for Grant {
    type Err = GrantError;

    fn from_str(text: &str) -> Result<Grant, GrantError> {
        let (key, line) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let line = line.trim();
        match key {
            "http" => line.parse().map(Grant::Http),
            "kubernetes" => line.parse().map(Grant::Kubernetes),
            "secrets" => line.parse().map(Grant::Secret),
            "configuration" => line.parse().map(Grant::Configuration),
            other => Err(GrantError {
                key: "--grant",
                line: text.to_owned(),
                reason: format!(
                    "it begins with '{other}' instead of what is granted; {}",
                    spelling::hint(other, &Grant::KEYS)
                ),
            }),
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.key(), self.line())
    }
}

/// Serialises as its line; reading gives the line's error. What is deserialised is a manifest's;
/// operators' lines are parsed.
macro_rules! is_a_line {
    ($($grant:ty, $key:literal, $within_a_manifest:ident;)+) => {$(
        impl FromStr for $grant {
            type Err = GrantError;
            fn from_str(line: &str) -> Result<Self, GrantError> {
                <$grant>::read(line).map_err(|reason| GrantError {
                    key: $key,
                    line: line.to_owned(),
                    reason,
                })
            }
        }
        impl Serialize for $grant {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $grant {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let line = String::deserialize(from)?;
                let read = <$grant>::$within_a_manifest(&line);
                read.map_err(|reason| {
                    serde::de::Error::custom(GrantError { key: $key, line, reason })
                })
            }
        }
    )+};
}

is_a_line! {
    HttpGrant, "http", read_open;
    KubernetesGrant, "kubernetes", read;
    SecretGrant, "secrets", read;
    ConfigurationGrant, "configuration", read;
    ProcessGrant, "process", read;
    FileGrant, "file", read;
}

/// Parts separated by commas, none of them empty, none twice.
fn list<'t>(text: &'t str, what: &str) -> Result<Vec<&'t str>, String> {
    let mut parts = Vec::new();
    for part in text.split(',') {
        if part.is_empty() {
            return Err(format!(
                "'{text}' holds an empty {what}: separate them by a comma, without a space"
            ));
        }
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests;
