//! Budget keys at the door, each to its last unit.

use super::*;
use chaos_host_api::budget::Selected;
use chaos_host_api::kubernetes::Resource;
use chaos_host_api::process::{ProcessCommand, ProcessError};
use chaos_tests::scripted::{Server, ok};

fn exhausted(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Budget { source, .. } => source.key,
        other => panic!("another refusal: {other}"),
    }
}

/// None is read and then forgotten: a key without a call here fails.
#[tokio::test]
async fn every_ceiling_of_zero_stops_a_call() {
    let server = Server::start(|_| ok("x")).await;
    let permit = policy(&[&format!("http POST {}", server.url("/*"))]);
    for (key, _) in Ceilings::default().by_key() {
        let ceilings: Ceilings = serde_json::from_value(json!({ key: 0 })).unwrap();
        let bench = Bench::of(ceilings, &[]);
        let pass = Pass::new("m", Effect::Mutate, Deadline::after(Duration::from_secs(5)));
        let made = async |call: KubernetesCall| match bench.make(&pass, &server, &call).await {
            Err(KubernetesError::Refused(refusal)) => refusal,
            other => panic!("{key}: {other:?}"),
        };
        let pod = KubernetesCall::delete(Resource::PODS, Some("a"), "1", json!({}));
        let refusal = match key {
            "calls" | "mutations" | "http-requests" | "bytes" => {
                let request = HttpRequest {
                    body: "x".into(),
                    ..request("POST", &server.url("/"))
                };
                match bench.send(&action(&permit), request).await {
                    Err(HttpError::Refused(refusal)) => refusal,
                    other => panic!("{key}: {other:?}"),
                }
            }
            "processes" => {
                let command = ProcessCommand {
                    program: "/bin/true".into(),
                    arguments: Vec::new(),
                    effect: Effect::Read,
                };
                match bench.door.process(&pass, command).await {
                    Err(ProcessError::Refused(refusal)) => refusal,
                    other => panic!("{key}: {other:?}"),
                }
            }
            "pods-deleted" | "namespaces" => made(pod).await,
            "pods-percent" => made(pod.out_of(&Selected::of(4))).await,
            "nodes" => made(KubernetesCall::patch(Resource::NODES, None, "n", json!({}))).await,
            other => panic!("no call is stopped by {other}: add one"),
        };
        assert_eq!(exhausted(&refusal), key);
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn bytes_received_and_sent_are_charged_to_the_last_one() {
    let server = Server::start(|_| ok("0123456789")).await;
    let permit = policy(&[&format!("http GET,POST {}", server.url("/*"))]);
    for (bytes, sent, expected) in [
        (10, "", true),
        (9, "", false),
        (15, "12345", true),
        (14, "12345", false),
        (4, "12345", false),
    ] {
        let ceilings = Ceilings {
            bytes,
            ..Ceilings::default()
        };
        let bench = Bench::of(ceilings, &[]);
        let before = server.connections();
        let request = HttpRequest {
            body: sent.into(),
            ..request("POST", &server.url("/"))
        };
        match bench.send(&action(&permit), request).await {
            Ok(_) => assert!(expected, "{bytes} {sent}"),
            Err(HttpError::Refused(refusal)) => {
                assert!(!expected, "{bytes} {sent}");
                assert_eq!(exhausted(&refusal), "bytes");
            }
            Err(other) => panic!("{other}"),
        }
        assert!(bench.door.budget().spent().bytes <= bytes);
        let left = sent.len() as u64 <= bytes;
        assert_eq!(server.connections() - before, usize::from(left));
    }
}

#[tokio::test]
async fn many_calls_at_a_time_spend_no_more() {
    let server = Server::start(|_| ok("x")).await;
    let permit = policy(&[&format!("http GET,POST {}", server.url("/*"))]);
    let of = |change: fn(&mut Ceilings)| {
        let mut ceilings = Ceilings::default();
        change(&mut ceilings);
        ceilings
    };
    for (key, ceilings) in [
        ("calls", of(|c| c.calls = 5)),
        ("mutations", of(|c| c.mutations = 5)),
        ("http-requests", of(|c| c.http_requests = 5)),
        ("bytes", of(|c| c.bytes = 5)),
    ] {
        let bench = Bench::of(ceilings, &[]);
        let pass = action(&permit);
        let calls = (0..20).map(|_| bench.send(&pass, request("POST", &server.url("/"))));
        let ended = futures_util::future::join_all(calls).await;
        let (made, refused): (Vec<_>, Vec<_>) = ended.into_iter().partition(Result::is_ok);
        assert_eq!(made.len(), 5, "{key}");
        for error in refused {
            let Err(HttpError::Refused(refusal)) = error else {
                panic!("{error:?}");
            };
            assert_eq!(exhausted(&refusal), key);
        }
    }
}

#[tokio::test]
async fn processes_are_charged() {
    let ceilings = Ceilings {
        processes: 1,
        ..Ceilings::default()
    };
    let bench = Bench::of(ceilings, &[]);
    let pass = Pass::new("p", Effect::Read, Deadline::after(Duration::from_secs(5)));
    let run = async || {
        let command = ProcessCommand {
            program: "/bin/true".into(),
            arguments: Vec::new(),
            effect: Effect::Read,
        };
        bench.door.process(&pass, command).await
    };
    run().await.unwrap();
    let Err(ProcessError::Refused(refusal)) = run().await else {
        panic!("a second one ran");
    };
    assert_eq!(exhausted(&refusal), "processes");
}

/// Deletes, patches and evictions of these, each in a run of its own ceilings.
#[tokio::test]
async fn places_and_pods_of_a_cluster_are_charged() {
    let server = Server::start(|_| ok("{}")).await;
    let other = Server::start(|_| ok("{}")).await;
    let delete = |namespace: &str, name: &str| {
        KubernetesCall::delete(Resource::PODS, Some(namespace), name, json!({}))
    };
    let cordon = |name: &str| KubernetesCall::patch(Resource::NODES, None, name, json!({}));
    let namespaces = Resource {
        plural: "namespaces".into(),
        ..Resource::PODS
    };
    let half = Selected::of(4);
    let of = |change: fn(&mut Ceilings)| {
        let mut ceilings = Ceilings::default();
        change(&mut ceilings);
        ceilings
    };
    let one_namespace = of(|c| c.namespaces = 1);
    for (key, ceilings, calls) in [
        (
            "pods-deleted",
            of(|c| c.pods_deleted = 2),
            vec![
                delete("a", "1"),
                KubernetesCall::evict("a", "2"),
                delete("b", "3"),
            ],
        ),
        (
            "pods-percent",
            of(|c| c.pods_percent = 50),
            vec![
                delete("a", "1").out_of(&half),
                KubernetesCall::evict("a", "2").out_of(&half),
                delete("a", "1").out_of(&half),
                delete("a", "3").out_of(&half),
            ],
        ),
        (
            "namespaces",
            one_namespace.clone(),
            vec![
                delete("a", "1"),
                delete("a", "2"),
                cordon("n"),
                KubernetesCall::list(Resource::PODS, Some("b")),
                delete("b", "1"),
            ],
        ),
        (
            "namespaces",
            one_namespace.clone(),
            vec![
                delete("a", "1"),
                KubernetesCall::delete(namespaces.clone(), None, "b", json!({})),
            ],
        ),
        (
            "nodes",
            of(|c| c.nodes = 1),
            vec![
                cordon("n1"),
                cordon("n1"),
                KubernetesCall::get(Resource::NODES, None, "n2"),
                cordon("n2"),
            ],
        ),
        (
            "bytes",
            of(|c| c.bytes = 8),
            // Each sends `{}` and gets `{}`.
            vec![delete("a", "1"), delete("a", "2"), delete("a", "3")],
        ),
    ] {
        let bench = Bench::of(ceilings, &[]);
        let pass = Pass::new("m", Effect::Mutate, Deadline::after(Duration::from_secs(5)));
        let (last, before) = calls.split_last().unwrap();
        for call in before {
            bench
                .make(&pass, &server, call)
                .await
                .unwrap_or_else(|error| panic!("{key}: {call}: {error}"));
        }
        let sent = server.connections();
        let refused = bench.make(&pass, &server, last).await;
        let Err(KubernetesError::Refused(refusal)) = refused else {
            panic!("{key}: {last}: {refused:?}");
        };
        assert_eq!(exhausted(&refusal), key);
        assert_eq!(server.connections(), sent);
    }
    // The same name in another cluster is another namespace.
    let bench = Bench::of(one_namespace, &[]);
    let pass = Pass::new("m", Effect::Mutate, Deadline::after(Duration::from_secs(5)));
    let made = bench.make(&pass, &server, &delete("a", "1")).await;
    made.unwrap();
    let refused = bench.make(&pass, &other, &delete("a", "1")).await;
    assert!(refused.is_err());
}
