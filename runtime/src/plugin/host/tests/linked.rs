//! Whole guests, from their imports to the wire.

use super::Given;
use super::server::{Answer, Server, ok};
use crate::plugin::call::Called;
use crate::plugin::load::Plugin;
use crate::plugin::tests::{load, typed, with_types};
use serde_json::{Map, json};
use std::time::Duration;

/// What each module below has: a memory with its texts, and an allocator that only goes on.
fn module(texts: &[(u32, &str)], body: &str) -> String {
    let data: String = texts
        .iter()
        .map(|(at, text)| format!("(data (i32.const {at}) {text:?})"))
        .collect();
    format!(
        r#"(module {body} (memory (export "memory") 2) {data}
        (global $free (mut i32) (i32.const 4096))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
            (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
            (global.set $free (i32.add (local.get $at) (local.get 3)))
            (local.get $at)))"#
    )
}

async fn go(plugin: &Plugin, given: Given) -> Called {
    let function = plugin.signature.functions.first().unwrap();
    plugin.call(function, &Map::new(), given.guest()).await
}

/// Parameters of a request without headers and body, to the URL at 0.
fn request(url: &str) -> String {
    let zero = "(i32.const 0) ".repeat(2);
    format!(
        "(i32.const 1024) (i32.const 3) (i32.const 0) (i32.const {}) {zero}{zero}{zero}(i32.const 0)",
        url.len()
    )
}

const GO: &str = "go: func() -> u32;";

/// The status, or 1000 and the number of the error's case.
const ANSWER: &str = "(if (result i32) (i32.load8_u (i32.const 2048))
    (then (i32.add (i32.const 1000) (i32.load8_u (i32.const 2056))))
    (else (i32.load16_u (i32.const 2056))))";

#[tokio::test]
async fn a_guest_sends_a_request() {
    let server = Server::start(|_| ok("hello")).await;
    let url = format!("{}/a", server.url);
    let parameters = "i32 ".repeat(12);
    let body = format!(
        r#"(import "chaos:host/http@0.1.0" "send" (func $send (param {parameters})))
        (func (export "test:guest/probes#go") (result i32)
            (call $send {} (i32.const 2048)) {ANSWER})"#,
        request(&url)
    );
    let guest = typed(GO, &module(&[(0, &url), (1024, "GET")], &body));
    let plugin = load(guest).await.unwrap();
    let called = go(&plugin, Given::grants([format!("http GET {url}")])).await;
    assert_eq!(called.result, Ok(json!(200)));
    assert_eq!(called.usage.host_calls, 1);
    assert!(called.usage.host_bytes > 5);
    assert_eq!(server.seen().len(), 1);
    let called = go(&plugin, Given::grants::<&str>([])).await;
    assert_eq!(called.result, Ok(json!(1000)), "denied is the first case");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_guest_has_two_exchanges_under_way() {
    let server = Server::start(|_| {
        let answer = b"HTTP/1.1 204 No Content\r\n\r\n".to_vec();
        Answer::After(Duration::from_millis(100), answer)
    })
    .await;
    let url = format!("{}/a", server.url);
    let (parameters, request) = ("i32 ".repeat(11), request(&url));
    let body = format!(
        r#"(import "chaos:host/http@0.1.0" "[constructor]exchange"
            (func $begin (param {parameters}) (result i32)))
        (import "chaos:host/http@0.1.0" "[method]exchange.wait" (func $wait (param i32 i32)))
        (import "chaos:host/http@0.1.0" "[method]exchange.ready"
            (func $ready (param i32) (result i32)))
        (import "chaos:host/http@0.1.0" "[resource-drop]exchange" (func $drop (param i32)))
        (func (export "test:guest/probes#go") (result i32) (local $one i32) (local $two i32)
            (local.set $one (call $begin {request}))
            (local.set $two (call $begin {request}))
            (if (call $ready (local.get $one)) (then unreachable))
            (call $wait (local.get $two) (i32.const 2048))
            (call $drop (local.get $two))
            (call $wait (local.get $one) (i32.const 2048))
            {ANSWER})"#
    );
    let guest = typed(GO, &module(&[(0, &url), (1024, "GET")], &body));
    let plugin = load(guest).await.unwrap();
    let called = go(&plugin, Given::grants([format!("http GET {url}")])).await;
    assert_eq!(called.result, Ok(json!(204)));
    assert!(called.usage.wall_seconds < 0.2, "{:?}", called.usage);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn every_interface_is_bound() {
    let parameters = |count: usize| "i32 ".repeat(count);
    let zeros = |count: usize| "(i32.const 0) ".repeat(count);
    // Each gives a result, whose first byte says that it is an error.
    let calls = [
        ("configuration", "get", 2),
        ("secrets", "placeholder", 4),
        ("secrets", "basic-authorization", 6),
        ("http", "send", 11),
        ("kubernetes-read", "list", 11),
        ("kubernetes-read", "get", 7),
        ("kubernetes-read", "log", 8),
        ("kubernetes-write", "delete", 9),
        ("kubernetes-write", "evict", 6),
        ("kubernetes-write", "patch", 9),
        ("kubernetes-write", "scale", 7),
        ("kubernetes-write", "create", 7),
    ];
    let imports = calls.map(|(interface, name, count)| {
        format!(
            r#"(import "chaos:host/{interface}@0.1.0" "{name}" (func ${name}_{interface} (param {})))"#,
            parameters(count + 1)
        )
    });
    let made = calls.map(|(interface, name, count)| {
        format!(
            "(i32.store8 (i32.const 2048) (i32.const 0))
            (call ${name}_{interface} {} (i32.const 2048))
            (local.set $errors (i32.add (local.get $errors) (i32.load8_u (i32.const 2048))))",
            zeros(count)
        )
    });
    let body = format!(
        r#"{}
        (import "chaos:host/log@0.1.0" "write" (func $write (param i32 i32 i32)))
        (import "chaos:host/clock@0.1.0" "now" (func $now (result i64)))
        (import "chaos:host/clock@0.1.0" "monotonic" (func $monotonic (result i64)))
        (import "chaos:host/clock@0.1.0" "sleep" (func $sleep (param i64)))
        (import "chaos:host/random@0.1.0" "bytes" (func $bytes (param i32 i32)))
        (import "chaos:host/random@0.1.0" "number" (func $number (result i64)))
        (func (export "test:guest/probes#go") (result i32) (local $errors i32)
            (call $write (i32.const 1) (i32.const 0) (i32.const 5))
            (drop (call $now)) (drop (call $monotonic)) (call $sleep (i64.const 1))
            (call $bytes (i32.const 8) (i32.const 2048)) (drop (call $number))
            {}
            (local.get $errors))"#,
        imports.join("\n"),
        made.join("\n")
    );
    let guest = typed(GO, &module(&[(0, "hello")], &body));
    let plugin = load(guest).await.unwrap();
    let called = go(&plugin, Given::grants::<&str>([])).await;
    assert_eq!(called.result, Ok(json!(calls.len())));
    assert_eq!(called.usage.host_calls, calls.len() as u64 + 6);
    assert_eq!(called.usage.log_lines, 1);
}

/// What an HTTP library uses of `wasi:http`.
const WASI: &str = include_str!("wasi.wit");

#[tokio::test]
async fn a_guest_uses_wasi_http() {
    let server = Server::start(|asked| match asked.line.as_str() {
        "GET /a" => ok("hello"),
        _ => Answer::Hold,
    })
    .await;
    let authority = server.url.strip_prefix("http://").unwrap();
    let length = authority.len();
    let wit = format!(
        "package test:guest; interface probes {{ {GO} }}
        world guest {{
            import wasi:http/types@0.2.0;
            import wasi:http/outgoing-handler@0.2.0;
            export probes;
        }} {WASI}"
    );
    let of_types = |name: &str, own: &str, ty: &str| {
        format!(r#"(import "wasi:http/types@0.2.0" "{name}" (func ${own} {ty}))"#)
    };
    let imports = [
        of_types("[constructor]fields", "fields", "(result i32)"),
        of_types(
            "[constructor]outgoing-request",
            "request",
            "(param i32) (result i32)",
        ),
        of_types(
            "[method]outgoing-request.set-scheme",
            "scheme",
            "(param i32 i32 i32 i32 i32) (result i32)",
        ),
        of_types(
            "[method]outgoing-request.set-authority",
            "authority",
            "(param i32 i32 i32 i32) (result i32)",
        ),
        of_types(
            "[method]outgoing-request.set-path-with-query",
            "path",
            "(param i32 i32 i32 i32) (result i32)",
        ),
        of_types(
            "[method]future-incoming-response.subscribe",
            "subscribe",
            "(param i32) (result i32)",
        ),
        of_types(
            "[method]future-incoming-response.get",
            "get",
            "(param i32 i32)",
        ),
        of_types(
            "[method]incoming-response.status",
            "status",
            "(param i32) (result i32)",
        ),
    ]
    .join("\n");
    let body = format!(
        r#"{imports}
        (import "wasi:http/outgoing-handler@0.2.0" "handle" (func $handle (param i32 i32 i32 i32)))
        (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
        (func (export "test:guest/probes#go") (result i32) (local $request i32) (local $future i32)
            (local.set $request (call $request (call $fields)))
            (drop (call $scheme (local.get $request)
                (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
            (drop (call $authority (local.get $request)
                (i32.const 1) (i32.const 0) (i32.const {length})))
            (drop (call $path (local.get $request) (i32.const 1) (i32.const 1024) (i32.const 2)))
            (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 2048))
            (if (i32.load8_u (i32.const 2048)) (then unreachable))
            (local.set $future (i32.load (i32.const 2056)))
            (call $block (call $subscribe (local.get $future)))
            (call $get (local.get $future) (i32.const 2048))
            (if (result i32) (i32.load8_u (i32.const 2064))
                (then (i32.add (i32.const 1000) (i32.load8_u (i32.const 2072))))
                (else (call $status (i32.load (i32.const 2072))))))"#
    );
    let guest = with_types(&wit, &module(&[(0, authority), (1024, "/a")], &body));
    let plugin = load(guest).await.unwrap();
    let called = go(
        &plugin,
        Given::grants([format!("http GET {}/a", server.url)]),
    )
    .await;
    assert_eq!(called.result, Ok(json!(200)));
    // Functions of `wasi:http`, which are counted as our own are.
    assert!(called.usage.host_calls >= 9, "{:?}", called.usage);
    assert_eq!(server.seen().len(), 1);
    let called = go(&plugin, Given::grants::<&str>([])).await;
    assert_eq!(called.result, Ok(json!(1015)), "HTTP-request-denied");
    assert_eq!(server.seen().len(), 1);
}
