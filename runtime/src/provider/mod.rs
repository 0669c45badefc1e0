//! Providers: what an activity asks the door to do.
//!
//! Each owns the meaning of its part of an activity: reading and checking it, turning arguments
//! into calls, turning answers into the values that the reference gives.

mod extensions;
pub mod http;
pub mod kubernetes;
pub mod modules;
pub mod plugin;
pub mod process;
pub mod signature;
pub mod stdlib;

use crate::document::{Pointer, Problems};
use crate::experiment;
use crate::plugin::{Guests, Plugins};
use crate::substitution::Variables;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::{Door, Pass, Refusal};
use futures_util::FutureExt;
use serde_json::{Map, Value};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// Who serves an activity. Closed: extension happens in WebAssembly, not here.
#[derive(Debug, Clone)]
pub enum Provider {
    /// `type: http`.
    Http(Box<http::Http>),
    /// `type: process`.
    Process(process::Process),
    /// `type: kubernetes`, or `python` with a `chaosk8s` module.
    Kubernetes(kubernetes::Kubernetes),
    /// `type: python` with one of the standard-library functions served natively.
    Stdlib(stdlib::Stdlib),
    /// `type: wasm`, or `python` with a module that a plugin may serve.
    Plugin(Box<plugin::Plugin>),
}

/// What a provider gets to work with.
pub struct Call<'c> {
    /// The only way out.
    pub door: &'c Arc<Door>,
    /// Who calls, until when.
    pub pass: Pass,
    /// For `${}`.
    pub variables: &'c Arc<Variables>,
    /// Those that the experiment names.
    pub plugins: &'c Plugins,
    /// Where guests that were called are noted.
    pub guests: &'c Guests,
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

/// How long after its deadline a provider may clean up; then it is dropped.
const BACKSTOP: Duration = Duration::from_secs(5);

/// What is said of an activity in which the runner has a bug.
pub(crate) const CRASHED: &str = "the runner itself failed in this activity; please report it";

/// The reference's words.
pub(crate) const TOO_LONG: &str = "activity took too long to complete";

/// The values of a provider's `type`.
const TYPES: &[&str] = &["http", "process", "python", "kubernetes", "wasm"];

/// Types that later versions will serve.
const PLANNED: &[&str] = &["script"];

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
    ///
    /// `None` when it is wrong. `at` is the provider's own place.
    pub fn parse(
        provider: &Value,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Provider> {
        let Some(object) = provider.as_object() else {
            problems.error(
                at,
                format!(
                    "the provider of activity '{activity}' must be an object, not {}",
                    experiment::kind(provider)
                ),
            );
            return None;
        };
        let Some(kind) = experiment::filled(object, "type") else {
            let problem = problems.error(at, "a provider must have a type");
            problem.hint(format!("use one of: {}", TYPES.join(", ")));
            experiment::hint_misspelt(problem, object, "type");
            return None;
        };
        warn_of_misspelt_keys(object, kind.as_str().unwrap_or_default(), at, problems);
        match kind.as_str() {
            Some("http") => http::Http::parse(provider, activity, at, problems)
                .map(|http| Provider::Http(Box::new(http))),
            Some("process") => {
                process::Process::parse(provider, activity, at, problems).map(Provider::Process)
            }
            Some("kubernetes" | "k8s") => {
                kubernetes::Kubernetes::parse(provider, activity, at, problems)
                    .map(Provider::Kubernetes)
            }
            Some("python") => Provider::parse_python(provider, activity, at, problems),
            Some("wasm") => plugin::Plugin::parse(provider, activity, at, problems)
                .map(|plugin| Provider::Plugin(Box::new(plugin))),
            _ => {
                let kind = experiment::text(kind);
                let message = format!("unknown provider type '{kind}'");
                let problem = problems.error(&at.key("type"), message);
                if PLANNED.contains(&kind.as_ref()) {
                    problem.hint(format!(
                        "this build does not have '{kind}' providers yet; use one of: {}",
                        TYPES.join(", ")
                    ));
                } else {
                    problem.hint(experiment::one_of(&kind, TYPES));
                }
                None
            }
        }
    }

    /// Python is not run: its modules that are known are served natively. Whether a plugin serves
    /// another one is [`modules::Modules`]' to say.
    fn parse_python(
        provider: &Value,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Provider> {
        let object = provider.as_object()?;
        let [module, function] = [
            ("module", "a Python activity must have a module path"),
            ("func", "a Python activity must have a function name"),
        ]
        .map(|(key, message)| {
            let written = experiment::filled(object, key).map(experiment::text);
            if written.is_none() {
                experiment::hint_misspelt(problems.error(at, message), object, key);
            }
            written
        });
        let (module, function) = (module?, function?);
        if kubernetes::owns(&module) {
            kubernetes::Kubernetes::parse(provider, activity, at, problems)
                .map(Provider::Kubernetes)
        } else if stdlib::owns(&module, &function) {
            stdlib::Stdlib::parse(provider, activity, at, problems).map(Provider::Stdlib)
        } else if extensions::is_standard(&module) {
            let (message, hint) = extensions::refusal(&module, &function, activity);
            problems.error(&at.key("module"), message).hint(hint);
            None
        } else {
            plugin::Plugin::parse_python(provider, &module, &function, activity, at, problems)
                .map(|plugin| Provider::Plugin(Box::new(plugin)))
        }
    }

    /// The `timeout` it asks for, resolved; `None` when it asks for none.
    pub fn timeout(&self, variables: &Variables) -> Option<Duration> {
        match self {
            Provider::Http(http) => http.timeout(variables),
            Provider::Process(process) => process.timeout(),
            Provider::Kubernetes(kubernetes) => kubernetes.timeout(variables),
            Provider::Stdlib(_) => None,
            Provider::Plugin(plugin) => plugin.component.timeout(variables),
        }
    }

    /// The sooner of its own timeout and `activity`'s (seconds), or else `default`.
    pub fn timeout_within(
        &self,
        activity: Option<f64>,
        variables: &Variables,
        default: Duration,
    ) -> Duration {
        let activity = activity.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        match (activity, self.timeout(variables)) {
            (Some(activity), Some(own)) => activity.min(own),
            (activity, own) => activity.or(own).unwrap_or(default),
        }
    }

    /// Whether `output` says that the activity found nothing to act upon, though it succeeded: the
    /// fault never happened.
    pub fn touched_nothing(&self, output: &Value) -> bool {
        match self {
            Provider::Kubernetes(kubernetes) => kubernetes.touched_nothing(output),
            Provider::Http(_)
            | Provider::Process(_)
            | Provider::Stdlib(_)
            | Provider::Plugin(_) => false,
        }
    }

    /// Does it, within the pass's deadline. Nothing that it does can end the run: a panic is a
    /// failure, and so is not to come to an end.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn call(&self, call: &Call<'_>) -> Result<Value, Failure> {
        guarded(call.pass.deadline(), self.perform(call)).await?
    }

    async fn perform(&self, call: &Call<'_>) -> Result<Value, Failure> {
        match self {
            Provider::Http(http) => http.call(call).await,
            Provider::Process(process) => process.call(call).await,
            Provider::Kubernetes(kubernetes) => kubernetes.call(call).await,
            Provider::Stdlib(stdlib) => stdlib.call(call).await,
            // A guest's call is large; the others should not carry its weight.
            Provider::Plugin(plugin) => Box::pin(plugin.call(call)).await,
        }
    }
}

/// What comes of a call, whatever happens within it.
///
/// # Errors
/// The runner failed in it, or it did not end although its time was over.
pub(crate) async fn guarded<T>(
    deadline: Deadline,
    call: impl Future<Output = T>,
) -> Result<T, Failure> {
    let backstop = deadline.remaining().saturating_add(BACKSTOP);
    let guarded = AssertUnwindSafe(call).catch_unwind();
    match tokio::time::timeout(backstop, guarded).await {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(_)) => Err(Failure::Unexpected(CRASHED.to_owned())),
        Err(_) => Err(Failure::TimedOut(TOO_LONG.to_owned())),
    }
}

/// Warns of keys of a provider that look like one that it would read.
fn warn_of_misspelt_keys(
    provider: &Map<String, Value>,
    kind: &str,
    at: &Pointer,
    problems: &mut Problems,
) {
    let (required, optional): (&[&str], &[&str]) = match kind {
        "http" => (
            &["type", "url"],
            &[
                "method",
                "headers",
                "arguments",
                "timeout",
                "verify_tls",
                "max_retries",
                "secrets",
            ],
        ),
        "process" => (&["type", "path"], &["arguments", "timeout", "secrets"]),
        "python" => (&["type", "module", "func"], &["arguments", "secrets"]),
        "kubernetes" | "k8s" => (&["type", "func"], &["module", "arguments", "secrets"]),
        _ => return,
    };
    experiment::warn_misspelt(provider, required, optional, at, problems);
}
