use super::{EMPTY, Place, acting};
use serde_json::Value;

#[test]
fn all_problems_are_said_at_once() {
    let place = Place::new();
    place.write("e.json", r#"{"method": [{"type": "probe"}]}"#);
    place
        .chaos(&["validate", "e.json"])
        .ended(2)
        .logged("experiment requires a title")
        .logged("experiment requires a description")
        .logged("an activity must have a name")
        .logged("an activity requires a provider");
}

#[test]
fn compat_exits_as_the_reference() {
    let place = Place::new();
    place.write("e.json", "{}");
    place.chaos(&["validate", "e.json"]).ended(2);
    place.chaos(&["--compat", "validate", "e.json"]).ended(1);
    place.chaos(&["validate", "e.json", "--compat"]).ended(1);
    let by_variable =
        |value| place.chaos_with(&[("CHAOS_WASM_COMPAT", value)], &["validate", "e.json"]);
    by_variable("1").ended(1);
    by_variable("false").ended(2);
    by_variable("").ended(2);
}

#[test]
fn sources_that_are_no_experiments_are_refused() {
    let place = Place::new();
    place.write("broken.json", "{");
    place.write("list.yaml", "- 1\n");
    place.write("e.txt", EMPTY);
    place.write("empty.json", "");
    std::fs::create_dir(place.path("folder.json")).unwrap();
    for source in [
        "broken.json",
        "list.yaml",
        "e.txt",
        "empty.json",
        "folder.json",
        "missing.json",
        "ftp://127.0.0.1/e.json",
    ] {
        place
            .chaos(&["validate", source])
            .ended(2)
            .logged("ERROR] ");
        place.chaos(&["run", source]).ended(2).logged("ERROR] ");
    }
    assert!(!place.path("journal.json").exists());
}

#[test]
fn several_sources_end_with_the_worst() {
    let place = Place::new();
    place.write("good.json", EMPTY);
    place.write("bad.json", "{}");
    place
        .chaos(&["validate", "bad.json", "good.json"])
        .ended(2)
        .logged("good.json: experiment syntax and semantic look valid");
    place
        .chaos(&["validate", "good.json", "good.json"])
        .ended(0);
}

#[test]
fn duplicate_keys_count_once_only_with_compat() {
    let place = Place::new();
    place.write(
        "e.json",
        r#"{"title": "a", "title": "b", "description": "d", "method": []}"#,
    );
    place
        .chaos(&["validate", "e.json"])
        .ended(2)
        .logged("`title` stands twice");
    place
        .chaos(&["--compat", "validate", "e.json"])
        .ended(0)
        .logged("WARNING] ")
        .logged("`title` stands twice");
}

#[test]
fn this_machine_is_checked() {
    let place = Place::new();
    place.write("e.json", &acting("no-such-program-anywhere", "[]"));
    place
        .chaos(&["validate", "e.json"])
        .ended(2)
        .logged("path 'no-such-program-anywhere' cannot be found, in activity 'act'");
}

#[test]
fn json_lists_problems_and_activities() {
    let place = Place::new();
    place.write(
        "e.json",
        r#"{"title": "t", "method": [
            {"type": "action", "name": "a",
             "provider": {"type": "process", "path": "true"}},
            {"type": "action", "name": "b",
             "provider": {"type": "python", "module": "chaosnone.x", "func": "f"}}]}"#,
    );
    let said = place
        .chaos(&["validate", "--format", "json", "e.json", "missing.json"])
        .ended(2);
    let reports: Value = serde_json::from_str(&said.stdout).unwrap();
    let [first, second] = reports.as_array().unwrap().as_slice() else {
        panic!("{reports}");
    };
    assert_eq!(first["valid"], false);
    assert_eq!(first["path"], "e.json");
    let messages: Vec<&Value> = first["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| &problem["message"])
        .collect();
    assert!(
        messages.contains(&&Value::from("experiment requires a description")),
        "{messages:?}"
    );
    assert_eq!(first["activities"][0]["native"], true);
    assert_eq!(first["activities"][0]["pointer"], "/method/0");
    assert_eq!(first["activities"][1]["native"], false);
    assert_eq!(first["activities"][1]["module"], "chaosnone.x");
    assert!(first["activities"][1]["reason"].is_string());
    assert_eq!(second["valid"], false);
    assert!(!said.stderr.contains("ERROR"), "{}", said.stderr);
}

#[test]
fn values_given_on_the_command_line_satisfy_declarations() {
    let place = Place::new();
    place.write(
        "e.json",
        r#"{"title": "t", "description": "d", "method": [],
            "configuration": {"x": {"type": "env", "key": "SURELY_NOT_SET"}}}"#,
    );
    place
        .chaos(&["validate", "e.json"])
        .ended(2)
        .logged("SURELY_NOT_SET");
    place
        .chaos(&["validate", "e.json", "--var", "x=1"])
        .ended(0);
    place.write("v.json", r#"{"configuration": {"x": 1}}"#);
    place
        .chaos(&["validate", "e.json", "--var-file", "v.json"])
        .ended(0);
    place.write("v.env", "# comment\n\nSURELY_NOT_SET=1\n");
    place
        .chaos(&["validate", "e.json", "--var-file", "v.env"])
        .ended(0);
    place.write("bad.env", "SURELY_NOT_SET\n");
    place
        .chaos(&["validate", "e.json", "--var-file", "bad.env"])
        .ended(2)
        .logged("line 1 of variable file 'bad.env'");
    place.write("broken.json", "{");
    place
        .chaos(&["validate", "e.json", "--var-file", "broken.json"])
        .ended(2)
        .logged("Failed to parse variable file 'broken.json'");
}

/// An experiment on one line, wrong near its inline secrets.
const SECRETIVE: [(&str, &str); 6] = [
    (
        "window.json",
        r#"{"title": "t", "description": "d", "secrets": {"app": {"token": "canary-1"}}, "method": {"a": 1}}"#,
    ),
    (
        "group.json",
        r#"{"title": "t", "description": "d", "secrets": {"app": ["canary-1"]}, "method": []}"#,
    ),
    (
        "bare.json",
        r#"{"title": "t", "description": "d", "secrets": {"app": "canary-1"}, "method": []}"#,
    ),
    (
        "syntax.json",
        r#"{"title": "t", "description": "d", "secrets": {"app": {"token": "canary-1",}}, "method": []}"#,
    ),
    (
        "twice.yaml",
        "title: t\ndescription: d\nsecrets:\n  app:\n    token: canary-1\n    token: canary-2\nmethod: []\n",
    ),
    (
        "quote.yaml",
        "title: t\ndescription: d\nsecrets:\n  app: {token: \"canary-1\nmethod: []\n",
    ),
];

#[test]
fn a_line_that_holds_a_secret_is_not_quoted() {
    let place = Place::new();
    for (name, content) in SECRETIVE {
        place.write(name, content);
        for command in [
            &["validate", name][..],
            &["validate", "--format", "json", name],
            &["--log-format", "json", "run", name],
        ] {
            let said = place.chaos(command).ended(2).silent_about("canary");
            assert!(!said.stdout.contains("canary"), "{name}: {}", said.stdout);
        }
    }
    assert!(!place.read("chaostoolkit.log").contains("canary"));
}

#[test]
fn other_lines_are_quoted_with_a_caret() {
    let place = Place::new();
    let content = "title: t\ndescription: d\nsecrets: {app: {token: canary-1}}\nmethod: 5\n";
    place.write("e.yaml", content);
    place
        .chaos(&["validate", "e.yaml"])
        .ended(2)
        .logged("e.yaml:4:9: error")
        .logged("| method: 5\n      |         ^");
}
