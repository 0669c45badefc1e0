//! Experiments with plugins, run by the real program.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use chaos_tests::{Finished, Sandbox};
use serde_json::{Value, json};

/// `add`, `is-three` and `crash`, as probes.
const ADD: &str = r#"
(component
  (core module $m
    (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
    (func (export "is-three") (param i32) (result i32) local.get 0 i32.const 3 i32.eq)
    (func (export "crash") unreachable))
  (core instance $i (instantiate $m))
  (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (func $is-three (param "value" u32) (result bool) (canon lift (core func $i "is-three")))
  (func $crash (canon lift (core func $i "crash")))
  (instance $probes
    (export "add" (func $add))
    (export "is-three" (func $is-three))
    (export "crash" (func $crash)))
  (export "demo:add/probes@0.1.0" (instance $probes)))
"#;

/// A probe that needs a page of memory.
const HUNGRY: &str = r#"
(component
  (core module $m (memory 1) (func (export "one") (result i32) i32.const 1))
  (core instance $i (instantiate $m))
  (func $one (result u32) (canon lift (core func $i "one")))
  (instance $probes (export "one" (func $one)))
  (export "demo:hungry/probes@0.1.0" (instance $probes)))
"#;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new().unwrap();
    sandbox
        .write("add.wasm", wat::parse_str(ADD).unwrap())
        .unwrap();
    sandbox
}

fn probe(name: &str, provider: Value) -> Value {
    json!({"type": "probe", "name": name, "provider": provider})
}

fn add(arguments: Value) -> Value {
    json!({"type": "wasm", "module": "add.wasm", "func": "add", "arguments": arguments})
}

/// An experiment of this method, with `x` in its configuration.
fn experiment(method: Value) -> Value {
    json!({"title": "t", "description": "d", "configuration": {"x": 2}, "method": method})
}

fn run(sandbox: &Sandbox, experiment: &Value, verb: &str, more: &[&str]) -> Finished {
    sandbox.write("e.json", experiment.to_string()).unwrap();
    let arguments = [&[verb, "e.json"], more].concat();
    sandbox.run(sandbox.chaos(arguments).unwrap()).unwrap()
}

#[test]
fn a_function_s_value_is_the_activity_s_output_and_what_it_used_is_journaled() {
    let sandbox = sandbox();
    let mut hypothesis = probe("sum", add(json!({"a": 1, "b": "${x}"})));
    hypothesis["tolerance"] = json!(3);
    let mut judged = probe("judged", add(json!({"a": 1, "b": 2})));
    let judge = json!({"type": "wasm", "module": "add.wasm", "func": "is_three", "arguments": {}});
    judged["tolerance"] = probe("three", judge);
    let mut experiment = experiment(json!([probe("again", add(json!({"a": 40, "b": 2})))]));
    experiment["steady-state-hypothesis"] = json!({"title": "h", "probes": [hypothesis, judged]});
    let ended = run(&sandbox, &experiment, "run", &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);

    let journal = sandbox.journal().unwrap();
    assert_eq!(journal["run"][0]["output"], 42);
    let guests = journal["chaos-wasm"]["guests"].as_array().unwrap();
    // Two probes before and after, one of them judged by a third, and the method's.
    assert_eq!(guests.len(), 7);
    let first = &guests[0];
    assert_eq!(first["step"], "before/0");
    assert_eq!(first["call"]["plugin"], "add");
    assert_eq!(first["call"]["function"], "add");
    let digest = first["call"]["digest"].as_str().unwrap();
    assert!(
        digest.starts_with("sha256:") && digest.len() == 71,
        "{digest}"
    );
    assert!(first["call"]["usage"]["wall_seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(journal["chaos-wasm"]["rights"][0]["plugin"], "add");
}

#[test]
fn validate_holds_every_use_against_what_the_plugin_offers() {
    let sandbox = sandbox();
    let function = |func: &str| json!({"type": "wasm", "module": "add.wasm", "func": func});
    let experiment = experiment(json!([
        probe("misspelt", function("ad")),
        probe("wrong", add(json!({"a": "one", "b": -1, "c": 0}))),
        probe(
            "nowhere",
            json!({"type": "wasm", "module": "gone.wasm", "func": "f"})
        ),
        probe(
            "unknown",
            json!({"type": "wasm", "module": "absent", "func": "f"})
        ),
        probe(
            "key",
            json!({"type": "wasm", "module": "add.wasm", "func": "crash", "argument": {}})
        ),
        probe("variable", add(json!({"a": "${x}", "b": 2}))),
    ]));
    let ended = run(&sandbox, &experiment, "validate", &[]);
    assert_eq!(ended.code, 2);
    for text in [
        "unknown key 'argument' of a wasm provider",
        "did you mean 'arguments'?",
    ] {
        assert!(ended.stderr.contains(text), "{text}: {}", ended.stderr);
    }

    let mut sound = experiment;
    sound["method"].as_array_mut().unwrap().remove(4);
    let ended = run(&sandbox, &sound, "validate", &[]);
    assert_eq!(ended.code, 2);
    for text in [
        "the plugin has no probe 'ad'; did you mean 'add'?",
        "(at /method/0/provider/func)",
        "(at /method/1/provider/arguments/a)",
        "(at /method/1/provider/arguments/b)",
        "there is no argument 'c'",
        "there is no plugin at gone.wasm",
        "no plugin 'absent' is installed",
    ] {
        assert!(ended.stderr.contains(text), "{text}: {}", ended.stderr);
    }
    assert!(!ended.stderr.contains("/method/4"), "{}", ended.stderr);
}

#[test]
fn a_policy_is_for_the_file_that_it_names() {
    let sandbox = sandbox();
    let experiment = experiment(json!([probe("sum", add(json!({"a": 1, "b": 2})))]));
    let inspected = sandbox
        .run(
            sandbox
                .chaos(["plugin", "inspect", "add.wasm", "--format", "json"])
                .unwrap(),
        )
        .unwrap();
    let inspected: Value = serde_json::from_str(&inspected.stdout).unwrap();
    let digest = inspected["digest"].as_str().unwrap();

    let policy = format!("[plugins.add]\ndigest = \"{digest}\"\n");
    sandbox.write("policy.toml", &policy).unwrap();
    let ended = run(&sandbox, &experiment, "run", &["--policy", "policy.toml"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);

    let other = policy.replace(digest, &format!("sha256:{}", "0".repeat(64)));
    sandbox.write("policy.toml", other).unwrap();
    let ended = run(&sandbox, &experiment, "run", &["--policy", "policy.toml"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended
            .stderr
            .contains("the policy is for the plugin 'add' with"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_python_module_is_served_by_the_plugin_that_the_policy_names() {
    let sandbox = sandbox();
    let call = json!({"type": "python", "module": "mycompany.sums", "func": "add",
                      "arguments": {"a": 1, "b": 2}});
    let experiment = experiment(json!([probe("sum", call)]));
    let ended = run(&sandbox, &experiment, "validate", &[]);
    assert_eq!(ended.code, 2);
    assert!(
        ended
            .stderr
            .contains("could not find Python module 'mycompany.sums'")
    );

    sandbox
        .write("policy.toml", "[modules]\n\"mycompany\" = \"add\"\n")
        .unwrap();
    let rights = ["--policy", "policy.toml", "--plugin-dir", "installed"];
    let ended = run(&sandbox, &experiment, "validate", &rights);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("served by the plugin 'add'"),
        "{}",
        ended.stderr
    );

    let install = ["plugin", "install", "add.wasm", "--plugin-dir", "installed"];
    let installed = sandbox.run(sandbox.chaos(install).unwrap()).unwrap();
    assert_eq!(installed.code, 0, "{}", installed.stderr);
    let again = sandbox.run(sandbox.chaos(install).unwrap()).unwrap();
    assert_ne!(again.code, 0, "an installed plugin was replaced unasked");
    let list = ["plugin", "list", "--plugin-dir", "installed"];
    let listed = sandbox.run(sandbox.chaos(list).unwrap()).unwrap();
    assert_eq!(listed.stdout, "add: add, is-three, crash\n");

    let ended = run(&sandbox, &experiment, "run", &rights);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(sandbox.journal().unwrap()["run"][0]["output"], 3);
}

#[test]
fn a_policy_without_builtin_denies_what_the_experiment_does_itself() {
    let sandbox = sandbox();
    let process = json!({"type": "process", "path": "/bin/true"});
    let act = json!([{"type": "action", "name": "act", "provider": process}]);
    sandbox.write("policy.toml", "[builtin]\n").unwrap();
    let ended = run(
        &sandbox,
        &experiment(act.clone()),
        "run",
        &["--policy", "policy.toml"],
    );
    assert_eq!(ended.code, 6, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("policy.toml [builtin]"),
        "{}",
        ended.stderr
    );
    sandbox
        .write("policy.toml", "[builtin]\nprocess = [\"/bin/true\"]\n")
        .unwrap();
    let ended = run(
        &sandbox,
        &experiment(act),
        "run",
        &["--policy", "policy.toml"],
    );
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

#[test]
fn a_policy_sets_the_budget() {
    let sandbox = sandbox();
    let process = json!({"type": "process", "path": "/bin/true"});
    let act = json!([{"type": "action", "name": "act", "provider": process}]);
    let policy = "[builtin]\ntrust-author = true\n[budget]\nprocesses = 0\n";
    sandbox.write("policy.toml", policy).unwrap();
    let ended = run(
        &sandbox,
        &experiment(act),
        "run",
        &["--policy", "policy.toml"],
    );
    assert_eq!(ended.code, 6, "{}", ended.stderr);
}

#[test]
fn a_guest_that_crashes_fails_its_activity_alone() {
    let sandbox = sandbox();
    let crash = json!({"type": "wasm", "module": "add.wasm", "func": "crash"});
    let method = json!([
        probe("crash", crash),
        probe("sum", add(json!({"a": 1, "b": 2})))
    ]);
    run(&sandbox, &experiment(method), "run", &[]);
    let journal = sandbox.journal().unwrap();
    assert_eq!(journal["status"], "completed");
    assert_eq!(journal["run"][0]["status"], "failed");
    assert_eq!(journal["run"][1]["output"], 3);
}

#[test]
fn an_experiment_lowers_a_plugin_s_limits_and_never_raises_them() {
    let sandbox = sandbox();
    let limited = |limits: Value| {
        let mut provider = add(json!({"a": 1, "b": 2}));
        provider["limits"] = limits;
        experiment(json!([probe("sum", provider)]))
    };
    // Its memory alone is a page of 64 KiB.
    let hungry = |limits: Value| {
        let provider =
            json!({"type": "wasm", "module": "hungry.wasm", "func": "one", "limits": limits});
        experiment(json!([probe("hungry", provider)]))
    };
    sandbox
        .write("hungry.wasm", wat::parse_str(HUNGRY).unwrap())
        .unwrap();
    let ended = run(&sandbox, &hungry(json!({})), "run", &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let output = |sandbox: &Sandbox| sandbox.journal().unwrap()["run"][0]["output"].clone();
    assert_eq!(output(&sandbox), 1);
    run(
        &sandbox,
        &hungry(json!({"memory_bytes": 65_535})),
        "run",
        &[],
    );
    let journal = sandbox.journal().unwrap();
    assert_eq!(journal["run"][0]["status"], "failed", "{journal:#}");

    // The policy's holds, and is said.
    let policy = "[plugins.hungry.limits]\nmemory-bytes = 1000\n";
    sandbox.write("policy.toml", policy).unwrap();
    let raised = hungry(json!({"memory-bytes": 1_000_000}));
    let ended = run(&sandbox, &raised, "run", &["--policy", "policy.toml"]);
    assert!(
        ended.stderr.contains("an experiment can only lower limits"),
        "{}",
        ended.stderr
    );
    assert_eq!(sandbox.journal().unwrap()["run"][0]["status"], "failed");

    for (limits, says) in [
        (json!({"memory": 1}), "unknown limit 'memory'"),
        (json!({"cpu_seconds": 0}), "more than 0 seconds"),
        (json!({"handles": -1}), "the limit 'handles'"),
        (json!({"handles": "1"}), "the limit 'handles'"),
        (json!([]), "the limits must be an object"),
    ] {
        let ended = run(&sandbox, &limited(limits.clone()), "validate", &[]);
        assert_eq!(ended.code, 2, "{limits}");
        assert!(ended.stderr.contains(says), "{limits}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("(at /method/0/provider/limits"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn what_is_no_grant_is_a_usage_error() {
    let sandbox = sandbox();
    let experiment = experiment(json!([]));
    for grant in [
        "htp GET http://a/",
        "http GET *",
        "http GET",
        "kubernetes delete",
    ] {
        let ended = run(&sandbox, &experiment, "run", &["--grant", grant]);
        assert_eq!(ended.code, 2, "{grant}: {}", ended.stderr);
    }
    let ended = run(&sandbox, &experiment, "run", &["--policy", "gone.toml"]);
    assert_eq!(ended.code, 2);
}
