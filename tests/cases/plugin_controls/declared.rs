//! Where controls are declared, which of them are called where, and what is wrong with one.

use super::guest::{Does, plugin};
use super::{called, control, run, sandbox, telling, validate};
use chaos_tests::experiment::{experiment, shell, with};
use serde_json::{Value, json};

/// Those of one hook.
fn at(called: &[String], hook: &str) -> Vec<String> {
    let names = called.iter().filter(|line| line.contains(hook));
    names
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect()
}

#[test]
fn nearer_controls_come_later_and_take_the_place_of_the_experiment_s() {
    let sandbox = telling();
    let mut here = control("here");
    here["automatic"] = json!(false);
    let mut act = shell("act", "true");
    act["controls"] = json!([control("own"), control("both")]);
    let experiment = with(
        experiment(&[act]),
        "controls",
        json!([control("all"), here, control("both")]),
    );
    let global = json!({"world": {"provider": {"type": "wasm", "module": "guest.wasm"}}});
    sandbox.write("controls.json", global.to_string()).unwrap();
    let ended = run(&sandbox, &experiment, &["--control-file", "controls.json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let called = called(&sandbox);
    for hook in ["before-experiment", "after-experiment"] {
        assert_eq!(
            at(&called, hook),
            ["world", "all", "here", "both"],
            "{hook}"
        );
    }
    for hook in ["before-method", "after-rollback"] {
        assert_eq!(at(&called, hook), ["all", "both", "world"], "{hook}");
    }
    let own = ["all", "world", "own", "both"];
    assert_eq!(at(&called, "before-activity method/0"), own);
    assert_eq!(at(&called, "after-activity method/0"), own);
}

#[test]
fn the_hypothesis_has_controls_of_its_own() {
    let sandbox = telling();
    let mut experiment = super::whole();
    experiment["steady-state-hypothesis"]["controls"] = json!([control("own")]);
    let ended = run(&sandbox, &experiment, &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let twice = [
        "own before-hypothesis: succeeded",
        "own after-hypothesis: succeeded",
    ]
    .repeat(2);
    assert_eq!(called(&sandbox), twice);
}

#[test]
fn a_scope_is_one_side_only() {
    let sandbox = telling();
    let mut before = control("before");
    before["scope"] = json!("before");
    let mut after = control("after");
    after["scope"] = json!("after");
    let experiment = with(experiment(&[]), "controls", json!([before, after]));
    let ended = run(&sandbox, &experiment, &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(
        called(&sandbox)
            .iter()
            .all(|line| { line.starts_with("before before-") || line.starts_with("after after-") })
    );
}

#[test]
fn a_reference_means_the_control_of_that_name() {
    let sandbox = telling();
    let mut audit = control("audit");
    audit["automatic"] = json!(false);
    let mut act = shell("act", "true");
    act["controls"] = json!([{"ref": "audit"}]);
    let experiment = with(
        experiment(&[act, shell("other", "true")]),
        "controls",
        json!([audit]),
    );
    let ended = run(&sandbox, &experiment, &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let called = called(&sandbox);
    assert_eq!(at(&called, "-activity method/0").len(), 2);
    assert_eq!(at(&called, "-activity method/1").len(), 0);
}

#[test]
fn global_controls_are_found_beside_the_file_that_names_them() {
    let sandbox = sandbox(&[]);
    let tells = plugin(&[("before-experiment", Does::Tells)]);
    sandbox.write("etc/own.wasm", &tells).unwrap();
    let settings = "controls:\n  settings:\n    provider: {type: wasm, module: ./own.wasm}\n  old:\n    provider: {type: python, module: m}\n";
    sandbox.write("etc/settings.yaml", settings).unwrap();
    sandbox.write("more/own.wasm", &tells).unwrap();
    let file = "file:\n  provider: {type: wasm, module: own.wasm}\n";
    sandbox.write("more/controls.yaml", file).unwrap();
    let files = ["--control-file", "more/controls.yaml"];
    let global = |sandbox: &chaos_tests::Sandbox, more: &[&str]| {
        sandbox
            .write("experiment.json", experiment(&[]).to_string())
            .unwrap();
        let arguments = [
            &["--settings", "etc/settings.yaml", "run", "experiment.json"],
            more,
        ];
        let command = sandbox.chaos(arguments.concat()).unwrap();
        sandbox.run(command).unwrap()
    };
    let ended = global(&sandbox, &files);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let expected = [
        "settings before-experiment: succeeded",
        "file before-experiment: succeeded",
    ];
    assert_eq!(called(&sandbox), expected);
    let python = "global controls are written in Python and do not run here: 'old'";
    assert!(ended.stderr.contains(python), "{}", ended.stderr);

    // One that cannot be called may be there to stop this very run.
    for (wrong, said) in [
        (
            "file: {provider: {type: wasm, module: gone.wasm}}",
            "there is no plugin at ",
        ),
        (
            "file: {provider: {type: wasm}}",
            "a wasm control must have a module",
        ),
        (
            "file: {scope: in, provider: {type: wasm, module: own.wasm}}",
            "must be 'before' or 'after'",
        ),
        ("file: [", "Failed to parse control file"),
    ] {
        sandbox.write("more/controls.yaml", wrong).unwrap();
        let ended = global(&sandbox, &files);
        assert_eq!(ended.code, 2, "{wrong}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{wrong}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("more/controls.yaml"),
            "{}",
            ended.stderr
        );
    }
    // The reference leaves it out.
    let ended = global(&sandbox, &[&files[..], &["--compat"]].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(called(&sandbox), expected[..1]);
}

#[test]
fn arguments_go_to_the_controls_that_name_them() {
    let sandbox = sandbox(&[
        ("before-experiment", Does::RefusesAtZero),
        ("after-experiment", Does::Tells),
    ]);
    let guarded = |arguments: Value| {
        let mut control = control("guard");
        control["provider"]["arguments"] = arguments;
        let experiment = with(experiment(&[]), "controls", json!([control]));
        with(experiment, "configuration", json!({"most": 0}))
    };
    assert_eq!(run(&sandbox, &guarded(json!({"limit": 3})), &[]).code, 0);
    let ended = run(&sandbox, &guarded(json!({"limit": "${most}"})), &[]);
    assert_eq!(ended.code, 5, "{}", ended.stderr);

    for (arguments, said) in [
        (
            json!({"limit": "three"}),
            "(at /controls/0/provider/arguments/limit)",
        ),
        (json!({}), "limit"),
        (
            json!({"limit": 1, "limt": 1}),
            "no control of the plugin takes an argument 'limt'",
        ),
        (
            json!({"limit": 1, "state": ""}),
            "'state' is given by the run",
        ),
    ] {
        let ended = validate(&sandbox, &guarded(arguments.clone()));
        assert_eq!(ended.code, 2, "{arguments}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{arguments}: {}", ended.stderr);
    }
}

#[test]
fn validate_finds_what_is_wrong_with_a_control() {
    let sandbox = sandbox(&[("before-experimen", Does::Tells)]);
    let add = r#"(component
      (core module $m (func (export "one") (result i32) i32.const 1))
      (core instance $i (instantiate $m))
      (func $one (result u32) (canon lift (core func $i "one")))
      (instance $probes (export "one" (func $one)))
      (export "demo:add/probes@0.1.0" (instance $probes)))"#;
    sandbox
        .write("probes.wasm", wat::parse_str(add).unwrap())
        .unwrap();
    let with_provider = |provider: Value| {
        let control = json!({"name": "c", "provider": provider});
        with(experiment(&[]), "controls", json!([control]))
    };
    let wasm = |module: &str| json!({"type": "wasm", "module": module});
    let mut func = wasm("guest.wasm");
    func["func"] = json!("before_experiment");
    let mut key = wasm("guest.wasm");
    key["argument"] = json!({});
    let mut timeout = wasm("guest.wasm");
    timeout["timeout"] = json!(0);
    for (provider, at, said) in [
        (
            wasm("gone.wasm"),
            "/module)",
            "there is no plugin at gone.wasm",
        ),
        (
            wasm("absent"),
            "/module)",
            "no plugin 'absent' is installed",
        ),
        (
            wasm("probes.wasm"),
            "/module)",
            "the plugin 'probes' exports no controls",
        ),
        (
            json!({"type": "wasm"}),
            "",
            "a wasm control must have a module",
        ),
        (func, "/func)", "leave it out"),
        (key, "/argument)", "did you mean 'arguments'?"),
        (timeout, "/timeout)", "a number of seconds above 0"),
    ] {
        let ended = validate(&sandbox, &with_provider(provider.clone()));
        assert_eq!(ended.code, 2, "{provider}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{provider}: {}", ended.stderr);
        let at = format!("(at /controls/0/provider{at}");
        assert!(ended.stderr.contains(&at), "{provider}: {}", ended.stderr);
    }
    let mut misspelt = with_provider(wasm("guest.wasm"));
    misspelt["controls"][0]["automatc"] = json!(false);
    let ended = validate(&sandbox, &misspelt);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("'automatic'"), "{}", ended.stderr);
    let ended = validate(&sandbox, &with_provider(wasm("guest.wasm")));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let said = "'before-experimen' of the plugin 'guest' is never called";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("'before-experiment'"),
        "{}",
        ended.stderr
    );
}
