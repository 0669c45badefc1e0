//! Running one case.

use super::difference::difference;
use super::recorded::Recorded;
use super::{Case, Expected};
use crate::plugin::{Engaged, Guests, Kind, Plugins};
use crate::provider::{Call, Failure};
use crate::substitution::Variables;
use chaos_host_api::answers::Answers;
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::ledger::{Done, Intent, Ledger, NotWritten};
use chaos_host_api::permit::Layer;
use chaos_host_api::{Door, Effect, Pass};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a call may take, waiting included (which takes no time here).
const TIMEOUT: Duration = Duration::from_secs(60);

/// Runs a case against a plugin. Nothing leaves: calls pass the door, and what would have left is
/// answered by the case.
///
/// # Errors
/// Not all is as expected: what is not, line by line.
pub async fn run(plugin: &Engaged, case: Case) -> Result<(), Vec<String>> {
    let operator = case.grants.map(|lines| Layer {
        name: "the case's `grants`".to_owned(),
        grants: lines.0,
    });
    let plugin = plugin.anew(operator);
    let recorded = Arc::new(Recorded::new(case.http, case.kubernetes));
    let denials = Arc::new(Denials::default());
    let answers: Arc<dyn Answers> = Arc::clone(&recorded) as _;
    let ledger: Arc<dyn Ledger> = Arc::clone(&denials) as _;
    let door = Door::new(ledger, Ceilings::default())
        .with_environment(
            ANY_CLUSTER
                .map(|(name, value)| (name.into(), value.into()))
                .into(),
        )
        .with_answers(answers);
    let secrets = case
        .secrets
        .into_iter()
        .map(|(target, keys)| (target, json!(keys)));
    let variables = Variables {
        configuration: case.configuration,
        secrets: secrets.collect(),
    };
    let function = plugin.plugin.signature.find(None, &case.function).ok();
    let call = Call {
        door: &Arc::new(door),
        pass: Pass::new("test", Effect::Mutate, Deadline::after(TIMEOUT)),
        variables: &Arc::new(variables),
        plugins: &Plugins::default(),
        guests: &Guests::default(),
        has_tolerance: true,
    };
    let kind = function.map_or(Kind::Action, |function| function.kind);
    let result = plugin
        .call(
            &case.function,
            kind,
            &case.arguments,
            plugin.limits.clone(),
            Map::new(),
            &call,
        )
        .await;
    let usage = plugin.permit.usage();
    let mut denied = denials.take();
    let named = usage.lacking.iter().map(|lacking| {
        let text = format!(
            "denied: {} \"{}\" is not granted",
            lacking.key, lacking.line
        );
        (lacking.key.clone(), text)
    });
    denied.extend(named.filter(|(key, _)| !["http", "kubernetes"].contains(&key.as_str())));
    let mut problems = unexpected(&case.expect, result, &denied);
    problems.extend(recorded.problems());
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems),
    }
}

/// A cluster that is never asked for anything, whatever this machine knows of clusters.
const ANY_CLUSTER: [(&str, &str); 3] = [
    ("KUBECONFIG", "/dev/null/kubeconfig"),
    ("CHAOSTOOLKIT_IN_POD", "false"),
    ("KUBERNETES_HOST", "https://kubernetes.invalid"),
];

fn unexpected(
    expected: &Expected,
    result: Result<Value, Failure>,
    denied: &[(String, String)],
) -> Vec<String> {
    let told = result.map_err(|failure| failure.to_string());
    let mut lines = match (expected, &told) {
        (Expected::Denied(right), _) => {
            return match denied.iter().any(|(key, _)| key == right.name()) {
                true => Vec::new(),
                false => vec![format!("- denied: {}", right.name()), outcome(&told)],
            };
        }
        (Expected::Result(expected), Ok(got)) => {
            let places = difference(expected, got);
            if places.is_empty() {
                return Vec::new();
            }
            std::iter::once("the result is another one".to_owned())
                .chain(places.into_iter().map(|line| format!("  {line}")))
                .collect()
        }
        (Expected::Error(expected), Err(got)) if expected == got => return Vec::new(),
        (Expected::Result(value), Err(_)) => vec![format!("- result: {value}"), outcome(&told)],
        (Expected::Error(text), _) => vec![format!("- error: {text}"), outcome(&told)],
    };
    for (_, text) in denied {
        if !lines.iter().any(|line| line.contains(text)) {
            lines.push(text.clone());
        }
    }
    lines
}

fn outcome(told: &Result<Value, String>) -> String {
    match told {
        Ok(value) => format!("+ result: {value}"),
        Err(text) => format!("+ error: {text}"),
    }
}

/// Keeps what the door denied: the kind of call, and the denial.
#[derive(Default)]
struct Denials(Mutex<Vec<(String, String)>>);

impl Denials {
    fn take(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Ledger for Denials {
    fn intent(&self, _: Intent) -> BoxFuture<'_, Result<(), NotWritten>> {
        Box::pin(async { Ok(()) })
    }

    fn done(&self, done: Done) {
        if let Some(error) = done.error.filter(|error| error.starts_with("denied: ")) {
            let mut denied = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            denied.push((done.kind, error));
        }
    }
}
