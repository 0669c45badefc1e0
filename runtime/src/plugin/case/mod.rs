//! A plugin's own test cases: one call each, what it asks of the world with the answers, and what
//! comes of it. `docs/plugins.md` has the format.

mod difference;
mod folder;
mod recorded;
mod run;
#[cfg(test)]
mod tests;

pub use folder::{Found, NotReady, built, cases};
pub use run::run;

use chaos_host_api::grant::{Grant, Grants};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// One call and what is expected of it. Keys that nobody knows are errors.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Which function is called.
    function: String,
    /// With what.
    #[serde(default)]
    arguments: Map<String, Value>,
    /// The experiment's configuration, as values.
    #[serde(default)]
    configuration: Map<String, Value>,
    /// The experiment's secrets: target, key, value.
    #[serde(default)]
    secrets: BTreeMap<String, BTreeMap<String, String>>,
    /// What the operator grants. `None`: all that the manifest asks for.
    grants: Option<Lines>,
    /// HTTP requests with their answers, in order.
    #[serde(default)]
    http: Vec<Exchange>,
    /// Kubernetes calls with their answers, in order.
    #[serde(default)]
    kubernetes: Vec<Exchange>,
    /// What comes of it.
    expect: Expected,
}

/// A case's file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("it is no case: {0}")]
pub struct NotACase(String);

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// It is not JSON, holds a key that nobody knows, lacks one, or has a value that is none.
    pub fn parse(text: &str) -> Result<Case, NotACase> {
        let case: Case = serde_json::from_str(text).map_err(|error| NotACase(error.to_string()))?;
        let timed = case.kubernetes.iter().any(|exchange| {
            matches!(&exchange.response, Response::Answer { elapsed, .. } if !elapsed.is_zero())
        });
        match timed {
            true => Err(NotACase(
                "`elapsed` is for `http`: plugins are not told how long a Kubernetes call took"
                    .to_owned(),
            )),
            false => Ok(case),
        }
    }
}

/// Grants, as lines of the form that `--grant` has.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Vec<String>")]
struct Lines(Grants);

impl TryFrom<Vec<String>> for Lines {
    type Error = String;

    fn try_from(lines: Vec<String>) -> Result<Lines, String> {
        let grants: Result<Vec<Grant>, String> = lines
            .iter()
            .map(|line| line.parse::<Grant>().map_err(|error| error.to_string()))
            .collect();
        Ok(Lines(grants?.into_iter().collect()))
    }
}

/// A request and its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    request: Request,
    response: Response,
}

/// What is asked. Headers that are not named are not looked at, nor is a body.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RawResponse")]
enum Response {
    Answer {
        status: u16,
        headers: BTreeMap<String, String>,
        body: String,
        elapsed: Duration,
    },
    /// The connection fails.
    Error(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawResponse {
    status: Option<u16>,
    headers: Option<BTreeMap<String, String>>,
    body: Option<Value>,
    elapsed: Option<f64>,
    error: Option<String>,
}

impl TryFrom<RawResponse> for Response {
    type Error = String;

    fn try_from(raw: RawResponse) -> Result<Response, String> {
        let RawResponse {
            status,
            headers,
            body,
            elapsed,
            error,
        } = raw;
        if let Some(error) = error {
            let alone =
                status.is_none() && headers.is_none() && body.is_none() && elapsed.is_none();
            return match alone {
                true => Ok(Response::Error(error)),
                false => Err("a response with an `error` has nothing else".to_owned()),
            };
        }
        let status = status.ok_or("a response needs a `status`, or an `error` instead")?;
        if !(100..=599).contains(&status) {
            return Err(format!("{status} is no HTTP status"));
        }
        let elapsed = elapsed.unwrap_or_default();
        Ok(Response::Answer {
            status,
            headers: headers.unwrap_or_default(),
            body: body.map(text).unwrap_or_default(),
            elapsed: Duration::try_from_secs_f64(elapsed)
                .map_err(|_| format!("{elapsed} is no time in seconds"))?,
        })
    }
}

/// A body: text as it is, anything else as JSON.
fn text(body: Value) -> String {
    match body {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// What is to come of a call.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expected {
    /// This value.
    Result(Value),
    /// A failure with this text.
    Error(String),
    /// Something was asked for that is not granted; whatever the plugin made of that.
    Denied(Right),
}

/// What a plugin may be denied: the list that lacks a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Right {
    Http,
    Kubernetes,
    Secrets,
    Configuration,
}

impl Right {
    fn name(self) -> &'static str {
        match self {
            Right::Http => "http",
            Right::Kubernetes => "kubernetes",
            Right::Secrets => "secrets",
            Right::Configuration => "configuration",
        }
    }
}
