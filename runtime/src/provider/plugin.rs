//! `type: wasm`, and Python modules that a plugin serves: functions of plugins.

use super::kubernetes::read_secrets;
use super::{Call, Failure};
use crate::document::{Pointer, Problems};
use crate::experiment::{self, filled, hint_misspelt, kind, text};
use crate::plugin::Kind;
use crate::substitution::Variables;
use chaos_host_api::Effect;
use chaos_host_api::policy::LimitsPolicy;
use serde_json::{Map, Value};
use std::time::Duration;

/// One such activity's provider, as read. `${}` in its arguments is resolved at each call.
#[derive(Debug, Clone, PartialEq)]
pub struct Plugin {
    /// Whose function.
    pub module: Module,
    /// `p99-latency`, `p99_latency`, or with its interface before it.
    pub function: String,
    /// As written.
    pub arguments: Map<String, Value>,
    /// What one call may use, where that is less than the operator and the plugin's manifest allow.
    pub limits: LimitsPolicy,
    timeout: Option<Value>,
    /// Names of groups of secrets that say which Kubernetes cluster is meant.
    secrets: Vec<String>,
}

/// How an activity names a plugin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Module {
    /// A path relative to the experiment (it ends in `.wasm` or has a `/`), or the name of an
    /// installed plugin.
    Plugin(String),
    /// A Python module, `chaosspring.actions`: which plugin serves it is the settings' to say.
    Python(String),
}

impl std::fmt::Display for Module {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Module::Plugin(name) | Module::Python(name) => formatter.write_str(name),
        }
    }
}

const KEYS: &[&str] = &[
    "type",
    "module",
    "func",
    "arguments",
    "timeout",
    "limits",
    "secrets",
];

impl Plugin {
    /// Reads `{"type": "wasm", "module": ..., "func": ..., "arguments": {...}, "timeout": 5}`.
    pub(super) fn parse(
        provider: &Value,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Plugin> {
        let object = provider.as_object()?;
        for key in object.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            problems
                .error(
                    &at.key(key),
                    format!("unknown key '{key}' of a wasm provider"),
                )
                .hint(experiment::one_of(key, KEYS));
        }
        let [module, function] = [
            ("module", "a wasm activity must have a module: the path of a component, or the name of an installed plugin"),
            ("func", "a wasm activity must have a function name"),
        ]
        .map(|(key, message)| match filled(object, key) {
            Some(Value::String(written)) => Some(written.clone()),
            Some(other) => {
                problems.error(
                    &at.key(key),
                    format!("'{key}' of activity '{activity}' must be a text, not {}", kind(other)),
                );
                None
            }
            None => {
                hint_misspelt(problems.error(at, message), object, key);
                None
            }
        });
        let arguments = read_arguments(object, activity, at, problems);
        let timeout = object.get("timeout").cloned();
        if let Some(timeout) = &timeout
            && !is_timeout(timeout)
        {
            problems
                .error(
                    &at.key("timeout"),
                    format!(
                        "the timeout must be a number of seconds above 0, not {}",
                        text(timeout)
                    ),
                )
                .hint("write 5, 0.5 or \"${name}\"");
        }
        let limits = read_limits(object, at, problems);
        Some(Plugin {
            module: Module::Plugin(module?),
            function: function?,
            arguments: arguments?,
            limits: limits?,
            timeout,
            secrets: read_secrets(provider, at, problems)?,
        })
    }

    /// Reads a Python activity whose module a plugin may serve.
    pub(super) fn parse_python(
        provider: &Value,
        module: &str,
        function: &str,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Plugin> {
        Some(Plugin {
            module: Module::Python(module.to_owned()),
            function: function.to_owned(),
            arguments: read_arguments(provider.as_object()?, activity, at, problems)?,
            limits: LimitsPolicy::default(),
            timeout: None,
            secrets: read_secrets(provider, at, problems)?,
        })
    }

    /// What it asks for, resolved.
    pub(super) fn timeout(&self, variables: &Variables) -> Option<Duration> {
        let resolved = variables.substitute(self.timeout.as_ref()?);
        let seconds = match &resolved {
            Value::String(text) => text.trim().parse().ok(),
            number => number.as_f64(),
        };
        Duration::try_from_secs_f64(seconds.filter(|seconds| *seconds > 0.0)?).ok()
    }

    /// Calls the function in a fresh instance.
    ///
    /// # Errors
    /// See [`Failure`].
    pub(super) async fn call(&self, call: &Call<'_>) -> Result<Value, Failure> {
        let kind = match call.pass.allowed() {
            Effect::Read => Kind::Probe,
            Effect::Mutate => Kind::Action,
        };
        let arguments = self
            .arguments
            .iter()
            .map(|(name, value)| (name.clone(), call.variables.substitute(value)))
            .collect();
        let cluster = call.variables.secrets_of(&self.secrets);
        call.plugins
            .call(self, kind, &arguments, cluster, call)
            .await
    }
}

fn is_timeout(timeout: &Value) -> bool {
    match timeout {
        Value::Number(number) => number.as_f64().is_some_and(|seconds| seconds > 0.0),
        Value::String(text) => text.contains("${"),
        _ => false,
    }
}

fn read_arguments(
    provider: &Map<String, Value>,
    activity: &str,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<Map<String, Value>> {
    match provider.get("arguments") {
        None | Some(Value::Null) => Some(Map::new()),
        Some(Value::Object(arguments)) => Some(arguments.clone()),
        Some(other) => {
            problems.error(
                &at.key("arguments"),
                format!(
                    "the arguments of activity '{activity}' must be an object, not {}",
                    kind(other)
                ),
            );
            None
        }
    }
}

/// Reads `{"cpu_seconds": 0.5, ...}`: the keys of the policy's limits, with `_` or `-`.
fn read_limits(
    provider: &Map<String, Value>,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<LimitsPolicy> {
    let written = match provider.get("limits") {
        None | Some(Value::Null) => return Some(LimitsPolicy::default()),
        Some(Value::Object(written)) => written,
        Some(other) => {
            problems
                .error(
                    &at.key("limits"),
                    format!("the limits must be an object, not {}", kind(other)),
                )
                .hint("write {\"cpu-seconds\": 1}");
            return None;
        }
    };
    let mut limits = Map::new();
    for (key, value) in written {
        let at = at.key("limits").key(key);
        let known = key.replace('_', "-");
        if !LimitsPolicy::KEYS.contains(&known.as_str()) {
            problems
                .error(&at, format!("unknown limit '{key}'"))
                .hint(experiment::one_of(key, &LimitsPolicy::KEYS));
            continue;
        }
        let alone = Map::from_iter([(known, value.clone())]);
        match serde_json::from_value::<LimitsPolicy>(Value::Object(alone.clone())) {
            Ok(_) => limits.extend(alone),
            Err(error) => {
                problems.error(&at, format!("the limit '{key}': {error}"));
            }
        }
    }
    serde_json::from_value(Value::Object(limits)).ok()
}
