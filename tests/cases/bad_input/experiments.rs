//! Documents that are no experiment.

use crate::assert_refused;
use chaos_tests::Sandbox;
use chaos_tests::conformance::in_parallel;
use chaos_tests::experiment::{expects, experiment, get, shell, with, with_hypothesis};
use serde_json::{Value, json};

/// Everything in a valid experiment, each in turn of every wrong type: never a crash.
#[test]
fn wrong_types_everywhere() {
    let full = full_experiment();
    let mut pointers = Vec::new();
    collect_pointers(&full, String::new(), &mut pointers);
    let wrong = [
        json!(null),
        json!(true),
        json!(-1.5),
        json!("x"),
        json!([[]]),
        json!({ "a": {} }),
    ];
    let documents: Vec<(String, Value)> = pointers
        .iter()
        .flat_map(|pointer| wrong.iter().map(move |value| (pointer, value)))
        .map(|(pointer, value)| {
            let mut changed = full.clone();
            *changed.pointer_mut(pointer).unwrap() = value.clone();
            (format!("{pointer} = {value}"), changed)
        })
        .collect();
    assert!(documents.len() > 300, "only {}", documents.len());
    let sandbox = Sandbox::new().unwrap();
    let names: Vec<String> = (0..documents.len()).map(|n| format!("{n}.json")).collect();
    for ((_, document), name) in documents.iter().zip(&names) {
        sandbox.write(name, document.to_string()).unwrap();
    }
    // Six documents a run: it is the start of the program that takes time.
    let runs: Vec<_> = names.chunks(6).zip(documents.chunks(6)).collect();
    let failures: Vec<String> = in_parallel(&runs, 4, |(names, documents)| {
        let mut command = sandbox.chaos(["validate"]).unwrap();
        command.args(*names);
        let ended = sandbox.run(command).unwrap();
        let fine = [0, 2].contains(&ended.code) && !ended.stderr.contains("panicked");
        let silent = ended.code == 2 && !ended.stderr.contains("ERROR");
        let what: Vec<&String> = documents.iter().map(|(what, _)| what).collect();
        (!fine || silent).then(|| format!("{what:?}: exit {}: {}", ended.code, ended.stderr))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        names.len(),
        failures.join("\n")
    );
}

fn full_experiment() -> Value {
    let mut action = get("act", "http://127.0.0.1:1/");
    action["pauses"] = json!({ "before": 1, "after": "${n}" });
    action["background"] = json!(false);
    action["timeout"] = json!(3);
    action["controls"] = json!([{ "name": "c", "provider": { "type": "python", "module": "m" } }]);
    action["provider"]["headers"] = json!({ "X-A": "b" });
    action["provider"]["timeout"] = json!([1, 2]);
    action["provider"]["arguments"] = json!({ "a": 1 });
    let mut probes = vec![expects("status", "http://127.0.0.1:1/", 200)];
    for tolerance in [
        json!([1, 2]),
        json!({ "type": "regex", "pattern": "x", "target": "body" }),
        json!({ "type": "jsonpath", "path": "$.a", "expect": [1], "count": 1, "target": "body" }),
        json!({ "type": "range", "range": [1, 2], "target": "status" }),
        json!({ "type": "probe", "name": "t", "provider": { "type": "process", "path": "true", "arguments": {} } }),
    ] {
        let mut probe = expects("other", "http://127.0.0.1:1/", 200);
        probe["tolerance"] = tolerance;
        probes.push(probe);
    }
    let it = experiment(&[action, shell("sh", "true"), json!({ "ref": "act" })]);
    let it = with_hypothesis(it, &probes);
    let it = with(it, "rollbacks", json!([{ "ref": "act" }]));
    let it = with(it, "tags", json!(["a"]));
    let it = with(it, "contributions", json!({ "a": "high" }));
    let it = with(
        it,
        "extensions",
        json!([{ "name": "e" }, { "name": "chaos-wasm", "budget": { "calls": 5 } }]),
    );
    let it = with(
        it,
        "controls",
        json!([{ "name": "c", "provider": { "type": "python", "module": "m" } }]),
    );
    let it = with(
        it,
        "configuration",
        json!({
        "n": 1, "e": { "type": "env", "key": "HOME", "default": "x", "env_var_type": "str" },
        "d": { "type": "probe", "name": "d", "provider": { "type": "process", "path": "true" } } }),
    );
    let it = with(
        it,
        "secrets",
        json!({ "g": { "s": "inline", "v": { "type": "env", "key": "HOME" } } }),
    );
    with(
        it,
        "runtime",
        json!({ "hypothesis": { "strategy": "default" }, "rollbacks": { "strategy": "always" } }),
    )
}

fn collect_pointers(value: &Value, at: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, item) in map {
                collect_pointers(item, format!("{at}/{key}"), pointers);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_pointers(item, format!("{at}/{index}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(at);
}

#[test]
fn all_errors_are_told_at_once_with_their_places() {
    let sandbox = Sandbox::new().unwrap();
    let text = "{\n \"title\": \"\",\n \"method\": [\n  {\"type\": \"probee\", \"name\": \"a\", \"provider\": {\"type\": \"htp\"}},\n  {\"ref\": \"nothing\"}\n ]\n}";
    sandbox.write("experiment.json", text).unwrap();
    assert_refused(
        &sandbox,
        "experiment.json",
        &[
            "experiment requires a title",
            "experiment requires a description",
            "'probee' is not a supported activity type",
            "referenced activity 'nothing' could not be found",
            "/method/0/type",
            "/method/1",
            "probe",
            "4",
            "5",
        ],
    );
}
