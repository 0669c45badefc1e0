use super::{EMPTY, Place, Said};
use std::process::Stdio;

#[test]
fn usage_errors_exit_2() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    for arguments in [
        &["unknown"][..],
        &["run"],
        &["validate"],
        &["info", "nothing"],
        &["run", "e.json", "--dry", "everything"],
        &["run", "e.json", "--rollback-strategy", "sometimes"],
        &["run", "e.json", "--hypothesis-strategy", "skip"],
        &["run", "e.json", "--hypothesis-frequency", "often"],
        &["run", "e.json", "--hypothesis-frequency", "0"],
        &["run", "e.json", "--hypothesis-frequency", "-1"],
        &["run", "e.json", "--hypothesis-frequency", "nan"],
        &["run", "e.json", "--hypothesis-frequency", "1e300"],
        &["run", "e.json", "--fail-fast-ratio", "101"],
        &["run", "e.json", "--fail-fast-ratio", "-1"],
        &["run", "e.json", "--default-timeout", "0"],
        &["run", "e.json", "--var", "novalue"],
        &["run", "e.json", "--var", "a:int=x"],
        &["run", "e.json", "--var", "a:nothing=1"],
        &["validate", "e.json", "--format", "xml"],
        &["settings", "show", "--format", "string"],
        &["--log-format", "xml", "info", "core"],
        &["--log-file-level", "critical", "info", "core"],
        &["--verbose=1", "info", "core"],
        &["completions", "tcl"],
    ] {
        place.chaos(arguments).ended(2).logged("error: ");
    }
    assert!(!place.path("journal.json").exists());
}

#[test]
fn missing_files_named_by_options_are_refused_before_anything_runs() {
    let place = Place::new();
    place.write("e.json", &super::acting("touch", "[\"ran\"]"));
    place
        .chaos(&["run", "e.json", "--var-file", "missing.json"])
        .ended(2)
        .logged("missing.json");
    place
        .chaos(&["run", "e.json", "--control-file", "missing.json"])
        .ended(2)
        .logged("missing.json");
    assert!(!place.path("ran").exists());
}

#[test]
fn version_and_help_are_on_standard_output() {
    let place = Place::new();
    let said = place.chaos(&["--version"]).ended(0);
    assert_eq!(
        said.stdout,
        format!("chaos-wasm {}\n", env!("CARGO_PKG_VERSION"))
    );
    for verb in [
        "run",
        "validate",
        "discover",
        "init",
        "info",
        "settings",
        "completions",
        "man",
    ] {
        assert!(
            place
                .chaos(&[verb, "--help"])
                .ended(0)
                .stdout
                .contains("Usage:")
        );
    }
    assert!(!place.path("chaostoolkit.log").exists());
}

#[test]
fn no_version_check_says_nothing() {
    let place = Place::new();
    let said = place
        .chaos(&["--no-version-check", "info", "core"])
        .ended(0);
    assert_eq!(said.stderr, "");
}

#[test]
fn change_dir_moves_all_but_the_log() {
    let place = Place::new();
    std::fs::create_dir(place.path("inner")).unwrap();
    place.write("inner/e.json", EMPTY);
    place
        .chaos(&["--change-dir", "inner", "validate", "e.json"])
        .ended(0)
        .logged("WARNING] Moving to inner");
    assert!(place.path("chaostoolkit.log").exists());
    assert!(!place.path("inner/chaostoolkit.log").exists());
    place
        .chaos(&["--change-dir", "nowhere", "validate", "e.json"])
        .ended(2)
        .logged("Cannot move to 'nowhere'");
}

#[test]
fn options_of_every_command_may_follow_the_verb() {
    let place = Place::new();
    place.chaos(&["info", "core", "--no-log-file"]).ended(0);
    assert!(!place.path("chaostoolkit.log").exists());
}

#[test]
fn a_reader_that_left_is_no_error() {
    let place = Place::new();
    for arguments in [&["info", "core"][..], &["completions", "bash"], &["man"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = place.command(arguments);
        let said = Said::of(command.stdout(writer).output().unwrap());
        said.ended(0).silent_about("panicked");
    }
}

#[test]
fn a_full_standard_output_is_an_error() {
    let place = Place::new();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = place.command(&["info", "core"]);
    Said::of(command.stdout(full).output().unwrap())
        .ended(5)
        .logged("Cannot write to standard output");
}

#[test]
fn a_closed_standard_error_does_not_matter() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = place.command(&["validate", "e.json"]);
    command.stderr(writer).stdout(Stdio::null());
    assert_eq!(command.status().unwrap().code(), Some(0));
}

#[test]
fn completions_and_manual_pages_know_every_verb() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = place.chaos(&["completions", shell]).ended(0);
        assert!(said.stdout.contains("discover"), "{shell}");
    }
    assert!(
        place
            .chaos(&["man"])
            .ended(0)
            .stdout
            .contains(".TH chaos-wasm")
    );
    place.chaos(&["man", "--dir", "pages"]).ended(0);
    assert!(place.path("pages/chaos-wasm.1").exists());
    assert!(place.path("pages/chaos-wasm-run.1").exists());
    place.write("file", "");
    place
        .chaos(&["man", "--dir", "file"])
        .ended(5)
        .logged("cannot write manual pages");
}

#[test]
fn info_tells_versions_settings_and_packages() {
    let place = Place::new();
    let version = env!("CARGO_PKG_VERSION");
    let core = place.chaos(&["info", "core"]).ended(0).stdout;
    assert!(core.starts_with("NAME                VERSION"), "{core}");
    assert!(
        core.contains(&format!("CLI                 {version}")),
        "{core}"
    );
    let none = place.chaos(&["info", "settings"]).ended(0).stdout;
    assert!(none.starts_with("No settings file found at "), "{none}");
    place.write_settings("a: 1 # comment\n");
    let settings = place.chaos(&["info", "settings"]).ended(0).stdout;
    assert_eq!(settings, "a: 1 # comment\n\n");
    assert!(
        place
            .chaos(&["info", "extensions"])
            .ended(0)
            .stdout
            .contains("process")
    );
}

#[test]
fn bash_can_read_its_completions() {
    let place = Place::new();
    let script = place.chaos(&["completions", "bash"]).ended(0).stdout;
    place.write("completions.bash", &script);
    let bash = std::process::Command::new("bash")
        .arg("-n")
        .arg(place.path("completions.bash"))
        .output();
    // Not every machine has one.
    let Ok(output) = bash else { return };
    assert!(output.status.success(), "{output:?}");
}
