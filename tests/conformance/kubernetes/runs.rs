//! Whole runs of the built binary against a cluster of a kubeconfig.

use crate::authority::Authority;
use crate::server::Server;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chaos_tests::experiment::{experiment, run, with, with_hypothesis};
use chaos_tests::{Finished, Sandbox};
use serde_json::{Value, json};
use std::fs;

const PODS: &str = "/api/v1/namespaces/default/pods";

fn list(names: &[&str]) -> String {
    let pods = names.iter().map(|name| {
        json!({
            "metadata": { "name": name, "namespace": "default", "uid": format!("uid-{name}") },
            "spec": { "containers": [{ "name": "main" }] },
            "status": { "phase": "Running" },
        })
    });
    json!({ "items": pods.collect::<Vec<_>>() }).to_string()
}

fn pods(names: &[&str]) -> Value {
    json!({ "method": "GET", "path": PODS, "text": list(names) })
}

/// A cluster with these pods, which can be deleted and have logs.
fn cluster(names: &[&str]) -> Server {
    Server::start(answers(names))
}

fn answers(names: &[&str]) -> Vec<Value> {
    let mut answers = vec![pods(names)];
    for name in names {
        answers.push(json!({ "method": "DELETE", "path": format!("{PODS}/{name}"), "text": "{}" }));
        answers.push(
            json!({ "method": "GET", "path": format!("{PODS}/{name}/log"),
            "text": format!("a line of {name}\n"), "plain": true }),
        );
    }
    answers
}

/// A file that names this server, in the folder where kubectl looks for it.
fn write_kubeconfig(sandbox: &Sandbox, path: &str, context: &str, server: &str) {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {context}\n\
         contexts: [{{name: {context}, context: {{cluster: it, user: me}}}}]\n\
         clusters: [{{name: it, cluster: {{server: '{server}'}}}}]\n\
         users: [{{name: me, user: {{token: canary-token}}}}]\n"
    );
    sandbox.write(path, text).unwrap();
}

/// The workshop's shape, in one spelling of the provider.
fn workshop(provider: impl Fn(&str, &str, Value) -> Value) -> Value {
    let activity = |kind: &str, name: &str, provider: Value| json!({ "type": kind, "name": name, "provider": provider });
    let mut healthy = activity(
        "probe",
        "alive and healthy",
        provider(
            "pod.probes",
            "pods_in_phase",
            json!({ "label_selector": "app=webapp", "phase": "Running", "ns": "default" }),
        ),
    );
    healthy["tolerance"] = json!(true);
    let method = [
        activity(
            "action",
            "terminate",
            provider(
                "pod.actions",
                "terminate_pods",
                json!({ "label_selector": "app=greeter", "ns": "default" }),
            ),
        ),
        activity(
            "probe",
            "logs",
            provider(
                "pod.probes",
                "read_pod_logs",
                json!({ "label_selector": "app=webapp", "last": "20s", "ns": "default" }),
            ),
        ),
    ];
    with_hypothesis(experiment(&method), &[healthy])
}

fn by_module(module: &str, func: &str, arguments: Value) -> Value {
    json!({ "type": "python", "module": format!("chaosk8s.{module}"), "func": func, "arguments": arguments })
}

#[track_caller]
fn assert_workshop(sandbox: &Sandbox, ended: &Finished, server: &Server) {
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let journal = sandbox.journal().unwrap();
    assert_eq!(journal["chaos-wasm"]["verdict"], "passed");
    assert_eq!(journal["run"][0]["output"], json!(["greeter-1"]));
    let logs = json!({ "greeter-1": "a line of greeter-1\n" });
    assert_eq!(journal["run"][1]["output"], logs);
    let asked = server.asked();
    let deleted = asked.iter().find(|asked| asked.method == "DELETE").unwrap();
    assert_eq!(deleted.path, format!("{PODS}/greeter-1"));
    assert_eq!(deleted.header("authorization"), Some("Bearer canary-token"));
    for (path, content) in sandbox.contents().unwrap() {
        let content = String::from_utf8_lossy(&content).into_owned();
        let own = path.ends_with("config") || path.ends_with("other.yaml");
        assert!(
            own || !content.contains("canary-token"),
            "{}",
            path.display()
        );
    }
}

#[test]
fn every_spelling_runs_against_the_cluster_of_the_kubeconfig() {
    let short = |kind: &'static str| move |_: &str, func: &str, arguments: Value| json!({ "type": kind, "func": func, "arguments": arguments });
    for it in [
        workshop(by_module),
        workshop(short("kubernetes")),
        workshop(short("k8s")),
    ] {
        let (sandbox, server) = (Sandbox::new().unwrap(), cluster(&["greeter-1"]));
        write_kubeconfig(&sandbox, ".kube/config", "here", &server.url);
        let ended = run(&sandbox, &it, &["--verbose"]).unwrap();
        assert_workshop(&sandbox, &ended, &server);
    }
}

#[test]
fn variables_choose_the_file_and_the_context() {
    let (sandbox, server) = (Sandbox::new().unwrap(), cluster(&["greeter-1"]));
    write_kubeconfig(&sandbox, ".kube/config", "nowhere", "http://127.0.0.1:1");
    write_kubeconfig(&sandbox, "other.yaml", "here", &server.url);
    let it = workshop(by_module);
    sandbox.write("experiment.json", it.to_string()).unwrap();
    let mut command = sandbox.chaos(["run", "experiment.json"]).unwrap();
    command.env("KUBECONFIG", sandbox.file("other.yaml"));
    let ended = sandbox.run(command).unwrap();
    assert_workshop(&sandbox, &ended, &server);

    let mut command = sandbox.chaos(["run", "experiment.json"]).unwrap();
    command
        .env("KUBECONFIG", sandbox.file("other.yaml"))
        .env("KUBERNETES_CONTEXT", "mistyped");
    let ended = sandbox.run(command).unwrap();
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    assert!(ended.stderr.contains("mistyped"), "{}", ended.stderr);
}

#[test]
fn deleting_nothing_is_inconclusive_and_no_failure() {
    let sandbox = Sandbox::new().unwrap();
    let server = Server::start(vec![pods(&[])]);
    write_kubeconfig(&sandbox, ".kube/config", "here", &server.url);
    let mut it = workshop(by_module);
    it["steady-state-hypothesis"]["probes"] = json!([]);
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    let journal = sandbox.journal().unwrap();
    assert_eq!(journal["chaos-wasm"]["verdict"], "inconclusive");
    assert_eq!(journal["status"], "completed");
    assert_eq!(journal["run"][0]["status"], "succeeded");
    assert_eq!(journal["run"][0]["output"], json!([]));
    let ended = run(&sandbox, &it, &["--compat"]).unwrap();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

#[test]
fn without_any_cluster_it_says_what_to_do() {
    let sandbox = Sandbox::new().unwrap();
    let ended = run(&sandbox, &workshop(by_module), &[]).unwrap();
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    assert!(ended.stderr.contains("kubeconfig"), "{}", ended.stderr);
}

#[test]
fn an_api_server_that_says_nothing_ends_at_the_timeout() {
    let sandbox = Sandbox::new().unwrap();
    let server = Server::start(vec![
        json!({ "method": "GET", "path": PODS, "stall": true }),
    ]);
    let it = with(
        workshop(by_module),
        "secrets",
        json!({ "k8s": { "KUBERNETES_HOST": server.url } }),
    );
    let mut it = it;
    it["steady-state-hypothesis"]["probes"] = json!([]);
    for activity in it["method"].as_array_mut().unwrap() {
        activity["timeout"] = json!(0.3);
        activity["provider"]["secrets"] = json!(["k8s"]);
    }
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    let journal = sandbox.journal().unwrap();
    for index in 0..2 {
        let ours = &journal["chaos-wasm"]["activities"][index];
        assert_eq!(ours["outcome"], "timed-out", "{ours}");
        assert_eq!(ours["timeout"], 0.3);
        assert!(ours["duration"].as_f64().unwrap() >= 0.3, "{ours}");
    }
}

/// `~/.kube/config` for a cluster with TLS, whose authority stands in the file itself.
fn write_secure_kubeconfig(sandbox: &Sandbox, server: &Server, ca: &Authority, user: &Value) {
    let authority = BASE64.encode(ca.text("ca.crt"));
    let cluster = json!({ "server": server.url, "certificate-authority-data": authority });
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "contexts": [{ "name": "here", "context": { "cluster": "it", "user": "me" } }],
        "clusters": [{ "name": "it", "cluster": cluster }],
        "users": [{ "name": "me", "user": user }],
    });
    sandbox.write(".kube/config", config.to_string()).unwrap();
}

/// A credential plugin that prints this, in a folder of its own beside the kubeconfig.
fn plugin(sandbox: &Sandbox, status: &Value) -> Value {
    let printed = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status
    });
    sandbox
        .write(".kube/credential", printed.to_string())
        .unwrap();
    let script = "echo run >> \"$HOME/runs\"; echo \"$KUBERNETES_EXEC_INFO\" > \"$HOME/told\"; \
        cat \"$HOME/.kube/$1\"";
    json!({ "exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "command": "sh",
        "args": ["-c", script, "sh", "credential"],
        "interactiveMode": "Never", "provideClusterInfo": true,
    } })
}

/// Nothing that the run wrote holds this.
#[track_caller]
fn assert_untold(sandbox: &Sandbox, ended: &Finished, secret: &str) {
    assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    for (path, content) in sandbox.contents().unwrap() {
        let own = path.starts_with(sandbox.file(".kube"));
        let told = String::from_utf8_lossy(&content).contains(secret);
        assert!(own || !told, "{}", path.display());
    }
}

#[test]
fn a_credential_plugin_logs_a_whole_run_in_once() {
    let (sandbox, authority) = (Sandbox::new().unwrap(), Authority::new());
    let server = Server::start_tls(answers(&["greeter-1"]), authority.lenient.clone());
    let user = plugin(&sandbox, &json!({ "token": "canary-token" }));
    write_secure_kubeconfig(&sandbox, &server, &authority, &user);
    let ended = run(&sandbox, &workshop(by_module), &["--verbose"]).unwrap();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let asked = server.asked();
    assert!(asked.len() >= 4, "{asked:?}");
    for one in asked {
        assert_eq!(one.header("authorization"), Some("Bearer canary-token"));
    }
    let runs = fs::read_to_string(sandbox.file("runs")).unwrap();
    assert_eq!(runs, "run\n");
    let told = sandbox.json("told").unwrap();
    assert_eq!(told["spec"]["interactive"], false, "{told}");
    assert_eq!(told["spec"]["cluster"]["server"], server.url, "{told}");
    assert_untold(&sandbox, &ended, "canary-token");
}

#[test]
fn client_certificates_from_the_file_and_from_a_plugin_are_shown() {
    let authority = Authority::new();
    let (certificate, key) = (authority.text("client.crt"), authority.text("client.key"));
    let in_file = |_: &Sandbox| {
        json!({
            "client-certificate-data": BASE64.encode(&certificate),
            "client-key-data": BASE64.encode(&key),
        })
    };
    let from_plugin = |sandbox: &Sandbox| {
        plugin(
            sandbox,
            &json!({ "clientCertificateData": certificate, "clientKeyData": key }),
        )
    };
    let users: [&dyn Fn(&Sandbox) -> Value; 2] = [&in_file, &from_plugin];
    for user in users {
        let sandbox = Sandbox::new().unwrap();
        let server = Server::start_tls(answers(&["greeter-1"]), authority.strict.clone());
        write_secure_kubeconfig(&sandbox, &server, &authority, &user(&sandbox));
        let ended = run(&sandbox, &workshop(by_module), &["--verbose"]).unwrap();
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert_eq!(
            sandbox.journal().unwrap()["run"][0]["output"],
            json!(["greeter-1"])
        );
        let secret = key.lines().nth(1).unwrap();
        assert_untold(&sandbox, &ended, secret);
    }
}

#[test]
fn without_a_client_certificate_a_strict_server_is_not_steady() {
    let (sandbox, authority) = (Sandbox::new().unwrap(), Authority::new());
    let server = Server::start_tls(answers(&["greeter-1"]), authority.strict.clone());
    let user = json!({ "token": "canary-token" });
    write_secure_kubeconfig(&sandbox, &server, &authority, &user);
    let ended = run(&sandbox, &workshop(by_module), &[]).unwrap();
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    assert!(server.calls().is_empty());
}

#[test]
fn a_credential_plugin_that_fails_stops_the_run_before_its_fault() {
    let (sandbox, authority) = (Sandbox::new().unwrap(), Authority::new());
    let server = Server::start_tls(answers(&["greeter-1"]), authority.lenient.clone());
    let user = json!({ "exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "command": "sh",
        "args": ["-c", "echo canary-token; echo 'session is over, log in' >&2; exit 1"],
        "interactiveMode": "Never",
    } });
    write_secure_kubeconfig(&sandbox, &server, &authority, &user);
    let ended = run(&sandbox, &workshop(by_module), &["--verbose"]).unwrap();
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    let said = [
        "the credential plugin 'sh' failed",
        "session is over, log in",
    ];
    assert!(
        said.iter().all(|part| ended.stderr.contains(part)),
        "{}",
        ended.stderr
    );
    assert!(server.calls().is_empty());
    assert_untold(&sandbox, &ended, "canary-token");
}
