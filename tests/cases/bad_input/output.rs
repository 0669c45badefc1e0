//! Too much output, and output that is no text.

use crate::assert_no_panic;
use chaos_tests::experiment::{experiment, get, run, shell};
use chaos_tests::{Sandbox, Service};

#[test]
fn ten_megabytes_of_output() {
    let sandbox = Sandbox::new().unwrap();
    let it = experiment(&[shell("big", "head -c 10000000 /dev/zero | tr '\\0' x")]);
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let journal = sandbox.journal().unwrap();
    let output = journal["run"][0]["output"]["stdout"].as_str().unwrap();
    assert_eq!(output.len(), 10_000_000);
}

#[test]
fn unlimited_output_ends_and_is_cut() {
    let sandbox = Sandbox::new().unwrap();
    let it = experiment(&[shell("huge", "head -c 20000000 /dev/zero | tr '\\0' x")]);
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_no_panic(&ended, "20 MB of output");
    let journal = std::fs::metadata(sandbox.file("journal.json")).unwrap();
    assert!(
        journal.len() < 19_000_000,
        "a journal of {} bytes",
        journal.len()
    );
}

#[test]
fn output_that_is_not_utf8() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let it = experiment(&[
        shell("binary", "printf '\\377\\376\\375\\000\\200\\201'"),
        shell("latin", "printf 'caf\\351'"),
        get(
            "body",
            &format!(
                "{}/body?type=text/plain;charset=utf-8&hex=fffe80c328",
                service.url()
            ),
        ),
        get("no type", &format!("{}/body?hex=00ff80c328", service.url())),
    ]);
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_no_panic(&ended, "binary output");
    assert!(
        [0, 4].contains(&ended.code),
        "exit {}: {}",
        ended.code,
        ended.stderr
    );
    assert_eq!(
        sandbox.journal().unwrap()["run"].as_array().unwrap().len(),
        4
    );
}
