use super::super::bindings::chaos::host::kubernetes_read::{Host as Read, Selection};
use super::super::bindings::chaos::host::kubernetes_types::Error;
use super::super::bindings::chaos::host::kubernetes_write::Host as Write;
use super::server::{Answer, Seen, Server, answer, json, ok};
use super::{Given, State};
use crate::plugin::limits::Limits;
use chaos_host_api::Effect;
use proptest::prelude::*;
use serde_json::json;

const ALL: [&str; 6] = [
    "kubernetes get,list,create,patch,delete pods in shop",
    "kubernetes get pods/log in shop",
    "kubernetes create pods/eviction in shop",
    "kubernetes get,patch deployments.apps/scale in shop",
    "kubernetes get networkchaos.chaos-mesh.org in shop",
    "kubernetes get,list nodes",
];

fn given(server: &Server) -> Given {
    Given {
        cluster: server.url.clone(),
        ..Given::grants(ALL)
    }
}

fn shop() -> Option<String> {
    Some("shop".into())
}

fn anything() -> Selection {
    Selection {
        namespace: shop(),
        labels: None,
        fields: None,
    }
}

fn error<T>(answer: Result<T, Error>) -> (&'static str, String) {
    match answer {
        Ok(_) => ("ok", String::new()),
        Err(Error::Denied(text)) => ("denied", text),
        Err(Error::TimedOut(text)) => ("timed-out", text),
        Err(Error::Refused(refusal)) => (
            "refused",
            format!("{} {} {}", refusal.status, refusal.reason, refusal.message),
        ),
        Err(Error::Invalid(text)) => ("invalid", text),
        Err(Error::Failed(text)) => ("failed", text),
    }
}

/// Pods in two pages, and whatever else is asked for as an empty object.
fn api(asked: &Seen) -> Answer {
    let pod = |name: &str| json!({"metadata": {"name": name, "namespace": "shop"}});
    match asked.line.as_str() {
        "GET /apis/chaos-mesh.org" => json(&json!({"preferredVersion": {"version": "v1alpha1"}})),
        line if line.starts_with("GET /api/v1/namespaces/shop/pods?") => {
            match line.contains("continue=next") {
                true => json(&json!({"items": [pod("b")], "metadata": {}})),
                false => json(&json!({"items": [pod("a")], "metadata": {"continue": "next"}})),
            }
        }
        line if line.contains("/log?") => ok("last words\n"),
        line if line.contains("/scale") => json(&json!({"spec": {"replicas": 3}})),
        _ => json(&pod("a")),
    }
}

fn named(text: &str) -> serde_json::Value {
    let object: serde_json::Value = serde_json::from_str(text).unwrap();
    object["metadata"]["name"].clone()
}

#[tokio::test]
async fn objects_are_read() {
    let server = Server::start(api).await;
    let mut state = given(&server).state();
    let selection = Selection {
        labels: Some("app=a,tier in (b)".into()),
        fields: Some("status.phase=Running".into()),
        ..anything()
    };
    let pods = state.list("pods".into(), selection).await.unwrap().unwrap();
    let names: Vec<_> = pods.iter().map(|pod| named(pod)).collect();
    assert_eq!(names, ["a", "b"]);
    let line = &server.seen()[0].line;
    assert!(
        line.contains("labelSelector=app%3Da%2Ctier+in+%28b%29"),
        "{line}"
    );
    assert!(
        line.contains("fieldSelector=status.phase%3DRunning"),
        "{line}"
    );

    let pod = Read::get(&mut state, "pods".into(), shop(), "a".into()).await;
    assert_eq!(named(&pod.unwrap().unwrap()), "a");
    let log = Read::log(
        &mut state,
        "shop".into(),
        "a".into(),
        Some("main".into()),
        7,
    )
    .await;
    assert_eq!(log.unwrap().unwrap(), "last words\n");
    let line = server.seen().pop().unwrap().line;
    assert!(
        line.starts_with("GET /api/v1/namespaces/shop/pods/a/log?"),
        "{line}"
    );
    assert!(
        line.contains("tailLines=7") && line.contains("container=main"),
        "{line}"
    );

    let other = "networkchaos.chaos-mesh.org".to_owned();
    Read::get(&mut state, other, shop(), "x".into())
        .await
        .unwrap()
        .unwrap();
    let lines: Vec<String> = server
        .seen()
        .into_iter()
        .rev()
        .take(2)
        .map(|s| s.line)
        .collect();
    assert_eq!(
        lines,
        [
            "GET /apis/chaos-mesh.org/v1alpha1/namespaces/shop/networkchaos/x",
            "GET /apis/chaos-mesh.org"
        ]
    );
    assert!(state.meter.host_bytes > 100);
}

#[tokio::test]
async fn objects_are_changed() {
    let server = Server::start(api).await;
    let mut state = given(&server).state();
    let last = || server.seen().pop().unwrap();
    let pods = || "pods".to_owned();

    state
        .delete(pods(), shop(), "a".into(), Some(0))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(last().line, "DELETE /api/v1/namespaces/shop/pods/a");
    assert_eq!(last().body, r#"{"gracePeriodSeconds":0}"#);

    state
        .evict("shop".into(), "a".into(), Some(5))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(last().line, "POST /api/v1/namespaces/shop/pods/a/eviction");
    assert!(
        last()
            .body
            .contains(r#""deleteOptions":{"gracePeriodSeconds":5}"#)
    );

    let patch = r#"{"spec":{"a":null}}"#;
    let patched = state.patch(pods(), shop(), "a".into(), patch.into()).await;
    assert_eq!(named(&patched.unwrap().unwrap()), "a");
    assert_eq!(last().line, "PATCH /api/v1/namespaces/shop/pods/a");
    assert_eq!(
        last().header("content-type"),
        Some("application/merge-patch+json")
    );
    assert_eq!(last().body, patch);

    let deployments = "deployments.apps".to_owned();
    let before = state
        .scale(deployments, "shop".into(), "web".into(), 5)
        .await;
    assert_eq!(before.unwrap().unwrap(), 3);
    let path = "/apis/apps/v1/namespaces/shop/deployments/web/scale";
    assert_eq!(last().line, format!("PATCH {path}"));
    assert_eq!(last().body, r#"{"spec":{"replicas":5}}"#);

    let object = r#"{"metadata":{"name":"a"}}"#;
    let created = state.create(pods(), shop(), object.into()).await;
    assert_eq!(named(&created.unwrap().unwrap()), "a");
    assert_eq!(last().line, "POST /api/v1/namespaces/shop/pods");
}

#[tokio::test]
async fn what_is_not_granted_is_denied_and_never_sent() {
    let server = Server::start(api).await;
    let mut state = given(&server).state();
    let pods = || "pods".to_owned();
    let elsewhere = || Some("kube-system".to_owned());
    let denied = [
        error(
            Read::get(&mut state, pods(), elsewhere(), "a".into())
                .await
                .unwrap(),
        ),
        error(
            Read::get(&mut state, "secrets".into(), shop(), "a".into())
                .await
                .unwrap(),
        ),
        error(
            Read::get(&mut state, "x.unknown.io".into(), shop(), "a".into())
                .await
                .unwrap(),
        ),
        error(
            state
                .delete(pods(), elsewhere(), "a".into(), None)
                .await
                .unwrap(),
        ),
        error(
            state
                .delete("nodes".into(), None, "a".into(), None)
                .await
                .unwrap(),
        ),
        error(state.create(pods(), None, "{}".into()).await.unwrap()),
        error(state.evict("other".into(), "a".into(), None).await.unwrap()),
    ];
    for (kind, text) in denied {
        assert_eq!(kind, "denied", "{text}");
    }
    let mut probe = Given {
        allowed: Effect::Read,
        ..given(&server)
    }
    .state();
    let changes = [
        error(
            probe
                .delete(pods(), shop(), "a".into(), None)
                .await
                .unwrap(),
        ),
        error(probe.evict("shop".into(), "a".into(), None).await.unwrap()),
        error(
            probe
                .patch(pods(), shop(), "a".into(), "{}".into())
                .await
                .unwrap(),
        ),
        error(probe.create(pods(), shop(), "{}".into()).await.unwrap()),
    ];
    for (kind, text) in changes {
        assert_eq!(kind, "denied", "{text}");
        assert!(text.contains("may only look"), "{text}");
    }
    assert!(server.seen().is_empty());
    let scaled = probe.scale("deployments.apps".into(), "shop".into(), "web".into(), 0);
    assert_eq!(error(scaled.await.unwrap()).0, "denied");
    assert!(
        server
            .seen()
            .iter()
            .all(|seen| seen.line.starts_with("GET "))
    );
}

#[tokio::test]
async fn each_way_to_get_no_answer_has_its_error() {
    let server = Server::start(|asked| match asked.line.as_str() {
        "GET /api/v1/namespaces/shop/pods/hold" => Answer::Hold,
        "GET /api/v1/namespaces/shop/pods/text" => ok("no JSON"),
        "GET /api/v1/namespaces/shop/pods/large" => json(&json!({"a": "x".repeat(5000)})),
        "GET /apis/chaos-mesh.org" => json(&json!({})),
        line if line.contains("/pods?") => {
            let pods: Vec<_> = (0..90)
                .map(|n| json!({"metadata": {"name": format!("p{n}"), "namespace": "shop"}}))
                .collect();
            json(&json!({"items": pods, "metadata": {"continue": "more"}}))
        }
        line if line.contains("/scale") => json(&json!({"spec": {"replicas": "many"}})),
        _ => {
            let status = json!({"reason": "NotFound", "message": "no such pod"}).to_string();
            answer("404 Not Found", "", status.as_bytes())
        }
    })
    .await;
    let small = || Given {
        limits: Limits {
            answer_bytes: 4000,
            ..Limits::default()
        },
        ..given(&server)
    };
    let get = async |state: &mut State, name: &str| {
        error(
            Read::get(state, "pods".into(), shop(), name.into())
                .await
                .unwrap(),
        )
    };
    let mut state = small().state();
    assert_eq!(
        get(&mut state, "a").await,
        ("refused", "404 NotFound no such pod".into())
    );
    assert_eq!(get(&mut state, "text").await.0, "failed");
    let (kind, text) = get(&mut state, "large").await;
    assert_eq!(kind, "failed");
    assert!(text.contains("larger than 4000 bytes"), "{text}");
    let mut late = Given {
        seconds: 0.05,
        ..small()
    }
    .state();
    assert_eq!(get(&mut late, "hold").await.0, "timed-out");
    let listed = error(state.list("pods".into(), anything()).await.unwrap());
    assert_eq!(listed.0, "failed");
    assert!(listed.1.contains("larger than 4000 bytes"), "{}", listed.1);
    let scaled = state.scale("deployments.apps".into(), "shop".into(), "web".into(), 5);
    assert_eq!(error(scaled.await.unwrap()).0, "failed");
    let other = "networkchaos.chaos-mesh.org".to_owned();
    let unknown = Read::get(&mut state, other, shop(), "x".into())
        .await
        .unwrap();
    assert_eq!(error(unknown).0, "failed");
    let mut nowhere = Given {
        cluster: "http://127.0.0.1:1".into(),
        ..given(&server)
    }
    .state();
    assert_eq!(get(&mut nowhere, "a").await.0, "failed");
    let mut unset = Given::grants(ALL).state();
    let (kind, text) = get(&mut unset, "a").await;
    assert_eq!(kind, "failed");
    assert!(text.contains("no usable Kubernetes cluster"), "{text}");
}

#[tokio::test]
async fn names_stay_names() {
    let server = Server::start(api).await;
    let mut state = given(&server).state();
    let long = "a".repeat(254);
    for name in [
        "", ".", "..", "a/b", "../a", "a?b=c", "a#b", "a%2fb", "a b", "a\n", "a\\b", "\u{e9}",
        &long,
    ] {
        let got = Read::get(&mut state, "pods".into(), shop(), name.into()).await;
        assert_eq!(error(got.unwrap()).0, "invalid", "{name}");
        let gone = state.delete("pods".into(), shop(), name.into(), None).await;
        assert_eq!(error(gone.unwrap()).0, "invalid", "{name}");
        let gone = state.evict("shop".into(), name.into(), None).await;
        assert_eq!(error(gone.unwrap()).0, "invalid", "{name}");
        if name != "a.b" {
            let got = state.list(
                "pods".into(),
                Selection {
                    namespace: Some(name.into()),
                    ..anything()
                },
            );
            assert_eq!(error(got.await.unwrap()).0, "invalid", "{name}");
        }
    }
    for resource in ["", "pods/log", "../x", "pods?x", "Pods", "pods.apps/v1"] {
        let got = Read::get(&mut state, resource.into(), shop(), "a".into()).await;
        assert_eq!(error(got.unwrap()).0, "invalid", "{resource}");
    }
    for object in ["", "[]", "1", "{"] {
        let patched = state
            .patch("pods".into(), shop(), "a".into(), object.into())
            .await;
        assert_eq!(error(patched.unwrap()).0, "invalid", "{object}");
        let made = state.create("pods".into(), shop(), object.into()).await;
        assert_eq!(error(made.unwrap()).0, "invalid", "{object}");
    }
    for container in ["", "a/b", "a&b=c", "A"] {
        let log = Read::log(
            &mut state,
            "shop".into(),
            "a".into(),
            Some(container.into()),
            1,
        )
        .await;
        assert_eq!(error(log.unwrap()).0, "invalid", "{container}");
    }
    let selection = Selection {
        labels: Some("a\n=b".into()),
        ..anything()
    };
    let listed = state.list("pods".into(), selection).await.unwrap();
    assert_eq!(error(listed).0, "invalid");
    assert!(server.seen().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Nothing is granted, so nothing leaves, whatever is asked.
    #[test]
    fn any_call_is_invalid_or_denied(
        resource in prop_oneof![any::<String>(), "[a-z]{1,8}(\\.[a-z0-9]{1,5}){0,3}"],
        namespace in proptest::option::of(prop_oneof![any::<String>(), "[a-z.-]{0,9}"]),
        name in prop_oneof![any::<String>(), "[a-z./?%-]{0,9}"],
        text in prop_oneof![any::<String>(), Just("{}".to_owned())],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let kinds = runtime.block_on(async {
            let mut state = Given { cluster: "http://127.0.0.1:1".into(), ..Given::grants::<&str>([]) }.state();
            let own = namespace.clone().unwrap_or_default();
            let selection = Selection {
                namespace: namespace.clone(),
                labels: Some(text.clone()),
                fields: Some(name.clone()),
            };
            [
                error(state.list(resource.clone(), selection).await.unwrap()).0,
                error(Read::get(&mut state, resource.clone(), namespace.clone(), name.clone()).await.unwrap()).0,
                error(Read::log(&mut state, own.clone(), name.clone(), Some(text.clone()), 9).await.unwrap()).0,
                error(state.delete(resource.clone(), namespace.clone(), name.clone(), None).await.unwrap()).0,
                error(state.evict(own.clone(), name.clone(), Some(1)).await.unwrap()).0,
                error(state.patch(resource.clone(), namespace.clone(), name.clone(), text.clone()).await.unwrap()).0,
                error(state.scale(resource.clone(), own, name, 1).await.unwrap()).0,
                error(state.create(resource, namespace, text).await.unwrap()).0,
            ]
        });
        for kind in kinds {
            prop_assert!(kind == "invalid" || kind == "denied", "{}", kind);
        }
    }
}
