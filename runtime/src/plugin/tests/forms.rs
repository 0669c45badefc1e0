//! What can be a plugin, and how each form is called.

use super::*;
use serde_json::json;
use std::error::Error as _;

/// A component whose `go` gives its argument back.
const ECHO: &str = r#"(module (memory (export "memory") 1)
    (func (export "test:guest/probes#go") (param i32 i32) (result i32)
        (i32.store (i32.const 8) (local.get 0))
        (i32.store (i32.const 12) (local.get 1))
        (i32.const 8))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))"#;

#[tokio::test]
async fn a_typed_function() {
    let plugin = load(typed("go: func(text: string) -> string;", ECHO))
        .await
        .unwrap();
    let function = plugin.signature.functions.first().unwrap();
    let given = object(r#"{"text": "hello"}"#);
    let called = plugin.call(function, &given, guest(small(), LONG)).await;
    assert_eq!(called.result, Ok(json!("hello")));
    let called = plugin
        .call(function, &Map::new(), guest(small(), LONG))
        .await;
    assert!(failed(&called).contains("text"), "{called:?}");
}

/// A component whose `go` gives its argument back as an error.
const FAIL: &str = r#"(module (memory (export "memory") 1)
    (func (export "test:guest/probes#go") (param i32 i32) (result i32)
        (i32.store (i32.const 8) (i32.const 1))
        (i32.store (i32.const 12) (local.get 0))
        (i32.store (i32.const 16) (local.get 1))
        (i32.const 8))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))"#;

#[tokio::test]
async fn an_error_is_a_failure_with_its_text() {
    let functions = "go: func(text: string) -> result<_, string>;";
    let plugin = load(typed(functions, FAIL)).await.unwrap();
    let function = plugin.signature.functions.first().unwrap();
    let given = object(r#"{"text": "one\ntwo"}"#);
    let called = plugin.call(function, &given, guest(small(), LONG)).await;
    assert_eq!(failed(&called), "one\ntwo");
    let given = json!({"text": "x".repeat(1001)});
    let called = plugin
        .call(function, given.as_object().unwrap(), guest(small(), LONG))
        .await;
    assert!(failed(&called).contains("limit result-bytes"), "{called:?}");
}

/// `invoke` gives its arguments back: as a value, or, called `fail`, as an error.
fn untyped() -> Vec<u8> {
    let module = r#"(module (memory (export "memory") 1) (global $free (mut i32) (i32.const 1024))
        (func (export "invoke") (param $name i32) (param i32) (param $text i32) (param $length i32)
            (result i32)
            (i32.store (i32.const 8) (i32.eq (i32.load8_u (local.get $name)) (i32.const 102)))
            (i32.store (i32.const 12) (local.get $text))
            (i32.store (i32.const 16) (local.get $length))
            (i32.const 8))
        (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
            (global.get $free)
            (global.set $free (i32.add (global.get $free) (local.get $size)))))"#;
    let wit = "package test:guest; world guest { include chaos:host/untyped@0.1.0; }";
    with_types(wit, module)
}

#[tokio::test]
async fn an_untyped_function() {
    let plugin = load(untyped()).await.unwrap();
    let given = object(r#"{"a": [1, 2.5, null]}"#);
    let called = plugin.invoke("give", &given, guest(small(), LONG)).await;
    assert_eq!(called.result, Ok(Value::Object(given.clone())));
    let called = plugin.invoke("fail", &given, guest(small(), LONG)).await;
    assert_eq!(failed(&called), r#"{"a":[1,2.5,null]}"#);
    let limits = Limits {
        result_bytes: 5,
        ..small()
    };
    let called = plugin.invoke("give", &given, guest(limits, LONG)).await;
    assert!(failed(&called).contains("limit result-bytes"));
}

/// A WASI command (preview 1): copies its input to its output, then does `more`.
fn command(more: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
        (import "wasi_snapshot_preview1" "fd_read"
            (func $read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write"
            (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (import "wasi_snapshot_preview1" "poll_oneoff"
            (func $poll (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 2)
        (data (i32.const 200) "went \1b[31mwrong\n")
        (func $say (param $to i32) (param $at i32) (param $length i32)
            (i32.store (i32.const 8) (local.get $at))
            (i32.store (i32.const 12) (local.get $length))
            (drop (call $write (local.get $to) (i32.const 8) (i32.const 1) (i32.const 16))))
        (func (export "_start")
            (i32.store (i32.const 8) (i32.const 1024))
            (i32.store (i32.const 12) (i32.const 1000))
            (drop (call $read (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 16)))
            (call $say (i32.const 1) (i32.const 1024) (i32.load (i32.const 16)))
            {more}))"#
    );
    wat::parse_str(text).unwrap()
}

async fn invoke(bytes: Vec<u8>, limits: Limits, timeout: Duration) -> Called {
    let plugin = load(bytes).await.unwrap();
    let given = object(r#"{"url": "x"}"#);
    plugin.invoke("look", &given, guest(limits, timeout)).await
}

/// An adapter for preview 1 needs a memory of its own.
fn roomy() -> Limits {
    Limits {
        memory_bytes: 1024 * 1024,
        handles: 100,
        ..small()
    }
}

#[tokio::test]
async fn a_command() {
    let called = invoke(command(""), roomy(), LONG).await;
    let asked = json!({"name": "look", "arguments": {"url": "x"}});
    assert_eq!(called.result, Ok(asked.clone()));
    let called = invoke(command("(call $exit (i32.const 0))"), roomy(), LONG).await;
    assert_eq!(called.result, Ok(asked));
}

#[tokio::test]
async fn a_command_that_fails() {
    let called = invoke(command("(call $exit (i32.const 3))"), roomy(), LONG).await;
    // WASI 0.2 passes on no more than that it was not 0.
    assert_eq!(failed(&called), "the plugin ended with exit status 1");
    let says =
        "(call $say (i32.const 2) (i32.const 200) (i32.const 17)) (call $exit (i32.const 3))";
    let called = invoke(command(says), roomy(), LONG).await;
    // Without the escape character.
    assert_eq!(
        failed(&called),
        "the plugin ended with exit status 1: went [31mwrong"
    );
}

#[tokio::test]
async fn a_command_that_writes_too_much() {
    let flood =
        "(loop $again (call $say (i32.const 1) (i32.const 1024) (i32.const 1000)) (br $again))";
    let called = invoke(command(flood), roomy(), LONG).await;
    assert!(failed(&called).contains("limit"), "{called:?}");
    let more = "(call $say (i32.const 1) (i32.const 1024) (i32.const 1000))";
    let called = invoke(command(more), roomy(), LONG).await;
    assert!(failed(&called).contains("limit result-bytes"), "{called:?}");
}

#[tokio::test]
async fn standard_error_is_cut() {
    let more = "(call $say (i32.const 2) (i32.const 1024) (i32.const 1000))";
    let called = invoke(command(more), roomy(), LONG).await;
    assert!(called.result.is_ok());
    assert_eq!(called.usage.output_bytes_dropped, 900);
}

#[tokio::test]
async fn a_command_that_sleeps() {
    // One subscription: the monotonic clock, an hour from now.
    let sleep = "(i32.store8 (i32.const 48) (i32.const 0)) (i32.store (i32.const 56) (i32.const 1))
        (i64.store (i32.const 64) (i64.const 3600000000000))
        (drop (call $poll (i32.const 40) (i32.const 300) (i32.const 1) (i32.const 16)))";
    let called = invoke(command(sleep), roomy(), Duration::from_millis(300)).await;
    assert!(timed_out(&called).contains("0.3 s"));
}

#[tokio::test]
async fn a_probe_that_exits_gave_no_result() {
    let module = r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "test:guest/probes#go") (call $exit (i32.const 0))))"#;
    let called = run("go: func();", module, roomy(), LONG).await;
    assert_eq!(
        failed(&called),
        "the plugin ended itself and gave no result"
    );
}

#[tokio::test]
async fn an_unknown_import_is_refused_by_name() {
    let text = r#"(component
        (import "acme:shop/till@1.0.0" (instance (export "open" (func))))
        (import "wasi:clocks/wall-clock@0.3.0" (instance (export "now" (func))))
        (core module $m (func (export "go")))
        (core instance $i (instantiate $m))
        (func $go (canon lift (core func $i "go")))
        (instance $probes (export "go" (func $go)))
        (export "probes" (instance $probes)))"#;
    let error = load(wat::parse_str(text).unwrap()).await.err().unwrap();
    let text = error.to_string();
    assert!(
        text.contains("acme:shop/till@1.0.0, wasi:clocks/wall-clock@0.3.0"),
        "{text}"
    );
    assert!(text.contains("chaos:host@0.1 (clock, "), "{text}");
}

#[tokio::test]
async fn what_is_no_plugin_is_refused() {
    let refusal = async |bytes: &[u8]| load(bytes.to_vec()).await.err().unwrap().to_string();
    assert!(refusal(b"").await.contains("not WebAssembly"));
    assert!(refusal(b"(component)").await.contains("not WebAssembly"));
    assert!(refusal(b"\0asm\x01\0\0\0").await.contains("core module"));
    let cut = untyped();
    let cut = &cut[..cut.len() / 2];
    assert!(refusal(cut).await.contains("damaged"));
    let error = Loader::new(None, Compiler::Here)
        .load("shop", std::path::Path::new("/nonexistent/shop.wasm"))
        .await
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        "cannot use /nonexistent/shop.wasm as plugin 'shop'"
    );
    assert!(error.source().unwrap().to_string().contains("cannot read"));
}

/// As Go's runtime does it: grows the memory after the first call of the system, and fills what
/// comes after what it had.
#[tokio::test]
async fn a_command_that_takes_all_growth_for_its_own() {
    let module = r#"(module (@custom "go:buildid" "x")
        (import "wasi_snapshot_preview1" "fd_read"
            (func $read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write"
            (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 2)
        (global $other (mut i32) (i32.const 0))
        (func $check (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then unreachable)))
        (func (export "_start")
            (i32.store (i32.const 8) (i32.const 1024))
            (i32.store (i32.const 12) (i32.const 1000))
            (drop (call $read (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 16)))
            (call $check (memory.grow (i32.const 16)) (i32.const 2))
            (memory.fill (i32.const 131072) (i32.const 255) (i32.const 1048576))
            (call $check (memory.size) (i32.const 18))
            (call $check (memory.grow (i32.const 1000)) (i32.const -1))
            (i32.store (i32.const 8) (i32.const 1024))
            (i32.store (i32.const 12) (i32.load (i32.const 16)))
            (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))))"#;
    let module = wat::parse_str(module).unwrap();
    let called = invoke(module.clone(), Limits::default(), LONG).await;
    let asked = json!({"name": "look", "arguments": {"url": "x"}});
    assert_eq!(called.result, Ok(asked));
    // What it has from the start counts.
    let called = invoke(module, roomy(), LONG).await;
    assert!(failed(&called).contains("limit memory-bytes"), "{called:?}");
}
