//! Declarations of configuration and secrets: their shape, not their values.

use super::shape;
use super::spelling;
use crate::document::{Pointer, Problems};
use serde_json::{Map, Value};

const ENV_VAR_TYPES: &[&str] = &[
    "str", "string", "int", "integer", "float", "number", "bytes", "bool", "json",
];

/// `configuration`: as written, its `env` and `probe` declarations well formed.
pub(super) fn read_configuration(
    document: &Map<String, Value>,
    problems: &mut Problems,
) -> Map<String, Value> {
    let Some(written) = document.get("configuration") else {
        return Map::new();
    };
    let at = Pointer::root().key("configuration");
    let Some(declared) = shape::object(written, "the configuration", &at, problems) else {
        return Map::new();
    };
    for (name, value) in declared {
        let at = at.key(name);
        match (value.as_object(), type_of(value)) {
            (Some(variable), Some("env")) => read_variable(variable, name, &at, problems),
            (Some(probe), Some("probe")) => read_dynamic(probe, name, &at, problems),
            _ => {}
        }
    }
    declared.clone()
}

/// `secrets`: as written, groups being objects and `env` declarations well formed.
pub(super) fn read_secrets(
    document: &Map<String, Value>,
    problems: &mut Problems,
) -> Map<String, Value> {
    let Some(written) = document.get("secrets") else {
        return Map::new();
    };
    let at = Pointer::root().key("secrets");
    let Some(groups) = shape::object(written, "secrets", &at, problems) else {
        return Map::new();
    };
    for (name, group) in groups {
        let at = at.key(name);
        if group.is_object() {
            read_secret(group, name, &at, problems);
            warn_of_old_vault(group, &at, problems);
        } else {
            problems
                .error(
                    &at,
                    format!(
                        "the group '{name}' of secrets must be an object, not {}",
                        shape::kind(group)
                    ),
                )
                .hint("put the secret into a group: {\"group\": {\"name\": ...}}");
        }
    }
    groups.clone()
}

fn type_of(value: &Value) -> Option<&str> {
    value.get("type")?.as_str()
}

fn read_variable(variable: &Map<String, Value>, name: &str, at: &Pointer, problems: &mut Problems) {
    read_key(variable, name, at, problems);
    let Some(wanted) = variable
        .get("env_var_type")
        .filter(|wanted| !wanted.is_null())
    else {
        return;
    };
    let wanted = shape::text(wanted);
    if !ENV_VAR_TYPES.contains(&wanted.as_ref()) {
        problems
            .error(
                &at.key("env_var_type"),
                "variable type can only be: bool, str, int, float, bytes or json",
            )
            .hint(spelling::one_of(&wanted, ENV_VAR_TYPES));
    }
}

/// `key`: the environment variable.
fn read_key(variable: &Map<String, Value>, name: &str, at: &Pointer, problems: &mut Problems) {
    match variable.get("key") {
        Some(Value::String(_)) => {}
        Some(other) => {
            problems.error(
                &at.key("key"),
                format!(
                    "the 'key' of '{name}' must be the name of an environment variable, not {}",
                    shape::kind(other)
                ),
            );
        }
        None => {
            let problem = problems.error(
                at,
                format!("'{name}' must have a 'key': the name of an environment variable"),
            );
            spelling::hint_misspelt(problem, variable, "key");
        }
    }
}

/// A probe that gives a configuration value at the start of a run. What it calls is checked by
/// [`crate::preflight`], because an override can take the probe's place.
fn read_dynamic(probe: &Map<String, Value>, name: &str, at: &Pointer, problems: &mut Problems) {
    let Some(provider) = probe.get("provider") else {
        let problem = problems.error(at, format!("the probe of '{name}' requires a provider"));
        spelling::hint_misspelt(problem, probe, "provider");
        return;
    };
    let at = at.key("provider");
    let what = format!("the provider of '{name}'");
    if let Some(provider) = shape::object(provider, &what, &at, problems)
        && shape::filled(provider, "type").is_none()
    {
        let problem = problems.error(&at, "a provider must have a type");
        spelling::hint_misspelt(problem, provider, "type");
    }
}

/// Groups nest; a declaration can stand at any depth.
fn read_secret(secret: &Value, name: &str, at: &Pointer, problems: &mut Problems) {
    let Some(members) = secret.as_object() else {
        return;
    };
    match type_of(secret) {
        Some("env") => read_key(members, name, at, problems),
        Some("vault") => {}
        _ => {
            for (name, member) in members {
                read_secret(member, name, &at.key(name), problems);
            }
        }
    }
}

fn warn_of_old_vault(group: &Value, at: &Pointer, problems: &mut Problems) {
    for (name, secret) in group.as_object().into_iter().flatten() {
        let is_vault = type_of(secret) == Some("vault");
        if is_vault && secret.get("key").is_some() && secret.get("path").is_none() {
            problems.warning(
                &at.key(name),
                "Vault secrets must now specify the `path` property. The `key` property is now \
                 a key of a Vault secret rather than the actual path. For instance: \
                 {'my-key': {'type': 'vault', 'key': 'foo'}} now becomes: \
                 {'my-key': {'type': 'vault', 'path': 'foo'}}",
            );
        }
    }
}
