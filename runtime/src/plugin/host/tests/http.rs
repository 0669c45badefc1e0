use super::super::bindings::chaos::host::http::{Error, Host, HostExchange, Request, Response};
use super::server::{Answer, Server, answer, ok};
use super::{Given, raised};
use crate::plugin::limits::Limits;
use chaos_host_api::Effect;
use chaos_host_api::budget::Ceilings;
use proptest::prelude::*;
use std::time::Duration;
use wasmtime::component::Resource;

pub(super) fn get(url: impl Into<String>) -> Request {
    Request {
        method: "GET".into(),
        url: url.into(),
        headers: Vec::new(),
        body: Vec::new(),
        timeout_ms: None,
        redirects: 0,
    }
}

fn with_header(name: &str, value: &str) -> Request {
    Request {
        headers: vec![(name.into(), value.into())],
        ..get("http://127.0.0.1:1/")
    }
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    let found = response.headers.iter().find(|(own, _)| own == name);
    found.map(|(_, value)| value.as_str())
}

/// The variant and what it says.
fn error(result: Result<Response, Error>) -> (&'static str, String) {
    match result {
        Ok(response) => ("ok", response.status.to_string()),
        Err(Error::Denied(text)) => ("denied", text),
        Err(Error::TimedOut(text)) => ("timed-out", text),
        Err(Error::NotConnected(text)) => ("not-connected", text),
        Err(Error::Invalid(text)) => ("invalid", text),
        Err(Error::Broken(text)) => ("broken", text),
    }
}

#[tokio::test]
async fn an_answer_is_given_whole_and_counted() {
    let server = Server::start(|_| {
        let headers = "X-Two: a\r\nX-Two: b\r\n";
        answer("418 I'm a teapot", headers, b"short and stout")
    })
    .await;
    let mut state = Given::grants([format!("http POST {}/*", server.url)]).state();
    let request = Request {
        method: "POST".into(),
        headers: vec![("X-Own".into(), "é".into())],
        body: b"tip".to_vec(),
        ..get(format!("{}/a?b=c", server.url))
    };
    let response = state.send(request).await.unwrap().unwrap();
    assert_eq!(response.status, 418);
    assert_eq!(response.body, b"short and stout");
    let twice: Vec<_> = response
        .headers
        .iter()
        .filter(|(n, _)| n == "x-two")
        .collect();
    assert_eq!(twice.len(), 2);
    assert!(response.elapsed_ns > 0);
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /a?b=c");
    assert_eq!(seen[0].body, "tip");
    assert_eq!(seen[0].header("host"), server.url.strip_prefix("http://"));
    assert_eq!(state.meter.host_calls, 1);
    assert!(state.meter.host_bytes > 3 + 15);
}

#[tokio::test]
async fn what_is_not_granted_is_denied_and_never_sent() {
    let server = Server::start(|_| ok("")).await;
    let mut nothing = Given::grants::<&str>([]).state();
    let denied = error(nothing.send(get(&server.url)).await.unwrap());
    assert_eq!(denied.0, "denied");
    assert!(denied.1.contains("GET http://127.0.0.1"), "{}", denied.1);

    let grant = || [format!("http GET,POST {}/*", server.url)];
    let posting = || Request {
        method: "POST".into(),
        ..get(&server.url)
    };
    let mut probe = Given {
        allowed: Effect::Read,
        ..Given::grants(grant())
    }
    .state();
    let denied = error(probe.send(posting()).await.unwrap());
    assert_eq!(denied.0, "denied");
    assert!(denied.1.contains("may only look"), "{}", denied.1);

    let mut poor = Given {
        ceilings: Ceilings {
            http_requests: 0,
            ..Ceilings::default()
        },
        ..Given::grants(grant())
    }
    .state();
    let denied = error(poor.send(get(&server.url)).await.unwrap());
    assert_eq!(denied.0, "denied");
    assert!(denied.1.contains("budget"), "{}", denied.1);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn each_way_to_get_no_answer_has_its_error() {
    let server = Server::start(|asked| match asked.line.as_str() {
        "GET /hold" => Answer::Hold,
        "GET /short" => Answer::Now(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".to_vec()),
        "GET /large" => ok(&"x".repeat(2000)),
        _ => Answer::Now(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
    })
    .await;
    let given = || Given {
        limits: Limits {
            answer_bytes: 1000,
            ..Limits::default()
        },
        ..Given::grants([
            "http GET http://127.0.0.1:1/*".to_owned(),
            format!("http GET {}/*", server.url),
        ])
    };
    let mut state = given().state();
    let hurried = Request {
        timeout_ms: Some(50),
        ..get(format!("{}/hold", server.url))
    };
    assert_eq!(error(state.send(hurried).await.unwrap()).0, "timed-out");
    let mut late = Given {
        seconds: 0.05,
        ..given()
    }
    .state();
    let held = late
        .send(get(format!("{}/hold", server.url)))
        .await
        .unwrap();
    assert_eq!(error(held).0, "timed-out");
    let refused = state.send(get("http://127.0.0.1:1/")).await.unwrap();
    assert_eq!(error(refused).0, "not-connected");
    let closing = Request {
        headers: vec![("x-close".into(), "1".into())],
        ..get(format!("{}/short", server.url))
    };
    assert_eq!(error(state.send(closing).await.unwrap()).0, "broken");
    let large = error(
        state
            .send(get(format!("{}/large", server.url)))
            .await
            .unwrap(),
    );
    assert_eq!(large.0, "broken");
    assert!(large.1.contains("larger than 1000 bytes"), "{}", large.1);
}

#[tokio::test]
async fn smuggled_headers_and_odd_requests_are_invalid() {
    let mut state = Given::grants(["http GET http://127.0.0.1:1/*"]).state();
    let of_method = |method: &str| Request {
        method: method.into(),
        ..get("http://127.0.0.1:1/")
    };
    let cases = [
        with_header("Host", "other"),
        with_header("hOsT", "127.0.0.1:1"),
        with_header("Content-Length", "5"),
        with_header("Transfer-Encoding", "chunked"),
        with_header("Connection", "close"),
        with_header("Proxy-Authorization", "Basic x"),
        with_header("TE", "trailers"),
        with_header("Upgrade", "websocket"),
        with_header("X", "a\r\nHost: evil"),
        with_header("X", "a\0b"),
        with_header("X\r\nY", "a"),
        with_header("X Y", "a"),
        with_header("", "a"),
        with_header("X", "\u{2603}"),
        of_method(""),
        of_method("GET / HTTP/1.1\r\nX: y\r\n\r\nGET"),
        of_method("CONNECT"),
        get("http://user:secret@127.0.0.1:1/"),
        get("http://user@127.0.0.1:1/"),
        get("//127.0.0.1:1/"),
        get("file:///etc/passwd"),
        get("http://"),
        get(""),
    ];
    for request in cases {
        let shown = format!("{request:?}");
        let (kind, text) = error(state.send(request).await.unwrap());
        assert_eq!(kind, "invalid", "{shown}: {text}");
        assert!(!text.contains("secret@"), "{text}");
    }
    let mut small = Given {
        limits: Limits {
            answer_bytes: 3,
            ..Limits::default()
        },
        ..Given::grants(["http POST http://127.0.0.1:1/*"])
    }
    .state();
    let long = Request {
        body: b"four".to_vec(),
        ..of_method("POST")
    };
    assert_eq!(error(small.send(long).await.unwrap()).0, "invalid");
}

#[tokio::test]
async fn redirects_are_followed_as_far_as_asked_and_checked_each() {
    let other = Server::start(|_| ok("other")).await;
    let place = other.url.clone();
    let server = Server::start(move |asked| match asked.line.as_str() {
        "GET /1" => answer("302 Found", "Location: /2\r\n", b""),
        "GET /2" => answer("302 Found", "Location: /3\r\n", b""),
        "GET /out" => answer("302 Found", &format!("Location: {place}/\r\n"), b""),
        _ => ok("end"),
    })
    .await;
    let mut state = Given::grants([format!("http GET {}/*", server.url)]).state();
    for (redirects, status, asked) in [(0, 302, 1), (1, 302, 2), (2, 200, 3), (9, 200, 3)] {
        let before = server.seen().len();
        let request = Request {
            redirects,
            ..get(format!("{}/1", server.url))
        };
        let response = state.send(request).await.unwrap().unwrap();
        assert_eq!(response.status, status, "{redirects}");
        assert_eq!(server.seen().len() - before, asked, "{redirects}");
    }
    let out = Request {
        redirects: 3,
        ..get(format!("{}/out", server.url))
    };
    assert_eq!(error(state.send(out).await.unwrap()).0, "denied");
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn exchanges_run_at_the_same_time() {
    let server = Server::start(|_| {
        Answer::After(
            Duration::from_millis(150),
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec(),
        )
    })
    .await;
    let mut state = Given::grants([format!("http GET {}/*", server.url)]).state();
    let begun = std::time::Instant::now();
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(state.new(get(&server.url)).await.unwrap());
    }
    let borrow = |own: &Resource<_>| Resource::new_borrow(own.rep());
    assert!(!state.ready(borrow(&all[0])).await.unwrap());
    for own in &all {
        let response = state.wait(borrow(own)).await.unwrap().unwrap();
        assert_eq!(response.body, b"ok");
        assert!(state.ready(borrow(own)).await.unwrap());
    }
    assert!(begun.elapsed() < Duration::from_millis(600));
    let again = state.wait(borrow(&all[0])).await.unwrap();
    assert_eq!(error(again).0, "invalid");
    for own in all {
        HostExchange::drop(&mut state, own).await.unwrap();
    }
}

#[tokio::test]
async fn a_dropped_exchange_ends() {
    let server = Server::start(|_| Answer::Hold).await;
    let mut state = Given::grants([format!("http GET {}/*", server.url)]).state();
    let exchange = state.new(get(&server.url)).await.unwrap();
    while server.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    HostExchange::drop(&mut state, exchange).await.unwrap();
    while server.left() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let exchange = state.new(get(&server.url)).await.unwrap();
    while server.seen().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let _forgotten = exchange;
    drop(state);
    while server.left() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn limits_end_the_guest() {
    let server = Server::start(|_| ok(&"x".repeat(4000))).await;
    let with = |limits: Limits| Given {
        limits,
        ..Given::grants([format!("http GET {}/*", server.url)])
    };
    let mut few = with(Limits {
        handles: 2,
        ..Limits::default()
    })
    .state();
    for _ in 0..2 {
        few.new(get(&server.url)).await.unwrap();
    }
    let before = server.seen().len();
    assert!(few.new(get(&server.url)).await.is_err());
    assert!(server.seen().len() <= before.max(2));

    let mut calls = with(Limits {
        host_calls: 1,
        ..Limits::default()
    })
    .state();
    calls.send(get(&server.url)).await.unwrap().unwrap();
    let text = raised(calls.send(get(&server.url)).await);
    assert!(text.contains("limit host-calls"), "{text}");

    // Together they are too many, though none of them was waited for.
    let mut bytes = with(Limits {
        host_bytes: 10_000,
        ..Limits::default()
    })
    .state();
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(bytes.new(get(&server.url)).await.unwrap());
    }
    let mut ends = Vec::new();
    for own in &all {
        ends.push(raised(bytes.wait(Resource::new_borrow(own.rep())).await));
    }
    assert!(
        ends.iter().any(|text| text.contains("limit host-bytes")),
        "{ends:?}"
    );
}

#[tokio::test]
async fn the_headers_tell_of_the_body_as_it_is_given() {
    // "hello" by gzip.
    const GZIP: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 203, 72, 205, 201, 201, 7, 0, 134, 166, 16, 54, 5, 0, 0,
        0,
    ];
    let server = Server::start(|asked| match asked.line.as_str() {
        "GET /gzip" => answer("200 OK", "Content-Encoding: gzip\r\n", GZIP),
        "GET /both" => answer("200 OK", "Content-Encoding: br, GZIP\r\n", GZIP),
        _ => answer("200 OK", "Content-Encoding: br\r\n", b"hello"),
    })
    .await;
    let mut state = Given::grants([format!("http GET {}/*", server.url)]).state();
    for (path, encoding) in [("gzip", None), ("both", Some("br")), ("br", Some("br"))] {
        let response = state.send(get(format!("{}/{path}", server.url))).await;
        let response = response.unwrap().unwrap();
        assert_eq!(response.body, b"hello", "{path}");
        assert_eq!(header(&response, "content-encoding"), encoding, "{path}");
        assert_eq!(header(&response, "content-length"), None, "{path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Nothing is granted, so nothing leaves, whatever is asked.
    #[test]
    fn any_request_is_invalid_or_denied(
        method in ".{0,8}",
        url in prop_oneof![any::<String>(), "(http|HTTPS|ftp)://[a-z0-9@:%.\\[\\]/?#\u{e9}]{0,30}"],
        headers in proptest::collection::vec((any::<String>(), any::<String>()), 0..3),
        body in proptest::collection::vec(any::<u8>(), 0..20),
        redirects in any::<u8>(),
    ) {
        let request = Request { method, url, headers, body, timeout_ms: None, redirects };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let kind = runtime.block_on(async {
            let mut state = Given::grants::<&str>([]).state();
            error(state.send(request).await.unwrap()).0
        });
        prop_assert!(kind == "invalid" || kind == "denied", "{}", kind);
    }
}
