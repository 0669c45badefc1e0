//! Whatever comes in: a clear error, an exit code from the table, nothing injected, nothing lost.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

mod arguments;
mod documents;
mod experiments;
mod output;

use chaos_tests::{Finished, Sandbox};

/// `validate` and `run` both refuse it, and say these things.
#[track_caller]
fn assert_refused(sandbox: &Sandbox, source: &str, said: &[&str]) {
    for verb in ["validate", "run"] {
        let ended = sandbox.run(sandbox.chaos([verb, source]).unwrap()).unwrap();
        assert_refusal(&ended, &format!("{verb} {source}"), said);
        assert!(
            sandbox.journal().is_err(),
            "{verb} {source} wrote a journal"
        );
    }
}

#[track_caller]
fn assert_refusal(ended: &Finished, what: &str, said: &[&str]) {
    assert_eq!(ended.code, 2, "{what}: {}", ended.stderr);
    assert!(
        ended.stderr.contains("ERROR"),
        "{what}: no error is logged: {}",
        ended.stderr
    );
    assert_no_panic(ended, what);
    for text in said {
        let stderr = ended.stderr.to_lowercase();
        assert!(
            stderr.contains(&text.to_lowercase()),
            "{what} doesn't say {text}: {stderr}"
        );
    }
}

#[track_caller]
fn assert_no_panic(ended: &Finished, what: &str) {
    assert!(
        !ended.stderr.contains("panicked"),
        "{what}: {}",
        ended.stderr
    );
    assert!(
        ended.code < 128,
        "{what}: killed by a signal: {}",
        ended.code
    );
}
