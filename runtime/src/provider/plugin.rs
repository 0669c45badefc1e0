//! `type: wasm`, and Python modules that a plugin serves: functions of plugins, and their controls.

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
    /// Whose function, and with what.
    pub component: Component,
    /// `p99-latency`, `p99_latency`, or with its interface before it.
    pub function: String,
}

/// What activities and controls alike say of a plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Which plugin.
    pub module: Module,
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

impl Plugin {
    /// Reads `{"type": "wasm", "module": ..., "func": ..., "arguments": {...}, "timeout": 5}`.
    pub(super) fn parse(
        provider: &Value,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Plugin> {
        let object = provider.as_object()?;
        let whose = format!("activity '{activity}'");
        refuse_unknown_keys(object, ACTIVITY_KEYS, at, problems);
        let message = "a wasm activity must have a function name";
        let function = read_name(object, "func", message, &whose, at, problems);
        let component = Component::parse(provider, "activity", &whose, at, problems);
        Some(Plugin {
            component: component?,
            function: function?,
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
        let whose = format!("activity '{activity}'");
        let component = Component {
            module: Module::Python(module.to_owned()),
            arguments: read_arguments(provider.as_object()?, &whose, at, problems)?,
            limits: LimitsPolicy::default(),
            timeout: None,
            secrets: read_secrets(provider, at, problems)?,
        };
        Some(Plugin {
            component,
            function: function.to_owned(),
        })
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
        let arguments = self.component.arguments(call.variables);
        let cluster = self.component.cluster(call.variables);
        call.plugins
            .call(self, kind, &arguments, cluster, call)
            .await
    }
}

const ACTIVITY_KEYS: &[&str] = &[
    "type",
    "module",
    "func",
    "arguments",
    "timeout",
    "limits",
    "secrets",
];
const CONTROL_KEYS: &[&str] = &[
    "type",
    "module",
    "arguments",
    "timeout",
    "limits",
    "secrets",
];

impl Component {
    /// Reads a control's `{"type": "wasm", "module": ..., "arguments": {...}, "timeout": 5}`.
    pub(crate) fn parse_control(
        provider: &Value,
        control: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Component> {
        let mut object = provider.as_object()?.clone();
        if object.shift_remove("func").is_some() {
            problems
                .error(
                    &at.key("func"),
                    format!("the provider of control '{control}' must not have a `func`"),
                )
                .hint("leave it out: `before_experiment`, `after_activity` and the like are called by their names");
        }
        refuse_unknown_keys(&object, CONTROL_KEYS, at, problems);
        let whose = format!("control '{control}'");
        Component::parse(provider, "control", &whose, at, problems)
    }

    fn parse(
        provider: &Value,
        what: &str,
        whose: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Component> {
        let object = provider.as_object()?;
        let message = format!(
            "a wasm {what} must have a module: the path of a component, or the name of an \
             installed plugin"
        );
        let module = read_name(object, "module", &message, whose, at, problems);
        let arguments = read_arguments(object, whose, at, problems);
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
        Some(Component {
            module: Module::Plugin(module?),
            arguments: arguments?,
            limits: limits?,
            timeout,
            secrets: read_secrets(provider, at, problems)?,
        })
    }

    /// The `timeout` it asks for, resolved; `None` when it asks for none.
    pub fn timeout(&self, variables: &Variables) -> Option<Duration> {
        let resolved = variables.substitute(self.timeout.as_ref()?);
        let seconds = match &resolved {
            Value::String(text) => text.trim().parse().ok(),
            number => number.as_f64(),
        };
        Duration::try_from_secs_f64(seconds.filter(|seconds| *seconds > 0.0)?).ok()
    }

    /// Its arguments, resolved.
    pub fn arguments(&self, variables: &Variables) -> Map<String, Value> {
        let arguments = self.arguments.iter();
        arguments
            .map(|(name, value)| (name.clone(), variables.substitute(value)))
            .collect()
    }

    /// Secrets that say which Kubernetes cluster is meant.
    pub fn cluster(&self, variables: &Variables) -> Map<String, Value> {
        variables.secrets_of(&self.secrets)
    }
}

fn refuse_unknown_keys(
    provider: &Map<String, Value>,
    known: &[&str],
    at: &Pointer,
    problems: &mut Problems,
) {
    for key in provider.keys().filter(|key| !known.contains(&key.as_str())) {
        problems
            .error(
                &at.key(key),
                format!("unknown key '{key}' of a wasm provider"),
            )
            .hint(experiment::one_of(key, known));
    }
}

/// A text that must be there: `missing` says so.
fn read_name(
    provider: &Map<String, Value>,
    key: &str,
    missing: &str,
    whose: &str,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<String> {
    match filled(provider, key) {
        Some(Value::String(written)) => Some(written.clone()),
        Some(other) => {
            problems.error(
                &at.key(key),
                format!("'{key}' of {whose} must be a text, not {}", kind(other)),
            );
            None
        }
        None => {
            hint_misspelt(problems.error(at, missing), provider, key);
            None
        }
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
    whose: &str,
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
                    "the arguments of {whose} must be an object, not {}",
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
