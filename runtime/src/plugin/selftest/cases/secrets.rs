//! Guests that want to see secrets, or send them elsewhere.

use super::super::case::{Case, End};
use serde_json::{Value, json};

/// What these guests are granted. `PATCH` counts as a read here, so that a probe may send a body.
const GRANTS: [&str; 4] = [
    "http PATCH http://{open}/allowed/* as read",
    "http PATCH http://{open}/elsewhere as read",
    "secrets shop.token to http://{open}/allowed/*",
    "secrets shop.pin to http://{open}/allowed/*",
];

fn new(name: &str, tries: &str, function: &'static str, given: Value, expected: End) -> Case {
    Case::new(name, tries, "secrets", function, expected)
        .with(given)
        .granted(&GRANTS)
}

fn of(target: &str, key: &str) -> Value {
    json!({"target": target, "key": key})
}

fn send(url: &str) -> Value {
    json!({"target": "shop", "key": "token", "url": url})
}

/// Gets a placeholder that it may have.
pub(in crate::plugin::selftest) fn placeholder() -> Case {
    new(
        "first-call",
        "",
        "placeholder",
        of("shop", "token"),
        End::Gives(Value::Null),
    )
}

/// Sends a text where the secret may go.
pub(in crate::plugin::selftest) fn with_body(text: &str) -> Case {
    let request = json!({"method": "PATCH", "url": "http://{open}/allowed/echo", "headers": [],
        "body": text.as_bytes(), "timeout_ms": null, "redirects": 0});
    Case::new("next-call", "", "http", "send", End::Status(200))
        .with(json!({ "request": request }))
        .granted(&GRANTS)
}

pub(super) fn cases() -> Vec<Case> {
    use End::{Crash, Denied, Masked};
    let configuration = |name: &str| json!({ "name": name });
    vec![
        new(
            "secret-ungranted",
            "asks for a secret that it was not granted",
            "placeholder",
            of("other", "key"),
            Denied("other.key"),
        ),
        new(
            "secret-nobody",
            "asks for a secret that nobody has",
            "placeholder",
            of("nobody", "key"),
            Denied("nobody.key"),
        ),
        new(
            "secret-odd",
            "asks for a secret by an odd name",
            "placeholder",
            of("", "\u{0}\n*"),
            Denied(r"use the secret .\\0\\n*"),
        ),
        new(
            "secret-star",
            "asks for all secrets",
            "placeholder",
            of("*", "*"),
            Denied("use the secret"),
        ),
        new(
            "secret-short",
            "asks for a secret too short to hide",
            "placeholder",
            of("shop", "pin"),
            Denied("too short"),
        ),
        new(
            "secret-user",
            "hides a line in a user name",
            "basic",
            json!({"user": "a\r\nX: y", "target": "shop", "key": "token"}),
            Denied("user name"),
        ),
        new(
            "secret-echo",
            "has the secret echoed back",
            "send",
            send("http://{open}/allowed/echo"),
            Masked("********"),
        )
        .reaching(1),
        new(
            "secret-elsewhere",
            "sends the secret where it may not go",
            "send",
            send("http://{open}/elsewhere"),
            Denied("shop.token"),
        ),
        new(
            "secret-other-host",
            "sends the secret to another host",
            "send",
            send("http://{closed}/allowed/x"),
            Denied("`http`"),
        ),
        new(
            "secret-redirect",
            "has the secret redirected to another host",
            "send",
            send("http://{open}/allowed/to-host"),
            Denied("`http`"),
        )
        .reaching(1),
        new(
            "secret-unsent",
            "crashes when it gets no placeholder",
            "send",
            json!({"target": "other", "key": "key", "url": "http://{open}/allowed/echo"}),
            Crash("the plugin crashed"),
        )
        .reaching(0),
        new(
            "configuration",
            "reads configuration that it was not granted",
            "configuration",
            configuration("inner"),
            Denied("inner"),
        ),
        new(
            "configuration-star",
            "reads all configuration",
            "configuration",
            configuration("*"),
            Denied("configuration"),
        ),
        new(
            "configuration-odd",
            "reads configuration by an odd name",
            "configuration",
            configuration("\0\u{1b}[2J"),
            Denied("configuration"),
        ),
    ]
}
