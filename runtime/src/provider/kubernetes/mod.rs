//! Kubernetes activities: the functions of chaosk8s, served natively.
//!
//! An activity names one by its Python module and function, or, with `type: kubernetes` (or
//! `k8s`), by the function alone. Which cluster is meant is found by
//! [`ClusterSettings::find`](chaos_host_api::kubernetes::ClusterSettings::find), the keys of the
//! provider's `secrets` groups first. What fails says it in the words of the reference, with the
//! Python exception's name in front.

mod arguments;
mod deployments;
mod failure;
mod logs;
mod nodes;
mod pods;
mod selection;
mod services;
mod session;
mod table;

pub use table::functions;

use super::{Call, Failure};
use crate::configuration::Environment;
use crate::document::{Pointer, Problems};
use crate::experiment::Kind;
use crate::substitution::Variables;
use arguments::Arguments;
use chaos_host_api::limits::DEFAULT_ACTIVITY_TIMEOUT;
use serde_json::{Map, Value};
use session::Session;
use std::time::Duration;
use table::{Found, Operation, Served};

/// Time left to the requests around a wait of an activity's own `timeout`.
const TIMEOUT_MARGIN: Duration = Duration::from_secs(60);

/// Said of a function that nobody knows.
const LISTED: &str = "`chaos-wasm discover kubernetes` lists the functions";

/// One such activity's provider, as read.
#[derive(Debug, Clone)]
pub struct Kubernetes {
    served: &'static Served,
    /// As written, without defaults.
    arguments: Map<String, Value>,
    /// Names of groups of secrets.
    secrets: Vec<String>,
}

/// Whether a Python module is one of chaosk8s.
pub fn owns(module: &str) -> bool {
    module == "chaosk8s" || module.starts_with("chaosk8s.")
}

impl Kubernetes {
    /// Reads it; what is wrong goes to `problems`.
    pub fn parse(
        provider: &Value,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Kubernetes> {
        let module = match provider.get("module") {
            None | Some(Value::Null) => None,
            Some(Value::String(module)) => Some(module.as_str()),
            Some(_) => {
                problems.error(&at.key("module"), "a module path must be a text");
                return None;
            }
        };
        let function = match provider.get("func") {
            Some(Value::String(function)) if !function.is_empty() => function,
            None | Some(Value::Null | Value::String(_)) => {
                problems
                    .error(at, "a Kubernetes activity must have a function name")
                    .hint("name it as `func`, for instance \"func\": \"pods_in_phase\"");
                return None;
            }
            Some(_) => {
                problems.error(&at.key("func"), "a function name must be a text");
                return None;
            }
        };
        let secrets = read_secrets(provider, at, problems);
        let served = find(module, function, activity, at, problems)?;
        let nothing = Value::Object(Map::new());
        let (written, at) = match provider.get("arguments") {
            None | Some(Value::Null) => (&nothing, at.clone()),
            Some(written) => (written, at.key("arguments")),
        };
        Some(Kubernetes {
            arguments: served.function.bind(written, &at, problems)?,
            served,
            secrets: secrets?,
        })
    }

    /// The `timeout` it asks for, if it is longer than what activities get anyway.
    pub fn timeout(&self, variables: &Variables) -> Option<Duration> {
        let asked = variables.substitute(self.arguments.get("timeout")?);
        let asked = Duration::try_from_secs_f64(asked.as_f64()?).ok()?;
        let needed = asked.saturating_add(TIMEOUT_MARGIN);
        (needed > DEFAULT_ACTIVITY_TIMEOUT).then_some(needed)
    }

    /// Whether `output` says that this action found nothing to act upon. The reference counts it
    /// as a success.
    pub fn touched_nothing(&self, output: &Value) -> bool {
        self.served.function.kind == Kind::Action && output.as_array().is_some_and(Vec::is_empty)
    }

    /// Does it.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn call(&self, call: &Call<'_>) -> Result<Value, Failure> {
        self.call_in(call, &|key| call.door.variable(key)?.into_string().ok())
            .await
    }

    /// Does it, with environment variables looked up by `environment`.
    ///
    /// # Errors
    /// See [`Failure`].
    pub fn call_in<'f>(
        &'f self,
        call: &'f Call<'_>,
        environment: Environment<'_>,
    ) -> impl Future<Output = Result<Value, Failure>> + Send + use<'f> {
        let session = self.session(call, environment);
        async move { self.perform(&session?).await }
    }

    fn session<'f>(
        &'f self,
        call: &'f Call<'_>,
        environment: Environment<'_>,
    ) -> Result<Session<'f>, Failure> {
        let written = Value::Object(self.arguments.clone());
        let resolved = match call.variables.is_empty() {
            true => written,
            false => call.variables.substitute(&written),
        };
        let resolved = resolved.as_object().cloned().unwrap_or_default();
        let secrets = call.variables.secrets_of(&self.secrets);
        let arguments = Arguments::new(&self.served.function, resolved);
        Ok(Session::new(call, arguments, &secrets, environment))
    }

    async fn perform(&self, session: &Session<'_>) -> Result<Value, Failure> {
        if let Some(instead) = self.served.deprecated {
            tracing::warn!(
                "{} function is DEPRECATED and will be removed in the next releases, please use \
                 {instead} instead",
                self.served.function.name
            );
        }
        match self.served.operation {
            Operation::TerminatePods => pods::terminate(session, "name_pattern").await,
            Operation::DeletePods => pods::terminate(session, "name").await,
            Operation::CountPods => pods::count(session).await,
            Operation::CountMinPods => pods::count_min(session).await,
            Operation::PodsInPhase => pods::in_phase(session).await,
            Operation::PodsNotInPhase => pods::not_in_phase(session).await,
            Operation::PodsInConditions => pods::in_conditions(session).await,
            Operation::PodIsNotAvailable => pods::is_not_available(session).await,
            Operation::AllPodsHealthy => pods::all_healthy(session).await,
            Operation::ReadPodLogs => logs::read(session).await,
            Operation::ShouldBeFoundInLogs => logs::should_be_found(session),
            Operation::ScaleDeployment => deployments::scale(session).await,
            Operation::RolloutDeployment => deployments::rollout(session).await,
            Operation::DeploymentHealthy => deployments::healthy(session).await,
            Operation::DeploymentPartiallyAvailable => {
                deployments::partially_available(session).await
            }
            Operation::DeploymentFullyAvailable => deployments::becomes(session, true).await,
            Operation::DeploymentNotFullyAvailable => deployments::becomes(session, false).await,
            Operation::CordonNode => nodes::cordon(session, true).await,
            Operation::UncordonNode => nodes::cordon(session, false).await,
            Operation::DrainNodes => nodes::drain(session).await,
            Operation::ServiceIsInitialized => services::is_initialized(session).await,
        }
    }
}

/// The `secrets` of a provider: names of groups.
pub(super) fn read_secrets(
    provider: &Value,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<Vec<String>> {
    let groups = match provider.get("secrets") {
        None | Some(Value::Null) => return Some(Vec::new()),
        Some(Value::Array(groups)) => groups
            .iter()
            .map(|group| group.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>(),
        Some(_) => None,
    };
    if groups.is_none() {
        problems
            .error(
                &at.key("secrets"),
                "secrets must be a list of names of groups",
            )
            .hint("for instance \"secrets\": [\"kubernetes\"]");
    }
    groups
}

fn find(
    module: Option<&str>,
    function: &str,
    activity: &str,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<&'static Served> {
    match table::find(module, function) {
        Found::Served(served) => return Some(served),
        Found::Known(module) => {
            problems
                .error(
                    &at.key("func"),
                    format!("{module}.{function} is not served natively yet"),
                )
                .hint(
                    "`chaos-wasm discover kubernetes` lists what is; until then, a process \
                     activity that calls kubectl can stand in for it",
                );
        }
        Found::NoModule { near } => {
            let module = module.unwrap_or_default();
            let problem = problems.error(
                &at.key("module"),
                format!("could not find Python module '{module}' in activity '{activity}'"),
            );
            if let Some(near) = near {
                problem.hint(format!("did you mean '{near}'?"));
            }
        }
        Found::NoFunction { near } => {
            let message = match module {
                Some(module) => format!(
                    "The python module '{module}' does not expose a function called '{function}' \
                     in activity '{activity}'"
                ),
                None => format!(
                    "there is no Kubernetes function called '{function}' in activity '{activity}'"
                ),
            };
            problems.error(&at.key("func"), message).hint(match near {
                Some(near) => format!("did you mean '{near}'? {LISTED}"),
                None => LISTED.to_owned(),
            });
        }
    }
    None
}
