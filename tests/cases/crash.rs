//! A runner that dies at any moment leaves a log that says what may have happened.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::experiment::{expects, experiment, get, run, shell, with, with_hypothesis};
use chaos_tests::sandbox::{await_true, kill};
use chaos_tests::{Running, Sandbox, Service};
use chaos_wasm::journal::Journal;
use chaos_wasm::plan::StepId;
use chaos_wasm::run::machine::{Machine, Next};
use chaos_wasm::run::record::Record;
use chaos_wasm::verdict::Verdict;
use chaos_wasm::wal::{self, Log, RunFolder};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(15);

fn start(sandbox: &Sandbox, experiment: &Value) -> Running {
    sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    let command = sandbox.chaos(["run", "experiment.json"]).unwrap();
    sandbox.start(command).unwrap()
}

/// The log of the only run.
fn log(sandbox: &Sandbox) -> Log {
    let state = sandbox.file("state/chaos-wasm");
    let mut runs = fs::read_dir(state.join("runs")).unwrap();
    let name = runs.next().unwrap().unwrap().file_name();
    assert!(runs.next().is_none(), "more than one run");
    wal::read(&RunFolder::of(&state, name.to_str().unwrap())).unwrap()
}

/// Folds a log as whoever recovers the run will.
fn fold(log: &Log) -> (Machine, Value) {
    assert_eq!(log.damage, None);
    let Some(Record::RunBegan(beginning)) = log.records.first() else {
        panic!("{:?}", log.records.first());
    };
    let mut machine = Machine::new(beginning.outline.clone());
    let mut journal = Journal::default();
    for record in &log.records {
        machine.apply(record).unwrap();
        journal.apply(record.clone());
    }
    let verdict = Verdict::of(&machine);
    let journal = journal.render(&machine, verdict);
    (machine, journal)
}

/// An action that waits at `place` for ever, unless it is another action's turn.
fn waits(name: &str, place: &str, at: &str) -> Value {
    let script = if place == at {
        format!("echo $$ > {name}; exec sleep 60")
    } else {
        format!("echo $$ > {name}")
    };
    shell(name, &script)
}

fn process_of(sandbox: &Sandbox, file: &str) -> i32 {
    assert!(sandbox.await_file(file, SOON), "{file} was never written");
    let text = fs::read_to_string(sandbox.file(file)).unwrap();
    text.trim().parse().unwrap()
}

#[test]
fn killed_at_any_action_a_run_is_refused_then_forced() {
    let actions = ["first", "second", "third", "undo-a", "undo-b"];
    for (number, at) in actions.into_iter().enumerate() {
        let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
        let action = |name: &str| waits(name, name, at);
        let method = ["first", "second", "third"].map(action);
        let it = with(
            experiment(&method),
            "rollbacks",
            json!([action("undo-a"), action("undo-b")]),
        );
        let alive = expects("alive", &format!("{}/ok", service.url()), 200);
        let it = with_hypothesis(it, &[alive]);
        let running = start(&sandbox, &it);
        let child = process_of(&sandbox, at);
        running.signal(Signal::KILL).unwrap();
        assert_eq!(running.wait(SOON).unwrap().code, 137);
        kill(child);

        let log = log(&sandbox);
        let (machine, journal) = fold(&log);
        assert!(!machine.has_ended());
        let under_way = if number < 3 {
            StepId::Method(number)
        } else {
            StepId::Rollback(number - 3)
        };
        // It was begun, so it is not to be begun again: nothing to do but wait for it.
        assert_eq!(machine.next(), Next::Steps(Vec::new()), "{at}");
        let activities: Vec<&Value> = ["run", "rollbacks"]
            .iter()
            .flat_map(|list| journal[list].as_array().unwrap())
            .collect();
        assert_eq!(activities.len(), number + 1, "{journal}");
        for done in &activities[..number] {
            assert_eq!(done["status"], "succeeded");
        }
        assert_eq!(activities[number]["activity"]["name"], at);
        assert!(activities[number].get("status").is_none());
        let intended = log.records.iter().any(
            |record| matches!(record, Record::Intent(intent) if intent.step == under_way.to_string()),
        );
        assert!(intended, "{at}");
        let timed = journal["chaos-wasm"]["activities"].as_array().unwrap();
        let unknown: Vec<&Value> = timed
            .iter()
            .filter(|activity| activity["outcome"] == "unknown")
            .collect();
        assert_eq!(unknown.len(), 1);
        assert_eq!(unknown[0]["step"], under_way.to_string());

        let harmless = experiment(&[get("harmless", &format!("{}/again", service.url()))]);
        let refused = run(&sandbox, &harmless, &[]).unwrap();
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        for (index, action) in actions.iter().enumerate() {
            let line = refused
                .stderr
                .lines()
                .find(|line| line.contains(&format!("'{action}'")));
            match line {
                Some(line) if index < number => assert!(line.ends_with("(done)"), "{line}"),
                Some(line) if index == number => assert!(line.ends_with("(under way)"), "{line}"),
                other => assert!(index > number && other.is_none(), "{}", refused.stderr),
            }
        }
        assert_eq!(service.count("/again"), 0);
        let forced = run(&sandbox, &harmless, &["--force"]).unwrap();
        assert_eq!(forced.code, 0, "{}", forced.stderr);
        let again = run(&sandbox, &harmless, &[]).unwrap();
        assert_eq!(again.code, 0, "{}", again.stderr);
    }
}

#[test]
fn killed_while_it_looks_a_run_has_changed_nothing() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let silent = expects("silent", &format!("{}/silent", service.url()), 200);
    let never = get("never", &format!("{}/never", service.url()));
    let running = start(&sandbox, &with_hypothesis(experiment(&[never]), &[silent]));
    assert!(service.await_requests("/silent", 1, SOON));
    running.signal(Signal::KILL).unwrap();
    running.wait(SOON).unwrap();
    let again = experiment(&[get("again", &format!("{}/ok", service.url()))]);
    let refused = run(&sandbox, &again, &[]).unwrap();
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("had not begun to change"),
        "{}",
        refused.stderr
    );
}

#[test]
fn what_an_action_is_about_to_do_is_on_disk_before_it_does_it() {
    let sandbox = Sandbox::new().unwrap();
    // The action itself looks, as its first deed.
    let looks = shell("looks", "cat state/chaos-wasm/runs/*/wal.jsonl > seen");
    let undoes = shell(
        "undoes",
        "cat state/chaos-wasm/runs/*/wal.jsonl > seen-undo",
    );
    let it = with(experiment(&[looks]), "rollbacks", json!([undoes]));
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    for (file, step) in [("seen", "method/0"), ("seen-undo", "rollback/0")] {
        let seen = fs::read_to_string(sandbox.file(file)).unwrap();
        assert_says_both(&seen, step, "process");
    }
}

#[track_caller]
fn assert_says_both(wal: &str, step: &str, kind: &str) {
    let records: Vec<Value> = wal
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["record"].clone())
        .collect();
    let about = |record: &&Value| record["step"] == step;
    let said: Vec<&Value> = records.iter().filter(about).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0]["record"], "activity-began");
    assert_eq!(said[1]["record"], "intent");
    assert_eq!(said[1]["kind"], kind);
}

#[test]
fn a_request_that_changes_something_is_on_disk_when_it_arrives() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let running = start(
        &sandbox,
        &experiment(&[get("changes", &format!("{}/silent", service.url()))]),
    );
    assert!(service.await_requests("/silent", 1, SOON));
    let state = sandbox.file("state/chaos-wasm/runs");
    let folder = fs::read_dir(state).unwrap().next().unwrap().unwrap().path();
    let seen = fs::read_to_string(folder.join("wal.jsonl")).unwrap();
    assert_says_both(&seen, "method/0", "http");
    drop(running);
}

#[test]
fn a_lease_left_by_a_run_that_ended_is_in_nobody_s_way() {
    let sandbox = Sandbox::new().unwrap();
    let it = experiment(&[shell("acts", "true")]);
    assert_eq!(run(&sandbox, &it, &[]).unwrap().code, 0);
    // As if the process had died after its last record and before it gave its lease back.
    let state = sandbox.file("state/chaos-wasm");
    let first = |folder: &str| {
        let mut entries = fs::read_dir(state.join(folder)).unwrap();
        entries.next().unwrap().unwrap()
    };
    let run_id = first("runs").file_name();
    fs::write(first("experiments").path(), run_id.to_str().unwrap()).unwrap();
    let again = run(&sandbox, &it, &[]).unwrap();
    assert_eq!(again.code, 0, "{}", again.stderr);
}

#[test]
fn a_journal_that_stood_there_stands_until_the_new_one_is_whole() {
    let sandbox = Sandbox::new().unwrap();
    sandbox.write("journal.json", r#"{"old": true}"#).unwrap();
    let running = start(
        &sandbox,
        &experiment(&[shell("waits", "echo $$ > child; exec sleep 60")]),
    );
    let child = process_of(&sandbox, "child");
    assert_eq!(sandbox.journal().unwrap(), json!({"old": true}));
    running.signal(Signal::KILL).unwrap();
    running.wait(SOON).unwrap();
    kill(child);
    assert_eq!(sandbox.journal().unwrap(), json!({"old": true}));
}

#[test]
fn killed_a_run_leaves_nothing_beside_the_journal() {
    let sandbox = Sandbox::new().unwrap();
    let it = experiment(&[shell("waits", "echo $$ > child; exec sleep 60")]);
    sandbox.write("experiment.json", it.to_string()).unwrap();
    fs::create_dir(sandbox.file("results")).unwrap();
    let arguments = [
        "run",
        "experiment.json",
        "--journal-path",
        "results/it.json",
    ];
    let command = sandbox.chaos(arguments).unwrap();
    let running = sandbox.start(command).unwrap();
    let child = process_of(&sandbox, "child");
    // Nor while it runs: nobody could tell such a file from one that was left.
    let is_empty = || {
        fs::read_dir(sandbox.file("results"))
            .unwrap()
            .next()
            .is_none()
    };
    assert!(is_empty());
    running.signal(Signal::KILL).unwrap();
    running.wait(SOON).unwrap();
    kill(child);
    assert!(is_empty());
}

#[test]
fn of_runs_started_together_one_runs() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let it = experiment(&[get("waits", &format!("{}/silent", service.url()))]);
    sandbox.write("experiment.json", it.to_string()).unwrap();
    let start = |number: usize| {
        let journal = format!("{number}.json");
        let arguments = ["run", "experiment.json", "--journal-path", &journal];
        let command = sandbox.chaos(arguments).unwrap();
        sandbox.start(command).unwrap()
    };
    let mut running: Vec<Running> = (0..4).map(start).collect();
    let refused = await_true(SOON, || {
        running.retain_mut(|one| !one.ended().unwrap());
        running.len() == 1
    });
    assert!(refused && service.await_requests("/silent", 1, SOON));
    let last = running.remove(0);
    last.signal(Signal::INT).unwrap();
    assert_eq!(last.wait(SOON).unwrap().code, 130);
    assert_eq!(service.count("/silent"), 1);
}

#[test]
fn another_state_folder_knows_nothing_of_it() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let it = experiment(&[get("waits", &format!("{}/silent", service.url()))]);
    let first = start(&sandbox, &it);
    assert!(service.await_requests("/silent", 1, SOON));
    let it = experiment(&[get("acts", &format!("{}/ok", service.url()))]);
    let other = run(&sandbox, &it, &["--state-dir", "elsewhere"]).unwrap();
    assert_eq!(other.code, 0, "{}", other.stderr);
    drop(first);
}
