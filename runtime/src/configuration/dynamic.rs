//! Configuration that probes give at the start of a run.

use super::Overrides;
use super::declared::{is_dynamic, overridden};
use crate::document::{Pointer, Problems};
use crate::plugin::{Guests, Plugins};
use crate::provider::{Call, Provider};
use crate::python;
use crate::substitution::Variables;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::permit::Permit;
use chaos_host_api::{Door, Effect, Pass};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

/// The reference's words (its missing space too).
const INCOMPLETE: &str = "Some of the dynamic configuration failed to be loaded.Please review the \
     log file for understanding what happened.";

pub(super) struct Resolution<'r> {
    pub(super) door: &'r Arc<Door>,
    pub(super) plugins: &'r Plugins,
    pub(super) permit: Option<&'r Arc<Permit>>,
    pub(super) default_timeout: Duration,
    pub(super) overrides: &'r Overrides,
}

impl Resolution<'_> {
    /// The whole configuration in the document's order, given what is known already. A probe sees
    /// the secrets, and of the configuration what stands before it.
    pub(super) async fn resolve(
        &self,
        configuration: &Map<String, Value>,
        known: &Variables,
    ) -> Map<String, Value> {
        let mut so_far = Variables {
            configuration: Map::new(),
            secrets: known.secrets.clone(),
        };
        let mut complete = true;
        for (key, declared) in overridden(configuration, self.overrides) {
            let value = if is_dynamic(declared) {
                let name = declared.get("name").and_then(Value::as_str).unwrap_or(key);
                match self.ask(key, name, declared, &so_far).await {
                    Ok(value) => Some(value),
                    Err(reason) => {
                        complete = false;
                        tracing::debug!("Failed to load configuration '{name}': {reason}");
                        None
                    }
                }
            } else {
                known.configuration.get(key).cloned()
            };
            let entry = value.map(|value| (key.clone(), value));
            so_far.configuration.extend(entry);
        }
        if !complete {
            tracing::warn!("{INCOMPLETE}");
        }
        so_far.configuration
    }

    async fn ask(
        &self,
        key: &str,
        name: &str,
        declared: &Value,
        variables: &Variables,
    ) -> Result<Value, String> {
        let mut problems = Problems::new();
        let at = Pointer::root().key("configuration").key(key);
        let provider = declared.get("provider").unwrap_or(&Value::Null);
        let provider = Provider::parse(provider, name, &at.key("provider"), &mut problems)
            .ok_or_else(|| super::listed(&problems))?;
        let own = declared.get("timeout").and_then(Value::as_f64);
        let timeout = provider.timeout_within(own, variables, self.default_timeout);
        let variables = Arc::new(variables.clone());
        let deadline = Deadline::after(timeout);
        let pass = Pass::new(format!("configuration/{key}"), Effect::Read, deadline);
        let call = Call {
            door: self.door,
            plugins: self.plugins,
            guests: &Guests::default(),
            pass: match self.permit {
                Some(permit) => pass.with_permit(Arc::clone(permit)),
                None => pass,
            },
            variables: &variables,
            has_tolerance: declared.get("tolerance").is_some(),
        };
        let output = provider.call(&call).await;
        let output = output.map_err(|failure| failure.to_string())?;
        match provider {
            Provider::Process(_) => printed(&output),
            Provider::Http(_) => Ok(output.get("body").cloned().unwrap_or_default()),
            Provider::Kubernetes(_) | Provider::Stdlib(_) | Provider::Plugin(_) => Ok(output),
        }
    }
}

/// What a process that ended well printed.
fn printed(output: &Value) -> Result<Value, String> {
    let text = |stream: &str| output.get(stream).and_then(Value::as_str).unwrap_or("");
    match output.get("status").and_then(Value::as_i64) {
        Some(0) => Ok(Value::from(python::strip(text("stdout")))),
        _ => Err(format!("it ended badly: {}", text("stderr"))),
    }
}
