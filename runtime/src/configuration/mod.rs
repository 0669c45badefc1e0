//! Configuration and secrets: declarations in, values out.

use crate::document::{Pointer, Problems};
use crate::substitution::Variables;
use serde_json::{Map, Value};

/// `--var` and `--var-file`, parsed.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Replaces declared configuration keys.
    pub configuration: Map<String, Value>,
    /// Replaces whole groups of secrets.
    pub secrets: Map<String, Value>,
}

/// Looks up environment variables; a function so that the rules stay pure.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// Static resolution: everything but vault and dynamic configuration.
pub fn resolve_static(
    configuration: &Map<String, Value>,
    secrets: &Map<String, Value>,
    overrides: &Overrides,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Variables {
    let _ = (
        configuration,
        secrets,
        overrides,
        environment,
        problems,
        Pointer::root(),
    );
    Variables::default()
}

/// Resolution of everything (being built).
pub async fn resolve(
    experiment: &crate::experiment::Experiment,
    overrides: &Overrides,
    default_timeout: std::time::Duration,
) -> Result<Variables, std::io::Error> {
    let _ = (overrides, default_timeout);
    Ok(Variables {
        configuration: experiment.configuration.clone(),
        secrets: experiment.secrets.clone(),
    })
}
/// Secrets.
pub fn secret_values(_variables: &Variables) -> Vec<String> {
    Vec::new()
}
/// Mask.
pub fn mask_inline_secrets(_secrets: &mut Value) {}
