//! What is known of Kubernetes' resources.

/// `RESOURCE[.GROUP][/SUBRESOURCE]`.
pub(super) fn read_target(text: &str) -> Result<(String, String, String), String> {
    let (name, subresource) = match text.split_once('/') {
        Some((_, "")) => return Err(format!("'{text}': a subresource is missing behind /")),
        Some((name, subresource)) => (name, subresource),
        None => (text, ""),
    };
    let (resource, group) = match name.split_once('.') {
        Some((_, "")) => return Err(format!("'{text}': a group is missing behind the dot")),
        Some((resource, group)) => (resource, group),
        None => (name, ""),
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = !resource.is_empty()
        && resource.chars().all(plain)
        && group.chars().all(|c| plain(c) || c == '.')
        && subresource.chars().all(plain);
    if !fits {
        return Err(format!(
            "'{text}' is no resource: write its lower-case plural and its group, such as pods, \
             deployments.apps or pods/log"
        ));
    }
    if let Some((_, plural)) = KINDS.iter().find(|(kind, _)| *kind == name) {
        return Err(format!(
            "'{name}' is no resource's full name; did you mean '{plural}'?"
        ));
    }
    Ok((resource.into(), group.into(), subresource.into()))
}

/// Names that people write for the resources of experiments, with those that the API uses. A line
/// with one of them would never match anything.
const KINDS: [(&str, &str); 22] = [
    ("pod", "pods"),
    ("po", "pods"),
    ("node", "nodes"),
    ("no", "nodes"),
    ("namespace", "namespaces"),
    ("ns", "namespaces"),
    ("service", "services"),
    ("svc", "services"),
    ("configmap", "configmaps"),
    ("cm", "configmaps"),
    ("secret", "secrets"),
    ("event", "events"),
    ("deployment", "deployments.apps"),
    ("deploy", "deployments.apps"),
    ("deployments", "deployments.apps"),
    ("replicasets", "replicasets.apps"),
    ("statefulset", "statefulsets.apps"),
    ("statefulsets", "statefulsets.apps"),
    ("daemonsets", "daemonsets.apps"),
    ("jobs", "jobs.batch"),
    ("cronjobs", "cronjobs.batch"),
    ("ingresses", "ingresses.networking.k8s.io"),
];

/// Well-known resources without a namespace.
const OF_THE_CLUSTER: [&str; 11] = [
    "nodes",
    "namespaces",
    "persistentvolumes",
    "clusterroles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "customresourcedefinitions.apiextensions.k8s.io",
    "storageclasses.storage.k8s.io",
    "priorityclasses.scheduling.k8s.io",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "nodes.metrics.k8s.io",
];

/// Well-known resources with one.
const OF_NAMESPACES: [&str; 17] = [
    "pods",
    "services",
    "endpoints",
    "configmaps",
    "secrets",
    "events",
    "persistentvolumeclaims",
    "replicationcontrollers",
    "serviceaccounts",
    "deployments.apps",
    "replicasets.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "cronjobs.batch",
    "ingresses.networking.k8s.io",
    "networkpolicies.networking.k8s.io",
];

/// Whether objects of this resource (`RESOURCE[.GROUP]`) are known to have no namespace.
pub(super) fn is_of_the_cluster(resource: &str) -> bool {
    OF_THE_CLUSTER.contains(&resource)
}

/// Whether objects of this resource are known to have one.
pub(super) fn is_of_namespaces(resource: &str) -> bool {
    OF_NAMESPACES.contains(&resource)
}
