//! Scripts that mean no good, or do none: each ends by a bound that is named.

use super::simulated::Settings;
use super::{Given, cause, failure, place, value};
use serde_json::{Value, json};

/// Runs a script that ends by being stopped.
async fn stopped(source: &str) -> String {
    let given = Given {
        settings: Settings {
            patience: 200,
            ..Settings::default()
        },
        ..Given::inline(source)
    };
    let ran = given.run().await;
    let ended = ran.failure();
    assert_eq!(cause(ended), "stopped", "{source}: {ended:?}");
    place(ended)
}

#[tokio::test]
async fn an_endless_loop_is_stopped() {
    let at = stopped("let n = 0;\n\nwhile (true) {\n  n = Math.max(n, 1);\n}").await;
    assert!(at.starts_with("script:"), "{at}");
    stopped("while (true) {}").await;
    stopped("for (;;) { try { while (true) {} } catch {} finally { while (true) {} } }").await;
}

#[tokio::test]
async fn whatever_else_does_not_end_is_stopped() {
    stopped("return /^(a+)+$/.test('a'.repeat(40) + 'b')").await;
    stopped("await 0; for (;;) await 0").await;
    stopped("throw {get name() { for (;;); }, __proto__: Error.prototype}").await;
    stopped("return {toJSON() { for (;;); }}").await;
    stopped("return {get a() { for (;;); }}").await;
}

#[tokio::test]
async fn a_flood_of_promises_ends() {
    let ended = failure("const f = async () => { await 0; return f() }; await f()").await;
    assert!(["stopped", "memory"].contains(&cause(&ended)), "{ended:?}");
    let given = Given::inline(
        "let n = 0; const more = () => { n++; Promise.resolve().then(more); Promise.resolve().then(more) }; more(); await new Promise(() => {})",
    );
    let ran = given.run().await;
    assert!(["stopped", "memory"].contains(&cause(ran.failure())));
}

#[tokio::test]
async fn waiting_beyond_the_deadline_is_stopped() {
    let given = Given {
        settings: Settings {
            deadline_ms: 100,
            ..Settings::default()
        },
        ..Given::inline("await sleep(50); await sleep(100); return 1")
    };
    assert_eq!(cause(given.run().await.failure()), "stopped");
}

#[tokio::test]
async fn memory_ends_where_it_is_allowed_to() {
    for source in [
        "const a = []; for (;;) a.push({})",
        "const a = []; for (;;) a.push('x'.repeat(1000) + a.length)",
        "const a = []; for (;;) a.push(new Uint8Array(1 << 20))",
        "return new Uint8Array(1 << 30).length",
        "const f = () => { const big = []; for (;;) big.push([big]) }; f()",
    ] {
        let ended = failure(source).await;
        assert_eq!(cause(&ended), "memory", "{source}: {ended:?}");
        assert_eq!(ended.message, "out of memory: 50331648 bytes are allowed");
    }
}

#[tokio::test]
async fn out_of_memory_can_be_caught_and_survived() {
    let source = "const a = []; try { for (;;) a.push(new Uint8Array(1 << 20)) } \
        catch (e) { a.length = 0; return e.message }";
    assert_eq!(value(source).await, json!("out of memory"));
}

#[tokio::test]
async fn a_smaller_allowance_is_kept_too() {
    let mut given = Given {
        settings: Settings {
            memory_bytes: 16 << 20,
            ..Settings::default()
        },
        ..Given::inline("const a = []; for (;;) a.push(new Uint8Array(1 << 16))")
    };
    given.limits.memory_bytes = 12 << 20;
    assert_eq!(cause(given.run().await.failure()), "memory");
}

#[tokio::test]
async fn strings_and_numbers_have_an_end() {
    let ended = failure("let s = 'x'; for (;;) s += s").await;
    assert!(["thrown", "memory"].contains(&cause(&ended)), "{ended:?}");
    let ended = failure("let n = 2n; for (;;) n *= n").await;
    assert!(
        ["thrown", "memory", "stopped"].contains(&cause(&ended)),
        "{ended:?}"
    );
}

#[tokio::test]
async fn deep_recursion_is_an_error_that_names_itself() {
    for source in [
        "const f = () => 1 + f(); f()",
        "const f = (n) => [n].map((n) => f(n + 1)); f(0)",
        "const p = new Proxy({}, {get: (t, k, r) => r[k]}); p.a",
        "const o = {toString() { return `${this}` }}; `${o}`",
        "class A extends (function f() { return f() }) {}; new A()",
        "eval('('.repeat(100000))",
        "JSON.parse('['.repeat(100000))",
        "let a = []; for (let i = 0; i < 100000; i++) a = [a]; return JSON.stringify(a)",
        "let a = []; for (let i = 0; i < 100000; i++) a = [a]; return a",
        "let a = []; for (let i = 0; i < 100000; i++) a = [a]; return structuredClone(a)",
        "const f = async () => f(); await f()",
        "let e = new Error('x'); for (let i = 0; i < 100000; i++) e = new Error('y', {cause: e}); log.info(e); throw new Error('done')",
    ] {
        let ended = failure(source).await;
        let is_told = cause(&ended) == "stack" || ended.message == "done";
        assert!(is_told, "{source}: {ended:?}");
    }
    let caught = "const f = () => f(); try { f() } catch (e) { return e.name }";
    assert_eq!(value(caught).await, json!("RangeError"));
}

#[tokio::test]
async fn a_huge_result_is_too_large() {
    for source in [
        "return 'x'.repeat(20 << 20)",
        "return 'x'.repeat((4 << 20) - 1)",
        "return '\u{e9}'.repeat(3 << 20)",
    ] {
        let ended = failure(source).await;
        assert_eq!(cause(&ended), "result-size", "{source}: {ended:?}");
        assert_eq!(
            ended.message,
            "its value has more than 4194304 bytes as JSON"
        );
    }
    let most = "return 'x'.repeat((4 << 20) - 2)";
    assert_eq!(
        value(most).await.as_str().map(str::len),
        Some((4 << 20) - 2)
    );
}

#[tokio::test]
async fn too_many_timers_are_an_error() {
    let ended = failure("for (let i = 0; i < 1e6; i++) setTimeout(() => {}, 1)").await;
    assert_eq!(
        ended.message,
        "more than 1000 operations under way (limit handles)"
    );
    assert_eq!(place(&ended), "script:1:31");
}

#[tokio::test]
async fn a_promise_that_nothing_settles_is_told_at_once() {
    let ended = failure("await new Promise(() => {})").await;
    assert_eq!(cause(&ended), "stuck");
    assert_eq!(ended.message, "waits for a promise that nothing can settle");
}

#[tokio::test]
async fn what_has_no_json_is_told_with_its_place() {
    for (source, message) in [
        ("return 1n", "BigInt"),
        ("const a = {}; a.a = a; return a", "circular reference"),
    ] {
        let ended = failure(source).await;
        assert_eq!(cause(&ended), "result-kind", "{source}");
        assert!(ended.message.contains(message), "{source}: {ended:?}");
    }
    let ended = failure("return {\n get a() { throw new Error('getter') } }").await;
    assert_eq!(cause(&ended), "result-kind");
    assert_eq!(
        (ended.message.as_str(), place(&ended).as_str()),
        ("getter", "script:2:22")
    );
}

#[tokio::test]
async fn json_has_its_own_rules() {
    assert_eq!(value("return undefined").await, Value::Null);
    assert_eq!(value("return () => 1").await, Value::Null);
    assert_eq!(
        value("return {a: NaN, b: Infinity, c: undefined, d: () => 1, e: [undefined]}").await,
        json!({"a": null, "b": null, "e": [null]})
    );
    let ran = Given::inline("return JSON.parse('{\"__proto__\": 1}')")
        .run()
        .await;
    assert_eq!(ran.result.unwrap().unwrap(), "{\"__proto__\":1}");
}

#[tokio::test]
async fn half_characters_are_replaced() {
    assert_eq!(
        value(r"return {'\ud800': 'a\udc00', b: '\ud83d\ude00', c: '\\ud800', d: '\\\ud800'}")
            .await,
        json!({"\u{fffd}": "a\u{fffd}", "b": "\u{1f600}", "c": "\\ud800", "d": "\\\u{fffd}"})
    );
    let ran = Given::inline(
        r"log.info('\ud800'); await http.get('http://a/200?\ud800', {headers: {'x-a': '\udc00'}}); throw '\ud800'",
    )
    .run()
    .await;
    assert_eq!(ran.host.lines[0].1, "\u{fffd}");
    assert_eq!(ran.failure().message, "\u{fffd}");
}

#[tokio::test]
async fn replaced_builtins_spoil_nothing_but_the_scripts_own() {
    for spoiled in [
        "JSON.stringify = () => '\"spoiled\"'",
        "Promise.prototype.then = () => { throw 1 }",
        "Map.prototype.get = () => { throw 1 }",
        "Array.prototype.push = () => { throw 1 }",
        "Array.prototype[Symbol.iterator] = () => { throw 1 }",
        "Object.defineProperty(Object.prototype, 'then', {get() { return undefined }})",
        "Object.defineProperty(Object.prototype, 'resolve', {set() { throw 1 }})",
        "String.prototype.toWellFormed = () => { throw 1 }",
        "globalThis.Promise = undefined; globalThis.Object = undefined",
        "Function.prototype.call = () => { throw 1 }",
        "Error.prepareStackTrace = () => { throw 1 }",
    ] {
        let source = format!("{spoiled};\nreturn {{a: [1]}}");
        let ran = Given::inline(&source).run().await;
        let text = ran
            .result
            .unwrap()
            .map_err(|failure| format!("{spoiled}: {failure:?}"));
        assert_eq!(text.unwrap(), r#"{"a":[1]}"#, "{spoiled}");
        let source = format!("{spoiled};\nthrow new Error('mine')");
        assert_eq!(failure(&source).await.message, "mine", "{spoiled}");
    }
}

#[tokio::test]
async fn a_text_that_closes_its_function_gains_nothing() {
    // Harmless: there is nothing outside. `check` says that it is wrong.
    assert_eq!(value("}); (async () => { 1").await, Value::Null);
}
