//! Configuration and secrets: declarations in, values out.

mod conversion;
mod declared;
mod dynamic;
mod overrides;
pub mod vault;

pub use overrides::{OverrideError, Overrides};

use crate::document::{Pointer, Problems};
use crate::experiment::Experiment;
use crate::log::Redaction;
use crate::plugin::Plugins;
use crate::substitution::Variables;
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::permit::Permit;
use chaos_host_api::redact::{MASK, Redactor, is_maskable};
use chaos_host_api::{Door, Effect, Pass, limits};
use declared::FromVault;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use vault::{Fetched, Vault};

/// The configuration keys that hold credentials for a vault.
pub(crate) const VAULT_CREDENTIALS: [&str; 2] = ["vault_token", "vault_role_secret"];

/// Looks up environment variables; a function so that the rules stay pure.
pub type Environment<'e> = &'e (dyn Fn(&str) -> Option<String> + Sync);

/// Static resolution: everything but vault and dynamic configuration, whose entries are left out.
///
/// Its problems are what a preflight finds out about the environment.
pub fn resolve_static(
    configuration: &Map<String, Value>,
    secrets: &Map<String, Value>,
    overrides: &Overrides,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Variables {
    declared::warn_of_undeclared(configuration, overrides, problems);
    let at = Pointer::root().key("configuration");
    let mut resolved = Map::new();
    for (key, value) in declared::overridden(configuration, overrides) {
        if !declared::is_dynamic(value) {
            let value =
                declared::resolve_entry(value, &at.key(key), overrides, environment, problems);
            resolved.extend(value.map(|value| (key.clone(), value)));
        }
    }
    Variables {
        configuration: resolved,
        secrets: declared::resolve_secrets(secrets, overrides, environment, None, problems),
    }
}

/// Configuration or secrets that could not be resolved.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", listed(.0))]
pub struct Unresolved(pub Problems);

fn listed(problems: &Problems) -> String {
    let errors = problems.errors();
    let lines = errors.map(|problem| format!("{} (at {})", problem.message, problem.pointer));
    lines.collect::<Vec<_>>().join("; ")
}

/// Resolves everything: overrides, environment, secrets of a vault, dynamic configuration.
///
/// `default_timeout` holds for each probe that names none. `redaction` learns the secrets as soon
/// as they are known, before any probe can show one. What the probes do is charged to a budget
/// of their own: the run has not begun.
///
/// # Errors
/// A variable of the environment is missing or not of its type; a vault refuses. A dynamic entry
/// that fails is no error: its key is left out, with one warning for all of them.
pub async fn resolve(
    experiment: &Experiment,
    overrides: &Overrides,
    default_timeout: Duration,
    redaction: &Redaction,
    plugins: &Plugins,
    permit: Option<&Arc<Permit>>,
    ceilings: &Ceilings,
) -> Result<Variables, Unresolved> {
    let door = Door::new(Arc::new(NoLedger), ceilings.clone())
        .with_environment(overrides.process_environment());
    let door = Arc::new(door);
    let environment = |name: &str| std::env::var(name).ok();
    let mut problems = Problems::new();

    tracing::debug!("Loading configuration...");
    let configuration = &experiment.configuration;
    let declarations = &experiment.secrets;
    let mut variables = resolve_static(
        configuration,
        declarations,
        overrides,
        &environment,
        &mut problems,
    );
    // Validation has said the warnings; whoever goes without it goes without them.
    for warning in problems.warnings() {
        tracing::debug!("{}", warning.message);
    }
    if problems.has_errors() {
        return Err(Unresolved(problems));
    }
    redaction.learn(Redactor::new(secret_values(&variables)));

    tracing::debug!("Loading secrets...");
    let wanted = declared::vault_secrets(declarations, overrides);
    if !wanted.is_empty() {
        let fetched = fetch(&wanted, &variables, &door, &mut problems).await;
        if problems.has_errors() {
            return Err(Unresolved(problems));
        }
        variables.secrets = declared::resolve_secrets(
            declarations,
            overrides,
            &environment,
            Some(&fetched),
            &mut problems,
        );
        redaction.learn(Redactor::new(secret_values(&variables)));
    }
    let values = secret_values(&variables);
    let short = values.iter().filter(|value| !is_maskable(value)).count();
    if short > 0 {
        tracing::warn!("{short} of the secrets are too short to be masked in what is written");
    }
    tracing::debug!("Done loading secrets");

    let dynamic = dynamic::Resolution {
        door: &door,
        default_timeout,
        overrides,
        plugins,
        permit,
    };
    variables.configuration = dynamic.resolve(configuration, &variables).await;
    Ok(variables)
}

/// Reads the secrets of a vault.
async fn fetch(
    wanted: &[(Pointer, &Map<String, Value>)],
    variables: &Variables,
    door: &Door,
    problems: &mut Problems,
) -> FromVault {
    let mut fetched = FromVault::new();
    // Each exchange has a bound of its own.
    let deadline = Deadline::after(limits::VAULT_TIMEOUT * 10);
    let pass = Pass::new("secrets", Effect::Read, deadline);
    let vault = match Vault::connect(&variables.configuration, door, &pass).await {
        Ok(vault) => vault,
        Err(error) => {
            problems.error(&Pointer::root().key("secrets"), error.to_string());
            return fetched;
        }
    };
    for (at, declared) in wanted {
        match vault.read(declared).await {
            Ok(Fetched { value, warning }) => {
                if let Some(warning) = warning {
                    tracing::warn!("{warning}");
                }
                fetched.insert(at.clone(), value);
            }
            Err(error) => {
                problems.error(at, error.to_string());
            }
        }
    }
    fetched
}

/// Masks the values that stand in the `secrets` of a document itself. Declarations of type `env`
/// and `vault` say where a value is, not what it is, and are left.
pub fn mask_inline_secrets(secrets: &mut Value) {
    match secrets {
        Value::Object(members) => {
            let elsewhere = members.get("type").and_then(Value::as_str);
            if !matches!(elsewhere, Some("env" | "vault")) {
                members.values_mut().for_each(mask_inline_secrets);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask_inline_secrets),
        Value::String(_) | Value::Number(_) => *secrets = Value::from(MASK),
        Value::Bool(_) | Value::Null => {}
    }
}

/// The values that [`mask_inline_secrets`] masks, and the credentials for a vault, as they stand in
/// an experiment.
pub fn inline_secrets(experiment: &Value) -> Vec<String> {
    fn collect(secrets: &Value, values: &mut Vec<String>) {
        match secrets {
            Value::Object(members) => {
                let elsewhere = members.get("type").and_then(Value::as_str);
                if !matches!(elsewhere, Some("env" | "vault")) {
                    members.values().for_each(|member| collect(member, values));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
            leaf => collect_leaves(leaf, values),
        }
    }
    let mut values = Vec::new();
    if let Some(secrets) = experiment.get("secrets") {
        collect(secrets, &mut values);
    }
    let credentials = VAULT_CREDENTIALS.iter();
    for credential in credentials.filter_map(|key| experiment.get("configuration")?.get(*key)) {
        if credential.is_string() {
            collect_leaves(credential, &mut values);
        }
    }
    values
}

/// What must not be shown: every value among the secrets, and the credentials for a vault.
pub fn secret_values(variables: &Variables) -> Vec<String> {
    let credentials = VAULT_CREDENTIALS
        .iter()
        .filter_map(|key| variables.configuration.get(*key));
    let mut values = Vec::new();
    for value in variables.secrets.values().chain(credentials) {
        collect_leaves(value, &mut values);
    }
    values
}

fn collect_leaves(value: &Value, leaves: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.is_empty() => leaves.push(text.clone()),
        Value::Number(number) => leaves.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect_leaves(item, leaves)),
        Value::Object(map) => map.values().for_each(|item| collect_leaves(item, leaves)),
        // Masking every `true` would hide nothing and garble everything.
        Value::String(_) | Value::Bool(_) | Value::Null => {}
    }
}

#[cfg(test)]
mod tests;
