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
        // 2 is "access denied", 21 "permanent resolver failure".
        new(
            "wasi-connect",
            "opens a connection past the host",
            "wasi-sockets",
            "connect",
            Gives(json!(2)),
        )
        .with(json!({"port": "{closed-port}"})),
        new(
            "wasi-listen",
            "listens on a port",
            "wasi-sockets",
            "listen",
            Gives(json!(2)),
        ),
        new(
            "wasi-look-up",
            "looks up a name past the host",
            "wasi-sockets",
            "look-up",
            Gives(json!(21)),
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
