//! Which cluster is talked to, and as whom.

use crate::authority::Authority;
use crate::server::Server;
use crate::{Bench, Outcome};
use chaos_host_api::Effect;
use chaos_wasm::provider::Failure;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const PODS: &str = "/api/v1/namespaces/default/pods";

fn server() -> Server {
    Server::start(vec![no_pods()])
}

fn no_pods() -> Value {
    json!({"method": "GET", "path": PODS, "text": "{\"items\": []}"})
}

/// A kubeconfig of one context, cluster and user, all of the same name.
fn write_kubeconfig(
    folder: &Path,
    name: &str,
    server: &str,
    cluster: &str,
    user: &Value,
) -> PathBuf {
    let path = folder.join(name);
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {name}\n\
         contexts: [{{name: {name}, context: {{cluster: {name}, user: {name}, namespace: other}}}}]\n\
         clusters: [{{name: {name}, cluster: {{server: '{server}'{cluster}}}}}]\n\
         users: [{{name: {name}, user: {user}}}]\n"
    );
    std::fs::write(&path, text).unwrap();
    path
}

async fn count(bench: &Bench, secrets: Value) -> Outcome {
    let provider = json!({
        "type": "kubernetes",
        "func": "count_pods",
        "arguments": {"label_selector": ""},
        "secrets": ["cluster", "unknown group"],
    });
    bench.perform(&provider, secrets, Effect::Read).await
}

fn text(outcome: Outcome) -> String {
    match outcome.failure() {
        Failure::Failed(text) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn files_are_merged_and_contexts_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (server(), server());
    let file = |name: &str, server: &Server| {
        let token = json!({"token": format!("token-{name}")});
        write_kubeconfig(folder.path(), name, &server.url, "", &token)
    };
    let list = [file("a", &a), PathBuf::from("/nonexistent"), file("b", &b)];
    let list = std::env::join_paths(list).unwrap().into_string().unwrap();
    let mut bench = Bench::new();
    bench.environment = vec![("KUBECONFIG", list)];
    count(&bench, json!({})).await.output();
    assert_eq!((a.calls().len(), b.calls().len()), (1, 0));
    // A kubeconfig goes before an address, and secrets before the environment.
    bench.environment.push(("KUBERNETES_CONTEXT", "a".into()));
    let secrets = json!({"KUBERNETES_CONTEXT": "b", "KUBERNETES_HOST": "http://127.0.0.1:1"});
    count(&bench, secrets).await.output();
    assert_eq!((a.calls().len(), b.calls().len()), (1, 1));
    assert_eq!(a.asked()[0].header("authorization"), Some("Bearer token-a"));
    assert_eq!(b.asked()[0].header("authorization"), Some("Bearer token-b"));

    let failure = text(count(&bench, json!({"KUBERNETES_CONTEXT": "c"})).await);
    assert!(failure.contains("no context named 'c'"), "{failure}");
}

#[tokio::test]
async fn a_kubeconfig_that_cannot_be_used_says_why_without_its_text() {
    let folder = tempfile::tempdir().unwrap();
    for (content, expected) in [
        ("users: [{name: a, user: {token: hunter2", "not the YAML"),
        (
            "users: [{name: a, user: {token: hunter2}}]",
            "no current-context",
        ),
        (
            "current-context: hunter1\nusers: [{name: a, user: {token: hunter2}}]",
            "no context named",
        ),
        (
            "current-context: a\ncontexts: [{name: a, context: {cluster: x, user: a}}]\n\
             users: [{name: a, user: {token: hunter2}}]",
            "no cluster named 'x'",
        ),
    ] {
        let path = folder.path().join("config");
        std::fs::write(&path, content).unwrap();
        let mut bench = Bench::new();
        bench.environment = vec![("KUBECONFIG", path.display().to_string())];
        let failure = text(count(&bench, json!({})).await);
        assert!(failure.contains(expected), "{failure}");
        assert!(!failure.contains("hunter2"), "{failure}");
    }
    let failure = text(count(&Bench::new(), json!({})).await);
    assert!(failure.contains("set KUBECONFIG"), "{failure}");
}

#[tokio::test]
async fn addresses_and_credentials_one_by_one() {
    let basic = "Basic Ym9iOmh1bnRlcjI=";
    for (settings, expected) in [
        (json!({"KUBERNETES_API_KEY": "k"}), Some("Bearer k")),
        (
            json!({"KUBERNETES_API_KEY": "k", "KUBERNETES_API_KEY_PREFIX": "Token"}),
            Some("Token k"),
        ),
        (
            json!({"KUBERNETES_USERNAME": "bob", "KUBERNETES_PASSWORD": "hunter2"}),
            Some(basic),
        ),
        (json!({}), None),
    ] {
        let server = server();
        let mut secrets = settings;
        secrets["KUBERNETES_HOST"] = json!(server.url);
        count(&Bench::new(), secrets).await.output();
        assert_eq!(server.asked()[0].header("authorization"), expected);
    }
    // The same from the environment.
    let server = server();
    let mut bench = Bench::new();
    bench.environment = vec![
        ("KUBERNETES_HOST", server.url.clone()),
        ("KUBERNETES_API_KEY", "k".into()),
    ];
    count(&bench, json!({})).await.output();
    assert_eq!(server.asked()[0].header("authorization"), Some("Bearer k"));
    let failure = text(count(&bench, json!({"KUBERNETES_API_KEY": "hunter2\n"})).await);
    assert!(
        failure.contains("KUBERNETES_API_KEY") && !failure.contains("hunter2"),
        "{failure}"
    );
    let failure = text(count(&bench, json!({"KUBERNETES_HOST": "http://a b"})).await);
    assert!(failure.contains("no address of an API server"), "{failure}");
}

fn plugin(folder: &Path, script: &str) -> Value {
    let path = folder.join("plugin.sh");
    std::fs::write(&path, script).unwrap();
    json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "sh",
        "args": [path.display().to_string()],
        "interactiveMode": "IfAvailable",
    }})
}

fn bench_with_plugin(folder: &Path, server: &Server, script: &str) -> Bench {
    let user = plugin(folder, script);
    let path = write_kubeconfig(folder, "a", &server.url, "", &user);
    let mut bench = Bench::new();
    bench.environment = vec![("KUBECONFIG", path.display().to_string())];
    bench
}

#[tokio::test]
async fn a_credential_plugin_runs_once_for_the_whole_run() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    let server = server();
    let script = format!(
        "echo run >> '{}'\necho '{{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \
         \"ExecCredential\", \"status\": {{\"token\": \"from-plugin\"}}}}'\n",
        runs.display()
    );
    let bench = bench_with_plugin(folder.path(), &server, &script);
    let outcomes = crate::all((0..3).map(|_| count(&bench, json!({})))).await;
    assert!(outcomes.into_iter().all(|outcome| outcome.output() == 0));
    assert_eq!(std::fs::read_to_string(runs).unwrap(), "run\n");
    let asked = server.asked();
    assert!(
        asked
            .iter()
            .all(|a| a.header("authorization") == Some("Bearer from-plugin"))
    );
}

#[tokio::test]
async fn expired_credentials_are_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    let server = server();
    let script = format!(
        "echo run >> '{}'\necho '{{\"kind\": \"ExecCredential\", \"status\": {{\"token\": \"t\", \
         \"expirationTimestamp\": \"2020-01-01T00:00:00Z\"}}}}'\n",
        runs.display()
    );
    let bench = bench_with_plugin(folder.path(), &server, &script);
    count(&bench, json!({})).await.output();
    count(&bench, json!({})).await.output();
    assert_eq!(std::fs::read_to_string(runs).unwrap(), "run\nrun\n");
}

#[tokio::test]
async fn a_credential_plugin_that_fails_says_why_without_its_output() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let script = "echo hunter2; echo 'please log in' >&2; exit 3";
    let bench = bench_with_plugin(folder.path(), &server, script);
    let failure = text(count(&bench, json!({})).await);
    assert!(
        failure.contains("credential plugin 'sh' failed"),
        "{failure}"
    );
    assert!(!failure.contains("hunter2"), "{failure}");
    let empty = "echo '{\"kind\": \"ExecCredential\", \"status\": {}}'";
    let bench = bench_with_plugin(folder.path(), &server, empty);
    let failure = text(count(&bench, json!({})).await);
    assert!(
        failure.contains("neither a token nor a certificate"),
        "{failure}"
    );
    let bench = bench_with_plugin(folder.path(), &server, "echo hunter2: [");
    let failure = text(count(&bench, json!({})).await);
    assert!(
        failure.contains("did not print an ExecCredential"),
        "{failure}"
    );
    assert!(!failure.contains("hunter2"), "{failure}");
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn a_credential_plugin_that_hangs_ends_at_the_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let server = server();
    let mut bench = bench_with_plugin(folder.path(), &server, "sleep 2");
    bench.time = Duration::from_millis(300);
    let begun = Instant::now();
    let failure = count(&bench, json!({})).await.failure();
    assert!(matches!(failure, Failure::TimedOut(_)), "{failure:?}");
    assert!(begun.elapsed() < Duration::from_millis(1500));
}

#[tokio::test]
async fn certificates_are_verified_unless_switched_off() {
    let authority = Authority::new();
    let server = Server::start_tls(vec![no_pods()], authority.lenient.clone());
    let with = |more: Value| {
        let mut secrets = json!({"KUBERNETES_HOST": server.url});
        secrets
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        secrets
    };
    let bench = Bench::new();
    let failure = text(count(&bench, with(json!({}))).await);
    assert!(failure.contains("certificate"), "{failure}");
    let trusting = json!({"KUBERNETES_CA_CERT_FILE": authority.path("ca.crt")});
    count(&bench, with(trusting)).await.output();
    count(&bench, with(json!({"KUBERNETES_VERIFY_SSL": "false"})))
        .await
        .output();
    let failure = text(
        count(
            &bench,
            with(json!({"KUBERNETES_CA_CERT_FILE": "/nonexistent"})),
        )
        .await,
    );
    assert!(failure.contains("/nonexistent"), "{failure}");
}

#[tokio::test]
async fn a_client_certificate_is_shown() {
    let authority = Authority::new();
    let server = Server::start_tls(vec![no_pods()], authority.strict.clone());
    let trusted = format!(", certificate-authority: '{}'", authority.path("ca.crt"));
    let user = json!({
        "client-certificate": authority.path("client.crt"),
        "client-key": authority.path("client.key"),
    });
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::new();
    let path = write_kubeconfig(folder.path(), "a", &server.url, &trusted, &user);
    bench.environment = vec![("KUBECONFIG", path.display().to_string())];
    count(&bench, json!({})).await.output();
    // The same, set one by one.
    let secrets = json!({
        "KUBERNETES_HOST": server.url,
        "KUBERNETES_CA_CERT_FILE": authority.path("ca.crt"),
        "KUBERNETES_CERT_FILE": authority.path("client.crt"),
        "KUBERNETES_KEY_FILE": authority.path("client.key"),
    });
    count(&Bench::new(), secrets).await.output();
    assert_eq!(server.calls().len(), 2);
    let path = write_kubeconfig(folder.path(), "b", &server.url, &trusted, &json!({}));
    bench.environment = vec![("KUBECONFIG", path.display().to_string())];
    count(&bench, json!({})).await.failure();
    assert_eq!(server.calls().len(), 2);
}
