//! Experiments in YAML run as those in JSON do.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::{Sandbox, Service};
use serde_json::json;

#[test]
fn a_whole_run() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let text = format!(
        "title: YAML ✅
description: |
  two
  lines
configuration:
  base: {}
  # YAML 1.1: a boolean, an octal number
  switch: on
  mode: 0644
x-probe: &health
  type: http
  url: ${{base}}/health
steady-state-hypothesis:
  title: steady
  probes:
  - type: probe
    name: health
    tolerance: 200
    provider:
      <<: *health
      timeout: 5
method:
- type: action
  name: say
  provider: {{type: process, path: echo, arguments: ['x ${{switch}}', '${{mode}}']}}
rollbacks: []
",
        service.url()
    );
    sandbox.write("experiment.yaml", text).unwrap();
    let ended = sandbox
        .run(sandbox.chaos(["run", "experiment.yaml"]).unwrap())
        .unwrap();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let journal = sandbox.journal().unwrap();
    assert_eq!(journal["experiment"]["title"], "YAML ✅");
    assert_eq!(journal["experiment"]["configuration"]["mode"], json!(420));
    assert_eq!(journal["run"][0]["output"]["stdout"], "x True 420\n");
    let provider = &journal["steady_states"]["before"]["probes"][0]["activity"]["provider"];
    let expected = json!({ "type": "http", "url": "${base}/health", "timeout": 5 });
    assert_eq!(*provider, expected);
}

#[test]
fn settings_and_variables_in_yaml() {
    let sandbox = Sandbox::new().unwrap();
    let text = "title: t
description: d
configuration: {a: old}
method:
- {type: action, name: say, provider: {type: process, path: echo, arguments: ['${a}']}}
";
    sandbox.write("experiment.yml", text).unwrap();
    sandbox
        .write("given.yml", "configuration:\n  a: &x yes\n")
        .unwrap();
    sandbox
        .write("mine.yaml", "runtime:\n  rollbacks:\n    strategy: never\n")
        .unwrap();
    let arguments = [
        "--settings",
        "mine.yaml",
        "run",
        "experiment.yml",
        "--var-file",
        "given.yml",
    ];
    let ended = sandbox.run(sandbox.chaos(arguments).unwrap()).unwrap();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("Rollbacks strategy: never"),
        "{}",
        ended.stderr
    );
    assert_eq!(
        sandbox.journal().unwrap()["run"][0]["output"]["stdout"],
        "True\n"
    );
}

#[test]
fn problems_are_told_with_their_lines() {
    let sandbox = Sandbox::new().unwrap();
    let text = "title: t
description: d
method:
- type: action
  name: say
  provider:
    type: proces
    path: echo
";
    sandbox.write("experiment.yaml", text).unwrap();
    let ended = sandbox
        .run(sandbox.chaos(["validate", "experiment.yaml"]).unwrap())
        .unwrap();
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    for said in [
        "unknown provider type 'proces'",
        "/method/0/provider/type",
        "process",
        "7",
    ] {
        assert!(
            ended.stderr.contains(said),
            "{said} is not said: {}",
            ended.stderr
        );
    }
}
