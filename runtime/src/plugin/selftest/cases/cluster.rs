//! Guests that ask a Kubernetes cluster for more than they may.

use super::super::case::{Case, End};
use serde_json::{Value, json};
use std::time::Duration;

/// What these guests are granted.
const GRANTS: [&str; 7] = [
    "kubernetes get,list,create,patch,delete pods in shop",
    "kubernetes get pods/log in shop",
    "kubernetes create pods/eviction in shop",
    "kubernetes get,patch deployments.apps/scale in shop",
    "kubernetes list services in shop where app=web",
    "kubernetes get configmaps in shop named web-*",
    "kubernetes get,delete jobs.batch in *",
];

fn new(
    name: impl Into<String>,
    tries: &str,
    function: &'static str,
    given: Value,
    expected: End,
) -> Case {
    Case::new(name, tries, "kubernetes", function, expected)
        .with(given)
        .granted(&GRANTS)
}

pub(super) fn cases() -> Vec<Case> {
    [changes(), names(), selections(), answers()]
        .into_iter()
        .flatten()
        .collect()
}

fn get(resource: &str, namespace: Option<&str>, name: &str) -> Value {
    json!({"resource": resource, "namespace": namespace, "name": name})
}

fn changes() -> Vec<Case> {
    use End::{Denied, Gives};
    let pod = get("pods", Some("shop"), "a");
    let with = |field: &str, value: Value| {
        let mut given = pod.clone();
        given[field] = value;
        given
    };
    let scale =
        json!({"resource": "deployments.apps", "namespace": "shop", "name": "web", "replicas": 0});
    let evict = json!({"namespace": "shop", "pod": "a"});
    let create = json!({"resource": "pods", "namespace": "shop", "object": "{\"metadata\": {\"name\": \"a\"}}"});
    vec![
        new(
            "probe-delete",
            "deletes as a probe",
            "delete",
            pod.clone(),
            Denied("probe"),
        ),
        new(
            "probe-evict",
            "evicts as a probe",
            "evict",
            evict.clone(),
            Denied("probe"),
        ),
        new(
            "probe-patch",
            "patches as a probe",
            "patch",
            with("patch", json!("{}")),
            Denied("probe"),
        ),
        // It reads the number of replicas first, which it may.
        new(
            "probe-scale",
            "scales as a probe",
            "scale",
            scale.clone(),
            Denied("probe"),
        )
        .reaching(1),
        new(
            "probe-create",
            "creates as a probe",
            "create",
            create,
            Denied("probe"),
        ),
        new(
            "delete-allowed",
            "deletes what it may as an action",
            "remove",
            pod.clone(),
            Gives(Value::Null),
        )
        .reaching(1),
        new(
            "delete-budget",
            "deletes without any budget",
            "remove",
            pod.clone(),
            Denied("budget"),
        )
        .budget(|ceilings| ceilings.pods_deleted = 0),
        new(
            "evict-budget",
            "evicts without any budget",
            "drain",
            evict,
            Denied("budget"),
        )
        .budget(|ceilings| ceilings.pods_deleted = 0),
        new(
            "delete-nothing",
            "deletes without any grant",
            "remove",
            pod,
            Denied("`kubernetes`"),
        )
        .granted(&[]),
        new(
            "delete-system",
            "deletes in a system namespace",
            "remove",
            get("jobs.batch", Some("kube-system"), "a"),
            Denied("kube-system"),
        ),
        new(
            "delete-elsewhere",
            "deletes in another namespace",
            "remove",
            get("pods", Some("bank"), "a"),
            Denied("bank"),
        ),
        new(
            "delete-node",
            "deletes a node",
            "remove",
            get("nodes", None, "a"),
            Denied("nodes"),
        ),
        new(
            "delete-namespace",
            "deletes the namespace itself",
            "remove",
            get("namespaces", None, "shop"),
            Denied("namespaces"),
        ),
        new(
            "delete-collection",
            "deletes all pods at once, by no name",
            "remove",
            get("pods", Some("shop"), ""),
            End::Error(&["invalid"]),
        ),
        new(
            "create-token",
            "makes itself a token of a service account",
            "make",
            json!({"resource": "serviceaccounts/token", "namespace": "shop", "object": "{}"}),
            End::Error(&["invalid"]),
        ),
        new(
            "patch-subresource",
            "patches an object's status",
            "change",
            json!({"resource": "pods/status", "namespace": "shop", "name": "a", "patch": "{}"}),
            End::Error(&["invalid"]),
        ),
        new(
            "bait-replicas",
            "wants more replicas than there are numbers for",
            "resize",
            json!({"resource": "deployments.apps", "namespace": "shop", "name": "web", "replicas": u32::MAX}),
            Gives(json!(3)),
        )
        .reaching(2),
        new(
            "bait-grace",
            "gives a pod a hundred years to end",
            "remove",
            json!({"resource": "pods", "namespace": "shop", "name": "a", "grace_seconds": u32::MAX}),
            Gives(Value::Null),
        )
        .reaching(1),
        new(
            "scale-other",
            "scales what it may not",
            "resize",
            json!({"resource": "statefulsets.apps", "namespace": "shop", "name": "web", "replicas": 0}),
            Denied("statefulsets"),
        ),
        new(
            "create-elsewhere",
            "creates an object that names another namespace",
            "make",
            json!({"resource": "pods", "namespace": "shop", "object": "{\"metadata\": {\"name\": \"a\", \"namespace\": \"kube-system\"}}"}),
            End::Error(&["invalid"]),
        ),
        new(
            "create-array",
            "creates what is no object",
            "make",
            json!({"resource": "pods", "namespace": "shop", "object": "[]"}),
            End::Error(&["invalid"]),
        ),
        new(
            "patch-list",
            "patches with what is no object",
            "change",
            json!({"resource": "pods", "namespace": "shop", "name": "a", "patch": "[{\"op\": \"remove\", \"path\": \"/spec\"}]"}),
            End::Error(&["invalid"]),
        ),
    ]
}

fn names() -> Vec<Case> {
    let invalid = End::Error(&["invalid"]);
    let names = [
        ("dots", ".."),
        ("folder", "../../kube-system/pods/a"),
        ("escaped", "..%2f..%2fkube-system"),
        ("query", "a?dryRun=All"),
        ("fragment", "a#b"),
        ("subresource", "a/exec"),
        ("newline", "a\nb"),
        ("backslash", "a\\b"),
        ("letters", "\u{430}"),
    ];
    let mut cases = Vec::new();
    for (kind, name) in names {
        let tries = format!("names an object '{}'", name.escape_debug());
        let given = get("pods", Some("shop"), name);
        cases.push(new(
            format!("name-{kind}"),
            &tries,
            "remove",
            given,
            invalid.clone(),
        ));
    }
    for (kind, namespace) in [
        ("empty", ""),
        ("dots", "shop/../kube-system"),
        ("escaped", "shop%2f..%2fkube-system"),
        ("star", "*"),
        ("query", "shop?x"),
        ("capitals", "Shop"),
    ] {
        let tries = format!("names a namespace '{namespace}'");
        let given = get("pods", Some(namespace), "a");
        cases.push(new(
            format!("namespace-{kind}"),
            &tries,
            "get",
            given,
            invalid.clone(),
        ));
    }
    for (kind, resource) in [
        ("empty", ""),
        ("exec", "pods/exec"),
        ("proxy", "services/proxy"),
        ("folder", "../secrets"),
        ("query", "pods?x"),
        ("capitals", "Pods"),
        ("group", "pods.v1/../apps"),
    ] {
        let tries = format!("names a resource '{resource}'");
        let given = get(resource, Some("shop"), "a");
        cases.push(new(
            format!("resource-{kind}"),
            &tries,
            "get",
            given,
            invalid.clone(),
        ));
    }
    for (kind, container) in [
        ("query", "a&follow=true"),
        ("folder", "../b"),
        ("empty", ""),
    ] {
        let tries = format!("names a container '{container}'");
        let given = json!({"namespace": "shop", "pod": "a", "container": container, "lines": 1});
        cases.push(new(
            format!("container-{kind}"),
            &tries,
            "log",
            given,
            invalid.clone(),
        ));
    }
    cases
}

fn selections() -> Vec<Case> {
    use End::{Denied, Error, Gives};
    let list = |resource: &str, namespace: Option<&str>, labels: Option<&str>| json!({"resource": resource, "selection": {"namespace": namespace, "labels": labels, "fields": null}});
    let denied = Denied("`kubernetes`");
    // What is asked for is narrowed by what is granted.
    let narrowed = |name: &str, tries: &str, labels: Option<&str>| {
        new(
            name,
            tries,
            "list",
            list("services", Some("shop"), labels),
            Gives(json!([])),
        )
        .reaching(1)
        .asking("labelSelector=app%3Dweb")
    };
    vec![
        new(
            "get-secret",
            "reads a secret",
            "get",
            get("secrets", Some("shop"), "a"),
            denied.clone(),
        ),
        new(
            "get-named",
            "reads an object of another name",
            "get",
            get("configmaps", Some("shop"), "database"),
            denied.clone(),
        ),
        new(
            "get-no-namespace",
            "leaves the namespace out",
            "get",
            get("pods", None, "a"),
            denied.clone(),
        ),
        new(
            "log-elsewhere",
            "reads another namespace's log",
            "log",
            json!({"namespace": "bank", "pod": "a", "container": null, "lines": 1}),
            denied.clone(),
        ),
        new(
            "list-everywhere",
            "lists all namespaces",
            "list",
            list("pods", None, None),
            denied.clone(),
        ),
        narrowed("list-unselected", "leaves the selector out", None),
        narrowed(
            "list-opposite",
            "turns the selector round",
            Some("app!=web"),
        ),
        narrowed(
            "list-wider",
            "widens the selector",
            Some("app in (web,bank)"),
        ),
        narrowed(
            "list-query",
            "hides a query in the selector",
            Some("app=web&labelSelector="),
        ),
        narrowed("list-or", "tries to end the selector", Some("||,app")),
        new(
            "list-fields",
            "hides a query in the fields",
            "list",
            json!({"resource": "services", "selection": {"namespace": "shop", "labels": null, "fields": "a=b&labelSelector=&watch=1"}}),
            Gives(json!([])),
        )
        .reaching(1)
        .asking("labelSelector=app%3Dweb"),
        new(
            "bait-lines",
            "wants as many lines of a log as can be said",
            "log",
            json!({"namespace": "shop", "pod": "a", "container": null, "lines": u32::MAX}),
            Gives(json!(super::super::peer::POD)),
        )
        .reaching(1),
        new(
            "list-newline",
            "breaks the selector's line",
            "list",
            list("pods", Some("shop"), Some("a\n=b")),
            Error(&["invalid"]),
        ),
    ]
}

fn answers() -> Vec<Case> {
    use End::{Error, TimedOut};
    vec![
        new(
            "cluster-large",
            "asks for a huge object",
            "get",
            get("pods", Some("shop"), "large"),
            Error(&["failed"]),
        ),
        new(
            "cluster-text",
            "asks for an object that is no JSON",
            "get",
            get("pods", Some("shop"), "text"),
            Error(&["failed"]),
        ),
        new(
            "cluster-hold",
            "asks for an object that never comes",
            "get",
            get("pods", Some("shop"), "hold"),
            TimedOut,
        )
        .within(Duration::from_millis(250)),
    ]
}
