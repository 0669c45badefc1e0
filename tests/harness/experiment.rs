//! Short ways to write an experiment down.

use crate::sandbox::{Finished, Sandbox};
use serde_json::{Value, json};
use std::io;

/// An experiment with this method.
pub fn experiment(method: &[Value]) -> Value {
    json!({ "title": "experiment", "description": "of a test", "method": method })
}

/// The same with one more top-level key.
#[must_use]
pub fn with(mut experiment: Value, key: &str, value: Value) -> Value {
    if let Some(map) = experiment.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
    experiment
}

/// The same with a hypothesis of these probes.
#[must_use]
pub fn with_hypothesis(experiment: Value, probes: &[Value]) -> Value {
    let hypothesis = json!({ "title": "steady", "probes": probes });
    with(experiment, "steady-state-hypothesis", hypothesis)
}

/// A probe that expects an HTTP status.
pub fn expects(name: &str, url: &str, status: u16) -> Value {
    json!({
        "type": "probe", "name": name, "tolerance": status,
        "provider": { "type": "http", "url": url }
    })
}

/// An action that gets a URL.
pub fn get(name: &str, url: &str) -> Value {
    json!({ "type": "action", "name": name, "provider": { "type": "http", "url": url } })
}

/// An action that runs a shell's script.
pub fn shell(name: &str, script: &str) -> Value {
    json!({
        "type": "action", "name": name,
        "provider": { "type": "process", "path": "sh", "arguments": ["-c", script] }
    })
}

/// Writes `experiment.json` and runs it with these arguments to its end.
///
/// # Errors
/// When it cannot be started or doesn't end.
pub fn run(sandbox: &Sandbox, experiment: &Value, arguments: &[&str]) -> io::Result<Finished> {
    sandbox.write("experiment.json", experiment.to_string())?;
    let mut command = sandbox.chaos(["run", "experiment.json"])?;
    command.args(arguments);
    sandbox.run(command)
}
