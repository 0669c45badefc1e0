use super::{EMPTY, Place, acting};

#[test]
fn a_run_tells_its_verdict_and_writes_its_journal() {
    let place = Place::new();
    place.write("e.json", &acting("true", "[]"));
    place
        .chaos(&["run", "e.json"])
        .ended(0)
        .logged("INFO] Experiment looks valid")
        .logged("INFO] Running experiment: t")
        .logged("INFO] Action: act")
        .logged("INFO] Experiment ended with status: completed")
        .logged("INFO] Verdict: passed (exit code 0); journal: ./journal.json");
    assert_eq!(place.json("journal.json")["run"][0]["status"], "succeeded");
}

#[test]
fn a_failed_action_is_inconclusive_but_not_for_the_reference() {
    let place = Place::new();
    place.write(
        "e.json",
        &acting("sleep", "[\"5\"]").replace("]}}", "], \"timeout\": 0.1}}"),
    );
    let said = place.chaos(&["run", "e.json"]);
    said.ended(4).logged("Verdict: inconclusive (exit code 4)");
    place.chaos(&["--compat", "run", "e.json"]).ended(0);
}

#[test]
fn dry_runs_execute_nothing() {
    let place = Place::new();
    place.write("e.json", &acting("touch", "[\"ran\"]"));
    for dry in ["actions", "activities"] {
        place
            .chaos(&["run", "e.json", "--dry", dry])
            .logged(&format!("Running experiment with dry {dry}"));
        assert!(!place.path("ran").exists());
        assert_eq!(place.json("journal.json")["experiment"]["dry"], dry);
    }
    place.chaos(&["run", "e.json", "--dry", "probes"]);
    assert!(place.path("ran").exists());
}

#[test]
fn no_validation_skips_this_machine_only() {
    let place = Place::new();
    place.write("e.json", &acting("no-such-program-anywhere", "[]"));
    place.chaos(&["run", "e.json"]).ended(2);
    assert!(!place.path("journal.json").exists());
    place
        .chaos(&["run", "e.json", "--no-validation"])
        .ended(5)
        .silent_about("Validating the experiment's syntax");
    assert!(place.path("journal.json").exists());
    place.write("e.json", "{}");
    place.chaos(&["run", "e.json", "--no-validation"]).ended(2);
}

#[test]
fn variables_reach_activities_and_their_environment() {
    let place = Place::new();
    place.write(
        "e.json",
        r#"{"title": "t", "description": "d", "configuration": {"word": "none"}, "method": [
            {"type": "probe", "name": "p", "provider": {"type": "process", "path": "sh",
             "arguments": ["-c", "echo ${word} $FROM_FILE"]}}]}"#,
    );
    place.write("v.env", "FROM_FILE=file\n");
    place.write("v.yaml", "configuration:\n  word: yaml\n");
    let output = |arguments: &[&str]| {
        let all = [&["run", "e.json"], arguments].concat();
        place.chaos(&all).ended(0);
        place.json("journal.json")["run"][0]["output"]["stdout"].clone()
    };
    assert_eq!(output(&["--var-file", "v.env"]), "none file\n");
    assert_eq!(output(&["--var-file", "v.yaml"]), "yaml\n");
    assert_eq!(
        output(&["--var-file", "v.yaml", "--var", "word=flag"]),
        "flag\n"
    );
}

#[test]
fn an_unwritable_journal_is_found_out_before_anything_runs() {
    let place = Place::new();
    place.write("e.json", &acting("touch", "[\"ran\"]"));
    place
        .chaos(&["run", "e.json", "--journal-path", "no/such/journal.json"])
        .ended(2)
        .logged("no/such/journal.json");
    assert!(!place.path("ran").exists());
}

#[test]
fn the_state_folder_is_where_it_should_be() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    place.chaos(&["run", "e.json"]).ended(0);
    assert!(
        place
            .directory
            .path()
            .join("home/.local/state/chaos-wasm")
            .is_dir()
    );
    let state = place.path("state");
    let variables = [("XDG_STATE_HOME", state.to_str().unwrap())];
    place.chaos_with(&variables, &["run", "e.json"]).ended(0);
    assert!(place.path("state/chaos-wasm").is_dir());
    place
        .chaos(&["run", "e.json", "--state-dir", "mine"])
        .ended(0);
    assert!(place.path("mine").is_dir());
}

#[test]
fn the_former_spelling_of_continuously_is_taken() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    place
        .chaos(&["run", "e.json", "--hypothesis-strategy", "continously"])
        .ended(0)
        .logged("depreciating");
}
