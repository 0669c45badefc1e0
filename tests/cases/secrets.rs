//! Secrets go where the experiment sends them, and nowhere else.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use chaos_tests::experiment::{experiment, with};
use chaos_tests::{Finished, Sandbox, Service};
use serde_json::{Value, json};

/// Characters that base64, URLs and JSON each write differently.
const CANARY: &str = "can/ary+\"sécret\" & 100% =?\\end";
/// One that can stand in a URL as it is.
const PLAIN: &str = "plaincanary0123456789";

/// Every form in which a secret might slip out.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let percent = |keep: fn(u8) -> bool, space: &str, lower: bool| -> String {
        secret
            .bytes()
            .map(|byte| match byte {
                b' ' => space.to_owned(),
                _ if keep(byte) => char::from(byte).to_string(),
                _ if lower => format!("%{byte:02x}"),
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let strict = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let path = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    let json = json!(secret).to_string();
    let ascii: String = secret
        .chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                format!("\\u{:04x}", c as u32)
            }
        })
        .collect();
    let mut forms = vec![
        secret.as_bytes().to_vec(),
        json.trim_matches('"').as_bytes().to_vec(),
        ascii.into_bytes(),
        STANDARD.encode(secret).into_bytes(),
        URL_SAFE.encode(secret).into_bytes(),
        percent(strict, "%20", false).into_bytes(),
        percent(strict, "%20", true).into_bytes(),
        percent(strict, "+", false).into_bytes(),
        percent(path, "%20", false).into_bytes(),
    ];
    // In the middle of something encoded: what is the same whatever stands around it.
    for before in 1..=2 {
        let around = [
            vec![b'x'; before],
            secret.as_bytes().to_vec(),
            vec![b'x'; 2],
        ]
        .concat();
        let encoded = STANDARD.encode(around);
        if let Some(middle) = encoded.as_bytes().get(4..encoded.len() - 4) {
            forms.push(middle.to_vec());
        }
    }
    forms
}

fn holds(text: &[u8], form: &[u8]) -> bool {
    text.windows(form.len()).any(|window| window == form)
}

/// Looks through everything that the run wrote. `given` are the files that hold secrets by right.
#[track_caller]
fn assert_nowhere(sandbox: &Sandbox, service: &Service, ended: &Finished, given: &[&str]) {
    let mut written = sandbox.contents().unwrap();
    written.retain(|(path, _)| !given.iter().any(|name| path.ends_with(name)));
    written.push(("standard error".into(), ended.stderr.clone().into_bytes()));
    written.push(("standard output".into(), ended.stdout.clone().into_bytes()));
    for request in service.requests().iter().filter(|r| r.path() == "/notify") {
        written.push(("a notification".into(), request.body.clone().into_bytes()));
    }
    assert!(
        written
            .iter()
            .any(|(path, _)| path.ends_with("journal.json")),
        "{}",
        ended.stderr
    );
    for (path, content) in &written {
        for secret in [CANARY, PLAIN] {
            for form in forms(secret) {
                let shown = String::from_utf8_lossy(&form);
                assert!(!holds(content, &form), "{} holds {shown}", path.display());
            }
        }
    }
}

/// Uses `${canary}` and `${plain}` in every place, and has them come back.
fn using(service: &Service) -> Value {
    let url = service.url();
    let http = |name: &str, provider: Value| json!({ "type": "action", "name": name, "provider": provider });
    let shell = |name: &str, script: &str| {
        http(
            name,
            json!({ "type": "process", "path": "sh", "arguments": ["-c", script, "sh", "${canary}"] }),
        )
    };
    experiment(&[
        http(
            "url",
            json!({ "type": "http", "url": format!("{url}/echo?token=${{plain}}") }),
        ),
        http(
            "query",
            json!({ "type": "http", "url": format!("{url}/echo"), "arguments": { "q": "${canary}" } }),
        ),
        http(
            "header",
            json!({ "type": "http", "url": format!("{url}/echo"), "headers": { "X-Key": "Bearer ${plain}" } }),
        ),
        http(
            "form",
            json!({ "type": "http", "method": "POST", "url": format!("{url}/echo"), "arguments": { "q": "${canary}" } }),
        ),
        http(
            "json",
            json!({ "type": "http", "method": "POST", "url": format!("{url}/echo"),
            "headers": { "Content-Type": "application/json" }, "arguments": { "q": "a ${canary} b" } }),
        ),
        http(
            "refused",
            json!({ "type": "http", "url": "http://127.0.0.1:1/${plain}" }),
        ),
        http(
            "bad url",
            json!({ "type": "http", "url": "nonsense://${canary}" }),
        ),
        shell("raw", "printf '%s' \"$1\"; printf '%s' \"$1\" >&2"),
        shell(
            "in base64",
            "printf '%s' \"$1\" | base64 -w0; printf 'user:%s' \"$1\" | base64 -w0",
        ),
        shell("fails", "echo \"$1\"; exit 3"),
    ])
}

/// Runs with everything that writes switched on.
fn run(
    sandbox: &Sandbox,
    service: &Service,
    experiment: &Value,
    more: &[&str],
    env: &[(&str, &str)],
) -> Finished {
    let settings = format!(
        "notifications:\n- type: http\n  url: {}/notify\n",
        service.url()
    );
    sandbox
        .write(".chaostoolkit/settings.yaml", settings)
        .unwrap();
    sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    let mut command = sandbox
        .chaos([
            "--verbose",
            "--log-file",
            "all.log",
            "--log-file-level",
            "debug",
            "run",
        ])
        .unwrap();
    command
        .args(more)
        .arg("experiment.json")
        .envs(env.iter().copied());
    sandbox.run(command).unwrap()
}

/// The secrets did reach what they were meant for.
#[track_caller]
fn assert_used(service: &Service) {
    let requests = service.requests();
    assert!(
        requests.iter().any(|r| r.target.contains(PLAIN)),
        "not in the URL"
    );
    assert!(
        requests
            .iter()
            .any(|r| r.header("x-key") == Some(&format!("Bearer {PLAIN}")))
    );
    let body = json!({ "q": format!("a {CANARY} b") });
    assert!(
        requests
            .iter()
            .any(|r| serde_json::from_str::<Value>(&r.body).ok().as_ref() == Some(&body))
    );
}

#[test]
fn inline() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let secrets = json!({ "app": { "canary": CANARY, "plain": PLAIN } });
    let it = with(using(&service), "secrets", secrets);
    let ended = run(&sandbox, &service, &it, &[], &[]);
    assert_used(&service);
    assert_nowhere(&sandbox, &service, &ended, &["experiment.json"]);
}

#[test]
fn from_the_environment() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let secrets = json!({ "app": {
        "canary": { "type": "env", "key": "CANARY" }, "plain": { "type": "env", "key": "PLAIN" } } });
    let it = with(using(&service), "secrets", secrets);
    let ended = run(
        &sandbox,
        &service,
        &it,
        &[],
        &[("CANARY", CANARY), ("PLAIN", PLAIN)],
    );
    assert_used(&service);
    assert_nowhere(&sandbox, &service, &ended, &[]);
}

#[test]
fn from_a_variable_file() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let it = with(
        using(&service),
        "secrets",
        json!({ "app": { "canary": "-", "plain": "-" } }),
    );
    let given = json!({ "secrets": { "app": { "canary": CANARY, "plain": PLAIN } } });
    sandbox.write("given.json", given.to_string()).unwrap();
    let ended = run(&sandbox, &service, &it, &["--var-file", "given.json"], &[]);
    assert_used(&service);
    assert_nowhere(&sandbox, &service, &ended, &["given.json"]);
}

#[test]
fn with_a_dynamic_configuration() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let secrets = json!({ "app": {
        "canary": { "type": "env", "key": "CANARY" }, "plain": { "type": "env", "key": "PLAIN" } } });
    let it = with(using(&service), "secrets", secrets);
    let probe = json!({ "type": "probe", "name": "dynamic", "provider": {
        "type": "process", "path": "echo", "arguments": ["${canary}", "${plain}"] } });
    let it = with(it, "configuration", json!({ "dynamic": probe }));
    let ended = run(
        &sandbox,
        &service,
        &it,
        &[],
        &[("CANARY", CANARY), ("PLAIN", PLAIN)],
    );
    assert_nowhere(&sandbox, &service, &ended, &[]);
}

/// The vault's token is a secret too.
fn vault(service: &Service, authentication: Value) -> Value {
    let mut configuration = authentication;
    configuration["vault_addr"] = json!(service.url());
    let secrets = json!({ "app": {
        "canary": { "type": "vault", "path": "app", "key": "canary" },
        "plain": { "type": "vault", "path": "app", "key": "plain" } } });
    with(
        with(using(service), "secrets", secrets),
        "configuration",
        configuration,
    )
}

#[test]
fn from_vault_version_2_by_app_role() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let login = json!({ "auth": { "client_token": "a-client-token" } }).to_string();
    service.answer("/v1/auth/approle/login", 200, "application/json", &login);
    let data = json!({ "data": { "data": { "canary": CANARY, "plain": PLAIN }, "metadata": {} } });
    service.answer(
        "/v1/secret/data/app",
        200,
        "application/json",
        &data.to_string(),
    );
    let it = vault(
        &service,
        json!({ "vault_role_id": "role", "vault_role_secret": "role-secret" }),
    );
    let ended = run(&sandbox, &service, &it, &[], &[]);
    let requests = service.requests();
    let login = requests
        .iter()
        .find(|r| r.path() == "/v1/auth/approle/login")
        .unwrap();
    let sent: Value = serde_json::from_str(&login.body).unwrap();
    assert_eq!(
        sent,
        json!({ "role_id": "role", "secret_id": "role-secret" })
    );
    let read = requests
        .iter()
        .find(|r| r.path() == "/v1/secret/data/app")
        .unwrap();
    assert_eq!(read.header("x-vault-token"), Some("a-client-token"));
    assert_used(&service);
    assert_nowhere(&sandbox, &service, &ended, &[]);
}

#[test]
fn from_vault_version_1_by_kubernetes_role() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    sandbox.write("token", "service-account-token").unwrap();
    let login = json!({ "auth": { "client_token": "a-client-token" } }).to_string();
    service.answer("/v1/auth/kubernetes/login", 200, "application/json", &login);
    let data = json!({ "data": { "canary": CANARY, "plain": PLAIN } });
    service.answer("/v1/kv/app", 200, "application/json", &data.to_string());
    let it = vault(
        &service,
        json!({
        "vault_kv_version": "1", "vault_secrets_mount_point": "kv", "vault_sa_role": "role",
        "vault_sa_token_path": sandbox.file("token").display().to_string() }),
    );
    let ended = run(&sandbox, &service, &it, &[], &[]);
    let requests = service.requests();
    let login = requests
        .iter()
        .find(|r| r.path() == "/v1/auth/kubernetes/login")
        .unwrap();
    let sent: Value = serde_json::from_str(&login.body).unwrap();
    assert_eq!(
        sent,
        json!({ "role": "role", "jwt": "service-account-token" })
    );
    assert_used(&service);
    assert_nowhere(&sandbox, &service, &ended, &[]);
}

#[test]
fn from_vault_by_a_token_that_is_a_secret_itself() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let data =
        json!({ "data": { "data": { "canary": CANARY, "plain": "some text" }, "metadata": {} } });
    let path = "/v1/secret/data/app";
    service.answer(path, 200, "application/json", &data.to_string());
    let it = vault(&service, json!({ "vault_token": PLAIN }));
    let ended = run(&sandbox, &service, &it, &[], &[]);
    let requests = service.requests();
    assert!(requests.iter().any(|r| r.path() == "/echo"));
    let read = requests.iter().find(|r| r.path() == path).unwrap();
    assert_eq!(read.header("x-vault-token"), Some(PLAIN));
    assert_nowhere(&sandbox, &service, &ended, &["experiment.json"]);

    // A vault that refuses ends it before anything is injected.
    std::fs::remove_file(sandbox.file("journal.json")).unwrap();
    let denied = json!({ "errors": ["permission denied"] }).to_string();
    service.answer(path, 403, "application/json", &denied);
    let before = service.count("/echo");
    let ended = run(&sandbox, &service, &it, &[], &[]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("permission denied"),
        "{}",
        ended.stderr
    );
    assert_eq!(service.count("/echo"), before);
    assert!(!sandbox.file("journal.json").exists());
    assert!(!ended.stderr.contains(PLAIN));
}

#[test]
fn validation_tells_nobody_either() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let settings = format!(
        "notifications:\n- type: http\n  url: {}/notify\n",
        service.url()
    );
    sandbox
        .write(".chaostoolkit/settings.yaml", settings)
        .unwrap();
    let secrets = json!({ "app": { "canary": CANARY, "plain": PLAIN } });
    let mut it = with(using(&service), "secrets", secrets);
    it["method"][0]["type"] = json!("acton");
    sandbox.write("experiment.json", it.to_string()).unwrap();
    for format in ["text", "json"] {
        let arguments = [
            "--verbose",
            "validate",
            "experiment.json",
            "--format",
            format,
        ];
        let ended = sandbox.run(sandbox.chaos(arguments).unwrap()).unwrap();
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        sandbox.write("journal.json", "").unwrap();
        assert_nowhere(&sandbox, &service, &ended, &["experiment.json"]);
    }
    assert_eq!(service.count("/notify"), 4);
}

#[test]
fn a_run_cut_off_leaves_none_behind_either() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let secrets = json!({ "app": {
        "canary": { "type": "env", "key": "CANARY" }, "plain": { "type": "env", "key": "PLAIN" } } });
    let mut it = with(using(&service), "secrets", secrets);
    let waits = json!({ "type": "action", "name": "waits", "provider": {
        "type": "http", "url": format!("{}/silent?x=${{plain}}", service.url()) } });
    it["method"].as_array_mut().unwrap().insert(6, waits);
    sandbox.write("experiment.json", it.to_string()).unwrap();
    let mut command = sandbox
        .chaos(["--verbose", "run", "experiment.json"])
        .unwrap();
    command.env("CANARY", CANARY).env("PLAIN", PLAIN);
    let running = sandbox.start(command).unwrap();
    let soon = std::time::Duration::from_secs(15);
    assert!(
        service.await_requests("/silent", 1, soon),
        "{}",
        running.stderr()
    );
    running.signal(rustix::process::Signal::KILL).unwrap();
    let ended = running.wait(soon).unwrap();
    // There is no journal after SIGKILL; what there is must be clean.
    sandbox.write("journal.json", "").unwrap();
    assert_nowhere(&sandbox, &service, &ended, &[]);
    let written = sandbox.contents().unwrap();
    assert!(
        written.iter().any(|(path, _)| path.ends_with("wal.jsonl")),
        "no wal was written"
    );
}
