//! API servers that stall, break, refuse and forget.

use crate::server::Server;
use crate::{Bench, all};
use chaos_host_api::Effect;
use chaos_host_api::budget::Ceilings;
use chaos_wasm::provider::Failure;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PODS: &str = "/api/v1/namespaces/default/pods";
const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";

fn answer(method: &str, path: &str, body: &Value) -> Value {
    json!({"method": method, "path": path, "text": body.to_string()})
}

fn pods(names: &[&str]) -> Value {
    let items: Vec<Value> = names
        .iter()
        .map(|name| json!({"metadata": {"name": name, "uid": format!("uid-{name}")}}))
        .collect();
    json!({ "items": items })
}

fn with(mut answer: Value, key: &str, value: Value) -> Value {
    answer[key] = value;
    answer
}

fn refusal(method: &str, path: &str, status: u16, reason: &str) -> Value {
    let body = json!({"kind": "Status", "reason": reason, "message": reason, "code": status});
    with(answer(method, path, &body), "status", json!(status))
}

async fn count(bench: &Bench, server: &Server) -> crate::Outcome {
    let arguments = json!({"label_selector": "app=x"});
    bench.ask("count_pods", arguments, &server.url).await
}

#[tokio::test]
async fn a_stalled_server_ends_at_the_deadline() {
    let stalled = |method, path| json!({"method": method, "path": path, "stall": true});
    let mut bench = Bench::new();
    bench.time = Duration::from_millis(300);
    let server = Server::start(vec![stalled("GET", PODS), stalled("GET", DEPLOYMENTS)]);
    let begun = Instant::now();
    let failure = count(&bench, &server).await.failure();
    assert!(
        matches!(&failure, Failure::TimedOut(text) if text.contains("0.3 s")),
        "{failure:?}"
    );
    let arguments = json!({"name": "web", "timeout": 30});
    let outcome = bench
        .ask("deployment_fully_available", arguments, &server.url)
        .await;
    assert!(matches!(outcome.failure(), Failure::TimedOut(_)));
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_change_in_flight_is_not_called_back_and_its_end_is_noted() {
    let path = format!("{DEPLOYMENTS}/web");
    let slow = with(answer("PATCH", &path, &json!({})), "delay", json!(600));
    let server = Server::start(vec![slow]);
    let mut bench = Bench::new();
    bench.time = Duration::from_millis(200);
    let arguments = json!({"name": "web", "replicas": 1});
    let outcome = bench.ask("scale_deployment", arguments, &server.url).await;
    assert!(matches!(outcome.failure(), Failure::TimedOut(_)));
    assert_eq!(bench.memory.intents.lock().unwrap().len(), 1);
    assert!(bench.memory.done.lock().unwrap().is_empty());
    tokio::time::sleep(Duration::from_millis(800)).await;
    let done = bench.memory.done.lock().unwrap();
    let [done] = done.as_slice() else {
        panic!("{done:?}")
    };
    assert_eq!(done.error, None);
    assert_eq!(done.target, format!("PATCH {path}"));
}

#[tokio::test]
async fn reads_survive_resets_and_changes_are_not_repeated() {
    let reset = |method, path: &str| json!({"method": method, "path": path, "reset": true});
    let server = Server::start(vec![
        reset("GET", PODS),
        reset("GET", PODS),
        answer("GET", PODS, &pods(&["a"])),
        reset("DELETE", &format!("{PODS}/a")),
    ]);
    let bench = Bench::new();
    assert_eq!(count(&bench, &server).await.output(), 1);
    let failure = bench
        .ask("terminate_pods", json!({}), &server.url)
        .await
        .failure();
    assert!(
        matches!(&failure, Failure::Failed(text) if text.contains("broken answer")),
        "{failure:?}"
    );
    let deletions = server
        .calls()
        .into_iter()
        .filter(|(method, _)| method == "DELETE")
        .count();
    assert_eq!(deletions, 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let failure = Bench::new()
        .ask("count_pods", json!({"label_selector": ""}), &url)
        .await
        .failure();
    let Failure::Failed(text) = &failure else {
        panic!("{failure:?}")
    };
    assert!(
        text.contains("failed to connect to the Kubernetes API"),
        "{text}"
    );
    assert!(text.contains("refused"), "{text}");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_when_it_says_so() {
    let busy = |method: &str, path: &str, status: u16| {
        let refusal = refusal(method, path, status, "TooManyRequests");
        with(refusal, "headers", json!({"Retry-After": "0"}))
    };
    let deletion = format!("{PODS}/a");
    let server = Server::start(vec![
        busy("GET", PODS, 429),
        busy("GET", PODS, 503),
        answer("GET", PODS, &pods(&["a"])),
        busy("DELETE", &deletion, 429),
        answer("DELETE", &deletion, &json!({})),
    ]);
    let bench = Bench::new();
    let outcome = bench.ask("terminate_pods", json!({}), &server.url).await;
    assert_eq!(outcome.output(), json!(["a"]));
    assert_eq!(server.calls().len(), 5);
    // Every try was a call, and every deletion asked for was charged.
    let spent = bench.door.budget().spent();
    assert_eq!(
        (spent.calls, spent.mutations, spent.pods_deleted),
        (5, 2, 2)
    );
}

#[tokio::test]
async fn waiting_for_a_busy_server_does_not_outlast_the_deadline() {
    let busy = with(
        refusal("GET", PODS, 503, "Busy"),
        "headers",
        json!({"Retry-After": "60"}),
    );
    let server = Server::start(vec![
        busy,
        refusal("GET", "/api/v1/namespaces/b/pods", 503, "Busy"),
    ]);
    let mut bench = Bench::new();
    bench.time = Duration::from_secs(5);
    let begun = Instant::now();
    let failure = count(&bench, &server).await.failure();
    assert!(
        failure.to_string().contains("ServiceException: (503)"),
        "{failure}"
    );
    // Without the header nobody is asked again.
    let arguments = json!({"label_selector": "", "ns": "b"});
    bench
        .ask("count_pods", arguments, &server.url)
        .await
        .failure();
    assert_eq!(server.calls().len(), 2);
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn long_lists_come_in_pages_and_begin_anew_when_their_token_expired() {
    let page = |names: &[&str], token: &str| {
        let mut page = pods(names);
        page["metadata"] = json!({ "continue": token });
        answer("GET", PODS, &page)
    };
    let server = Server::start(vec![
        page(&["a", "b"], "t 1"),
        refusal("GET", PODS, 410, "Expired"),
        page(&["a", "b"], "t2"),
        page(&["c"], ""),
    ]);
    assert_eq!(count(&Bench::new(), &server).await.output(), 3);
    let asked = server.asked();
    let tokens: Vec<Option<&str>> = asked.iter().map(|a| a.parameter("continue")).collect();
    assert_eq!(tokens, [None, Some("t 1"), None, Some("t2")]);
    assert!(asked.iter().all(|a| a.parameter("limit") == Some("500")));
    assert!(
        asked.iter().all(|a| a.connection == 0),
        "connections are reused"
    );
}

#[tokio::test]
async fn a_list_that_expires_again_and_again_ends() {
    let mut first = pods(&["a"]);
    first["metadata"] = json!({"continue": "t"});
    let mut answers = Vec::new();
    for _ in 0..10 {
        answers.push(answer("GET", PODS, &first));
        answers.push(refusal("GET", PODS, 410, "Expired"));
    }
    let server = Server::start(answers);
    let failure = count(&Bench::new(), &server).await.failure();
    assert!(failure.to_string().contains("(410)"), "{failure}");
    assert_eq!(server.calls().len(), 8);
}

#[tokio::test]
async fn broken_answers_are_failures() {
    let text = |text: &str| json!({"method": "GET", "path": PODS, "text": text});
    let servers = ["", "<html>", "[1", "\u{0}"].map(|body| Server::start(vec![text(body)]));
    let bench = Bench::new();
    for outcome in all(servers.iter().map(|server| count(&bench, server))).await {
        let failure = outcome.failure();
        assert!(
            matches!(&failure, Failure::Failed(text) if text.contains("not JSON")),
            "{failure:?}"
        );
    }
    // JSON that is no list has no items.
    let server = Server::start(vec![text("{\"items\": 3}")]);
    assert_eq!(count(&bench, &server).await.output(), 0);
}

#[tokio::test]
async fn a_watch_survives_its_end_and_an_expired_version() {
    let deployment =
        |ready: u32| json!({"spec": {"replicas": 2}, "status": {"readyReplicas": ready}});
    let expired =
        json!({"type": "ERROR", "object": {"code": 410, "reason": "Expired", "message": "old"}});
    let watch = |events: Value| json!({"method": "GET", "path": DEPLOYMENTS, "events": events, "end": true});
    let server = Server::start(vec![
        watch(json!([{"type": "ADDED", "object": deployment(1)}])),
        watch(json!([expired])),
        json!({"method": "GET", "path": DEPLOYMENTS, "reset": true}),
        watch(
            json!([{"type": "BOOKMARK", "object": deployment(2)}, {"type": "ADDED", "object": deployment(2)}]),
        ),
    ]);
    let outcome = Bench::new()
        .ask(
            "deployment_fully_available",
            json!({"name": "web"}),
            &server.url,
        )
        .await;
    assert_eq!(outcome.output(), true);
    assert_eq!(server.calls().len(), 4);
}

#[tokio::test]
async fn an_error_within_a_watch_is_told() {
    let error =
        json!({"type": "ERROR", "object": {"code": 403, "reason": "Forbidden", "message": "no"}});
    let server = Server::start(vec![
        json!({"method": "GET", "path": DEPLOYMENTS, "events": [error]}),
    ]);
    let failure = Bench::new()
        .ask(
            "deployment_fully_available",
            json!({"name": "web"}),
            &server.url,
        )
        .await
        .failure();
    assert!(
        failure.to_string().contains("ForbiddenException: (403)"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_timeout_is_a_deadline_however_much_happens_meanwhile() {
    let event = json!({"type": "MODIFIED", "object": {"spec": {"replicas": 2}}});
    let busy = json!({"method": "GET", "path": DEPLOYMENTS, "events": [event, event], "end": true});
    let server = Server::start(vec![busy]);
    let begun = Instant::now();
    let failure = Bench::new()
        .ask(
            "deployment_fully_available",
            json!({"name": "web", "timeout": "0.7"}),
            &server.url,
        )
        .await
        .failure();
    let text = "chaoslib.exceptions.ActivityFailed: deployment 'web' failed to recover within 0.7s";
    assert_eq!(failure, Failure::Failed(text.into()));
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_probe_changes_nothing() {
    let server = Server::start(vec![answer("GET", PODS, &pods(&["a"]))]);
    let bench = Bench::new();
    let provider = json!({"type": "kubernetes", "func": "terminate_pods", "secrets": ["cluster"]});
    let secrets = json!({"KUBERNETES_HOST": server.url});
    let failure = bench
        .perform(&provider, secrets, Effect::Read)
        .await
        .failure();
    assert!(matches!(failure, Failure::Denied(_)), "{failure:?}");
    assert_eq!(server.calls().len(), 1);
    assert!(bench.memory.intents.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_budget_of_pods_is_held() {
    let deletion = |name| answer("DELETE", &format!("{PODS}/{name}"), &json!({}));
    let server = Server::start(vec![
        answer("GET", PODS, &pods(&["a", "b", "c"])),
        deletion("a"),
        deletion("b"),
        deletion("c"),
    ]);
    let bench = Bench::with_ceilings(Ceilings {
        pods_deleted: 2,
        ..Ceilings::default()
    });
    let failure = bench
        .ask("terminate_pods", json!({"all": true}), &server.url)
        .await
        .failure();
    assert!(
        matches!(&failure, Failure::Denied(text) if text.contains("2 pods-deleted")),
        "{failure:?}"
    );
    assert_eq!(server.calls().len(), 3);
    let intents = bench.memory.intents.lock().unwrap();
    let targets: Vec<&str> = intents
        .iter()
        .map(|intent| intent.target.as_str())
        .collect();
    assert_eq!(
        targets,
        [format!("DELETE {PODS}/a"), format!("DELETE {PODS}/b")]
    );
}

#[tokio::test]
async fn a_hostile_name_stays_within_its_segment() {
    let path = format!("{DEPLOYMENTS}/..%2F..%2Fpods%3Fx");
    let server = Server::start(vec![answer("PATCH", &path, &json!({}))]);
    let bench = Bench::new();
    let arguments = json!({"name": "../../pods?x", "replicas": 1});
    assert_eq!(
        bench
            .ask("scale_deployment", arguments, &server.url)
            .await
            .output(),
        Value::Null
    );
    for name in ["", "..", "."] {
        let arguments = json!({"name": name, "replicas": 1});
        bench
            .ask("scale_deployment", arguments, &server.url)
            .await
            .failure();
    }
    assert_eq!(server.calls().len(), 1);
}
