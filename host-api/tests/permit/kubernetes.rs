use super::*;
use chaos_host_api::kubernetes::{PatchKind, Resource};
use chaos_tests::scripted::{Seen, Server, Step, answer};
use std::sync::atomic::{AtomicUsize, Ordering};

/// An API server that knows these objects, whatever is asked about them.
async fn api(objects: Vec<Value>) -> Server {
    let objects = move |seen: &Seen| -> Vec<Step> {
        let mut words = seen.line.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let last = path.rsplit('/').next().unwrap();
        let named = |object: &&Value| {
            let name = object["metadata"]["name"].as_str().unwrap();
            path.split('/').any(|segment| segment == name)
        };
        let body = if query.contains("watch=true") {
            let event = |kind: &str, object: &Value| {
                format!("{}\n", json!({ "type": kind, "object": object }))
            };
            let added: Vec<String> = objects.iter().map(|o| event("ADDED", o)).collect();
            let deleted: Vec<String> = objects.iter().map(|o| event("DELETED", o)).collect();
            let mark = event("BOOKMARK", &json!({"metadata": {"resourceVersion": "9"}}));
            format!("{}{mark}{}", added.concat(), deleted.concat())
        } else if method == "GET" && last == "log" {
            "words".to_owned()
        } else if let Some(object) = objects.iter().find(named) {
            object.to_string()
        } else if method == "GET" && matches!(last, "pods" | "nodes" | "namespaces") {
            json!({ "kind": "List", "items": objects }).to_string()
        } else if method == "GET" {
            return answer("404 Not Found", "", b"{\"reason\": \"NotFound\"}");
        } else {
            "{}".to_owned()
        };
        answer("200 OK", "Connection: close\r\n", body.as_bytes())
    };
    Server::start(objects).await
}

fn pod(namespace: &str, name: &str, app: &str) -> Value {
    json!({"metadata": {
        "namespace": namespace, "name": name, "labels": {"app": app},
        "uid": format!("uid-{name}"), "resourceVersion": "7",
    }})
}

fn pods() -> Vec<Value> {
    vec![
        pod("shop", "web-1", "checkout"),
        pod("shop", "db-1", "database"),
        pod("other", "web-2", "checkout"),
        pod("kube-system", "dns-1", "checkout"),
    ]
}

fn refused(result: Result<Value, KubernetesError>) -> String {
    match result {
        Err(KubernetesError::Refused(refusal)) => denial(&refusal),
        other => panic!("not refused: {other:?}"),
    }
}

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|o| o["metadata"]["name"].as_str().unwrap())
        .collect()
}

fn get(namespace: &str, name: &str) -> KubernetesCall {
    KubernetesCall::get(Resource::PODS, Some(namespace), name)
}

fn delete(namespace: &str, name: &str) -> KubernetesCall {
    KubernetesCall::delete(Resource::PODS, Some(namespace), name, json!({}))
}

#[tokio::test]
async fn every_field_of_a_line_bites() {
    let server = api(pods()).await;
    let bench = Bench::new();
    let deployment = KubernetesCall::get(Resource::DEPLOYMENTS, Some("shop"), "web-1");
    let scale = KubernetesCall::patch(Resource::DEPLOYMENTS, Some("shop"), "web", json!({}))
        .of_part("scale")
        .merged(PatchKind::Merge);
    let list_all = KubernetesCall::list(Resource::PODS, None);
    let all_of =
        |namespace| KubernetesCall::delete_all(Resource::SERVICES, Some(namespace), json!({}));
    for (line, call) in [
        ("list,watch pods in shop", get("shop", "web-1")),
        ("get pods in shop", delete("shop", "web-1")),
        ("get services in shop", get("shop", "web-1")),
        ("get pods.metrics.k8s.io in shop", get("shop", "web-1")),
        ("get pods in other", get("shop", "web-1")),
        ("get pods in *", get("kube-system", "dns-1")),
        ("get pods in shop named db-*", get("shop", "web-1")),
        ("get pods in shop", KubernetesCall::log("shop", "web-1")),
        ("get pods/log in shop", get("shop", "web-1")),
        (
            "delete pods in shop",
            KubernetesCall::evict("shop", "web-1"),
        ),
        (
            "create pods in shop",
            KubernetesCall::evict("shop", "web-1"),
        ),
        ("create pods/eviction in shop", delete("shop", "web-1")),
        ("get pods in shop", deployment),
        ("patch deployments.apps in shop", scale.clone()),
        ("list pods in shop,other,kube-system", list_all),
        (
            "list nodes",
            KubernetesCall::get(Resource::NODES, None, "n1"),
        ),
        ("delete services in shop", all_of("shop")),
        ("deletecollection services in other", all_of("shop")),
        ("get pods in shop", get("shop/../kube-system", "web-1")),
        ("get pods in shop", get("shop?x=", "web-1")),
        ("get pods in shop", get("Shop", "web-1")),
    ] {
        let text = refused(
            bench
                .make(
                    &action(&policy(&[&format!("kubernetes {line}")])),
                    &server,
                    &call,
                )
                .await,
        );
        assert!(
            text.contains("to allow it add to its `kubernetes`"),
            "{text}"
        );
    }
    for call in [get("shop", "../x"), get("shop", ".."), get("shop", "")] {
        let permit = policy(&["kubernetes get pods in shop"]);
        let made = bench.make(&action(&permit), &server, &call).await;
        let asked: Vec<Seen> = server.seen();
        assert!(
            asked.iter().all(|seen| seen.line.contains("/pods/..%2Fx ")),
            "{made:?}"
        );
    }
    assert!(bench.intents().is_empty());
    let text = refused(bench.make(&action(&policy(&[])), &server, &scale).await);
    assert_eq!(
        text,
        "denied: patch deployments.apps/scale web in shop: not granted by chaos-wasm.toml \
         [plugins.x]; to allow it add to its `kubernetes`: \"patch deployments.apps/scale in shop \
         named web\""
    );
    let text = refused(
        bench
            .make(
                &action(&policy(&["kubernetes get pods in *"])),
                &server,
                &get("kube-system", "dns-1"),
            )
            .await,
    );
    assert_eq!(
        text,
        "denied: get pods dns-1 in kube-system: kube-system is the system's and has to be \
         granted by name; not granted by chaos-wasm.toml [plugins.x]; to allow it add \
         to its `kubernetes`: \"get pods in kube-system named dns-1\""
    );
}

#[tokio::test]
async fn what_is_granted_is_done() {
    let server = api(pods()).await;
    let bench = Bench::new();
    let scale = KubernetesCall::patch(Resource::DEPLOYMENTS, Some("shop"), "web", json!({}))
        .of_part("scale")
        .merged(PatchKind::Merge);
    for (line, call, expected) in [
        (
            "get pods in shop",
            get("shop", "web-1"),
            "GET /api/v1/namespaces/shop/pods/web-1",
        ),
        (
            "get pods in *",
            get("shop", "web-1"),
            "GET /api/v1/namespaces/shop/pods/web-1",
        ),
        (
            "get pods in *,kube-system",
            get("kube-system", "dns-1"),
            "GET /api/v1/namespaces/kube-system/pods/dns-1",
        ),
        (
            "delete pods in shop named web-*",
            delete("shop", "web-1"),
            "DELETE /api/v1/namespaces/shop/pods/web-1",
        ),
        (
            "create pods/eviction in shop",
            KubernetesCall::evict("shop", "web-1"),
            "POST /api/v1/namespaces/shop/pods/web-1/eviction",
        ),
        (
            "patch deployments.apps/scale in shop",
            scale,
            "PATCH /apis/apps/v1/namespaces/shop/deployments/web/scale",
        ),
        (
            "patch nodes",
            KubernetesCall::patch(Resource::NODES, None, "n1", json!({})),
            "PATCH /api/v1/nodes/n1",
        ),
    ] {
        let permit = policy(&[&format!("kubernetes {line}")]);
        let made = bench.make(&action(&permit), &server, &call).await;
        made.unwrap_or_else(|error| panic!("{line}: {error}"));
        let seen = server.seen();
        assert_eq!(seen.last().unwrap().line, format!("{expected} HTTP/1.1"));
    }
}

#[tokio::test]
async fn lists_show_what_is_granted_and_nothing_else() {
    let server = api(pods()).await;
    let bench = Bench::new();
    let shop = KubernetesCall::list(Resource::PODS, Some("shop"));
    let all = KubernetesCall::list(Resource::PODS, None);
    for (lines, call, expected, selector) in [
        (
            &["list pods in shop"][..],
            &shop,
            &["web-1", "db-1"][..],
            None,
        ),
        (&["list pods in *"], &all, &["web-1", "db-1", "web-2"], None),
        (
            &["list pods in *,kube-system"],
            &all,
            &["web-1", "db-1", "web-2", "dns-1"],
            None,
        ),
        (
            &["list pods in * named web-*"],
            &all,
            &["web-1", "web-2"],
            None,
        ),
        (
            &["list pods in * where app=checkout"],
            &all,
            &["web-1", "web-2"],
            Some("labelSelector=app%3Dcheckout"),
        ),
        (
            &[
                "list pods in shop where app=checkout",
                "list pods in shop where app=database",
            ],
            &shop,
            &["web-1", "db-1"],
            None,
        ),
        (
            &[
                "list pods in shop where app=checkout",
                "list pods in shop named db-1",
            ],
            &shop,
            &["web-1", "db-1"],
            None,
        ),
    ] {
        let lines: Vec<String> = lines
            .iter()
            .map(|line| format!("kubernetes {line}"))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let permit = policy(&lines);
        let answer = bench.make(&probe(&permit), &server, call).await.unwrap();
        // This server filters nothing; whatever it were to give, the guest sees no more.
        assert_eq!(names(&answer), expected, "{lines:?}");
        let line = server.seen().last().unwrap().line.clone();
        match selector {
            Some(selector) => assert!(line.contains(selector), "{line}"),
            None => assert!(!line.contains("labelSelector"), "{line}"),
        }
        let (pass, cluster) = (probe(&permit), cluster(&server));
        let name = |pod: &Value| pod["metadata"]["name"].as_str().unwrap().to_owned();
        let kept = bench.door.kubernetes_list(&pass, &cluster, call, name);
        assert_eq!(kept.await.unwrap(), expected);
        let bytes = bench.bytes(&pass, &server, call).await;
        let bytes: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(bytes, answer);
    }
}

#[tokio::test]
async fn a_guests_own_selector_cannot_replace_the_granted_one() {
    let server = api(pods()).await;
    let bench = Bench::new();
    let permit = layers(&[
        &["kubernetes list pods in shop where app"],
        &["kubernetes list pods in shop where app=checkout"],
    ]);
    for own in ["app=database", "app notin (checkout", "", "app=database,"] {
        let call = KubernetesCall::list(Resource::PODS, Some("shop"))
            .labels(own)
            .labels("tier=x");
        let answer = bench.make(&probe(&permit), &server, &call).await.unwrap();
        assert_eq!(names(&answer), ["web-1"]);
        let line = server.seen().last().unwrap().line.clone();
        assert!(
            line.contains("?labelSelector=app%2Capp%3Dcheckout"),
            "{line}"
        );
        assert_eq!(line.matches("labelSelector").count(), 1, "{line}");
    }
}

#[tokio::test]
async fn one_object_is_looked_up_when_its_labels_matter() {
    let server = api(pods()).await;
    let bench = Bench::new();
    let permit = policy(&[
        "kubernetes get,delete,patch pods in shop where app=checkout",
        "kubernetes get pods/log in shop where app=checkout",
        "kubernetes create pods/eviction in shop where app=checkout",
    ]);
    let patch = |name: &str| {
        let body = json!({"metadata": {"labels": {"a": "b"}}});
        KubernetesCall::patch(Resource::PODS, Some("shop"), name, body)
    };
    for call in [
        get("shop", "db-1"),
        delete("shop", "db-1"),
        patch("db-1"),
        KubernetesCall::log("shop", "db-1"),
        KubernetesCall::evict("shop", "db-1"),
    ] {
        let text = refused(bench.make(&action(&permit), &server, &call).await);
        assert!(text.contains("not one of those"), "{text}");
    }
    let lines: Vec<String> = server.seen().into_iter().map(|seen| seen.line).collect();
    assert!(
        lines
            .iter()
            .all(|l| l == "GET /api/v1/namespaces/shop/pods/db-1 HTTP/1.1"),
        "{lines:?}"
    );
    assert!(bench.intents().is_empty());

    let body = async |call: KubernetesCall| -> Value {
        bench.make(&action(&permit), &server, &call).await.unwrap();
        serde_json::from_str(&server.seen().last().unwrap().body).unwrap()
    };
    let was = json!({"uid": "uid-web-1", "resourceVersion": "7"});
    assert_eq!(body(delete("shop", "web-1")).await["preconditions"], was);
    let evicted = body(KubernetesCall::evict("shop", "web-1")).await;
    assert_eq!(evicted["deleteOptions"]["preconditions"], was);
    let patched = body(patch("web-1")).await;
    assert_eq!(
        patched["metadata"],
        json!({"labels": {"a": "b"}, "uid": "uid-web-1", "resourceVersion": "7"})
    );
    let log = KubernetesCall::log("shop", "web-1");
    let log = bench.bytes(&action(&permit), &server, &log).await;
    assert_eq!(log, "words");
    let read = bench
        .make(&action(&permit), &server, &get("shop", "web-1"))
        .await
        .unwrap();
    assert_eq!(read["metadata"]["name"], "web-1");
    let absent = bench
        .make(&action(&permit), &server, &get("shop", "none"))
        .await;
    assert_eq!(absent.unwrap_err().status(), Some(404));

    let other = KubernetesCall::delete(
        Resource::PODS,
        Some("shop"),
        "web-1",
        json!({"preconditions": {"uid": "another"}}),
    );
    let made = bench.make(&action(&permit), &server, &other).await;
    assert!(matches!(made, Err(KubernetesError::Invalid(_))), "{made:?}");
}

/// Labels that change between the look and the call: the call is for the object as it was.
#[tokio::test]
async fn an_object_that_changed_is_looked_at_again() {
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&lookups);
    let server = Server::start(move |seen| {
        if !seen.line.starts_with("GET") {
            return answer("409 Conflict", "", b"{\"reason\": \"Conflict\"}");
        }
        let app = match counted.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => "checkout",
            _ => "database",
        };
        answer(
            "200 OK",
            "",
            pod("shop", "web-1", app).to_string().as_bytes(),
        )
    })
    .await;
    let permit = policy(&["kubernetes delete pods in shop where app=checkout"]);
    let bench = Bench::new();
    let made = bench
        .make(&action(&permit), &server, &delete("shop", "web-1"))
        .await;
    refused(made);
    assert_eq!(lookups.load(Ordering::SeqCst), 3);

    let always = policy(&["kubernetes delete pods in shop where app"]);
    let made = bench
        .make(&action(&always), &server, &delete("shop", "web-1"))
        .await;
    assert_eq!(made.unwrap_err().status(), Some(409));
}

#[tokio::test]
async fn what_is_made_has_to_be_what_was_granted() {
    let server = api(Vec::new()).await;
    let bench = Bench::new();
    let permit = policy(&["kubernetes create pods in shop where app=checkout named chaos-*"]);
    let create = |metadata: Value| {
        let object = json!({"kind": "Pod", "metadata": metadata});
        KubernetesCall::create(Resource::PODS, Some("shop"), object)
    };
    let labels = json!({"app": "checkout"});
    for metadata in [
        json!({"name": "chaos-1", "labels": labels}),
        json!({"generateName": "chaos-x", "labels": labels}),
        json!({"name": "chaos-1", "namespace": "kube-system", "labels": labels}),
    ] {
        // The API server refuses a namespace that is not the path's.
        bench
            .make(&action(&permit), &server, &create(metadata))
            .await
            .unwrap();
    }
    for metadata in [
        json!({"name": "other", "labels": labels}),
        json!({"generateName": "cha", "labels": labels}),
        json!({"name": "chaos-1", "labels": {"app": "database"}}),
        json!({"name": "chaos-1"}),
        json!({"labels": labels}),
        json!(null),
    ] {
        refused(
            bench
                .make(&action(&permit), &server, &create(metadata))
                .await,
        );
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn all_that_match_are_deleted_only_by_that_verb_and_only_what_is_granted() {
    let server = api(Vec::new()).await;
    let bench = Bench::new();
    let all = KubernetesCall::delete_all(Resource::SERVICES, Some("shop"), json!({}));
    let permit = policy(&["kubernetes deletecollection services in shop where app=checkout"]);
    bench
        .make(&action(&permit), &server, &all.clone().labels("tier=x"))
        .await
        .unwrap();
    assert_eq!(
        server.seen()[0].line,
        "DELETE /api/v1/namespaces/shop/services?labelSelector=app%3Dcheckout%2Ctier%3Dx HTTP/1.1"
    );
    let several = policy(&[
        "kubernetes deletecollection services in shop where app=checkout",
        "kubernetes deletecollection services in shop where app=database",
    ]);
    let text = refused(bench.make(&action(&several), &server, &all).await);
    assert!(text.contains("more than one selector can say"), "{text}");
    let pods = KubernetesCall::delete_all(Resource::PODS, Some("shop"), json!({}));
    let permit = policy(&["kubernetes deletecollection pods in shop"]);
    let made = bench.make(&action(&permit), &server, &pods).await;
    assert!(matches!(made, Err(KubernetesError::Invalid(_))), "{made:?}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn watches_show_what_is_granted_and_nothing_else() {
    let server = api(pods()).await;
    let bench = Bench::new();
    let call = KubernetesCall::watch(Resource::PODS, None);
    let permit = policy(&["kubernetes watch pods in * where app=checkout"]);
    let pass = probe(&permit);
    let cluster = cluster(&server);
    let mut watch = bench
        .door
        .kubernetes_watch(&pass, &cluster, &call)
        .await
        .unwrap();
    let mut events = Vec::new();
    while let Some(event) = watch.next().await.unwrap() {
        let name = event.object["metadata"]["name"]
            .as_str()
            .unwrap_or("-")
            .to_owned();
        events.push(format!("{} {name}", event.kind));
    }
    assert_eq!(
        events,
        [
            "ADDED web-1",
            "ADDED web-2",
            "BOOKMARK -",
            "DELETED web-1",
            "DELETED web-2"
        ]
    );
    assert!(
        server.seen()[0]
            .line
            .contains("labelSelector=app%3Dcheckout")
    );
    let none = policy(&["kubernetes list pods in *"]);
    let refused = bench
        .door
        .kubernetes_watch(&probe(&none), &cluster, &call)
        .await;
    assert!(matches!(refused, Err(KubernetesError::Refused(_))));
}

#[tokio::test]
async fn a_probe_changes_nothing_whatever_it_was_granted() {
    let server = api(pods()).await;
    let bench = Bench::new();
    let permit = policy(&[
        "kubernetes get,list,watch,create,patch,delete,deletecollection pods in shop where app=checkout",
        "kubernetes create pods/eviction in shop",
        "kubernetes deletecollection services in shop",
    ]);
    for call in [
        delete("shop", "web-1"),
        KubernetesCall::patch(Resource::PODS, Some("shop"), "web-1", json!({})),
        KubernetesCall::evict("shop", "web-1"),
        KubernetesCall::create(Resource::PODS, Some("shop"), json!({})),
        KubernetesCall::delete_all(Resource::SERVICES, Some("shop"), json!({})),
    ] {
        let made = bench.make(&probe(&permit), &server, &call).await;
        let Err(KubernetesError::Refused(Refusal::ReadOnly { .. })) = made else {
            panic!("{call}: {made:?}");
        };
    }
    assert_eq!(server.connections(), 0);
    bench
        .make(&probe(&permit), &server, &get("shop", "web-1"))
        .await
        .unwrap();
}

#[tokio::test]
async fn both_layers_hold_and_the_policy_is_what_could_be_tightened() {
    let server = api(pods()).await;
    let bench = Bench::new();
    let permit = layers(&[
        &["kubernetes get,list,delete pods in *"],
        &["kubernetes get,list,delete pods in shop,other where app=checkout"],
    ]);
    bench
        .make(&action(&permit), &server, &get("shop", "web-1"))
        .await
        .unwrap();
    refused(
        bench
            .make(&action(&permit), &server, &delete("shop", "db-1"))
            .await,
    );
    refused(
        bench
            .make(&action(&permit), &server, &get("elsewhere", "x"))
            .await,
    );
    let usage = permit.usage();
    let tightened: Vec<String> = usage
        .tightened
        .kubernetes
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(tightened, ["get pods in shop where app=checkout"]);
    assert_eq!(usage.denied, 2);
}
