//! `plugin.toml`: what a plugin's author says of it, and asks for.

use super::limits::Limits;
use super::name::Name;
use chaos_host_api::grant::Grants;
use chaos_host_api::policy::LimitsPolicy;
use serde::{Deserialize, Serialize};

/// A manifest, read. Keys that nobody knows are errors; what is not asked for is not granted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `[plugin]`.
    pub plugin: About,
    /// `[grants]`: the most that it needs, whatever its users need of it.
    #[serde(default)]
    pub grants: Grants,
    /// `[limits]`: less than the defaults, where it needs less.
    #[serde(default)]
    pub limits: LimitsPolicy,
}

/// `[plugin]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// See [`Name`].
    pub name: String,
    /// Such as `0.1.0`.
    pub version: String,
    /// One line.
    #[serde(default)]
    pub description: String,
}

/// What is wrong with a manifest, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{source_name}{}: {reason}", .line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct ManifestError {
    /// The file, or where else it stands.
    pub source_name: String,
    /// Its line, from 1, where one line is to blame.
    pub line: Option<usize>,
    /// What is wrong.
    pub reason: String,
}

impl Manifest {
    /// Reads a manifest. `source_name` is for messages.
    ///
    /// # Errors
    /// It is not TOML, holds a key that nobody knows, or a value that is none.
    pub fn parse(text: &str, source_name: &str) -> Result<Manifest, ManifestError> {
        let wrong = |line, reason: String| ManifestError {
            source_name: source_name.to_owned(),
            line,
            reason,
        };
        let manifest: Manifest = toml::from_str(text).map_err(|error| {
            let line = error.span().and_then(|span| {
                let before = text.get(..span.start)?;
                Some(before.matches('\n').count() + 1)
            });
            wrong(line, error.message().to_owned())
        })?;
        let name = manifest.plugin.name.parse::<Name>();
        name.map_err(|error| wrong(None, error.to_string()))?;
        Ok(manifest)
    }
}

/// The limits of a plugin's calls: the defaults; what the policy says instead; lowered to what the
/// manifest asks for.
pub(super) fn limits(policy: &LimitsPolicy, manifest: &LimitsPolicy) -> Limits {
    lowered(&set(Limits::default(), policy), manifest)
}

/// Limits, lowered where these are lower.
pub(super) fn lowered(allowed: &Limits, by: &LimitsPolicy) -> Limits {
    allowed.lowered_by(&set(allowed.clone(), by))
}

/// Whether any of these asks for more than is allowed.
pub(super) fn exceeds(by: &LimitsPolicy, allowed: &Limits) -> bool {
    set(allowed.clone(), by) != lowered(allowed, by)
}

fn set(mut limits: Limits, by: &LimitsPolicy) -> Limits {
    if let Some(seconds) = by.cpu_seconds {
        limits.cpu = seconds.into();
    }
    if by.wall_seconds.is_some() {
        limits.wall = by.wall_seconds.map(Into::into);
    }
    let counts = [
        (&mut limits.memory_bytes, by.memory_bytes),
        (&mut limits.host_calls, by.host_calls),
        (&mut limits.host_bytes, by.host_bytes),
        (&mut limits.result_bytes, by.result_bytes),
        (&mut limits.log_lines, by.log_lines),
        (&mut limits.handles, by.handles),
    ];
    for (limit, given) in counts {
        *limit = given.unwrap_or(*limit);
    }
    limits
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
    use super::*;
    use std::time::Duration;

    const WHOLE: &str = r#"
[plugin]
name = "checkout"
version = "0.1.0"

[grants]
http = ["GET https://shop.example.com/*"]

[limits]
cpu-seconds = 0.5
host-calls = 1000000
"#;

    #[test]
    fn limits_of_a_manifest_only_lower_those_of_the_policy() {
        let manifest = Manifest::parse(WHOLE, "plugin.toml").unwrap();
        let limits = limits(&LimitsPolicy::default(), &manifest.limits);
        assert_eq!(limits.cpu, Duration::from_millis(500));
        assert_eq!(limits.host_calls, Limits::default().host_calls);
    }

    #[test]
    fn a_policy_may_raise_a_default() {
        let policy = LimitsPolicy {
            host_calls: Some(1_000_000),
            ..LimitsPolicy::default()
        };
        let manifest = Manifest::parse(WHOLE, "plugin.toml").unwrap();
        assert_eq!(limits(&policy, &manifest.limits).host_calls, 1_000_000);
    }

    #[test]
    fn errors_name_the_line() {
        let misspelt = WHOLE.replace("http =", "htp =");
        let error = Manifest::parse(&misspelt, "plugin.toml").unwrap_err();
        assert_eq!(error.line, Some(7), "{error}");
        let error = Manifest::parse(&WHOLE.replace("checkout", "Check out"), "p").unwrap_err();
        assert!(error.to_string().contains("lower-case"), "{error}");
    }
}
