#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::time::Duration;

use chaos_plugin::Json;
use chaos_plugin::http::Error;
use chaos_plugin::mock::{Host, Response};

use crate::{actions, probes};

const BASE: &str = "http://localhost:8080/actuator";

fn host(method: &str, endpoint: &str, response: Response) -> Host {
    let host = Host::new();
    let url = format!("{BASE}/chaosmonkey/{endpoint}");
    host.answer(method, &url, response);
    host
}

#[test]
fn a_status_says_whether_it_is_enabled() {
    let on = host(
        "GET",
        "status",
        Response::new(200).body("Ready to be evil!"),
    );
    assert!(probes::chaosmonkey_enabled(BASE, None, None, None).unwrap());
    assert_eq!(on.requests()[0].header("accept"), Some("application/json"));
    drop(on);

    let off = host(
        "GET",
        "status",
        Response::new(503).body("You switched me off!"),
    );
    assert!(!probes::chaosmonkey_enabled(BASE, None, None, None).unwrap());
    drop(off);

    let _broken = host("GET", "status", Response::new(500).body("oops"));
    let error = probes::chaosmonkey_enabled(BASE, None, None, None).unwrap_err();
    assert_eq!(error.to_string(), "ChaosMonkey status enquiry failed: oops");
}

#[test]
fn configurations_are_given_as_they_are() {
    let body = r#"{"level":5,"latencyRangeStart":1000,"runtimeAssaultCronExpression":"OFF"}"#;
    let found = host("GET", "assaults", Response::new(200).body(body));
    let json = probes::assaults_configuration(BASE, None, None, None).unwrap();
    assert_eq!(json.text(), body);
    drop(found);

    let missing = host("GET", "assaults", Response::new(404).body("x"));
    let error = probes::assaults_configuration(BASE, None, None, None).unwrap_err();
    assert_eq!(error.to_string(), "ChaosMonkey assaults enquiry failed: x");
    drop(missing);

    let found = host(
        "GET",
        "watcher",
        Response::new(200).body(r#"{"controller":true}"#),
    );
    let json = probes::watcher_configuration(BASE, None, None, None).unwrap();
    assert_eq!(json.text(), r#"{"controller":true}"#);
    drop(found);

    let _text = host("GET", "watcher", Response::new(200).body("on"));
    let error = probes::watcher_configuration(BASE, None, None, None).unwrap_err();
    assert!(
        error.to_string().contains("/chaosmonkey/watcher"),
        "{error}"
    );
}

#[test]
fn it_is_switched_on_and_off() {
    let on = host(
        "POST",
        "enable",
        Response::new(200).body("Chaos Monkey is enabled"),
    );
    let said = actions::enable_chaosmonkey(BASE, None, None, None).unwrap();
    assert_eq!(said, "Chaos Monkey is enabled");
    assert!(on.requests()[0].body.is_empty());
    drop(on);

    let off = host(
        "POST",
        "disable",
        Response::new(200).body("Chaos Monkey is disabled"),
    );
    let said = actions::disable_chaosmonkey(BASE, None, None, None).unwrap();
    assert_eq!(said, "Chaos Monkey is disabled");
    drop(off);

    let missing = host("POST", "enable", Response::new(404).body("nope"));
    let error = actions::enable_chaosmonkey(BASE, None, None, None).unwrap_err();
    assert_eq!(error.to_string(), "Enable ChaosMonkey failed: nope");
    drop(missing);

    let _missing = host("POST", "disable", Response::new(404).body("nope"));
    let error = actions::disable_chaosmonkey(BASE, None, None, None).unwrap_err();
    assert_eq!(error.to_string(), "Disable ChaosMonkey failed: nope");
}

#[test]
fn assaults_are_changed() {
    let host = host("POST", "assaults", Response::new(200).body("changed"));
    let change = Json::from_text(r#"{"level": 5, "latencyActive": false}"#);
    let headers = Json::from_text(r#"{"X-Team": "shop", "accept": "*/*", "X-None": null}"#);
    let said = actions::change_assaults_configuration(BASE, change, Some(headers), Some(3.0), None);
    assert_eq!(said.unwrap(), "changed");
    let sent = &host.requests()[0];
    assert_eq!(sent.text(), r#"{"level":5,"latencyActive":false}"#);
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(sent.header("accept"), Some("*/*"));
    assert_eq!(sent.header("x-team"), Some("shop"));
    assert_eq!(sent.header("x-none"), None);
    assert_eq!(sent.timeout, Some(Duration::from_secs(3)));

    let nothing = Json::from_text("{}");
    actions::change_assaults_configuration(BASE, nothing, None, None, None).unwrap();
    let sent = &host.requests()[1];
    assert!(sent.body.is_empty());
    assert_eq!(sent.header("content-type"), None);
}

#[test]
fn a_refused_change_says_why() {
    let _host = host(
        "POST",
        "assaults",
        Response::new(400).body("level too high"),
    );
    let change = Json::from_text(r#"{"level": 50000}"#);
    let error = actions::change_assaults_configuration(BASE, change, None, None, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Change ChaosMonkey Assaults Configuration failed: level too high"
    );
}

#[test]
fn arguments_of_another_shape_are_refused_before_anything_is_sent() {
    let host = Host::new();
    let enable = |headers: Option<&str>, timeout| {
        let error = actions::enable_chaosmonkey(BASE, headers.map(Json::from_text), timeout, None);
        error.unwrap_err().to_string()
    };
    let texts = "the argument 'headers' must be an object of texts";
    assert_eq!(enable(Some(r#"{"X": 1}"#), None), texts);
    assert_eq!(
        enable(Some("[]"), None),
        "the argument 'headers' must be an object"
    );
    let seconds = "the argument 'timeout' must be a number of seconds";
    assert_eq!(enable(None, Some(-1.0)), seconds);
    assert_eq!(enable(None, Some(f64::NAN)), seconds);
    assert!(host.requests().is_empty());
}

#[test]
fn whoever_wants_no_verification_learns_that_there_always_is_some() {
    let host = Host::new();
    let url = "https://shop.test/actuator/chaosmonkey/enable";
    host.answer(
        "POST",
        url,
        Error::NotConnected("invalid certificate".to_owned()),
    );
    let base = "https://shop.test/actuator";
    let error = actions::enable_chaosmonkey(base, None, None, Some(false)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("invalid certificate; 'verify_ssl: false'"),
        "{error}"
    );
    assert_eq!(host.log().len(), 1);
    let error = actions::enable_chaosmonkey(base, None, None, None).unwrap_err();
    assert_eq!(error.to_string(), "invalid certificate");
}
