//! Guests that look around through WASI.

use super::super::case::{Case, End};
use serde_json::json;
use std::time::Duration;

pub(super) fn cases() -> Vec<Case> {
    system().into_iter().chain(http()).collect()
}

/// Guests whose HTTP library goes past the host's own interface.
fn http() -> Vec<Case> {
    use End::{Crash, Gives, TimedOut};
    const GRANT: &str = "http GET,POST http://{open}/allowed/*";
    let all = |name: &str, tries: &str, function, ask: [&str; 5], expected| {
        let [method, authority, path, header, value] = ask;
        let tries = format!("{tries} through wasi:http");
        Case::new(
            format!("wasi-http-{name}"),
            tries,
            "wasi-http",
            function,
            expected,
        )
        .with(
            json!({"method": method, "authority": authority, "path": path,
                "header": header, "value": value}),
        )
        .granted(&[GRANT])
    };
    let get = |name: &str, tries: &str, authority: &str, path: &str, expected| {
        all(
            name,
            tries,
            "send",
            ["GET", authority, path, "", ""],
            expected,
        )
    };
    let denied = Crash("HTTP_request_denied");
    let with = |name: &str, tries: &str, header: &str, value: &str| {
        let ask = ["GET", "{open}", "/allowed/x", header, value];
        all(name, tries, "send", ask, Crash("the plugin crashed")).reaching(0)
    };
    let post = ["POST", "{open}", "/allowed/x", "", ""];
    vec![
        get(
            "allowed",
            "sends what it may",
            "{open}",
            "/allowed/x",
            Gives(json!(200)),
        )
        .reaching(1),
        get(
            "nothing",
            "sends without any grant",
            "{open}",
            "/allowed/x",
            denied.clone(),
        )
        .granted(&[])
        .reaching(0),
        get(
            "path",
            "asks for another path",
            "{open}",
            "/forbidden",
            denied.clone(),
        )
        .reaching(0),
        get(
            "dots",
            "leaves its folder with dots",
            "{open}",
            "/allowed/../forbidden",
            denied.clone(),
        )
        .reaching(0),
        get(
            "host",
            "asks another server",
            "{closed}",
            "/allowed/x",
            denied.clone(),
        ),
        get(
            "user",
            "hides the host behind a user name",
            "{open}@{closed}",
            "/allowed/x",
            Crash("HTTP_request_URI_invalid"),
        )
        .reaching(0),
        get(
            "absolute",
            "puts another server's URL into the path",
            "{open}",
            "http://{closed}/",
            Crash("the plugin crashed"),
        )
        .reaching(0),
        get(
            "redirect",
            "is redirected to another host",
            "{open}",
            "/allowed/to-host",
            Gives(json!(302)),
        )
        .reaching(1),
        all(
            "probe",
            "changes something as a probe",
            "send",
            post,
            denied.clone(),
        )
        .reaching(0),
        all(
            "action",
            "changes what it may as an action",
            "post",
            post,
            Gives(json!(200)),
        )
        .reaching(1),
        all(
            "method",
            "sends another method",
            "post",
            ["DELETE", "{open}", "/allowed/x", "", ""],
            denied,
        )
        .reaching(0),
        all(
            "split",
            "hides a request in the method",
            "post",
            ["GET / HTTP/1.1\r\nX:", "{open}", "/allowed/x", "", ""],
            Crash("the plugin crashed"),
        )
        .reaching(0),
        with(
            "host-header",
            "sets the host in a header",
            "Host",
            "shop.example",
        ),
        with(
            "transfer",
            "sets the transfer encoding",
            "Transfer-Encoding",
            "chunked",
        ),
        with("crlf", "smuggles a header", "X", "a\r\nHost: shop.example"),
        get(
            "endless",
            "asks for an answer without end",
            "{open}",
            "/allowed/endless",
            Crash("HTTP_response_body_size"),
        )
        .reaching(1),
        get(
            "drip",
            "asks for an answer that drips",
            "{open}",
            "/allowed/drip",
            TimedOut,
        )
        .within(Duration::from_millis(250)),
    ]
}

fn system() -> Vec<Case> {
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
