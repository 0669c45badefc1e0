use super::failure::{failed, handled, unhandled};
use super::selection::sample;
use super::session::Session;
use crate::provider::Failure;
use chaos_host_api::Pass;
use chaos_host_api::budget::Selected;
use chaos_host_api::kubernetes::{KubernetesCall, Resource};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

/// First pause between two looks at evicted pods; doubled up to [`LONGEST_POLL`].
const FIRST_POLL: Duration = Duration::from_millis(250);

/// Longest such pause.
const LONGEST_POLL: Duration = Duration::from_secs(2);

fn name_of(object: &Value) -> String {
    let name = object.pointer("/metadata/name").and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}

/// Names of the nodes that the arguments mean: all of the cluster when there are none.
async fn select(session: &Session<'_>) -> Result<Vec<String>, Failure> {
    let arguments = &session.arguments;
    let name = arguments.text("name")?;
    let labels = arguments.text("label_selector")?;
    let hosts = (
        arguments.text("pod_label_selector")?,
        arguments.text("pod_namespace")?,
    );
    let mut call = KubernetesCall::list(Resource::NODES, None);
    if let Some(name) = name {
        call = call.fields(&format!("metadata.name={name}"));
    }
    if let Some(labels) = labels {
        call = call.labels(labels);
    }
    let mut nodes = session.list(call, name_of).await?;
    if let (Some(labels), Some(namespace)) = hosts {
        let call = KubernetesCall::list(Resource::PODS, Some(namespace)).labels(labels);
        let hosting = session
            .list(call, |pod| {
                let node = pod.pointer("/spec/nodeName").and_then(Value::as_str);
                node.unwrap_or_default().to_owned()
            })
            .await?;
        let hosting: HashSet<String> = hosting.into_iter().collect();
        nodes.retain(|node| hosting.contains(node));
    } else if hosts.0.is_some() || hosts.1.is_some() {
        tracing::warn!(
            "pod_label_selector and pod_namespace count only together: nodes are not selected by \
             their pods"
        );
    } else if name.is_none() && labels.is_none() {
        tracing::warn!("no node was named: every node of the cluster is meant");
    }
    if nodes.is_empty() {
        return Err(failed("failed to find a node that matches selector"));
    }
    if !arguments.get("count").is_null() {
        let count = arguments.integer("count")?;
        nodes = sample(nodes, usize::try_from(count).unwrap_or(0));
    }
    Ok(nodes)
}

/// Makes nodes unschedulable, or schedulable again; gives their names.
pub(super) async fn cordon(session: &Session<'_>, on: bool) -> Result<Value, Failure> {
    let nodes = select(session).await?;
    for node in &nodes {
        set_unschedulable(session, node, on).await?;
    }
    Ok(json!(nodes))
}

async fn set_unschedulable(session: &Session<'_>, node: &str, on: bool) -> Result<(), Failure> {
    let body = json!({"spec": {"unschedulable": on}});
    let call = KubernetesCall::patch(Resource::NODES, None, node, body);
    let answer = session.make(session.pass(), call).await?;
    answer.map(drop).map_err(|error| {
        handled(error, |answer| {
            let verb = if on { "unschedule" } else { "schedule" };
            format!("Failed to {verb} node '{node}': {}", answer.body)
        })
    })
}

/// Cordons nodes, then evicts the pods of one after the other and waits until they are gone.
///
/// `timeout` counts per node. A disruption budget's refusal is tried again until then.
pub(super) async fn drain(session: &Session<'_>) -> Result<Value, Failure> {
    let local_storage = session.arguments.flag("delete_pods_with_local_storage")?;
    let timeout = session.arguments.seconds("timeout")?;
    let nodes = select(session).await?;
    for node in &nodes {
        set_unschedulable(session, node, true).await?;
    }
    for node in &nodes {
        let call =
            KubernetesCall::list(Resource::PODS, None).fields(&format!("spec.nodeName={node}"));
        let pods = session
            .list(call, |pod| (Pod::read(pod), Fate::of(pod, local_storage)))
            .await?;
        let selected = Selected::of(pods.len());
        let mut leaving = Vec::new();
        for (pod, fate) in pods {
            match fate {
                Fate::Stays => tracing::debug!("Pod '{}' stays on '{node}'", pod.name),
                Fate::Leaves => leaving.push(pod),
                Fate::Unmanaged => {
                    return Err(failed(format!(
                        "Pod '{}' on node '{node}' is unmanaged, cannot drain this node. Delete \
                         it manually first?",
                        pod.name
                    )));
                }
            }
        }
        evict(session, leaving, &selected, timeout).await?;
    }
    Ok(json!(nodes))
}

/// A pod on its way out.
struct Pod {
    name: String,
    namespace: String,
    uid: Option<String>,
    /// Whether its eviction was accepted.
    accepted: bool,
}

impl Pod {
    fn read(object: &Value) -> Pod {
        let text = |pointer| object.pointer(pointer)?.as_str().map(str::to_owned);
        Pod {
            name: text("/metadata/name").unwrap_or_default(),
            namespace: text("/metadata/namespace").unwrap_or_default(),
            uid: text("/metadata/uid"),
            accepted: false,
        }
    }
}

/// What a drain does with a pod.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Stays,
    Leaves,
    /// Nobody would make it again: the drain stops.
    Unmanaged,
}

impl Fate {
    /// The reference's rules, in its order; a pod without owners is unmanaged.
    fn of(pod: &Value, local_storage: bool) -> Fate {
        let list = |pointer| pod.pointer(pointer).and_then(Value::as_array);
        let annotations = pod.pointer("/metadata/annotations");
        if annotations.is_some_and(|all| all.get("kubernetes.io/config.mirror").is_some()) {
            return Fate::Stays;
        }
        let is_local = |volume: &Value| volume.get("emptyDir").is_some_and(|v| !v.is_null());
        if list("/spec/volumes").is_some_and(|volumes| volumes.iter().any(is_local)) {
            return match local_storage {
                true => Fate::Leaves,
                false => Fate::Stays,
            };
        }
        let phase = pod.pointer("/status/phase").and_then(Value::as_str);
        if matches!(phase, Some("Succeeded" | "Failed")) {
            return Fate::Leaves;
        }
        for owner in list("/metadata/ownerReferences").into_iter().flatten() {
            if owner.get("kind").and_then(Value::as_str) == Some("DaemonSet") {
                return Fate::Stays;
            }
            if owner.get("controller").and_then(Value::as_bool) == Some(true) {
                return Fate::Leaves;
            }
        }
        Fate::Unmanaged
    }
}

/// Evicts pods, out of those that were selected, and waits until they are gone, as long as
/// `timeout` allows.
async fn evict(
    session: &Session<'_>,
    pods: Vec<Pod>,
    selected: &Selected,
    timeout: Duration,
) -> Result<(), Failure> {
    let pass = session.pass().within(timeout);
    let mut left = pods;
    let mut pause = FIRST_POLL;
    loop {
        let mut still_there = Vec::new();
        let mut remaining = left.into_iter();
        while let Some(mut pod) = remaining.next() {
            match step(session, &pass, selected, &mut pod).await {
                Ok(true) => {}
                Ok(false) => still_there.push(pod),
                Err(Failure::TimedOut(_)) if pass.deadline().passed() => {
                    still_there.push(pod);
                    still_there.extend(remaining);
                    return Err(remaining_failure(session, &still_there));
                }
                Err(failure) => return Err(failure),
            }
        }
        if still_there.is_empty() {
            return Ok(());
        }
        if pass.deadline().passed() {
            return Err(remaining_failure(session, &still_there));
        }
        tokio::time::sleep(pause.min(pass.deadline().remaining())).await;
        pause = (pause * 2).min(LONGEST_POLL);
        left = still_there;
    }
}

/// Evicts a pod, or looks whether one that was evicted is gone.
async fn step(
    session: &Session<'_>,
    pass: &Pass,
    selected: &Selected,
    pod: &mut Pod,
) -> Result<bool, Failure> {
    if !pod.accepted {
        let call = KubernetesCall::evict(&pod.namespace, &pod.name).out_of(selected);
        match session.make(pass, call).await? {
            Ok(_) => pod.accepted = true,
            Err(error) if error.status() == Some(404) => return Ok(true),
            Err(error) if error.status() == Some(429) => {
                tracing::debug!("{error}");
                return Ok(false);
            }
            Err(error) => {
                return Err(handled(error, |answer| {
                    format!("Failed to evict pod {}: {}", pod.name, answer.body)
                }));
            }
        }
    }
    let call = KubernetesCall::get(Resource::PODS, Some(&pod.namespace), &pod.name);
    match session.make(pass, call).await? {
        Ok(found) => {
            let uid = found.pointer("/metadata/uid").and_then(Value::as_str);
            // Another pod by the same name, made anew elsewhere?
            Ok(uid != pod.uid.as_deref())
        }
        Err(error) if error.status() == Some(404) => Ok(true),
        Err(error) => match error.status() {
            // The API server has its moments while a cluster is under fire.
            Some(500..) => Ok(false),
            _ => Err(unhandled(error)),
        },
    }
}

fn remaining_failure(session: &Session<'_>, pods: &[Pod]) -> Failure {
    let names: Vec<&str> = pods.iter().map(|pod| pod.name.as_str()).collect();
    let text = format!(
        "Draining nodes did not completed within {}s. Remaining pods are:\n{}",
        session.arguments.shown("timeout"),
        names.join("\n")
    );
    match session.pass().deadline().passed() {
        true => Failure::TimedOut(text),
        false => failed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_leaves_a_drained_node() {
        let owner = |kind: &str, controller: bool| json!({"metadata": {"ownerReferences": [{"kind": kind, "controller": controller}]}});
        let with = |mut pod: Value, pointer: &str, value: Value| {
            pod[pointer] = value;
            pod
        };
        let empty_dir = json!({"volumes": [{"name": "v", "emptyDir": {}}]});
        let mirror = json!({"metadata": {"annotations": {"kubernetes.io/config.mirror": "x"}}});
        for (pod, local_storage, expected) in [
            (mirror, false, Fate::Stays),
            (owner("ReplicaSet", true), false, Fate::Leaves),
            (owner("ReplicaSet", false), false, Fate::Unmanaged),
            (owner("DaemonSet", true), false, Fate::Stays),
            (json!({}), false, Fate::Unmanaged),
            (json!({"status": {"phase": "Failed"}}), false, Fate::Leaves),
            (
                with(owner("ReplicaSet", true), "spec", empty_dir.clone()),
                false,
                Fate::Stays,
            ),
            (json!({"spec": empty_dir}), true, Fate::Leaves),
            (
                json!({"spec": {"volumes": [{"name": "v", "configMap": {}}]}}),
                true,
                Fate::Unmanaged,
            ),
        ] {
            assert_eq!(Fate::of(&pod, local_storage), expected, "{pod}");
        }
    }
}
