use super::server::{Answer, Server, answer, ok};
use super::{Given, State};
use crate::plugin::limits::Limits;
use bytes::Bytes;
use chaos_host_api::Effect;
use http_body_util::{BodyExt, Full};
use proptest::prelude::*;
use std::pin::Pin;
use std::time::Duration;
use wasmtime_wasi_http::{Error, RequestOptions, WasiHttpView};

async fn sent(
    state: &mut State,
    request: http::Request<Full<Bytes>>,
    options: Option<RequestOptions>,
) -> Result<http::Response<Bytes>, Error> {
    let request = request.map(|body| body.map_err(Error::from).boxed_unsync());
    let sending = state
        .http()
        .hooks
        .send_request(request, options, Box::new(async { Ok(()) }));
    let (response, _) = Pin::from(sending).await?;
    let (head, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(http::Response::from_parts(head, body))
}

fn request(method: &str, url: &str, body: &'static str) -> http::Request<Full<Bytes>> {
    let made = http::Request::builder().method(method).uri(url);
    made.body(Full::new(Bytes::from_static(body.as_bytes())))
        .unwrap()
}

async fn fails(state: &mut State, request: http::Request<Full<Bytes>>) -> String {
    match sent(state, request, None).await {
        Ok(response) => format!("{}", response.status()),
        Err(error) => format!("{error:?}"),
    }
}

#[tokio::test]
async fn a_librarys_request_passes_the_same_door() {
    let server = Server::start(|asked| {
        let token = asked.header("x-token").unwrap_or_default();
        answer(
            "201 Created",
            "X-A: 1\r\nX-A: 2\r\n",
            format!("{} {token}", asked.body).as_bytes(),
        )
    })
    .await;
    let grants = [
        format!("http POST {}/*", server.url),
        format!("secrets shop.token to {}/*", server.url),
    ];
    let mut state = Given::grants(grants).state();
    let token = super::super::bindings::chaos::host::secrets::Host::placeholder(
        &mut state,
        "shop".into(),
        "token".into(),
    );
    let token = token.await.unwrap().unwrap();
    let mut asking = request("POST", &format!("{}/a?b", server.url), "ping");
    asking
        .headers_mut()
        .insert("x-token", token.parse().unwrap());
    asking
        .headers_mut()
        .insert("content-length", "4".parse().unwrap());
    let response = sent(&mut state, asking, None).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers().get_all("x-a").iter().count(), 2);
    assert_eq!(response.body(), "ping ********");
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /a?b");
    assert_eq!(seen.header("x-token"), Some("t0p/s3cret"));
    assert_eq!(seen.header("host"), server.url.strip_prefix("http://"));
    let _ = state.http();
    assert_eq!(state.meter.host_calls, 2 + 1);
    assert!(state.meter.host_bytes > 16);
}

#[tokio::test]
async fn what_a_library_may_not() {
    let server = Server::start(|asked| match asked.line.as_str() {
        "GET /hold" => Answer::Hold,
        "GET /away" => answer("302 Found", "Location: http://127.0.0.1:1/\r\n", b""),
        "GET /short" => Answer::Now(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".to_vec()),
        _ => ok(&"x".repeat(2000)),
    })
    .await;
    let given = || Given {
        limits: Limits {
            answer_bytes: 1000,
            ..Limits::default()
        },
        ..Given::grants([
            format!("http GET,POST {}/*", server.url),
            "http GET http://127.0.0.1:1/*".to_owned(),
        ])
    };
    let url = |path: &str| format!("{}{path}", server.url);
    let mut state = given().state();
    let away = fails(&mut state, request("GET", &url("/away"), "")).await;
    assert_eq!(away, "302 Found", "a library follows redirects itself");
    for (asking, end) in [
        (request("DELETE", &url("/"), ""), "HttpRequestDenied"),
        (
            request("GET", "http://127.0.0.1:2/", ""),
            "HttpRequestDenied",
        ),
        (
            request("GET", "http://u:p@127.0.0.1:1/", ""),
            "HttpRequestUriInvalid",
        ),
        (
            request("GET", "http://127.0.0.1:1/", ""),
            "ConnectionRefused",
        ),
        (
            request("GET", &url("/large"), ""),
            "HttpResponseBodySize(Some(1000))",
        ),
        (request("GET", "/only/a/path", ""), "HttpRequestUriInvalid"),
        (request("OPTIONS", "*", ""), "HttpRequestUriInvalid"),
    ] {
        let shown = format!("{asking:?}");
        assert_eq!(fails(&mut state, asking).await, end, "{shown}");
    }
    let mut closing = request("GET", &url("/short"), "");
    closing
        .headers_mut()
        .insert("x-close", "1".parse().unwrap());
    assert_eq!(fails(&mut state, closing).await, "HttpResponseIncomplete");
    let mut upgrading = request("GET", &url("/"), "");
    upgrading
        .headers_mut()
        .insert("upgrade", "websocket".parse().unwrap());
    assert!(
        fails(&mut state, upgrading)
            .await
            .starts_with("InternalError")
    );
    let hurried = RequestOptions {
        first_byte_timeout: Some(Duration::from_millis(50)),
        ..RequestOptions::default()
    };
    let late = sent(&mut state, request("GET", &url("/hold"), ""), Some(hurried)).await;
    assert!(matches!(late, Err(Error::HttpResponseTimeout)));
    let long: &'static str = Box::leak("x".repeat(1001).into_boxed_str());
    let end = fails(&mut state, request("POST", &url("/"), long)).await;
    assert_eq!(end, "HttpRequestBodySize(Some(1000))");

    let mut probe = Given {
        allowed: Effect::Read,
        ..given()
    }
    .state();
    let end = fails(&mut probe, request("POST", &url("/"), "")).await;
    assert_eq!(end, "HttpRequestDenied");
}

#[tokio::test]
async fn calls_beyond_the_limit_are_not_made() {
    let server = Server::start(|_| ok("")).await;
    let mut state = Given {
        limits: Limits {
            host_calls: 1,
            ..Limits::default()
        },
        ..Given::grants([format!("http GET {}/*", server.url)])
    }
    .state();
    assert_eq!(
        fails(&mut state, request("GET", &server.url, "")).await,
        "200 OK"
    );
    state.meter.tick().unwrap();
    let end = fails(&mut state, request("GET", &server.url, "")).await;
    assert_eq!(end, "ConnectionLimitReached");
    assert_eq!(server.seen().len(), 1);
    let met = state.meter.tick().unwrap_err();
    assert!(met.to_string().contains("limit host-calls"), "{met}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Nothing is granted, so nothing leaves, whatever is asked.
    #[test]
    fn any_request_fails(
        uri in prop_oneof![any::<String>(), "(http|https)://[a-z0-9@:.\\[\\]%]{0,20}[/?*][a-z:/?@]{0,20}"],
        method in "[A-Z!a-z]{1,9}",
    ) {
        let made = http::Request::builder().method(method.as_str()).uri(uri).body(Full::default());
        let Ok(asking) = made else {
            return Ok(());
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let sent = runtime.block_on(async {
            let mut state = Given::grants::<&str>([]).state();
            sent(&mut state, asking, None).await.is_ok()
        });
        prop_assert!(!sent);
    }
}
