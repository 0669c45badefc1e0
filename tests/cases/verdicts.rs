//! Every verdict has its exit code, and under `--compat` the reference's.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::experiment::{expects, experiment, get, run, shell, with, with_hypothesis};
use chaos_tests::{Sandbox, Service};
use serde_json::{Value, json};

const NOBODY: &str = "http://127.0.0.1:1/";

/// Runs natively and under `--compat`; both exit codes, and the native run's place.
fn both(service: &Service, experiment: &Value, arguments: &[&str]) -> (i32, i32, Sandbox) {
    let native = Sandbox::new().unwrap();
    let code = run(&native, experiment, arguments).unwrap().code;
    // The service as it was before.
    let reset = Sandbox::new().unwrap();
    let on = format!("{}/set/on", service.url());
    let reset_code = run(&reset, &self::experiment(&[get("reset", &on)]), &[]).unwrap();
    assert_eq!(reset_code.code, 0, "{}", reset_code.stderr);
    let compat = Sandbox::new().unwrap();
    let arguments = [arguments, &["--compat"]].concat();
    let compat_code = run(&compat, experiment, &arguments).unwrap().code;
    (code, compat_code, native)
}

fn service() -> (Service, impl Fn(&str) -> String) {
    let service = Service::start().unwrap();
    let url = service.url();
    (service, move |path| format!("{url}{path}"))
}

#[test]
fn passed() {
    let (service, at) = service();
    let health = expects("health", &at("/health"), 200);
    let it = with_hypothesis(experiment(&[get("act", &at("/ok"))]), &[health]);
    let (native, compat, sandbox) = both(&service, &it, &[]);
    assert_eq!((native, compat), (0, 0));
    assert_eq!(sandbox.journal().unwrap()["status"], "completed");
}

#[test]
fn deviated() {
    let (service, at) = service();
    let health = expects("health", &at("/health"), 200);
    let it = with_hypothesis(experiment(&[get("off", &at("/set/off"))]), &[health]);
    let it = with(it, "rollbacks", json!([get("undo", &at("/set/on"))]));
    let (native, compat, sandbox) = both(&service, &it, &[]);
    assert_eq!((native, compat), (1, 1));
    let journal = sandbox.journal().unwrap();
    assert_eq!(journal["deviated"], true);
    assert_eq!(journal["rollbacks"][0]["status"], "succeeded");
}

#[test]
fn an_unreachable_service_after_the_method_is_a_deviation_and_is_cleaned_up() {
    let (_service, at) = service();
    let health = expects("health", &at("/health"), 200);
    let it = with_hypothesis(experiment(&[get("gone", &at("/set/gone"))]), &[health]);
    let it = with(it, "rollbacks", json!([get("undo", &at("/set/on"))]));
    let sandbox = Sandbox::new().unwrap();
    let ended = run(&sandbox, &it, &[]).unwrap();
    let journal = sandbox.journal().unwrap();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert_eq!(journal["deviated"], true);
    assert_eq!(
        journal["rollbacks"][0]["status"], "succeeded",
        "rollbacks: {}",
        journal["rollbacks"]
    );
}

#[test]
fn a_deviation_during_the_method_alone_is_not_green() {
    let (_service, at) = service();
    let health = expects("health", &at("/health"), 200);
    let method = [
        get("off", &at("/set/off")),
        shell("wait", "sleep 0.3"),
        get("on", &at("/set/on")),
    ];
    let it = with_hypothesis(experiment(&method), &[health]);
    let sandbox = Sandbox::new().unwrap();
    let arguments = [
        "--hypothesis-strategy",
        "continuously",
        "--hypothesis-frequency",
        "0.05",
    ];
    let ended = run(&sandbox, &it, &arguments).unwrap();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
}

#[test]
fn not_steady_before() {
    let (service, at) = service();
    let act = get("act", &at("/never"));
    let dead = expects("dead", &at("/status/500"), 200);
    let (native, compat, sandbox) = both(
        &service,
        &with_hypothesis(experiment(std::slice::from_ref(&act)), &[dead]),
        &[],
    );
    assert_eq!((native, compat), (3, 0));
    assert_eq!(sandbox.journal().unwrap()["run"], json!([]));
    let gone = expects("gone", NOBODY, 200);
    let (native, compat, _) = both(&service, &with_hypothesis(experiment(&[act]), &[gone]), &[]);
    assert_eq!((native, compat), (3, 1));
    assert_eq!(service.count("/never"), 0);
}

#[test]
fn inconclusive_when_an_action_failed() {
    let (service, at) = service();
    let health = expects("health", &at("/health"), 200);
    let it = with_hypothesis(experiment(&[get("fails", NOBODY)]), &[health]);
    let (native, compat, _) = both(&service, &it, &[]);
    assert_eq!((native, compat), (4, 0));
}

#[test]
fn failed_when_aborted() {
    let (service, at) = service();
    let method = [get("broken", &at("/badjson")), get("never", &at("/never"))];
    let it = with(
        experiment(&method),
        "rollbacks",
        json!([get("undo", &at("/set/on"))]),
    );
    let (native, compat, sandbox) = both(&service, &it, &[]);
    assert_eq!((native, compat), (5, 1));
    let journal = sandbox.journal().unwrap();
    assert_eq!(journal["status"], "aborted");
    assert_eq!(journal["rollbacks"].as_array().unwrap().len(), 1);
    assert_eq!(service.count("/never"), 0);
}

#[test]
fn a_crash_in_the_check_after_loses_neither_journal_nor_rollbacks() {
    let (_service, at) = service();
    let health = expects("health", &at("/health"), 200);
    let it = with_hypothesis(experiment(&[get("breaks", &at("/set/broken"))]), &[health]);
    let it = with(it, "rollbacks", json!([get("undo", &at("/set/on"))]));
    // With --compat rollbacks go by the reference's strategy, and it has a journal nevertheless.
    for (arguments, codes, rollbacks) in [(&[][..], [1, 5], 1), (&["--compat"][..], [1, 1], 0)] {
        let sandbox = Sandbox::new().unwrap();
        let ended = run(&sandbox, &it, arguments).unwrap();
        assert!(
            codes.contains(&ended.code),
            "{}: {}",
            ended.code,
            ended.stderr
        );
        let journal = sandbox.journal().unwrap();
        let played = journal["rollbacks"].as_array().map(Vec::len);
        assert_eq!(played, Some(rollbacks), "{arguments:?}");
    }
}

#[test]
fn one_crashing_rollback_does_not_keep_the_next_from_being_played() {
    let (service, at) = service();
    let rollbacks = json!([get("broken", &at("/badjson")), get("undo", &at("/undone"))]);
    let it = with(
        experiment(&[get("act", &at("/ok"))]),
        "rollbacks",
        rollbacks,
    );
    let sandbox = Sandbox::new().unwrap();
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_ne!(ended.code, 0, "a rollback failed: {}", ended.stderr);
    assert_eq!(service.count("/undone"), 1);
    assert_eq!(
        sandbox.journal().unwrap()["rollbacks"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
}

#[test]
fn denied_when_the_budget_is_spent() {
    let (service, at) = service();
    let method = [get("one", &at("/one")), get("two", &at("/two"))];
    let budget = json!([{ "name": "chaos-wasm", "budget": { "http-requests": 1 } }]);
    let it = with(experiment(&method), "extensions", budget);
    let sandbox = Sandbox::new().unwrap();
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_eq!(ended.code, 6, "{}", ended.stderr);
    assert!(ended.stderr.contains("http-requests"), "{}", ended.stderr);
    assert_eq!((service.count("/one"), service.count("/two")), (1, 0));
}

#[test]
fn invalid() {
    let (service, at) = service();
    let it = experiment(&[
        json!({ "type": "action", "name": "a" }),
        get("never", &at("/never")),
    ]);
    let (native, compat, sandbox) = both(&service, &it, &[]);
    assert_eq!((native, compat), (2, 1));
    assert!(sandbox.journal().is_err());
    assert_eq!(service.count("/never"), 0);
}

#[test]
fn usage_errors_are_2_in_both_modes() {
    let it = experiment(&[]);
    for arguments in [
        &["--no-such-flag"][..],
        &["--dry", "magic"],
        &["--var", "novalue"],
    ] {
        let (native, compat) = {
            let sandbox = Sandbox::new().unwrap();
            let native = run(&sandbox, &it, arguments).unwrap().code;
            let compat = run(&sandbox, &it, &[arguments, &["--compat"]].concat()).unwrap();
            (native, compat.code)
        };
        assert_eq!((native, compat), (2, 2), "{arguments:?}");
    }
}
