//! Preflight: what only this machine can tell about an experiment, before anything runs.
//!
//! Not pure: it looks for programs and environment variables.

use crate::configuration::Overrides;
use crate::document::{Pointer, Problems};
use crate::experiment::Experiment;
use crate::provider::Provider;
use serde_json::Value;

/// Checks what the experiment needs of this machine: what is missing goes to `problems`.
///
/// `overrides` take the place of what the document declares, as they will in the run.
pub fn check(experiment: &Experiment, overrides: &Overrides, problems: &mut Problems) {
    check_dynamic_configuration(experiment, overrides, problems);
}

/// Probes that give configuration values, unless an override does.
fn check_dynamic_configuration(
    experiment: &Experiment,
    overrides: &Overrides,
    problems: &mut Problems,
) {
    let at = Pointer::root().key("configuration");
    for (key, declared) in &experiment.configuration {
        if overrides.configuration.contains_key(key)
            || declared.get("type").and_then(Value::as_str) != Some("probe")
        {
            continue;
        }
        let name = declared.get("name").and_then(Value::as_str).unwrap_or(key);
        if let Some(provider) = declared.get("provider") {
            Provider::parse(provider, name, &at.key(key).key("provider"), problems);
        }
    }
}
