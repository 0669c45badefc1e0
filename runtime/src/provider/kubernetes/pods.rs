use super::failure::unhandled;
use super::selection::{Amount, Order, format_name, search};
use super::session::Session;
use crate::provider::Failure;
use chaos_host_api::budget::Selected;
use chaos_host_api::kubernetes::{KubernetesCall, Resource};
use serde_json::{Value, json};

/// What is looked at of a pod.
struct Pod {
    name: String,
    uid: Option<String>,
    created: String,
    phase: Option<String>,
}

impl Pod {
    fn read(object: &Value) -> Pod {
        let text = |pointer| object.pointer(pointer)?.as_str().map(str::to_owned);
        Pod {
            name: text("/metadata/name").unwrap_or_default(),
            uid: text("/metadata/uid"),
            created: text("/metadata/creationTimestamp").unwrap_or_default(),
            phase: text("/status/phase"),
        }
    }

    fn is_in(&self, phase: &str) -> bool {
        self.phase.as_deref() == Some(phase)
    }
}

/// Deletes pods one after another; gives the names of those whose deletion was accepted.
///
/// Each deletion holds for the very pod that was selected, not for one that took its name since;
/// a pod that went by itself is passed over.
pub(super) async fn terminate(
    session: &Session<'_>,
    pattern_argument: &str,
) -> Result<Value, Failure> {
    let arguments = &session.arguments;
    let namespace = arguments.required("ns")?;
    let pattern = arguments.text(pattern_argument)?;
    let (amount, order) = Amount::read(session)?;
    let grace = match arguments.get("grace_period").is_null() && pattern_argument == "name" {
        true => -1,
        false => arguments.integer("grace_period")?,
    };
    let candidates = session
        .list(session.pods(arguments.text("label_selector")?)?, Pod::read)
        .await?;
    let mut candidates = search(pattern, candidates, |pod| pod.name.as_str())?;
    if order == Order::Oldest {
        candidates.sort_by(|a, b| a.created.cmp(&b.created));
    }
    let selected = Selected::of(candidates.len());
    let mut deleted: Vec<String> = Vec::new();
    for pod in amount.take(candidates) {
        let mut options = json!({});
        if grace >= 0 {
            options["gracePeriodSeconds"] = json!(grace);
        }
        if let Some(uid) = &pod.uid {
            options["preconditions"] = json!({ "uid": uid });
        }
        let call = KubernetesCall::delete(Resource::PODS, Some(namespace), &pod.name, options)
            .out_of(&selected);
        match session.make(session.pass(), call).await? {
            Ok(_) => deleted.push(pod.name),
            Err(error) if matches!(error.status(), Some(404 | 409)) => {
                tracing::debug!("Pod '{}' went by itself", pod.name);
            }
            Err(error) => {
                if !deleted.is_empty() {
                    tracing::warn!("Pods deleted before that: {}", deleted.join(", "));
                }
                return Err(unhandled(error));
            }
        }
    }
    Ok(json!(deleted))
}

async fn selected(session: &Session<'_>) -> Result<Vec<Pod>, Failure> {
    let selector = session.arguments.text("label_selector")?;
    session.list(session.pods(selector)?, Pod::read).await
}

async fn number(session: &Session<'_>) -> Result<usize, Failure> {
    let phase = session.arguments.text("phase")?;
    let pods = selected(session).await?;
    let counts = |pod: &&Pod| phase.is_none_or(|phase| pod.is_in(phase));
    Ok(pods.iter().filter(counts).count())
}

pub(super) async fn count(session: &Session<'_>) -> Result<Value, Failure> {
    Ok(json!(number(session).await?))
}

pub(super) async fn count_min(session: &Session<'_>) -> Result<Value, Failure> {
    let least = session.arguments.number("min_count")?;
    Ok(json!(number(session).await? as f64 >= least))
}

pub(super) async fn in_phase(session: &Session<'_>) -> Result<Value, Failure> {
    let wanted = session.arguments.required("phase")?;
    let selector = session.arguments.shown("label_selector");
    let pods = selected(session).await?;
    if pods.is_empty() {
        return session.unmet(format!("no pods '{selector}' were found"));
    }
    match pods.iter().find(|pod| !pod.is_in(wanted)) {
        None => Ok(Value::Bool(true)),
        Some(pod) => session.unmet(format!(
            "pod '{selector}' is in phase '{}' but should be '{wanted}'",
            pod.phase.as_deref().unwrap_or("None")
        )),
    }
}

pub(super) async fn not_in_phase(session: &Session<'_>) -> Result<Value, Failure> {
    let unwanted = session.arguments.required("phase")?;
    let selector = session.arguments.shown("label_selector");
    let pods = selected(session).await?;
    if pods.is_empty() {
        return session.unmet(format!("no pods '{selector}' were found"));
    }
    if pods.iter().any(|pod| pod.is_in(unwanted)) {
        return session.unmet(format!(
            "pod '{selector}' should not be in phase '{unwanted}'"
        ));
    }
    Ok(Value::Bool(true))
}

pub(super) async fn in_conditions(session: &Session<'_>) -> Result<Value, Failure> {
    let arguments = &session.arguments;
    let wanted = arguments.list("conditions")?;
    let selector = arguments.text("label_selector")?;
    let pods = session
        .list(session.pods(selector)?, |object| {
            let name = Pod::read(object).name;
            let conditions = object.pointer("/status/conditions");
            let conditions = conditions.and_then(Value::as_array).map(|all| {
                let pair = |c: &Value| json!({"type": c.get("type"), "status": c.get("status")});
                all.iter().map(pair).collect::<Vec<_>>()
            });
            (name, conditions.unwrap_or_default())
        })
        .await?;
    if pods.is_empty() {
        let selector = arguments.shown("label_selector");
        return session.unmet(format!("no pods '{selector}' were found"));
    }
    for (name, conditions) in &pods {
        for condition in wanted {
            if !conditions.contains(condition) {
                return session.unmet(format!(
                    "pod {name} does not match the following given condition: {}",
                    crate::python::str(condition)
                ));
            }
        }
    }
    Ok(Value::Bool(true))
}

pub(super) async fn is_not_available(session: &Session<'_>) -> Result<Value, Failure> {
    let arguments = &session.arguments;
    let name = arguments.shown("name");
    let selector = match arguments.text("label_selector")? {
        Some(selector) => Some(format_name(selector, &name)?),
        None => None,
    };
    let pods = session
        .list(session.pods(selector.as_deref())?, Pod::read)
        .await?;
    if pods.iter().any(|pod| pod.is_in("Running")) {
        return session.unmet(format!("pod '{name}' is actually running"));
    }
    Ok(Value::Bool(true))
}

pub(super) async fn all_healthy(session: &Session<'_>) -> Result<Value, Failure> {
    let pods = session.list(session.pods(None)?, Pod::read).await?;
    let healthy = |pod: &Pod| pod.is_in("Running") || pod.is_in("Succeeded");
    if !pods.iter().all(healthy) {
        return session.unmet("the system is unhealthy");
    }
    Ok(Value::Bool(true))
}
