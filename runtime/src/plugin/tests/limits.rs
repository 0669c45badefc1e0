//! Each limit ends the guest that goes beyond it, and says which it was.

use super::*;

const SPIN: &str = r#"(func (export "test:guest/probes#go") (loop $again (br $again)))"#;

fn module(body: &str) -> String {
    format!(
        r#"(module {body} (memory (export "memory") 1) (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))"#
    )
}

async fn go(body: &str, limits: Limits, timeout: Duration) -> Called {
    run("go: func();", &module(body), limits, timeout).await
}

#[tokio::test]
async fn cpu() {
    let called = go(SPIN, small(), LONG).await;
    assert_eq!(
        failed(&called),
        "the plugin used more than 0.05 s of CPU time (limit cpu-seconds)"
    );
    assert!(called.usage.cpu_seconds >= 0.05, "{:?}", called.usage);
}

#[tokio::test]
async fn cpu_of_a_start_function() {
    let body = r#"(func $spin (loop $again (br $again))) (start $spin)
        (func (export "test:guest/probes#go"))"#;
    let called = go(body, small(), LONG).await;
    assert!(failed(&called).contains("limit cpu-seconds"));
}

#[tokio::test]
async fn time_while_it_computes() {
    let limits = Limits::default();
    let called = go(SPIN, limits, Duration::from_millis(100)).await;
    assert_eq!(
        timed_out(&called),
        "the plugin took longer than its timeout, 0.1 s"
    );
}

const SLEEP: &str = r#"(import "chaos:host/clock@0.1.0" "sleep" (func $sleep (param i64)))"#;

#[tokio::test]
async fn time_while_it_waits_in_the_host() {
    let body = format!(
        r#"{SLEEP} (func (export "test:guest/probes#go") (call $sleep (i64.const 3600000000000)))"#
    );
    let called = go(&body, small(), Duration::from_millis(100)).await;
    assert!(timed_out(&called).contains("0.1 s"));
    assert!(called.usage.cpu_seconds < 0.05, "{:?}", called.usage);
}

#[tokio::test]
async fn time_while_its_start_function_waits_in_the_host() {
    let body = format!(
        r#"{SLEEP} (func $start (call $sleep (i64.const 3600000000000))) (start $start)
        (func (export "test:guest/probes#go"))"#
    );
    let called = go(&body, small(), Duration::from_millis(100)).await;
    assert!(timed_out(&called).contains("0.1 s"));
}

#[tokio::test]
async fn waiting_is_no_computing() {
    let body = format!(
        r#"{SLEEP} (func (export "test:guest/probes#go") (call $sleep (i64.const 200000000)))"#
    );
    let called = go(&body, small(), LONG).await;
    assert_eq!(called.result, Ok(Value::Null));
    assert!(called.usage.wall_seconds >= 0.2, "{:?}", called.usage);
}

#[tokio::test]
async fn computing_in_the_host_is_computing() {
    let limits = Limits {
        host_calls: u64::MAX,
        ..small()
    };
    let body = r#"(import "chaos:host/clock@0.1.0" "now" (func $now (result i64)))
        (func (export "test:guest/probes#go") (loop $again (drop (call $now)) (br $again)))"#;
    let called = go(body, limits, LONG).await;
    assert!(failed(&called).contains("limit cpu-seconds"));
}

#[tokio::test]
async fn memory_that_grows() {
    let body = r#"(func (export "test:guest/probes#go")
        (if (i32.eq (memory.grow (i32.const 4)) (i32.const -1)) (then unreachable)))"#;
    let called = go(body, small(), LONG).await;
    assert_eq!(
        failed(&called),
        "the plugin needed more than 262144 bytes of memory (limit memory-bytes)"
    );
    assert_eq!(called.usage.memory_bytes, 65_536);
}

#[tokio::test]
async fn memory_up_to_the_limit() {
    let body = r#"(func (export "test:guest/probes#go")
        (if (i32.eq (memory.grow (i32.const 3)) (i32.const -1)) (then unreachable)))"#;
    let called = go(body, small(), LONG).await;
    assert_eq!(called.result, Ok(Value::Null));
    assert_eq!(called.usage.memory_bytes, 4 * 65_536);
}

#[tokio::test]
async fn a_refusal_of_memory_alone_ends_nobody() {
    let body = r#"(func (export "test:guest/probes#go") (drop (memory.grow (i32.const 4))))"#;
    let called = go(body, small(), LONG).await;
    assert_eq!(called.result, Ok(Value::Null));
}

#[tokio::test]
async fn memory_from_the_beginning() {
    let text = r#"(module (func (export "test:guest/probes#go")) (memory (export "memory") 5))"#;
    let called = run("go: func();", text, small(), LONG).await;
    assert!(failed(&called).contains("limit memory-bytes"));
}

/// Two core instances with a memory of `pages` pages each.
fn two_memories(pages: u32) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $one (memory {pages}) (func (export "go")))
            (core instance $a (instantiate $one))
            (core instance $b (instantiate $one))
            (func $go (canon lift (core func $b "go")))
            (instance $probes (export "go" (func $go)))
            (export "probes" (instance $probes)))"#
    );
    wat::parse_str(text).unwrap()
}

#[tokio::test]
async fn memory_is_the_sum_of_all_memories() {
    let plugin = load(two_memories(2)).await.unwrap();
    let called = call(&plugin, small(), LONG).await;
    assert_eq!(called.result, Ok(Value::Null));
    let plugin = load(two_memories(4)).await.unwrap();
    let called = call(&plugin, small(), LONG).await;
    assert!(failed(&called).contains("limit memory-bytes"));
}

#[tokio::test]
async fn tables_are_memory() {
    let body = r#"(table $t 1 funcref) (func (export "test:guest/probes#go")
        (if (i32.eq (table.grow $t (ref.null func) (i32.const 100000)) (i32.const -1))
            (then unreachable)))"#;
    let called = go(body, small(), LONG).await;
    assert!(failed(&called).contains("limit memory-bytes"));
}

#[tokio::test]
async fn host_calls() {
    let body = r#"(import "chaos:host/clock@0.1.0" "now" (func $now (result i64)))
        (func (export "test:guest/probes#go") (loop $again (drop (call $now)) (br $again)))"#;
    let called = go(body, small(), LONG).await;
    assert_eq!(
        failed(&called),
        "the plugin called the host more than 10 times (limit host-calls)"
    );
    assert_eq!(called.usage.host_calls, 10);
}

#[tokio::test]
async fn host_bytes() {
    let body = r#"(import "chaos:host/random@0.1.0" "bytes" (func $bytes (param i32 i32)))
        (func (export "test:guest/probes#go") (call $bytes (i32.const 1001) (i32.const 0)))"#;
    let called = go(body, small(), LONG).await;
    assert_eq!(
        failed(&called),
        "the plugin exchanged more than 1000 bytes with the host (limit host-bytes)"
    );
}

/// A function that gives a list or text of `length` elements, all zero.
fn lengthy(length: u32) -> String {
    format!(
        r#"(module (memory (export "memory") 4)
            (func (export "test:guest/probes#go") (result i32)
                (i32.store (i32.const 8) (i32.const 1024))
                (i32.store (i32.const 12) (i32.const {length}))
                (i32.const 8)))"#
    )
}

#[tokio::test]
async fn result_bytes() {
    let limits = Limits {
        result_bytes: 7,
        ..small()
    };
    let functions = "go: func() -> list<u8>;";
    let called = run(functions, &lengthy(3), limits.clone(), LONG).await;
    assert_eq!(called.result, Ok(serde_json::json!([0, 0, 0])));
    let called = run(functions, &lengthy(4), limits, LONG).await;
    assert_eq!(
        failed(&called),
        "the plugin gave a result of more than 7 bytes (limit result-bytes)"
    );
}

#[tokio::test]
async fn result_that_is_not_even_taken_out() {
    // All of the outer list's elements are the same inner list.
    let text = r#"(module (memory (export "memory") 4)
        (func (export "test:guest/probes#go") (result i32) (local $at i32)
            (local.set $at (i32.const 65536))
            (loop $again
                (i32.store (local.get $at) (i32.const 0))
                (i32.store offset=4 (local.get $at) (i32.const 60000))
                (local.set $at (i32.add (local.get $at) (i32.const 8)))
                (br_if $again (i32.lt_u (local.get $at) (i32.const 260000))))
            (i32.store (i32.const 8) (i32.const 65536))
            (i32.store (i32.const 12) (i32.const 20000))
            (i32.const 8)))"#;
    let called = run("go: func() -> list<list<u8>>;", text, small(), LONG).await;
    assert!(failed(&called).contains("limit result-bytes"), "{called:?}");
}

#[tokio::test]
async fn handles() {
    let text = r#"(component
        (type $thing (resource (rep i32)))
        (core func $new (canon resource.new $thing))
        (core module $m
            (import "host" "new" (func $new (param i32) (result i32)))
            (func (export "go") (loop $again (drop (call $new (i32.const 1))) (br $again))))
        (core instance $i (instantiate $m (with "host" (instance (export "new" (func $new))))))
        (func $go (canon lift (core func $i "go")))
        (instance $probes (export "go" (func $go)))
        (export "probes" (instance $probes)))"#;
    let plugin = load(wat::parse_str(text).unwrap()).await.unwrap();
    let called = call(&plugin, small(), LONG).await;
    assert_eq!(
        failed(&called),
        "the plugin held more than 10 handles (limit handles)"
    );
}

#[tokio::test]
async fn depth() {
    let body = r#"(func $deeper (export "test:guest/probes#go") (call $deeper))"#;
    let called = go(body, Limits::default(), LONG).await;
    assert_eq!(
        failed(&called),
        "the plugin's calls nest too deeply: its stack has 4194304 bytes"
    );
}

#[tokio::test]
async fn a_crash_is_a_failure() {
    let body = r#"(func (export "test:guest/probes#go") unreachable)"#;
    let called = go(body, small(), LONG).await;
    assert!(failed(&called).starts_with("the plugin crashed"));
}

#[tokio::test]
async fn the_end_of_one_touches_no_other() {
    let spin = load(typed("go: func();", &module(SPIN))).await.unwrap();
    let body = format!(
        r#"{SLEEP} (func (export "test:guest/probes#go") (call $sleep (i64.const 200000000)))"#
    );
    let sleep = load(typed("go: func();", &module(&body))).await.unwrap();
    let (spun, slept) = tokio::join!(call(&spin, small(), LONG), call(&sleep, small(), LONG));
    assert!(failed(&spun).contains("limit cpu-seconds"));
    assert_eq!(slept.result, Ok(Value::Null));
    // Nor the plugin's own next call.
    assert_eq!(call(&sleep, small(), LONG).await.result, Ok(Value::Null));
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_ends() {
    for body in [
        SPIN.to_owned(),
        format!(
            r#"{SLEEP} (func (export "test:guest/probes#go") (call $sleep (i64.const 3600000000000)))"#
        ),
    ] {
        let plugin = load(typed("go: func();", &module(&body))).await.unwrap();
        let limits = Limits {
            cpu: Duration::from_secs(60),
            ..small()
        };
        let guest = guest(limits, Duration::from_secs(60));
        // Held by the guest for as long as it runs.
        let held = Arc::clone(&guest.door);
        let calling = tokio::spawn(async move {
            let function = plugin.signature.functions.first().unwrap();
            plugin.call(function, &Map::new(), guest).await
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(Arc::strong_count(&held) > 1);
        calling.abort();
        let ended = async {
            while Arc::strong_count(&held) > 1 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(LONG, ended).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_passed_to_the_host_at_once() {
    let text = r#"(module (import "chaos:host/log@0.1.0" "write" (func $write (param i32 i32 i32)))
        (memory (export "memory") 300)
        (func (export "test:guest/probes#go")
            (call $write (i32.const 0) (i32.const 0) (i32.const 17000000))))"#;
    let limits = Limits {
        memory_bytes: 64 * 1024 * 1024,
        ..small()
    };
    let called = run("go: func();", text, limits, LONG).await;
    assert_eq!(
        failed(&called),
        "the plugin passed more than 16777216 bytes to the host in one call (limit result-bytes)"
    );
}
