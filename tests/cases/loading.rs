//! Experiments that come from a URL, judgements that come from a variable.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::experiment::{experiment, run, with, with_hypothesis};
use chaos_tests::{Finished, Sandbox, Service};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

const JSON: &str = "application/json";
const NOTHING: &str = r#"{"title": "from afar", "description": "d", "method": []}"#;

fn fetch(sandbox: &Sandbox, url: &str, arguments: &[&str], env: &[(&str, &str)]) -> Finished {
    let mut command = sandbox.chaos(["run", url]).unwrap();
    command.args(arguments).envs(env.iter().copied());
    sandbox.run(command).unwrap()
}

#[track_caller]
fn assert_refused(sandbox: &Sandbox, ended: &Finished, reason: &str) {
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(
        ended.stderr.contains(reason),
        "no {reason:?} in {}",
        ended.stderr
    );
    assert!(!sandbox.file("journal.json").exists());
}

#[test]
fn a_redirect_is_followed() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    service.answer("/e", 200, "application/x-yaml", NOTHING);
    let url = format!("{}/redirect?to=/e", service.url());
    let ended = fetch(&sandbox, &url, &[], &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(
        sandbox.journal().unwrap()["experiment"]["title"],
        "from afar"
    );
}

#[test]
fn what_is_no_experiment_is_refused() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    service.answer("/page", 200, "text/html", "<html>");
    service.answer("/broken", 200, JSON, "{");
    service.answer("/empty", 200, JSON, "");
    service.answer("/list", 200, JSON, "[1]");
    for (path, reason) in [
        ("/nowhere", "answered with status 404"),
        ("/status/500", "answered with status 500"),
        ("/page", "with the Content-Type 'text/html'"),
        ("/broken", "Failed parsing JSON experiment"),
        ("/empty", "the document is empty"),
        ("/list", "must be an object"),
        ("/hangup", "Failed to fetch the experiment"),
        ("/endless", "is larger than"),
        ("/redirect?to=file:///etc/passwd", "Failed to fetch"),
    ] {
        let ended = fetch(&sandbox, &format!("{}{path}", service.url()), &[], &[]);
        assert_refused(&sandbox, &ended, reason);
    }
}

#[test]
fn the_bearer_token_wins_over_the_settings_and_is_not_shown() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    service.answer("/e", 200, JSON, NOTHING);
    let settings =
        json!({ "auths": { service.authority(): { "type": "basic", "value": "of-settings" } } });
    sandbox
        .write(".chaostoolkit/settings.yaml", settings.to_string())
        .unwrap();
    let url = format!("{}/e", service.url());
    let token = [("CHAOSTOOLKIT_LOADER_AUTH_BEARER_TOKEN", "of-variable")];
    let verbose = ["--verbose"];
    for (env, expected) in [
        (&token[..], "bearer of-variable"),
        (&[], "basic of-settings"),
    ] {
        let ended = fetch(&sandbox, &url, &verbose, env);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let asked = service.requests().pop().unwrap();
        assert_eq!(asked.header("authorization"), Some(expected));
        let log = std::fs::read_to_string(sandbox.file("chaostoolkit.log")).unwrap();
        for written in [log, ended.stderr] {
            assert!(!written.contains("of-variable") && !written.contains("of-settings"));
        }
    }
}

/// Answers every request by TLS, with a certificate that it signed itself.
fn self_signed() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/e", listener.local_addr().unwrap());
    // Ends with the test's process: nobody connects any more.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Ok(connection) = rustls::ServerConnection::new(Arc::clone(&config)) else {
                return;
            };
            let mut stream = rustls::StreamOwned::new(connection, stream);
            // A client that does not trust the certificate goes away here.
            if !matches!(stream.read(&mut [0; 4096]), Ok(1..)) {
                continue;
            }
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nContent-Length: {}\r\n\r\n",
                NOTHING.len()
            );
            let _ = stream.write_all(format!("{head}{NOTHING}").as_bytes());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    url
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused_unless_told_otherwise() {
    let sandbox = Sandbox::new().unwrap();
    let url = self_signed();
    let ended = fetch(&sandbox, &url, &[], &[]);
    assert_refused(&sandbox, &ended, "certificate");
    let ended = fetch(&sandbox, &url, &["--no-verify-tls"], &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let mut validate = sandbox.chaos(["validate", "--no-verify-tls"]).unwrap();
    validate.arg(&url);
    assert_eq!(sandbox.run(validate).unwrap().code, 0);
}

/// Whether the hypothesis is met when a variable holds the tolerance.
fn judged_by(tolerance: Value) -> (i32, Value) {
    let sandbox = Sandbox::new().unwrap();
    let probe = json!({ "type": "probe", "name": "p", "tolerance": "${judge}",
        "provider": { "type": "process", "path": "echo", "arguments": "hello" } });
    let it = with_hypothesis(experiment(&[]), &[probe]);
    let it = with(it, "secrets", json!({ "app": { "judge": tolerance } }));
    let ended = run(&sandbox, &it, &[]).unwrap();
    let journal = sandbox.journal().unwrap();
    let probe = &journal["steady_states"]["before"]["probes"][0];
    (ended.code, probe["tolerance_met"].clone())
}

#[test]
fn a_variable_may_hold_the_probe_that_judges() {
    let folder = tempfile::tempdir().unwrap();
    let judge = |path: &str, arguments: Value| {
        json!({ "type": "probe", "name": "judge", "provider":
            { "type": "python", "module": "os.path", "func": path, "arguments": arguments } })
    };
    let there = folder.path().display().to_string();
    let process = json!({ "type": "probe", "name": "judge", "provider":
        { "type": "process", "path": "true", "arguments": {} } });
    assert_eq!(judged_by(process), (0, json!(true)));
    // It takes no argument `value`.
    let (code, met) = judged_by(judge("exists", json!({ "path": there })));
    assert_eq!((code, met), (5, json!(false)));
    let (code, met) = judged_by(json!({ "type": "probe", "name": "no provider" }));
    assert_eq!((code, met), (5, json!(false)));
}
