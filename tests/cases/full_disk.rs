//! A disk that is really full: a tmpfs of 64 KiB, mounted where only the test sees it.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::experiment::{expects, experiment, get, shell, with, with_hypothesis};
use chaos_tests::sandbox::Finished;
use chaos_tests::{Sandbox, Service};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Takes what is left of the disk, but not what is left of each file's last page.
const FILL: &str = "head -c 200000 /dev/zero > full/fill 2>/dev/null; true";

/// Runs the script with the small disk at `full`, below namespaces of its own: no root is needed,
/// and nothing is left mounted. The program is `$1`, its experiment `experiment.json`.
fn on_a_small_disk(sandbox: &Sandbox, experiment: &Value, script: &str) -> Finished {
    sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    fs::create_dir(sandbox.file("full")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=64k,mode=0700 tmpfs full && touch mounted || exit 1\n{script}"
    );
    let mut command = sandbox.command(Path::new("unshare"));
    command
        .args(["--user", "--map-root-user", "--mount"])
        .args(["bash", "-c", &script, "bash"])
        .arg(chaos_tests::sandbox::binary().unwrap());
    let ended = sandbox.run(command).expect("unshare, of util-linux");
    assert!(
        sandbox.file("mounted").exists(),
        "no disk of its own for this test; the system must let users make user and mount \
         namespaces (sysctl kernel.unprivileged_userns_clone, user.max_user_namespaces, \
         kernel.apparmor_restrict_unprivileged_userns): {}",
        ended.stderr
    );
    ended
}

/// An answer that outgrows the disk's last page, once it is in the log.
fn long_answer(service: &Service) -> String {
    service.answer("/long", 200, "text/plain", &"x".repeat(5_000));
    format!("{}/long", service.url())
}

#[test]
fn a_log_that_fills_up_before_the_fault_means_no_fault() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    service.answer("/long", 200, "text/plain", &"x".repeat(100_000));
    let at = |path: &str| format!("{}{path}", service.url());
    let method = [get("never", &at("/never")), get("nor-this", &at("/never"))];
    let it = with_hypothesis(experiment(&method), &[expects("long", &at("/long"), 200)]);
    let it = with(it, "rollbacks", json!([get("undo", &at("/undone"))]));
    let ended = on_a_small_disk(
        &sandbox,
        &it,
        r#""$1" --no-log-file run experiment.json --state-dir full/state"#,
    );
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert_eq!(service.count("/never"), 0, "{}", ended.stderr);
    assert_eq!(service.count("/undone"), 1, "{}", ended.stderr);
    assert_names_the_log(&ended, "'never' was not executed");
    let journal = sandbox.journal().unwrap();
    assert_eq!(journal["status"], "aborted");
    assert_eq!(journal["chaos-wasm"]["verdict"], "failed");
}

/// Somewhere a line says this, and names the file and what is wrong with it.
#[track_caller]
fn assert_names_the_log(ended: &Finished, said: &str) {
    let mut lines = ended.stderr.lines();
    let line = lines.find(|line| line.contains(said));
    let line = line.unwrap_or_else(|| panic!("{}", ended.stderr));
    let names = ["full/state/runs/", "/wal.jsonl: ", "No space left"];
    assert!(names.iter().all(|part| line.contains(part)), "{line}");
}

#[test]
fn a_fault_that_fills_the_disk_is_undone_and_the_next_run_finds_nothing_left() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let method = [
        shell("fills", FILL),
        get("long", &long_answer(&service)),
        get("never", &format!("{}/never", service.url())),
    ];
    // Freeing the disk is what the first rollback is for.
    let undo = json!([shell("free", "rm full/fill"), shell("too", "echo > undone")]);
    let it = with(experiment(&method), "rollbacks", undo);
    let ended = on_a_small_disk(
        &sandbox,
        &it,
        r#"
        "$1" --no-log-file run experiment.json --state-dir full/state || code=$?
        ls full > left; cat full/state/experiments/* > leases
        echo "== again" >&2
        "$1" --no-log-file run experiment.json --state-dir full/state --dry activities || exit 99
        exit $code"#,
    );
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert_eq!(service.count("/never"), 0, "{}", ended.stderr);
    assert_names_the_log(&ended, "' was not executed");
    assert_names_the_log(&ended, "Cleaning up although the write-ahead log");
    assert!(sandbox.file("undone").exists(), "{}", ended.stderr);
    let left = fs::read_to_string(sandbox.file("left")).unwrap();
    assert_eq!(left, "state\n", "the disk was not freed");
    let leases = fs::read_to_string(sandbox.file("leases")).unwrap();
    assert_eq!(leases, "", "an orderly end keeps no lease");
}

#[test]
fn a_disk_that_is_full_already_is_said_before_anything_is_done() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let it = experiment(&[get("never", &format!("{}/never", service.url()))]);
    let script =
        format!(r#"{FILL}; exec "$1" --no-log-file run experiment.json --state-dir full/state"#);
    let ended = on_a_small_disk(&sandbox, &it, &script);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert_eq!(service.count("/never"), 0, "{}", ended.stderr);
    for part in ["full/state", "No space left", "--state-dir"] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
}

#[test]
fn a_journal_that_fits_nowhere_is_no_success_and_spares_the_old_one() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let it = experiment(&[
        get("acts", &format!("{}/acted", service.url())),
        get("long", &long_answer(&service)),
    ]);
    let script = format!(
        r#"echo old > full/journal.json; {FILL}
        "$1" --no-log-file run experiment.json --journal-path full/journal.json; code=$?
        cat full/journal.json > there; ls -A full > left
        exit $code"#
    );
    let ended = on_a_small_disk(&sandbox, &it, &script);
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert_eq!(service.count("/acted"), 1, "{}", ended.stderr);
    for part in ["full/journal.json: No space left", "--journal-path"] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
    let old = fs::read_to_string(sandbox.file("there")).unwrap();
    assert_eq!(old, "old\n");
    let left = fs::read_to_string(sandbox.file("left")).unwrap();
    assert_eq!(left, "fill\njournal.json\n", "something temporary was left");
    // The copy in the state folder is whole.
    let kept = sandbox.contents().unwrap();
    let copy = kept.iter().find(|(path, _)| path.ends_with("journal.json"));
    let copy: Value = serde_json::from_slice(&copy.unwrap().1).unwrap();
    assert_eq!(copy["status"], "completed");
}
