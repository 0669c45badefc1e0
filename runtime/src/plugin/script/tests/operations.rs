//! What a script can do, and that it does it side by side.

use super::simulated::Settings;
use super::{Given, failure, value};
use crate::plugin::host::bindings::chaos::host::log::Level;
use crate::plugin::script::bindings::chaos::script::operations::Operation;
use serde_json::json;

#[tokio::test]
async fn requests_run_side_by_side() {
    let ran = Given::inline(
        "const order = [];\n\
         await Promise.all([500, 100, 300, 200, 400].map(async (ms) => {\n\
           const r = await http.get(`http://a/200/${ms}`); order.push(r.elapsedMs) }));\n\
         return order",
    )
    .run()
    .await;
    assert_eq!(ran.value(), json!([100, 200, 300, 400, 500]));
    assert_eq!((ran.host.now_ms, ran.host.most_open), (500, 5));
}

#[tokio::test]
async fn a_request_says_what_was_asked() {
    let ran = Given::inline(
        "const r = await http.post('http://a/200', {n: 1}, {headers: {'X-A': ['1', 2]}, timeoutMs: 250, redirects: 0});\n\
         return [r.status, r.ok, r.headers['x-twice'], r.json(), r.text().length, r.bytes().length, r.url]",
    )
    .run()
    .await;
    let echo = json!({
        "method": "POST",
        "headers": [["X-A", "1"], ["X-A", "2"], ["content-type", "application/json"]],
        "body": r#"{"n":1}"#,
    });
    let length = echo.to_string().len();
    assert_eq!(
        ran.value(),
        json!([200, true, "a, b", echo, length, length, "http://a/200"])
    );
    let Some(Operation::Http(request)) = ran.host.begun.first() else {
        panic!("{:?}", ran.host.begun)
    };
    assert_eq!((request.timeout_ms, request.redirects), (Some(250), 0));
}

#[tokio::test]
async fn each_method_and_each_body_is_sent_as_it_is() {
    let source = "const said = async (p) => { const {method, headers, body} = (await p).json(); return [method, ...headers.flat(), body] };\n\
        const u = new URL('http://a/200');\n\
        return [\n\
          await said(http.get(u)), await said(http.head(u)), await said(http.delete(u)),\n\
          await said(http.put(u, 'text')), await said(http.patch(u, new Uint8Array([97, 98]))),\n\
          await said(http.post(u, new URLSearchParams({a: '1 2'}))), await said(http.post(u)),\n\
          await said(http.post(u, [1], {headers: [['Content-Type', 'x/y']]})),\n\
          await said(http.request({method: 'options', url: u, body: null})),\n\
        ]";
    assert_eq!(
        value(source).await,
        json!([
            ["GET", ""],
            ["HEAD", ""],
            ["DELETE", ""],
            ["PUT", "content-type", "text/plain;charset=UTF-8", "text"],
            ["PATCH", "ab"],
            [
                "POST",
                "content-type",
                "application/x-www-form-urlencoded;charset=UTF-8",
                "a=1+2"
            ],
            ["POST", ""],
            ["POST", "Content-Type", "x/y", "[1]"],
            ["OPTIONS", ""],
        ])
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_before_it_is_begun() {
    for (source, message) in [
        (
            "http.get('http://a', {timeout: 5})",
            "http.get has no option 'timeout'; it has headers, timeoutMs, redirects",
        ),
        (
            "http.get('http://a', {timeoutMs: 0.5})",
            "http.get: timeoutMs is a whole number from 1 to 4294967295",
        ),
        (
            "http.get('http://a', {redirects: -1})",
            "http.get: redirects is a whole number from 0 to 255",
        ),
        (
            "http.get('http://a', {headers: 'x'})",
            "headers are an object, or an array of pairs",
        ),
        ("http.request({})", "http.request needs a url"),
        (
            "http.post('http://a', () => 1)",
            "this body has no text in JSON",
        ),
        ("kubernetes.list()", "the resource is a text"),
        (
            "kubernetes.scale('deployments.apps', 'web', 1.5, {namespace: 'n'})",
            "the number of replicas is a whole number from 0 to 4294967295",
        ),
        (
            "kubernetes.scale('deployments.apps', 'web', 1)",
            "namespace is a text",
        ),
        (
            "kubernetes.delete('pods', 'a', {grace: 1})",
            "kubernetes.delete has no option 'grace'; it has namespace, graceSeconds",
        ),
        (
            "kubernetes.patch('pods', 'a', 'x')",
            "the patch is an object",
        ),
        ("sleep('x')", "sleep takes a number of milliseconds"),
        ("setTimeout('x', 1)", "setTimeout takes a function"),
    ] {
        let ran = Given::inline(&format!("await {source}")).run().await;
        assert_eq!(ran.failure().message, message, "{source}");
        assert!(ran.host.begun.is_empty(), "{source}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_told_with_its_request() {
    let ended = failure("const r = await http.get('http://a/201');\nreturn r.json()").await;
    assert!(
        ended
            .message
            .starts_with("the answer to GET http://a/201 is not JSON: "),
        "{ended:?}"
    );
    assert_eq!(ended.position.unwrap().line, 2);
}

#[tokio::test]
async fn kubernetes_gives_and_takes_objects() {
    let ran = Given::inline(
        "const n = {namespace: 'n'};\n\
         return [\n\
           (await kubernetes.list('pods', {...n, labels: {app: 'web', tier: 'x'}, fields: 'status.phase=Running'})).map((p) => p.metadata.name),\n\
           (await kubernetes.get('nodes', 'one')).metadata.name,\n\
           await kubernetes.log('web-1', {...n, lines: 10}),\n\
           await kubernetes.patch('deployments.apps', 'web', {spec: {a: null}}, n),\n\
           await kubernetes.scale('deployments.apps', 'web', 0, n),\n\
           await kubernetes.create('configmaps', {kind: 'ConfigMap'}, n),\n\
           (await kubernetes.delete('pods', 'web-1', {...n, graceSeconds: 0})) === undefined,\n\
           (await kubernetes.evict('web-1', n)) === undefined,\n\
         ]",
    )
    .run()
    .await;
    assert_eq!(
        ran.value(),
        json!([["a", "b"], "one", "a line\n", {"spec": {"a": null}}, 3, {"kind": "ConfigMap"}, true, true])
    );
    let begun = &ran.host.begun;
    assert!(matches!(&begun[0], Operation::KubernetesList(listing)
        if listing.selection.labels.as_deref() == Some("app=web,tier=x")
            && listing.selection.fields.as_deref() == Some("status.phase=Running")));
    assert!(matches!(&begun[2], Operation::KubernetesLog(log)
        if log.lines == 10 && log.container.is_none()));
    assert!(matches!(&begun[6], Operation::KubernetesDelete(deletion)
        if deletion.grace_seconds == Some(0)));
}

#[tokio::test]
async fn a_change_that_nobody_waits_for_is_waited_for() {
    let ran = Given::inline("kubernetes.delete('pods', 'a', {namespace: 'n'}); return 1")
        .run()
        .await;
    assert_eq!((ran.value(), ran.host.now_ms), (json!(1), 100));
    let ran = Given::inline("http.post('http://a/200/70'); return 1")
        .run()
        .await;
    assert_eq!((ran.value(), ran.host.now_ms), (json!(1), 70));
    let ran = Given::inline("kubernetes.delete('pods', 'kept', {namespace: 'n'}); return 1")
        .run()
        .await;
    assert_eq!(ran.failure().message, "kubernetes delete pods: not granted");
}

#[tokio::test]
async fn what_only_looks_is_not_waited_for() {
    let ran = Given::inline(
        "return await Promise.race([http.get('http://a/200/5000'), sleep(100).then(() => 'late')])",
    )
    .run()
    .await;
    assert_eq!((ran.value(), ran.host.now_ms), (json!("late"), 100));
}

#[tokio::test]
async fn timers_fire_in_order_and_can_be_cleared() {
    let ran = Given::inline(
        "const seen = [];\n\
         setTimeout((x) => seen.push(x), 30, 'c'); setTimeout(() => seen.push('a'), 10);\n\
         const gone = setTimeout(() => seen.push('gone'), 15); clearTimeout(gone); clearTimeout(gone); clearTimeout();\n\
         let n = 0; const every = setInterval(() => { seen.push('i'); if (++n === 3) clearInterval(every) }, 20);\n\
         await sleep(100); return seen",
    )
    .run()
    .await;
    assert_eq!(ran.value(), json!(["a", "i", "c", "i", "i"]));
    assert_eq!(ran.host.now_ms, 100);
    assert_eq!(ran.host.cancelled.len(), 2);
}

#[tokio::test]
async fn time_goes_on_while_a_script_waits() {
    let source = "const [a, p] = [Date.now(), performance.now()]; await sleep(1500);\n\
        return [now() - a, performance.now() - p, new Date(a).toISOString(), performance.timeOrigin]";
    assert_eq!(
        value(source).await,
        json!([
            1500,
            1500,
            "2026-01-02T03:04:05.000Z",
            1_767_323_045_000_u64
        ])
    );
}

#[tokio::test]
async fn randomness_is_the_hosts() {
    let source = "return [Math.random(), random(), crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(4))]]";
    let with = |seed| Given {
        settings: Settings {
            seed,
            ..Settings::default()
        },
        ..Given::inline(source)
    };
    let (one, again, other) = (
        with(1).run().await.value(),
        with(1).run().await.value(),
        with(2).run().await.value(),
    );
    assert_eq!(one, again);
    assert_ne!(one[0], other[0]);
    assert_ne!(one[0], one[1]);
    let id = one[2].as_str().unwrap();
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'4'));
    let spread = value(
        "let [sum, n] = [0, 1000]; for (let i = 0; i < n; i++) { const r = Math.random(); if (r < 0 || r >= 1) return 'out'; sum += r } return sum / n",
    )
    .await;
    assert!((0.4..0.6).contains(&spread.as_f64().unwrap()), "{spread}");
}

#[tokio::test]
async fn lines_are_logged_with_their_level() {
    let ran = Given::inline(
        "log.debug('a', 1, {b: [2]}); log.info(new TypeError('t')); log.warn(undefined, null); log.error(3n);\n\
         console.log('c'); console.error(Symbol('s'));",
    )
    .run()
    .await;
    ran.value();
    let lines: Vec<(Level, &str)> = ran
        .host
        .lines
        .iter()
        .map(|(l, t)| (*l, t.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            (Level::Debug, "a 1 {\"b\":[2]}"),
            (Level::Info, "TypeError: t"),
            (Level::Warning, "undefined null"),
            (Level::Error, "3n"),
            (Level::Info, "c"),
            (Level::Error, "Symbol(s)"),
        ]
    );
}
