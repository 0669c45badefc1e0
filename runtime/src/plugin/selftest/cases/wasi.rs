//! Guests that look around through WASI.

use super::super::case::{Case, End};
use serde_json::json;

pub(super) fn cases() -> Vec<Case> {
    use End::{Crash, Gives, Limit};
    let new = Case::new;
    vec![
        new(
            "wasi-environment",
            "reads environment, arguments and folders",
            "wasi-environment",
            "go",
            Gives(json!(0)),
        ),
        new(
            "wasi-files",
            "opens /etc/passwd",
            "wasi-files",
            "go",
            Gives(json!(0)),
        ),
        new(
            "wasi-exit",
            "ends itself with a status",
            "wasi-exit",
            "go",
            Crash("exit status"),
        ),
        new(
            "wasi-exit-typed",
            "ends itself well instead of giving a result",
            "wasi-exit-typed",
            "go",
            Crash("gave no result"),
        ),
        new(
            "wasi-stdout",
            "floods its standard output",
            "wasi-stdout",
            "go",
            Limit("result-bytes"),
        ),
        new(
            "wasi-stderr",
            "floods its standard error",
            "wasi-stderr",
            "go",
            Gives(json!(7)),
        ),
    ]
}
