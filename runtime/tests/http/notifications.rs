use chaos_host_api::redact::{MASK, Redactor};
use chaos_tests::scripted::{Server, answer};
use chaos_wasm::log::Redaction;
use chaos_wasm::notification::{Event, Notifier};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn notifier(settings: &Value) -> Notifier {
    let (notifier, warnings) = Notifier::from_settings(settings, Redaction::default());
    assert_eq!(warnings, Vec::<String>::new());
    notifier
}

#[tokio::test]
async fn each_channel_hears_of_the_events_that_it_wants() {
    let server = Server::start(|_| answer(200, "", "")).await;
    let settings = json!({"notifications": [
        {"type": "http", "url": server.url("/all"), "headers": {"Authorization": "Bearer t"}},
        {"type": "http", "url": server.url("/failed"), "events": ["run-failed"]},
        {"type": "http", "url": server.url("/bare"), "forward_event_payload": false, "verify_tls": false},
    ]});
    let notifier = notifier(&settings);
    notifier
        .notify(Event::RunStarted, json!({"title": "t"}), None)
        .await;
    notifier
        .notify(
            Event::DiscoveryFailed,
            Value::Null,
            Some("Type('msg')".into()),
        )
        .await;
    notifier.notify(Event::RunFailed, json!({}), None).await;
    let seen = server.seen();
    let paths: Vec<&str> = seen.iter().map(|request| request.target()).collect();
    assert_eq!(
        paths,
        ["/all", "/bare", "/all", "/bare", "/all", "/failed", "/bare"]
    );
    assert_eq!((seen[1].method(), seen[1].body.as_str()), ("GET", ""));
    assert_eq!(seen[0].header("authorization"), Some("Bearer t"));
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    let mut started: Value = serde_json::from_str(&seen[0].body).unwrap();
    assert!(started["ts"].as_f64().unwrap() > 1.6e9);
    started["ts"] = Value::Null;
    assert_eq!(
        started,
        json!({"name": "run-started", "payload": {"title": "t"}, "phase": "run", "ts": null})
    );
    let failed: Value = serde_json::from_str(&seen[2].body).unwrap();
    assert_eq!(
        (&failed["phase"], &failed["error"]),
        (&json!("discovery"), &json!("Type('msg')"))
    );
}

#[tokio::test]
async fn no_secret_is_told() {
    let server = Server::start(|_| answer(200, "", "")).await;
    let settings = json!({"notifications": [{"type": "http", "url": server.url("/")}]});
    let redaction = Redaction::default();
    let (notifier, _) = Notifier::from_settings(&settings, redaction.clone());
    let experiment = json!({
        "title": "t",
        "secrets": {"app": {"token": "inl1ne-secret", "e": {"type": "env", "key": "K"}}},
        "configuration": {"vault_token": "v4ult-token", "other": "kept"},
    });
    notifier
        .notify(Event::RunStarted, experiment.clone(), None)
        .await;
    redaction.learn(Redactor::new(["env-s3cret".to_owned()]));
    let journal = json!({"experiment": experiment, "run": [{"output": "x env-s3cret y"}]});
    let error = Some("env-s3cret".to_owned());
    notifier.notify(Event::RunCompleted, journal, error).await;
    for request in server.seen() {
        for secret in ["inl1ne-secret", "v4ult-token", "env-s3cret"] {
            assert!(!request.body.contains(secret), "{}", request.body);
        }
        assert!(request.body.contains(MASK) && request.body.contains("kept"));
        assert!(request.body.contains("{\"type\":\"env\",\"key\":\"K\"}"));
    }
}

#[tokio::test]
async fn endpoints_that_fail_change_nothing() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let refusing = Server::start(|_| answer(500, "", "no")).await;
    let last = Server::start(|_| answer(200, "", "")).await;
    let settings = json!({"notifications": [
        {"type": "http", "url": format!("http://{closed}/")},
        {"type": "http", "url": "no url at all"},
        {"type": "http", "url": refusing.url("/")},
        {"type": "http", "url": last.url("/")},
    ]});
    notifier(&settings)
        .notify(Event::InitStarted, Value::Null, None)
        .await;
    assert_eq!((refusing.seen().len(), last.seen().len()), (1, 1));
}

#[tokio::test]
async fn nothing_asked_for_costs_nothing() {
    for settings in [
        Value::Null,
        json!({}),
        json!({"notifications": null}),
        json!({"notifications": []}),
    ] {
        let begun = Instant::now();
        notifier(&settings)
            .notify(Event::RunStarted, json!({}), None)
            .await;
        assert!(begun.elapsed() < Duration::from_millis(100));
    }
}

#[test]
fn what_cannot_be_served_is_said_once() {
    let settings = json!({"notifications": [
        {"type": "plugin", "module": "a.b"},
        {"type": "plugin", "module": "c"},
        {"type": "http"},
        {"type": "http", "url": "http://h/", "headers": ["x"]},
        {"type": "http", "url": "http://h/", "events": "run-failed"},
        {"type": "mail"},
    ]});
    let (_, warnings) = Notifier::from_settings(&settings, Redaction::default());
    assert_eq!(warnings.len(), 5, "{warnings:#?}");
    assert!(warnings[4].contains("Python plugins") && warnings[4].contains("a.b, c"));
}
