//! Providers: what an activity asks the door to do.
//!
//! Each owns the meaning of its part of an activity: reading and checking it, turning arguments
//! into calls, turning answers into the values that the reference gives.

pub mod http;
pub mod kubernetes;
pub mod process;
pub mod signature;
pub mod stdlib;

use crate::document::{Pointer, Problems};
use crate::substitution::Variables;
use chaos_host_api::{Door, Pass, Refusal};
use serde_json::Value;
use std::time::Duration;

/// Who serves an activity. Closed: extension happens in WebAssembly, not here.
#[derive(Debug, Clone)]
pub enum Provider {
    /// `type: http`.
    Http(http::Http),
    /// `type: process`.
    Process(process::Process),
    /// `type: kubernetes`, or `python` with a `chaosk8s` module.
    Kubernetes(kubernetes::Kubernetes),
    /// `type: python` with one of the standard-library functions served natively.
    Stdlib(stdlib::Stdlib),
}

/// What a provider gets to work with.
pub struct Call<'c> {
    /// The only way out.
    pub door: &'c Door,
    /// Who calls, until when.
    pub pass: Pass,
    /// For `${}`.
    pub variables: &'c Variables,
    /// Whether the activity is held to a tolerance (else some answers deserve a warning).
    pub has_tolerance: bool,
}

/// How an activity failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// An ordinary failure: the run goes on. The reference's `ActivityFailed`.
    #[error("{0}")]
    Failed(String),
    /// One that the reference does not expect: the method ends (`aborted`).
    #[error("{0}")]
    Unexpected(String),
    /// The time asked for was over. Ordinary for the run.
    #[error("{0}")]
    TimedOut(String),
    /// Rights or budget. Ordinary for the run; the verdict is `denied`.
    #[error("{0}")]
    Denied(String),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        let text = refusal.to_string();
        match refusal {
            Refusal::TooLate => Failure::TimedOut(text),
            refusal if refusal.is_denial() => Failure::Denied(text),
            _ => Failure::Failed(text),
        }
    }
}

impl Provider {
    /// Reads the `provider` of an activity called `activity`; what is wrong goes to `problems`.
    pub fn parse(
        provider: &Value,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Provider> {
        let _ = (provider, activity, at, problems);
        None
    }

    /// The `timeout` it asks for, resolved; `None` when it asks for none.
    pub fn timeout(&self, variables: &Variables) -> Option<Duration> {
        match self {
            Provider::Http(http) => http.timeout(variables),
            Provider::Process(process) => process.timeout(),
            Provider::Kubernetes(_) | Provider::Stdlib(_) => None,
        }
    }

    /// Does it, within the pass's deadline.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn call(&self, call: &Call<'_>) -> Result<Value, Failure> {
        match self {
            Provider::Http(http) => http.call(call).await,
            Provider::Process(process) => process.call(call).await,
            Provider::Kubernetes(kubernetes) => kubernetes.call(call).await,
            Provider::Stdlib(stdlib) => stdlib.call(call).await,
        }
    }
}
