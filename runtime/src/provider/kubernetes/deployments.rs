use super::failure::{api_exception, handled, unhandled};
use super::selection::format_name;
use super::session::Session;
use crate::provider::Failure;
use chaos_host_api::kubernetes::{ClusterSettings, KubernetesCall, KubernetesError, Resource};
use chaos_host_api::{Pass, Refusal};
use serde_json::{Value, json};
use std::time::Duration;

/// Pause before a watch that the server ended is begun again.
const REWATCH_PAUSE: Duration = Duration::from_millis(200);

/// What is looked at of a deployment. Kubernetes leaves a count of zero out of the status, so a
/// deployment scaled to nothing counts as neither available nor ready, as in the reference.
struct Deployment {
    wanted: Option<i64>,
    available: Option<i64>,
    ready: Option<i64>,
}

impl Deployment {
    fn read(object: &Value) -> Deployment {
        let number = |pointer| object.pointer(pointer).and_then(Value::as_i64);
        Deployment {
            wanted: number("/spec/replicas"),
            available: number("/status/availableReplicas"),
            ready: number("/status/readyReplicas"),
        }
    }

    fn is_ready(&self) -> bool {
        self.ready == self.wanted
    }
}

async fn patch(
    session: &Session<'_>,
    name: &str,
    body: Value,
) -> Result<Result<Value, KubernetesError>, Failure> {
    let namespace = session.arguments.required("ns")?;
    let call = KubernetesCall::patch(Resource::DEPLOYMENTS, Some(namespace), name, body);
    session.make(session.pass(), call).await
}

pub(super) async fn scale(session: &Session<'_>) -> Result<Value, Failure> {
    let name = session.arguments.required("name")?;
    let replicas = session.arguments.integer("replicas")?;
    patch(session, name, json!({"spec": {"replicas": replicas}}))
        .await?
        .map_err(|error| {
            handled(error, |answer| {
                let said = api_exception(answer);
                format!("failed to scale '{name}' to {replicas} replicas: {said}")
            })
        })?;
    Ok(Value::Null)
}

/// Restarts a deployment's pods as `kubectl rollout restart` does.
pub(super) async fn rollout(session: &Session<'_>) -> Result<Value, Failure> {
    let name = session.arguments.required("name")?;
    let now = jiff::Timestamp::now().to_string();
    let annotations = json!({"kubectl.kubernetes.io/restartedAt": now});
    let body = json!({"spec": {"template": {"metadata": {"annotations": annotations}}}});
    patch(session, name, body).await?.map_err(|error| {
        handled(error, |answer| {
            let said = api_exception(answer);
            format!("failed to rollout the deployment '{name}'! Error: {said}")
        })
    })?;
    Ok(Value::Null)
}

/// The deployments of that name: one, or none.
async fn named(session: &Session<'_>, name: &str) -> Result<Vec<Deployment>, Failure> {
    let arguments = &session.arguments;
    let namespace = arguments.required("ns")?;
    let mut call = KubernetesCall::list(Resource::DEPLOYMENTS, Some(namespace))
        .fields(&format!("metadata.name={name}"));
    if let Some(selector) = arguments.text("label_selector")? {
        call = call.labels(selector);
    }
    session.list(call, Deployment::read).await
}

pub(super) async fn healthy(session: &Session<'_>) -> Result<Value, Failure> {
    let name = session.arguments.required("name")?;
    let found = named(session, name).await?;
    if found.is_empty() {
        return session.unmet(format!("Deployment '{name}' was not found"));
    }
    if found.iter().any(|one| one.available != one.wanted) {
        return session.unmet(format!("Deployment '{name}' is not healthy"));
    }
    Ok(Value::Bool(true))
}

pub(super) async fn partially_available(session: &Session<'_>) -> Result<Value, Failure> {
    let name = session.arguments.required("name")?;
    match named(session, name).await?.first() {
        None => session.unmet(format!("Deployment '{name}' was not found")),
        Some(one) if one.available.unwrap_or(0) >= 1 => Ok(Value::Bool(true)),
        Some(_) => session.unmet(format!("Deployment '{name}' is not healthy")),
    }
}

/// Waits until a deployment is (or is not) fully ready.
///
/// `timeout` is a deadline, unlike in the reference, where it is the longest silence.
pub(super) async fn becomes(session: &Session<'_>, ready: bool) -> Result<Value, Failure> {
    let arguments = &session.arguments;
    let name = arguments.required("name")?;
    let timeout = arguments.seconds("timeout")?;
    if waited_for(session, name, ready, timeout).await? {
        return Ok(Value::Bool(true));
    }
    let shown = arguments.shown("timeout");
    session.unmet(match ready {
        true => format!("deployment '{name}' failed to recover within {shown}s"),
        false => format!("deployment '{name}' failed to stop running within {shown}s"),
    })
}

async fn waited_for(
    session: &Session<'_>,
    name: &str,
    ready: bool,
    timeout: Duration,
) -> Result<bool, Failure> {
    let arguments = &session.arguments;
    let mut call = KubernetesCall::watch(Resource::DEPLOYMENTS, Some(arguments.required("ns")?))
        .fields(&format!("metadata.name={name}"));
    if let Some(selector) = arguments.text("label_selector")? {
        call = call.labels(&format_name(selector, name)?);
    }
    let cluster = session.cluster()?;
    let pass = session.pass().within(timeout);
    loop {
        match watch_once(session, cluster, &pass, &call, ready).await {
            Ok(true) => return Ok(true),
            // The server ended the watch, or has forgotten where it began.
            Ok(false) => {}
            Err(error) if error.status() == Some(410) => {}
            Err(KubernetesError::Broken { .. }) => {}
            // The activity's own time is over; whoever cut it shorter says so himself.
            Err(KubernetesError::TooSlow { .. } | KubernetesError::Refused(Refusal::TooLate))
                if !session.pass().deadline().passed() =>
            {
                return Ok(false);
            }
            Err(error) => return Err(unhandled(error)),
        }
        tokio::time::sleep(REWATCH_PAUSE.min(pass.deadline().remaining())).await;
    }
}

/// One watch, until the state is there (`true`) or the server ends it (`false`).
async fn watch_once(
    session: &Session<'_>,
    cluster: &ClusterSettings,
    pass: &Pass,
    call: &KubernetesCall,
    ready: bool,
) -> Result<bool, KubernetesError> {
    let mut watch = session.door().kubernetes_watch(pass, cluster, call).await?;
    while let Some(event) = watch.next().await? {
        let is_ready = match event.kind.as_str() {
            "ADDED" | "MODIFIED" => Deployment::read(&event.object).is_ready(),
            "DELETED" => false,
            _ => continue,
        };
        if is_ready == ready {
            return Ok(true);
        }
    }
    Ok(false)
}
