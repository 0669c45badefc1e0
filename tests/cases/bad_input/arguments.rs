//! Arguments of the command line that cannot be used.

use crate::{assert_no_panic, assert_refusal};
use chaos_tests::experiment::{experiment, get, run};
use chaos_tests::{Sandbox, Service};

#[test]
fn an_unwritable_journal_is_found_out_before_anything_is_injected() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let it = experiment(&[get("act", &format!("{}/never", service.url()))]);
    std::fs::create_dir(sandbox.file("folder")).unwrap();
    sandbox.write("file", "x").unwrap();
    for path in [
        "missing/journal.json",
        "folder",
        "file/journal.json",
        "/proc/journal.json",
    ] {
        let ended = run(&sandbox, &it, &["--journal-path", path]).unwrap();
        assert_refusal(&ended, path, &[path]);
    }
    let sandbox = Sandbox::new().unwrap();
    sandbox
        .write("state", "a file where the state folder should be")
        .unwrap();
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_refusal(&ended, "state folder", &["state"]);
    assert_eq!(service.count("/never"), 0);
}

#[test]
fn variables_and_settings_that_cannot_be_read() {
    let sandbox = Sandbox::new().unwrap();
    sandbox
        .write("experiment.json", experiment(&[]).to_string())
        .unwrap();
    for arguments in [
        &["run", "--var-file", "nowhere.json", "experiment.json"][..],
        &["run", "--var", "a:int=x", "experiment.json"],
        &["run", "--hypothesis-frequency", "-1", "experiment.json"],
        &["run", "--hypothesis-frequency", "NaN", "experiment.json"],
        &["run", "--default-timeout", "0", "experiment.json"],
        &["run", "--fail-fast-ratio", "101", "experiment.json"],
        &["run"],
        &["no-such-verb"],
    ] {
        let ended = sandbox
            .run(sandbox.chaos(arguments.iter()).unwrap())
            .unwrap();
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.stderr);
        assert_no_panic(&ended, &format!("{arguments:?}"));
    }
}
