//! Controls that plugins export accompany a run of the real program.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod declared;
mod guest;
mod interrupted;

use chaos_tests::experiment::{experiment, shell, with, with_hypothesis};
use chaos_tests::{Finished, Sandbox, Service};
use guest::{Does, plugin};
use serde_json::{Value, json};

/// Every control, in the order of a run.
const ALL: [&str; 10] = [
    "before-experiment",
    "before-hypothesis",
    "before-activity",
    "after-activity",
    "after-hypothesis",
    "before-method",
    "after-method",
    "before-rollback",
    "after-rollback",
    "after-experiment",
];

/// A sandbox with a plugin `guest.wasm` of these controls.
fn sandbox(controls: &[(&str, Does)]) -> Sandbox {
    let sandbox = Sandbox::new().unwrap();
    sandbox.write("guest.wasm", plugin(controls)).unwrap();
    sandbox
}

/// One whose controls all tell.
fn telling() -> Sandbox {
    sandbox(&ALL.map(|name| (name, Does::Tells)))
}

fn control(name: &str) -> Value {
    json!({"name": name, "provider": {"type": "wasm", "module": "guest.wasm"}})
}

fn probe(name: &str) -> Value {
    json!({"type": "probe", "name": name, "tolerance": 0,
           "provider": {"type": "process", "path": "true"}})
}

/// One activity in each part.
fn whole() -> Value {
    let experiment = experiment(&[shell("act", "echo done")]);
    let experiment = with(experiment, "rollbacks", json!([shell("undo", "true")]));
    with_hypothesis(experiment, &[probe("steady")])
}

fn accompanied(experiment: Value) -> Value {
    with(experiment, "controls", json!([control("audit")]))
}

fn run(sandbox: &Sandbox, experiment: &Value, more: &[&str]) -> Finished {
    chaos_tests::experiment::run(sandbox, experiment, more).unwrap()
}

fn validate(sandbox: &Sandbox, experiment: &Value) -> Finished {
    sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    let arguments = ["validate", "experiment.json"];
    sandbox.run(sandbox.chaos(arguments).unwrap()).unwrap()
}

/// The journal's controls as `name hook step: status`.
fn called(sandbox: &Sandbox) -> Vec<String> {
    let journal = sandbox.journal().unwrap();
    let none = Vec::new();
    let controls = journal["chaos-wasm"]["controls"]
        .as_array()
        .unwrap_or(&none);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    controls
        .iter()
        .map(|control| {
            let step = control["step"].as_str().map(|step| format!(" {step}"));
            format!(
                "{} {}{}: {}",
                text(&control["control"]),
                text(&control["hook"]),
                step.unwrap_or_default(),
                text(&control["outcome"]["status"])
            )
        })
        .collect()
}

/// What a telling control was given, the last time that it was called.
fn told(ended: &Finished, hook: &str) -> Vec<Value> {
    let lines: Vec<&str> = ended
        .stderr
        .lines()
        .filter_map(|line| Some(line.split_once("guest: ")?.1))
        .collect();
    let at = lines.iter().rposition(|line| *line == hook).unwrap();
    let texts = if hook.starts_with("after") { 2 } else { 1 };
    lines[at + 1..=at + texts]
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_part_is_accompanied_in_order() {
    let sandbox = telling();
    let ended = run(&sandbox, &accompanied(whole()), &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let expected = [
        "before-experiment",
        "before-hypothesis",
        "before-activity before/0",
        "after-activity before/0",
        "after-hypothesis",
        "before-method",
        "before-activity method/0",
        "after-activity method/0",
        "after-method",
        "before-hypothesis",
        "before-activity after/0",
        "after-activity after/0",
        "after-hypothesis",
        "before-rollback",
        "before-activity rollback/0",
        "after-activity rollback/0",
        "after-rollback",
        "after-experiment",
    ];
    let expected = expected.map(|hook| format!("audit {hook}: succeeded"));
    assert_eq!(called(&sandbox), expected);
}

#[test]
fn a_control_gets_its_part_of_the_experiment_and_of_the_journal() {
    let sandbox = telling();
    let experiment = accompanied(whole());
    let ended = run(&sandbox, &experiment, &["--rollback-strategy", "never"]);
    let act = &experiment["method"][0];
    assert_eq!(told(&ended, "before-method")[0]["title"], "experiment");
    assert_eq!(told(&ended, "before-hypothesis")[0]["title"], "steady");
    assert_eq!(
        &told(&ended, "before-hypothesis")[0],
        &experiment["steady-state-hypothesis"]
    );

    let after = told(&ended, "after-method");
    assert_eq!(after[1][0]["activity"], *act);
    assert_eq!(after[1][0]["output"]["stdout"], "done\n");
    let check = &told(&ended, "after-hypothesis")[1];
    assert_eq!(check["steady_state_met"], true);
    assert_eq!(check["probes"][0]["tolerance_met"], true);
    let record = &told(&ended, "after-activity")[1];
    assert_eq!(record["status"], "succeeded");
    assert!(record["end"].is_string() && record["tolerance_met"] == true);

    let written = sandbox.journal().unwrap();
    let guests = written["chaos-wasm"]["guests"].as_array().unwrap();
    assert_eq!(guests[0]["step"], "control/before-experiment/audit");
    let digest = guests[0]["call"]["digest"].as_str().unwrap();
    assert!(digest.starts_with("sha256:"), "{digest}");
}

#[test]
fn after_the_experiment_comes_the_journal() {
    // What is logged of it must fit into a line.
    let sandbox = sandbox(&[("after-experiment", Does::Tells)]);
    let ended = run(&sandbox, &accompanied(whole()), &[]);
    let journal = &told(&ended, "after-experiment")[1];
    let written = sandbox.journal().unwrap();
    for key in [
        "status",
        "deviated",
        "run",
        "steady_states",
        "end",
        "duration",
    ] {
        assert_eq!(journal[key], written[key], "{key}");
    }
}

#[test]
fn what_a_plugin_does_not_export_is_not_called() {
    let sandbox = sandbox(&[("after-method", Does::Tells)]);
    let ended = run(&sandbox, &accompanied(whole()), &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(called(&sandbox), ["audit after-method: succeeded"]);
}

#[test]
fn a_control_needs_grants_and_only_looks() {
    let service = Service::start().unwrap();
    service.answer("/hook", 200, "text/plain", "ok");
    let url = format!("{}/hook", service.url());
    let fetching = |method: &'static str| {
        let sandbox = sandbox(&[("after-method", Does::Fetches(method, url.clone()))]);
        let manifest =
            "[plugin]\nname = \"guest\"\nversion = \"0.1.0\"\n[grants]\nhttp = [\"GET,POST *\"]\n";
        sandbox.write("plugin.toml", manifest).unwrap();
        sandbox
    };
    let experiment = accompanied(experiment(&[]));

    let sandbox = fetching("GET");
    let ended = run(&sandbox, &experiment, &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(called(&sandbox), ["audit after-method: denied"]);
    // Said before the start, too, as of an activity's plugin.
    let warning = "asks for what it is not granted, and will be denied: http GET,POST *";
    assert!(ended.stderr.contains(warning), "{}", ended.stderr);
    assert_eq!(service.count("/hook"), 0);
    let rights = &sandbox.journal().unwrap()["chaos-wasm"]["rights"][0];
    assert!(rights.to_string().contains(&url), "{rights}");

    let grant = format!("http GET,POST {url}");
    run(&sandbox, &experiment, &["--grant", &grant]);
    assert_eq!(called(&sandbox), ["audit after-method: succeeded"]);
    assert_eq!(service.count("/hook"), 1);
    let call = &sandbox.journal().unwrap()["chaos-wasm"]["host-calls"][0];
    assert_eq!(call["step"], "control/after-method/audit");
    assert_eq!(call["effect"], "read");

    let sandbox = fetching("POST");
    let ended = run(&sandbox, &experiment, &["--grant", &grant]);
    assert_eq!(called(&sandbox), ["audit after-method: denied"]);
    assert!(ended.stderr.contains("may only look"), "{}", ended.stderr);
    assert_eq!(service.count("/hook"), 1);

    let as_read =
        "[plugin]\nname = \"guest\"\nversion = \"0.1.0\"\n[grants]\nhttp = [\"POST * as read\"]\n";
    sandbox.write("plugin.toml", as_read).unwrap();
    run(
        &sandbox,
        &experiment,
        &["--grant", &format!("http POST {url} as read")],
    );
    assert_eq!(called(&sandbox), ["audit after-method: succeeded"]);
    assert_eq!(service.count("/hook"), 2);
}

#[test]
fn a_policy_pins_and_bounds_a_control_s_plugin() {
    let sandbox = sandbox(&[("before-method", Does::Spins)]);
    let experiment = accompanied(experiment(&[]));
    let zeros = "0".repeat(64);
    let pin = format!("[plugins.guest]\ndigest = \"sha256:{zeros}\"\n");
    sandbox.write("policy.toml", pin).unwrap();
    let ended = run(&sandbox, &experiment, &["--policy", "policy.toml"]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    let said = "the policy is for the plugin 'guest' with";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);

    let limit = "[builtin]\ntrust-author = true\n[plugins.guest.limits]\nwall-seconds = 0.1\n";
    sandbox.write("policy.toml", limit).unwrap();
    let ended = run(&sandbox, &experiment, &["--policy", "policy.toml"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(called(&sandbox), ["audit before-method: timed-out"]);
}

#[test]
fn checks_during_the_method_and_background_activities_are_accompanied() {
    let sandbox = telling();
    let mut background = shell("behind", "sleep 0.2");
    background["background"] = json!(true);
    let experiment = experiment(&[background, shell("act", "sleep 0.3")]);
    let experiment = accompanied(with_hypothesis(experiment, &[probe("steady")]));
    let more = [
        "--hypothesis-strategy",
        "during-method-only",
        "--hypothesis-frequency",
        "0.05",
    ];
    let ended = run(&sandbox, &experiment, &more);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let called = called(&sandbox);
    let count = |text: &str| called.iter().filter(|line| line.contains(text)).count();
    let checks = sandbox.journal().unwrap()["steady_states"]["during"]
        .as_array()
        .unwrap()
        .len();
    assert!(checks >= 1);
    assert_eq!(count("before-hypothesis"), count("after-hypothesis"));
    assert!(count("before-hypothesis") >= checks);
    assert_eq!(count("after-activity during/0/0"), 1);
    for step in ["method/0", "method/1"] {
        assert_eq!(count(&format!("before-activity {step}")), 1);
        assert_eq!(count(&format!("after-activity {step}")), 1);
    }
    let method = called.iter().position(|line| line.contains("after-method"));
    let last = called.iter().rposition(|line| line.contains("-activity"));
    assert!(last < method, "{called:?}");
}

#[test]
fn controls_are_called_in_a_dry_run() {
    let sandbox = telling();
    let ended = run(&sandbox, &accompanied(whole()), &["--dry", "activities"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(called(&sandbox).len(), 18);
    assert_eq!(told(&ended, "after-method")[1][0]["output"], Value::Null);
}

#[test]
fn no_secret_reaches_a_control() {
    const CANARY: &str = "plaincanary0123456789";
    let sandbox = telling();
    let action = json!({"type": "action", "name": "act", "provider": {
        "type": "process", "path": "sh", "arguments": ["-c", "echo ${canary}"], "secrets": ["vault"]}});
    let experiment = accompanied(experiment(&[action]));
    let secrets = json!({"vault": {"canary": {"type": "env", "key": "CANARY"}}});
    let experiment = with(experiment, "secrets", secrets);
    sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    let mut command = sandbox.chaos(["run", "experiment.json"]).unwrap();
    command.env("CANARY", CANARY);
    let ended = sandbox.run(command).unwrap();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let output = told(&ended, "after-activity")[1]["output"]["stdout"].clone();
    assert!(output.as_str().unwrap().contains('*'), "{output}");
    assert!(!ended.stderr.contains(CANARY));
    for (path, content) in sandbox.contents().unwrap() {
        let found = String::from_utf8_lossy(&content).contains(CANARY);
        assert!(!found, "{}", path.display());
    }
}

#[test]
fn a_state_that_is_too_large_comes_without_what_activities_gave() {
    let sandbox = sandbox(&[("after-activity", Does::Tells)]);
    let script = "head -c 5000000 /dev/zero | tr '\\0' a";
    let ended = run(
        &sandbox,
        &accompanied(experiment(&[shell("act", script)])),
        &[],
    );
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let output = &told(&ended, "after-activity")[1]["output"];
    assert!(
        output["bytes-left-out"].as_u64().unwrap() > 5_000_000,
        "{output}"
    );
}
