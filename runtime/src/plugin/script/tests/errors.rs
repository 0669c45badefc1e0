//! Errors of a script, in its own lines.

use super::{Given, calls, cause, failure, place, value};
use crate::plugin::script::bindings::Cause;
use serde_json::json;

#[tokio::test]
async fn an_exception_has_its_place_and_the_calls_that_led_there() {
    let ended = failure("function f(x) {\n  // here\n  return x.a;\n}\nf(null)").await;
    assert_eq!(cause(&ended), "thrown");
    assert!(matches!(&ended.cause, Cause::Thrown(Some(name)) if name == "TypeError"));
    assert_eq!(ended.message, "cannot read property 'a' of null");
    assert_eq!(calls(&ended), "f script:3:10 / script script:5:3");
    assert_eq!(place(&ended), "script:3:10");
}

#[tokio::test]
async fn columns_are_counted_in_characters() {
    let ended = failure("const u = '\u{e9}\u{1f600}'; null.x").await;
    assert_eq!(place(&ended), "script:1:17");
}

#[tokio::test]
async fn a_rejection_has_the_line_that_began_the_operation() {
    let ended = failure(
        "const probe = async () => {\n  const one = 1;\n  return await http.get('http://a/not-connected');\n};\nawait sleep(1);\nreturn await probe();",
    )
    .await;
    assert!(matches!(&ended.cause, Cause::Thrown(Some(name)) if name == "HttpError"));
    assert_eq!(ended.message, "GET http://a/not-connected: not-connected");
    assert_eq!(
        calls(&ended),
        "probe script:3:21 / script script:6:14",
        "{ended:?}"
    );
}

#[tokio::test]
async fn an_exception_after_waiting_has_the_line_it_came_from() {
    let ended = failure("await sleep(5);\n\nthrow new RangeError('later');").await;
    assert!(matches!(&ended.cause, Cause::Thrown(Some(name)) if name == "RangeError"));
    assert_eq!(
        (ended.message.as_str(), place(&ended).as_str()),
        ("later", "script:3:11")
    );
}

#[tokio::test]
async fn what_is_thrown_need_not_be_an_error() {
    for (source, message) in [
        ("throw {a: 1}", r#"{"a":1}"#),
        ("throw null", "null"),
        ("throw 'text'", "text"),
        ("throw undefined", "undefined"),
        ("throw 12n", "12n"),
        ("throw Symbol('s')", "Symbol(s)"),
        (
            "throw new Proxy({}, {get() { throw 1 }, ownKeys() { throw 2 }})",
            "(a value without text)",
        ),
    ] {
        let ended = failure(source).await;
        assert!(matches!(ended.cause, Cause::Thrown(None)), "{source}");
        assert_eq!(ended.message, message, "{source}");
    }
}

#[tokio::test]
async fn an_error_that_cannot_be_told_is_told_as_that() {
    let ended = failure(
        "const e = new Error('x'); Object.defineProperty(e, 'name', {get() { throw 1 }}); throw e",
    )
    .await;
    assert_eq!(ended.message, "(an error that cannot be told)");
}

#[tokio::test]
async fn a_syntax_error_met_while_running_is_an_exception() {
    let ended = failure("return JSON.parse('{')").await;
    assert!(matches!(&ended.cause, Cause::Thrown(Some(name)) if name == "SyntaxError"));
    let ended = failure("return new Function('a b')").await;
    assert_eq!(cause(&ended), "thrown");
}

#[tokio::test]
async fn a_rejection_that_nobody_looks_at_is_an_error() {
    let ended = failure("http.get('http://a/not-connected');\nawait sleep(100);\nreturn 1").await;
    assert_eq!(ended.message, "GET http://a/not-connected: not-connected");
    assert_eq!(place(&ended), "script:1:6");
    let seen = "const p = Promise.reject(1); try { await p } catch {} return 'seen'";
    assert_eq!(value(seen).await, json!("seen"));
    let later =
        "const p = Promise.reject(1); await sleep(1); await p.catch(() => 0); return 'seen'";
    assert_eq!(value(later).await, json!("seen"));
}

#[tokio::test]
async fn an_exception_in_a_timer_or_a_microtask_is_the_end() {
    let ended = failure("setTimeout(() => { throw new Error('timer') }, 1); await sleep(5)").await;
    assert_eq!(ended.message, "timer");
    let ended = failure("queueMicrotask(() => { throw new Error('micro') }); await sleep(5)").await;
    assert_eq!(ended.message, "micro");
}

#[tokio::test]
async fn errors_say_what_kind_they_are() {
    let source = "const codes = [];\n\
        for (const kind of ['denied', 'timed-out', 'not-connected', 'invalid', 'broken']) {\n\
          try { await http.get(`http://a/${kind}`) } catch (e) {\n\
            codes.push([e instanceof HttpError, e instanceof Error, e.name, e.code]) } }\n\
        try { await kubernetes.get('pods', 'missing', {namespace: 'n'}) } catch (e) {\n\
          codes.push([e.name, e.code, e.status, e.reason, e.message]) }\n\
        try { await kubernetes.delete('pods', 'kept', {namespace: 'n'}) } catch (e) {\n\
          codes.push([e.name, e.code, e.message]) }\n\
        return codes";
    let codes = Given::inline(source).run().await.value();
    let http = |code: &str| json!([true, true, "HttpError", code]);
    assert_eq!(
        codes,
        json!([
            http("denied"),
            http("timed-out"),
            http("not-connected"),
            http("invalid"),
            http("broken"),
            [
                "KubernetesError",
                "refused",
                404,
                "NotFound",
                "pods \"missing\" not found"
            ],
            [
                "KubernetesError",
                "denied",
                "kubernetes delete pods: not granted"
            ],
        ])
    );
}
