use crate::{door, door_with, get, pass, post};
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::http::HttpError;
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::{Door, Effect, Pass, Refusal};
use chaos_tests::scripted::{Server, Step, answer, ok, send};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

/// A port on which nobody listens.
fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn an_answer_keeps_the_servers_spelling_and_repetitions() {
    let server = Server::start(|_| {
        answer(
            "418 I'm a teapot",
            "x-lower: 1\r\nX-UPPER: v\r\nSet-Cookie: a\r\nset-cookie: b\r\n",
            b"hi",
        )
    })
    .await;
    let response = door()
        .http(&pass(5.0), get(&server.url("/x?y")))
        .await
        .unwrap();
    assert_eq!(response.status, 418);
    assert_eq!(&response.body[..], b"hi");
    let names: Vec<&str> = response
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "x-lower",
            "X-UPPER",
            "Set-Cookie",
            "Set-Cookie",
            "Content-Length"
        ]
    );
    assert_eq!(response.header("SET-COOKIE").as_deref(), Some("a, b"));
    assert_eq!(server.seen()[0].line, "GET /x?y HTTP/1.1");
    assert_eq!(
        server.seen()[0].header("host"),
        Some(server.address.to_string().as_str())
    );
}

#[tokio::test]
async fn every_exchange_has_a_connection_of_its_own() {
    let server = Server::start(|_| ok("x")).await;
    let door = door();
    for _ in 0..3 {
        door.http(&pass(5.0), get(&server.url("/"))).await.unwrap();
    }
    assert_eq!(server.connections(), 3);
    assert_eq!(door.budget().spent().http_requests, 3);
}

#[tokio::test]
async fn chunked_bodies_early_hints_and_bodies_until_the_close_are_read() {
    let server = Server::start(|request| {
        send(match request.line.as_str() {
            "GET /chunked HTTP/1.1" => {
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
            }
            "GET /hints HTTP/1.1" => {
                "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nx-Late: 1\r\nContent-Length: 3\r\n\r\nabc"
            }
            _ => "HTTP/1.0 200 OK\r\n\r\nabc",
        })
    })
    .await;
    for path in ["/chunked", "/hints", "/close"] {
        let response = door()
            .http(&pass(5.0), get(&server.url(path)))
            .await
            .unwrap();
        assert_eq!(&response.body[..], b"abc", "{path}");
        if path == "/hints" {
            assert_eq!(response.headers[0].0, "x-Late");
        }
    }
}

#[tokio::test]
async fn compressed_bodies_are_opened() {
    fn with<W: Write>(
        mut encoder: W,
        finish: impl FnOnce(W) -> std::io::Result<Vec<u8>>,
    ) -> Vec<u8> {
        encoder.write_all(b"hello").unwrap();
        finish(encoder).unwrap()
    }
    let gzip = || {
        with(
            GzEncoder::new(Vec::new(), Compression::fast()),
            GzEncoder::finish,
        )
    };
    let zlib = with(
        ZlibEncoder::new(Vec::new(), Compression::fast()),
        ZlibEncoder::finish,
    );
    let raw = with(
        DeflateEncoder::new(Vec::new(), Compression::fast()),
        DeflateEncoder::finish,
    );
    let mut twice = GzEncoder::new(Vec::new(), Compression::fast());
    twice.write_all(&gzip()).unwrap();
    let members = [gzip(), gzip(), b"rest".to_vec()].concat();
    for (encoding, body, expected) in [
        ("gzip", gzip(), "hello"),
        ("X-GZIP", gzip(), "hello"),
        ("deflate", zlib, "hello"),
        ("deflate", raw, "hello"),
        ("gzip, gzip", twice.finish().unwrap(), "hello"),
        ("gzip", members, "hellohello"),
        ("br", b"left".to_vec(), "left"),
        ("gzip", Vec::new(), ""),
    ] {
        let header = format!("Content-Encoding: {encoding}\r\n");
        let server = Server::start(move |_| answer("200 OK", &header, &body)).await;
        let response = door()
            .http(&pass(5.0), get(&server.url("/")))
            .await
            .unwrap();
        assert_eq!(response.text(), expected, "{encoding}");
        assert_eq!(
            response.header("content-encoding").as_deref(),
            Some(encoding)
        );
    }
}

#[tokio::test]
async fn nobody_there_is_a_failed_connection_with_the_innermost_cause() {
    let url = format!("http://user:s3cret@127.0.0.1:{}/x", closed_port());
    let error = door().http(&pass(5.0), get(&url)).await.unwrap_err();
    assert!(matches!(error, HttpError::Connect { .. }), "{error:?}");
    assert!(
        error
            .to_string()
            .ends_with("/x: Connection refused (os error 111)"),
        "{error}"
    );
    assert!(!error.to_string().contains("s3cret"));
    let error = door()
        .http(&pass(5.0), get("http://no-such-host.invalid/"))
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::Connect { .. }), "{error:?}");
}

#[tokio::test]
async fn each_try_is_charged_and_recorded_until_somebody_answers() {
    let url = format!("http://127.0.0.1:{}/", closed_port());
    let (door, ledger) = door_with(&[]);
    let request = chaos_host_api::http::HttpRequest {
        retries: 2,
        ..post(&url, "")
    };
    door.http(&pass(5.0), request).await.unwrap_err();
    assert_eq!(door.budget().spent().http_requests, 3);
    assert_eq!(ledger.intents.lock().unwrap().len(), 3);
    assert!(
        ledger
            .done
            .lock()
            .unwrap()
            .iter()
            .all(|done| done.error.is_some())
    );
}

#[tokio::test]
async fn a_request_that_left_is_tried_again_only_if_it_may_be_repeated() {
    let later = answer("503 Later", "Retry-After: 0\r\n", b"");
    let much_later = answer("503 Later", "Retry-After: 3600\r\n", b"");
    let broken = send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    for (script, method, tries) in [
        (vec![Step::Reset], "GET", 3),
        (vec![Step::Reset], "POST", 1),
        (vec![], "DELETE", 3),
        (vec![Step::Hold], "GET", 3),
        (vec![Step::Hold], "POST", 1),
        (later.clone(), "PUT", 3),
        (later, "PATCH", 1),
        (much_later, "GET", 1),
        (answer("503 Down", "", b""), "GET", 1),
        (broken, "GET", 1),
    ] {
        let server = Server::start(move |_| script.clone()).await;
        let request = chaos_host_api::http::HttpRequest {
            method: method.into(),
            retries: 2,
            answer_timeout: Some(Duration::from_millis(100)),
            ..post(&server.url("/"), "")
        };
        let _ = door().http(&pass(5.0), request).await;
        assert_eq!(server.seen().len(), tries, "{method}");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_a_failed_connection() {
    for script in [
        vec![],
        vec![Step::Reset],
        send("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        send("HTTP/1.1 200 OK\r\nContent-Le"),
    ] {
        let server = Server::start(move |_| script.clone()).await;
        let error = door()
            .http(&pass(5.0), get(&server.url("/")))
            .await
            .unwrap_err();
        assert!(matches!(error, HttpError::Connect { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    let gzip = answer("200 OK", "Content-Encoding: gzip\r\n", [0x1f, 0x8b, 8, 0]);
    for script in [
        send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        gzip,
    ] {
        let server = Server::start(move |_| script.clone()).await;
        let error = door()
            .http(&pass(5.0), get(&server.url("/")))
            .await
            .unwrap_err();
        assert!(matches!(error, HttpError::Broken { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn wrong_requests_are_refused_before_anything_is_sent() {
    let server = Server::start(|_| ok("")).await;
    let url = server.url("/");
    let with_header = |name: &str, value: &str| chaos_host_api::http::HttpRequest {
        headers: vec![(name.into(), value.into())],
        ..get(&url)
    };
    let with_method = |method: &str| chaos_host_api::http::HttpRequest {
        method: method.into(),
        ..get(&url)
    };
    for request in [
        get("127.0.0.1/x"),
        get("ftp://127.0.0.1/"),
        get("http://"),
        get("http://127.0.0.1:99999/"),
        with_header("Bad Name", "s3cret"),
        with_header("X", "s3cret\r\nInjected: 1"),
        with_header("X", "s3cret ✅"),
        with_method("GET / HTTP/1.1\r\nX:"),
        with_method("CONNECT"),
    ] {
        let error = door().http(&pass(5.0), request).await.unwrap_err();
        assert!(matches!(error, HttpError::Invalid(_)), "{error:?}");
        assert!(
            !format!("{error} {error:?}").contains("s3cret"),
            "{error:?}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn the_door_refuses_what_is_not_allowed_or_not_afforded() {
    let server = Server::start(|_| ok("")).await;
    let probe = Pass::new("p", Effect::Read, Deadline::after(Duration::from_secs(5)));
    let error = door()
        .http(&probe, post(&server.url("/"), ""))
        .await
        .unwrap_err();
    assert!(
        matches!(error, HttpError::Refused(Refusal::ReadOnly { .. })),
        "{error:?}"
    );
    let ceilings = Ceilings {
        http_requests: 1,
        ..Ceilings::default()
    };
    let poor = Door::new(Arc::new(NoLedger), ceilings);
    poor.http(&probe, get(&server.url("/"))).await.unwrap();
    let error = poor.http(&probe, get(&server.url("/"))).await.unwrap_err();
    assert!(
        matches!(error, HttpError::Refused(Refusal::Budget { .. })),
        "{error:?}"
    );
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn credentials_of_the_url_are_sent_and_never_written_down() {
    let server = Server::start(|_| ok("")).await;
    let (door, ledger) = door_with(&[]);
    let url = format!("http://user:s3cret@{}/x", server.address);
    door.http(&pass(5.0), post(&url, "")).await.unwrap();
    assert_eq!(
        server.seen()[0].header("authorization"),
        Some("Basic dXNlcjpzM2NyZXQ=")
    );
    let intent = ledger.intents.lock().unwrap()[0].clone();
    assert_eq!(intent.target, format!("POST {}", server.url("/x")));
    assert_eq!(ledger.done.lock().unwrap()[0].error, None);
}

#[tokio::test]
async fn netrc_fills_in_where_the_request_says_nothing() {
    let server = Server::start(|_| ok("")).await;
    let folder = tempfile::tempdir().unwrap();
    let netrc = folder.path().join("netrc");
    std::fs::write(&netrc, "machine 127.0.0.1 login user password s3cret\n").unwrap();
    let (door, _) = door_with(&[("NETRC", netrc.to_str().unwrap())]);
    door.http(&pass(5.0), get(&server.url("/"))).await.unwrap();
    let own = chaos_host_api::http::HttpRequest {
        headers: vec![("authorization".into(), "Bearer own".into())],
        ..get(&server.url("/"))
    };
    door.http(&pass(5.0), own).await.unwrap();
    assert_eq!(
        server.seen()[0].header("authorization"),
        Some("Basic dXNlcjpzM2NyZXQ=")
    );
    assert_eq!(server.seen()[1].header("authorization"), Some("Bearer own"));
}

#[tokio::test]
async fn the_environments_proxy_is_used_except_where_it_says_no() {
    let proxy = Server::start(|_| ok("from the proxy")).await;
    let server = Server::start(|_| ok("direct")).await;
    let proxy_url = format!("http://me:s3cret@{}", proxy.address);
    let (proxied, _) = door_with(&[("HTTP_PROXY", &proxy_url)]);
    let response = proxied
        .http(&pass(5.0), get("http://service.example/x?y"))
        .await
        .unwrap();
    assert_eq!(response.text(), "from the proxy");
    assert_eq!(
        proxy.seen()[0].line,
        "GET http://service.example/x?y HTTP/1.1"
    );
    assert_eq!(proxy.seen()[0].header("host"), Some("service.example"));
    assert_eq!(
        proxy.seen()[0].header("proxy-authorization"),
        Some("Basic bWU6czNjcmV0")
    );
    let (spared, _) = door_with(&[("http_proxy", &proxy_url), ("NO_PROXY", "127.0.0.1")]);
    let response = spared
        .http(&pass(5.0), get(&server.url("/")))
        .await
        .unwrap();
    assert_eq!(response.text(), "direct");
    let refused = format!("http://127.0.0.1:{}", closed_port());
    let (broken, _) = door_with(&[("HTTP_PROXY", &refused)]);
    let error = broken
        .http(&pass(5.0), get(&server.url("/")))
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::Connect { .. }), "{error:?}");
}
