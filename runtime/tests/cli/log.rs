use super::{EMPTY, Place};
use serde_json::Value;

#[test]
fn lines_look_as_the_references_do() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    let said = place.chaos(&["validate", "e.json"]).ended(0);
    let lines: Vec<&str> = said.stderr.lines().collect();
    assert_eq!(lines.len(), 3, "{}", said.stderr);
    let (stamp, rest) = lines[2].split_at(20);
    assert!(
        jiff::civil::DateTime::strptime("[%Y-%m-%d %H:%M:%S", stamp).is_ok(),
        "{stamp}"
    );
    assert_eq!(rest, " INFO] experiment syntax and semantic look valid");
    assert_eq!(said.stdout, "");
}

#[test]
fn time_is_local() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    let hour = |zone: &str| {
        let said = place.chaos_with(
            &[("TZ", zone)],
            &["--log-format", "json", "validate", "e.json"],
        );
        let line: Value = serde_json::from_str(said.stderr.lines().next().unwrap()).unwrap();
        let local = line["asctime"].as_str().unwrap()[11..13]
            .parse::<i32>()
            .unwrap();
        let utc = line["timestamp"].as_str().unwrap()[11..13]
            .parse::<i32>()
            .unwrap();
        (local - utc).rem_euclid(24)
    };
    assert_eq!(hour("UTC"), 0);
    // POSIX notation needs no time zone database.
    assert_eq!(hour("XXX-5"), 5);
    if std::path::Path::new("/usr/share/zoneinfo/Asia/Tokyo").exists() {
        assert_eq!(hour("Asia/Tokyo"), 9);
    }
}

#[test]
fn colours_only_when_asked_for() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    let coloured = |variables: &[(&str, &str)]| {
        let said = place
            .chaos_with(variables, &["validate", "e.json"])
            .ended(0);
        said.stderr.contains('\x1b')
    };
    assert!(!coloured(&[("TERM", "xterm-256color")]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn json_lines_have_the_references_fields() {
    let place = Place::new();
    let said = place
        .chaos(&["--log-format", "json", "validate", "missing.json"])
        .ended(2);
    let lines: Vec<Value> = said
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let keys: Vec<&String> = lines[0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "process",
            "asctime",
            "levelname",
            "module",
            "lineno",
            "message",
            "context_id",
            "timestamp"
        ]
    );
    assert_eq!(lines[0]["levelname"], "ERROR");
    assert_eq!(lines[0]["message"], "Path \"missing.json\" does not exist.");
    assert!(place.read("chaostoolkit.log").contains("ERROR] [validate:"));
}

#[test]
fn the_log_file_is_appended_to_and_has_its_level() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    place.chaos(&["validate", "e.json"]).ended(0);
    place.chaos(&["validate", "e.json"]).ended(0);
    let log = place.read("chaostoolkit.log");
    assert_eq!(log.matches("Running command 'validate'").count(), 2);
    assert!(log.contains("DEBUG] ["));
    assert!(!log.contains('\x1b'));
    let quiet = ["--log-file", "quiet.log", "--log-file-level", "warning"];
    let arguments = [&quiet[..], &["validate", "e.json"]].concat();
    place.chaos(&arguments).ended(0);
    assert_eq!(place.read("quiet.log"), "");
}

#[test]
fn a_log_file_that_cannot_be_opened_is_warned_about() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    place
        .chaos(&["--log-file", "no/such/folder.log", "validate", "e.json"])
        .ended(0)
        .logged("WARNING] Cannot write the log file 'no/such/folder.log'");
    place
        .chaos(&[
            "--no-log-file",
            "--log-file",
            "no/such/folder.log",
            "validate",
            "e.json",
        ])
        .ended(0)
        .silent_about("WARNING");
}

#[test]
fn verbose_shows_where_lines_come_from() {
    let place = Place::new();
    place.write("e.json", EMPTY);
    place
        .chaos(&["--verbose", "validate", "e.json"])
        .ended(0)
        .logged("DEBUG] [session:")
        .logged("Running command 'validate'");
    place
        .chaos(&["validate", "e.json"])
        .ended(0)
        .silent_about("DEBUG")
        .silent_about("[session:");
}

#[test]
fn what_is_logged_cannot_steer_the_terminal() {
    let place = Place::new();
    place.write(
        "e.json",
        "{\"title\": \"a\\u001b[2Jb\\nforged\", \"description\": \"d\", \"method\": []}",
    );
    let said = place.chaos(&["run", "e.json"]).ended(0);
    assert!(!said.stderr.contains('\x1b'));
    said.logged("Running experiment: a\\u{1b}[2Jb\n    forged\n");
}
