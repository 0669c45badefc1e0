use super::{EMPTY, Place};

const SETTINGS: &str = "\
auths:
  example.com:
    type: bearer
    value: 'yes'
list:
- name: first
- 2
";

#[test]
fn values_are_read_by_dotted_path() {
    let place = Place::new();
    place.write_settings(SETTINGS);
    let get = |arguments: &[&str]| {
        let all = [&["settings", "get"], arguments].concat();
        place.chaos(&all).ended(0).stdout
    };
    assert_eq!(get(&["auths.example\\.com.type"]), "bearer\n");
    assert_eq!(
        get(&["auths.example\\.com.value", "--format", "json"]),
        "\"yes\"\n"
    );
    assert_eq!(
        get(&["auths.example\\.com.value", "--format", "string"]),
        "yes\n"
    );
    assert_eq!(get(&["auths.example\\.com.value"]), "\"yes\"\n");
    assert_eq!(get(&["list[0].name"]), "first\n");
    assert_eq!(get(&["list[1]", "--format", "json"]), "2\n");
}

#[test]
fn everything_is_shown_in_both_formats() {
    let place = Place::new();
    place.write_settings(SETTINGS);
    let yaml = place.chaos(&["settings", "show"]).ended(0).stdout;
    assert!(yaml.contains("list:\n  - name: first\n  - 2\n"), "{yaml}");
    let json = place
        .chaos(&["settings", "show", "--format", "json"])
        .ended(0)
        .stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["auths"]["example.com"]["value"], "yes");
}

#[test]
fn what_is_there_can_be_changed_and_removed() {
    let place = Place::new();
    place.write_settings(SETTINGS);
    let set = ["settings", "set", "list[1]", "{\"deep\": [true, \"no\"]}"];
    place.chaos(&set).ended(0);
    let deep = place
        .chaos(&["settings", "get", "list[1].deep", "--format", "json"])
        .stdout;
    assert_eq!(deep, "[\n  true,\n  \"no\"\n]\n");
    place.chaos(&["settings", "set", "list[1]", "-5"]).ended(0);
    place.chaos(&["settings", "remove", "auths"]).ended(0);
    assert_eq!(place.read_settings(), "list:\n  - name: first\n  - -5\n");
}

#[test]
fn what_is_not_there_exits_1_and_changes_nothing() {
    let place = Place::new();
    place
        .chaos(&["settings", "show"])
        .ended(1)
        .logged("No settings file found at");
    place.chaos(&["settings", "set", "a", "1"]).ended(1);
    place.write_settings(SETTINGS);
    for arguments in [
        &["get", "nothing"][..],
        &["get", "list[9]"],
        &["set", "nothing", "1"],
        &["remove", "list[9]"],
    ] {
        let all = [&["settings"], arguments].concat();
        place.chaos(&all).ended(1).logged("There is no setting");
    }
    place
        .chaos(&["settings", "set", "list", "no json"])
        .ended(2)
        .logged("not JSON");
    place
        .chaos(&["settings", "get", "list[x]"])
        .ended(2)
        .logged("not a dotted path");
    assert_eq!(place.read_settings(), SETTINGS);
}

#[test]
fn a_broken_file_is_said_never_overwritten_and_does_not_stop_commands() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    for broken in ["a: [", "- a\n- b\n", "just text\n"] {
        place.write_settings(broken);
        place
            .chaos(&["settings", "set", "a", "1"])
            .ended(2)
            .logged("Failed parsing YAML settings: ");
        assert_eq!(place.read_settings(), broken);
        place
            .chaos(&["run", "e.json"])
            .ended(0)
            .logged("ERROR] Failed parsing YAML settings: ");
    }
}

#[test]
fn a_broken_file_is_not_quoted() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    place.write_settings("auths:\n  host:\n    value: \"canary-token\n  x: [\n");
    for command in [&["run", "e.json"][..], &["settings", "show"]] {
        let said = place.chaos(command);
        said.logged("settings.yaml:3").silent_about("canary-token");
    }
    assert!(!place.read("chaostoolkit.log").contains("canary-token"));
}

#[test]
fn the_file_may_be_elsewhere_and_stays_a_link() {
    let place = Place::new();
    place.write("real.yaml", "a: 1\n");
    std::os::unix::fs::symlink("real.yaml", place.path("link.yaml")).unwrap();
    let set = ["--settings", "link.yaml", "settings", "set", "a", "2"];
    place.chaos(&set).ended(0);
    assert_eq!(place.read("real.yaml"), "a: 2\n");
    assert!(place.path("link.yaml").is_symlink());
}

#[test]
fn the_settings_strategies_count_and_wrong_ones_are_refused() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    place.write_settings("runtime:\n  rollbacks:\n    strategy: always\n");
    place
        .chaos(&["run", "e.json"])
        .ended(0)
        .logged("Rollbacks strategy: always");
    place
        .chaos(&["run", "e.json", "--rollback-strategy", "never"])
        .ended(0)
        .logged("Rollbacks strategy: never");
    place.write_settings("runtime:\n  rollbacks:\n    strategy: sometimes\n");
    place
        .chaos(&["run", "e.json"])
        .ended(2)
        .logged("'sometimes' is no strategy of the rollbacks");
    place.write_settings("runtime:\n");
    place.chaos(&["run", "e.json"]).ended(0);
}

#[test]
fn controls_of_the_settings_are_warned_about_once() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    place.write_settings("controls:\n  one:\n    provider: {type: python, module: m}\n");
    place.write("c.yaml", "two:\n  provider: {type: python, module: n}\n");
    let said = place
        .chaos(&["run", "e.json", "--control-file", "c.yaml"])
        .ended(0)
        .logged("do not run here: 'one', 'two'");
    assert_eq!(said.stderr.matches("WARNING").count(), 1);
    let journal = place.json("journal.json");
    assert_eq!(journal["status"], "completed");
    let note = journal["chaos-wasm"]["notes"][0].as_str().unwrap();
    assert!(note.contains("'one', 'two'"), "{note}");
}
