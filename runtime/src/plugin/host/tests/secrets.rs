use super::super::bindings::chaos::host::http::{Error as HttpError, Host as Http, Request};
use super::super::bindings::chaos::host::secrets::{Error, Host};
use super::Given;
use super::http::get;
use super::server::{Seen, Server, answer, ok};
use proptest::prelude::*;

const TOKEN: &str = "t0p/s3cret";

/// Says back what it was told, wherever it can.
fn echo(asked: &Seen) -> super::server::Answer {
    let told = format!("{asked:?}");
    let header = asked.header("x-token").unwrap_or_default();
    answer(
        "200 OK",
        &format!("X-Echo: <{header}>\r\n"),
        told.as_bytes(),
    )
}

fn text(result: Result<String, Error>) -> (&'static str, String) {
    match result {
        Ok(text) => ("ok", text),
        Err(Error::Denied(text)) => ("denied", text),
        Err(Error::Unknown(text)) => ("unknown", text),
    }
}

#[tokio::test]
async fn a_secret_arrives_and_is_never_seen() {
    let server = Server::start(echo).await;
    let url = &server.url;
    let grants = [
        format!("http POST {url}/*"),
        format!("secrets shop.token to {url}/*"),
    ];
    let mut state = Given::grants(grants).state();
    let token = state.placeholder("shop".into(), "token".into()).await;
    let token = token.unwrap().unwrap();
    assert!(!token.contains("s3cret"));
    let basic = state.basic_authorization("me".into(), "shop".into(), "token".into());
    let basic = basic.await.unwrap().unwrap();
    let request = |kind: &str, body: String| Request {
        method: "POST".into(),
        headers: vec![
            ("X-Token".into(), format!("Bearer {token}")),
            ("Authorization".into(), basic.clone()),
            ("Content-Type".into(), kind.into()),
        ],
        body: body.into(),
        ..get(format!("{url}/{token}?key={token}"))
    };
    for (kind, body, arrived) in [
        (
            "application/json",
            format!("{{\"a\":\"{token}\"}}"),
            "{\"a\":\"t0p/s3cret\"}",
        ),
        (
            "application/x-www-form-urlencoded",
            format!("a={token}"),
            "a=t0p%2Fs3cret",
        ),
        ("text/plain", format!("{token}!"), "t0p/s3cret!"),
    ] {
        let response = state.send(request(kind, body)).await.unwrap().unwrap();
        let seen = server.seen().pop().unwrap();
        assert_eq!(seen.line, "POST /t0p%2Fs3cret?key=t0p%2Fs3cret");
        assert_eq!(seen.header("x-token"), Some("Bearer t0p/s3cret"));
        assert_eq!(
            seen.header("authorization"),
            Some("Basic bWU6dDBwL3MzY3JldA==")
        );
        assert_eq!(seen.body, arrived);
        let told = format!(
            "{:?}{}",
            response.headers,
            String::from_utf8(response.body).unwrap()
        );
        assert!(told.contains("********"), "{told}");
        for secret in [TOKEN, "t0p%2Fs3cret", "dDBwL3MzY3JldA", "s3cret"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

#[tokio::test]
async fn a_secret_goes_nowhere_else() {
    let other = Server::start(echo).await;
    let place = other.url.clone();
    let server = Server::start(move |asked| match asked.line.as_str() {
        "GET /out" => answer("307 Moved", &format!("Location: {place}/\r\n"), b""),
        _ => ok(""),
    })
    .await;
    let grants = [
        format!("http GET {}/*", server.url),
        format!("http GET {}/*", other.url),
        format!("secrets shop.token to {}/*", server.url),
    ];
    let mut state = Given::grants(grants).state();
    let token = state.placeholder("shop".into(), "token".into()).await;
    let token = token.unwrap().unwrap();
    let with = |url: String| Request {
        headers: vec![("X-Token".into(), token.clone())],
        redirects: 3,
        ..get(url)
    };
    for url in [format!("{}/", other.url), format!("{}/out", server.url)] {
        match state.send(with(url.clone())).await.unwrap() {
            Err(HttpError::Denied(text)) => assert!(!text.contains("s3cret"), "{text}"),
            other => panic!("{url}: {other:?}"),
        }
    }
    assert!(other.seen().is_empty());
    // Without it, the same way is open.
    let plain = Request {
        redirects: 3,
        ..get(format!("{}/out", server.url))
    };
    assert_eq!(state.send(plain).await.unwrap().unwrap().status, 200);
}

#[tokio::test]
async fn an_answer_that_could_hide_a_secret_is_refused() {
    let server = Server::start(|_| answer("200 OK", "Content-Encoding: br\r\n", b"\x0b")).await;
    let grants = [
        format!("http GET {}/*", server.url),
        format!("secrets shop.token to {}/*", server.url),
    ];
    let mut state = Given::grants(grants).state();
    assert!(state.send(get(&server.url)).await.unwrap().is_ok());
    state
        .placeholder("shop".into(), "token".into())
        .await
        .unwrap()
        .unwrap();
    let refused = state.send(get(&server.url)).await.unwrap();
    assert!(matches!(refused, Err(HttpError::Broken(text)) if text.contains("br")));
}

#[tokio::test]
async fn who_gets_a_placeholder() {
    let grants = [
        "secrets shop.token to http://127.0.0.1:1/*",
        "secrets shop.number to http://127.0.0.1:1/*",
        "secrets shop.pin to http://127.0.0.1:1/*",
        "secrets shop.flag to http://127.0.0.1:1/*",
        "secrets shop.nothing to http://127.0.0.1:1/*",
    ];
    let mut state = Given::grants(grants).state();
    for (target, key, kind, says) in [
        ("shop", "token", "ok", "chaos-secret-"),
        ("shop", "number", "ok", "chaos-secret-"),
        ("shop", "pin", "denied", "too short"),
        ("shop", "flag", "unknown", "not a text"),
        ("shop", "nothing", "unknown", "no secret shop.nothing"),
        ("other", "key", "denied", "other.key"),
        ("nobody", "key", "denied", "nobody.key"),
    ] {
        let given = state.placeholder(target.into(), key.into()).await.unwrap();
        let given = text(given);
        assert_eq!(given.0, kind, "{key}: {}", given.1);
        assert!(given.1.contains(says), "{}", given.1);
    }
    let again = async |state: &mut super::State| {
        text(
            state
                .placeholder("shop".into(), "token".into())
                .await
                .unwrap(),
        )
        .1
    };
    let own = again(&mut state).await;
    assert_eq!(again(&mut state).await, own);
    let mut next = Given::grants(grants).state();
    assert_ne!(
        again(&mut next).await,
        own,
        "a placeholder is of one call only"
    );
    let colon = state
        .basic_authorization("a:b".into(), "shop".into(), "token".into())
        .await;
    assert_eq!(text(colon.unwrap()).0, "denied");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_name_is_answered(user in any::<String>(), target in any::<String>(), key in any::<String>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut state = Given::grants::<&str>([]).state();
            let given = state.placeholder(target.clone(), key.clone()).await.unwrap();
            assert_eq!(text(given).0, "denied");
            let given = state.basic_authorization(user, target, key).await.unwrap();
            assert_eq!(text(given).0, "denied");
        });
    }
}
