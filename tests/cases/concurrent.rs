//! One run of an experiment at a time, and a run whose runner died is not forgotten.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::experiment::{experiment, get, run};
use chaos_tests::{Sandbox, Service};
use rustix::process::Signal;
use serde_json::Value;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(15);

fn waiting(service: &Service) -> Value {
    experiment(&[get("waits", &format!("{}/silent", service.url()))])
}

fn start(sandbox: &Sandbox, experiment: &Value) -> chaos_tests::Running {
    sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    let command = sandbox.chaos(["run", "experiment.json", "--journal-path", "first.json"]);
    sandbox.start(command.unwrap()).unwrap()
}

#[test]
fn a_second_run_of_the_same_experiment_is_refused() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let first = start(&sandbox, &waiting(&service));
    assert!(service.await_requests("/silent", 1, SOON));
    for arguments in [&[][..], &["--force"][..]] {
        let refused = run(&sandbox, &waiting(&service), arguments).unwrap();
        assert_eq!(refused.code, 2, "{arguments:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("already"), "{}", refused.stderr);
        assert!(sandbox.journal().is_err());
    }
    assert_eq!(service.count("/silent"), 1);
    first.signal(Signal::INT).unwrap();
    assert_eq!(first.wait(SOON).unwrap().code, 130);
    assert!(sandbox.json("first.json").is_ok());
}

#[test]
fn another_experiment_may_run_meanwhile() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let first = start(&sandbox, &waiting(&service));
    assert!(service.await_requests("/silent", 1, SOON));
    let other = experiment(&[get("other", &format!("{}/ok", service.url()))]);
    sandbox.write("other.json", other.to_string()).unwrap();
    let ended = sandbox
        .run(sandbox.chaos(["run", "other.json"]).unwrap())
        .unwrap();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    drop(first);
}

#[test]
fn an_abandoned_run_is_found_and_reported() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let first = start(&sandbox, &waiting(&service));
    assert!(service.await_requests("/silent", 1, SOON));
    first.signal(Signal::KILL).unwrap();
    assert_eq!(first.wait(SOON).unwrap().code, 137);
    let experiment_now = experiment(&[get("waits", &format!("{}/ok", service.url()))]);
    let refused = run(&sandbox, &experiment_now, &[]).unwrap();
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("--force"),
        "what to do is not said: {}",
        refused.stderr
    );
    assert_eq!(service.count("/ok"), 0, "something was injected");
    let forced = run(&sandbox, &experiment_now, &["--force"]).unwrap();
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    assert_eq!(service.count("/ok"), 1);
}

#[test]
fn a_run_that_ended_leaves_nothing_in_the_way() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let it = experiment(&[get("act", &format!("{}/ok", service.url()))]);
    for _ in 0..3 {
        let ended = run(&sandbox, &it, &[]).unwrap();
        assert_eq!(ended.code, 0, "{}", ended.stderr);
    }
}
