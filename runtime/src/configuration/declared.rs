//! What declarations come to without asking anybody but the environment.

use super::conversion::{ConversionError, VariableType};
use super::{Environment, Overrides};
use crate::document::{Pointer, Problems};
use crate::provider::signature::nearest;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Secrets that a vault has, and where they are declared.
pub(super) type FromVault = BTreeMap<Pointer, Value>;

/// The declared configuration, overridden: what stands for each key before it is resolved.
pub(super) fn overridden<'d>(
    configuration: &'d Map<String, Value>,
    overrides: &'d Overrides,
) -> impl Iterator<Item = (&'d String, &'d Value)> {
    configuration.iter().map(|(key, declared)| {
        let value = overrides.configuration.get(key).unwrap_or(declared);
        (key, value)
    })
}

/// The probe of a dynamic configuration entry.
pub(super) fn is_dynamic(declared: &Value) -> bool {
    type_of(declared) == Some("probe")
}

fn type_of(declared: &Value) -> Option<&str> {
    declared.as_object()?.get("type")?.as_str()
}

/// One static configuration value; `None` when something is wrong, which goes to `problems`.
pub(super) fn resolve_entry(
    declared: &Value,
    at: &Pointer,
    overrides: &Overrides,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Value> {
    if type_of(declared) != Some("env") {
        return Some(declared.clone());
    }
    let key = variable_name(declared, at, problems)?;
    let wanted = match declared.get("env_var_type") {
        None | Some(Value::Null) => Ok(VariableType::Text),
        Some(Value::String(name)) => VariableType::parse(name),
        Some(_) => Err(ConversionError::UnknownType),
    };
    let (source, value) = match overrides.variable(key, environment) {
        Some(text) => ("environment", Value::String(text)),
        None => match declared.get("default") {
            Some(default) => ("default", default.clone()),
            None => {
                let message = format!(
                    "Configuration makes reference to an environment key that does not exist: {key}"
                );
                let hint = format!("set {key}, or give the entry a `default`");
                problems.error(at, message).hint(hint);
                return None;
            }
        },
    };
    match wanted.and_then(|wanted| wanted.convert(value)) {
        Ok(value) => Some(value),
        Err(error) => {
            let place = match (&error, source) {
                (ConversionError::UnknownType, _) => at.key("env_var_type"),
                (_, "default") => at.key("default"),
                _ => at.clone(),
            };
            let problem = problems.error(&place, error.to_string());
            if source == "environment" && error != ConversionError::UnknownType {
                problem.hint(format!("see the environment variable {key}"));
            }
            None
        }
    }
}

fn variable_name<'d>(
    declared: &'d Value,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<&'d str> {
    let name = declared.get("key").and_then(Value::as_str);
    if name.is_none() {
        let message = "a declaration of type 'env' must name the environment variable";
        let hint = "write {\"type\": \"env\", \"key\": \"NAME\"}";
        problems.error(at, message).hint(hint);
    }
    name
}

/// All secrets. Those of a vault are taken from `fetched`, or left out when that is `None`.
pub(super) fn resolve_secrets(
    secrets: &Map<String, Value>,
    overrides: &Overrides,
    environment: Environment<'_>,
    fetched: Option<&FromVault>,
    problems: &mut Problems,
) -> Map<String, Value> {
    let at = Pointer::root().key("secrets");
    let mut groups = Map::new();
    for (name, declared) in secrets {
        let group = match override_of(name, declared, overrides) {
            Some(group) => Some(group.clone()),
            None => resolve_secret(
                declared,
                &at.key(name),
                overrides,
                environment,
                fetched,
                problems,
            ),
        };
        groups.extend(group.map(|group| (name.clone(), group)));
    }
    groups
}

/// A whole group is replaced, and only one that is a map.
fn override_of<'o>(name: &str, declared: &Value, overrides: &'o Overrides) -> Option<&'o Value> {
    let replacement = overrides.secrets.get(name)?;
    (declared.is_object() && !replacement.is_null()).then_some(replacement)
}

fn resolve_secret(
    declared: &Value,
    at: &Pointer,
    overrides: &Overrides,
    environment: Environment<'_>,
    fetched: Option<&FromVault>,
    problems: &mut Problems,
) -> Option<Value> {
    let Value::Object(members) = declared else {
        return Some(declared.clone());
    };
    match type_of(declared) {
        Some("env") => {
            let key = variable_name(declared, at, problems)?;
            let value = overrides.variable(key, environment);
            if value.is_none() {
                let message = format!(
                    "Secrets make reference to an environment key that does not exist: {key}"
                );
                let hint = format!("set {key}; a secret has no default");
                problems.error(at, message).hint(hint);
            }
            value.map(Value::String)
        }
        Some("vault") => {
            if !declared.get("path").is_some_and(Value::is_string) {
                let message = "a secret of type 'vault' without a `path` is empty";
                let hint = "write {\"type\": \"vault\", \"path\": \"...\", \"key\": \"...\"}";
                problems.warning(at, message).hint(hint);
            }
            fetched?.get(at).cloned()
        }
        _ => {
            let mut resolved = Map::new();
            for (name, member) in members {
                let value = resolve_secret(
                    member,
                    &at.key(name),
                    overrides,
                    environment,
                    fetched,
                    problems,
                );
                resolved.extend(value.map(|value| (name.clone(), value)));
            }
            Some(Value::Object(resolved))
        }
    }
}

/// The vault secrets that are declared and not overridden, each with its definition.
pub(super) fn vault_secrets<'d>(
    secrets: &'d Map<String, Value>,
    overrides: &Overrides,
) -> Vec<(Pointer, &'d Map<String, Value>)> {
    fn collect<'d>(
        declared: &'d Value,
        at: &Pointer,
        found: &mut Vec<(Pointer, &'d Map<String, Value>)>,
    ) {
        let Value::Object(members) = declared else {
            return;
        };
        match type_of(declared) {
            Some("vault") => found.push((at.clone(), members)),
            Some("env") => {}
            _ => {
                for (name, member) in members {
                    collect(member, &at.key(name), found);
                }
            }
        }
    }
    let at = Pointer::root().key("secrets");
    let mut found = Vec::new();
    for (name, declared) in secrets {
        if override_of(name, declared, overrides).is_none() {
            collect(declared, &at.key(name), &mut found);
        }
    }
    found
}

/// Says which variables of the command line go nowhere.
pub(super) fn warn_of_undeclared(
    configuration: &Map<String, Value>,
    overrides: &Overrides,
    problems: &mut Problems,
) {
    let at = Pointer::root().key("configuration");
    for name in overrides.undeclared(configuration) {
        let message = format!("--var {name} has no effect: the configuration declares no '{name}'");
        let hint = match nearest(name, configuration.keys().map(String::as_str)) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("declare \"{name}\" under `configuration`"),
        };
        problems.warning(&at, message).hint(hint);
    }
}
