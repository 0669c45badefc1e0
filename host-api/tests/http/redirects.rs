use crate::{door, door_with, get, pass, post};
use chaos_host_api::Effect;
use chaos_host_api::http::{HttpError, HttpRequest};
use chaos_tests::scripted::{Server, answer, ok};

/// Answers `/<status>` with that status and a redirect to `/end`, with a cookie.
async fn redirecting() -> Server {
    Server::start(|request| {
        let path = request.target();
        match path.trim_start_matches('/').parse::<u16>() {
            Ok(status) => answer(
                format!("{status} Redirect"),
                "Location: /end\r\nSet-Cookie: id=7; Path=/\r\n",
                b"",
            ),
            Err(_) => ok("end"),
        }
    })
    .await
}

#[tokio::test]
async fn methods_and_bodies_change_as_in_requests() {
    for (status, method, then, keeps_body) in [
        (301, "POST", "GET", false),
        (301, "PUT", "PUT", false),
        (302, "POST", "GET", false),
        (302, "DELETE", "GET", false),
        (302, "HEAD", "HEAD", false),
        (303, "PUT", "GET", false),
        (307, "POST", "POST", true),
        (308, "PATCH", "PATCH", true),
    ] {
        let server = redirecting().await;
        let request = HttpRequest {
            method: method.into(),
            headers: vec![
                ("Content-Type".into(), "text/plain".into()),
                ("X-Own".into(), "kept".into()),
                ("Authorization".into(), "Bearer t".into()),
            ],
            ..post(&server.url(&format!("/{status}")), "body")
        };
        let (door, ledger) = door_with(&[]);
        door.http(&pass(5.0), request).await.unwrap();
        let seen = server.seen();
        let end = &seen[1];
        assert_eq!(
            end.line,
            format!("{then} /end HTTP/1.1"),
            "{status} {method}"
        );
        assert_eq!(
            end.body,
            if keeps_body { "body" } else { "" },
            "{status} {method}"
        );
        assert_eq!(
            end.header("content-type").is_some(),
            keeps_body,
            "{status} {method}"
        );
        assert_eq!(end.header("x-own"), Some("kept"));
        assert_eq!(end.header("authorization"), Some("Bearer t"));
        assert_eq!(end.header("cookie"), Some("id=7"));
        // Each hop is a call of its own; one that became a GET only looks.
        assert_eq!(door.budget().spent().http_requests, 2);
        let effect = ledger.done.lock().unwrap()[1].effect;
        let looks = then == "GET" && method != "GET";
        assert_eq!(effect == Effect::Read, looks, "{status} {method}");
    }
}

#[tokio::test]
async fn credentials_and_cookies_stay_with_their_host() {
    let other = Server::start(|_| ok("other")).await;
    let location = format!(
        "Location: http://localhost:{}/\r\nSet-Cookie: a=b\r\n",
        other.address.port()
    );
    let server = Server::start(move |_| answer("302 Found", &location, b"")).await;
    let request = HttpRequest {
        headers: vec![
            ("Authorization".into(), "Bearer s3cret".into()),
            ("Cookie".into(), "s3cret=1".into()),
        ],
        ..get(&server.url("/"))
    };
    door().http(&pass(5.0), request).await.unwrap();
    let seen = other.seen();
    assert_eq!(seen[0].header("authorization"), None);
    assert_eq!(seen[0].header("cookie"), None);
    assert_eq!(
        seen[0].header("host"),
        Some(format!("localhost:{}", other.address.port()).as_str())
    );
}

#[tokio::test]
async fn redirects_end() {
    let server = Server::start(|_| answer("302 Found", "Location: /again\r\n", b"")).await;
    let door = door();
    let error = door
        .http(&pass(20.0), get(&server.url("/")))
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::Broken { .. }), "{error:?}");
    assert!(
        error.to_string().ends_with("more than 30 redirects"),
        "{error}"
    );
    assert_eq!(server.seen().len(), 31);
    assert_eq!(door.budget().spent().http_requests, 31);
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_a_broken_answer() {
    for location in ["ftp://127.0.0.1/", "file:///etc/passwd", "http://"] {
        let header = format!("Location: {location}\r\n");
        let server = Server::start(move |_| answer("302 Found", &header, b"")).await;
        let error = door()
            .http(&pass(5.0), get(&server.url("/")))
            .await
            .unwrap_err();
        assert!(
            matches!(error, HttpError::Broken { .. }),
            "{location} {error:?}"
        );
    }
    let server = Server::start(|_| answer("302 Found", "", b"stay")).await;
    let response = door()
        .http(&pass(5.0), get(&server.url("/")))
        .await
        .unwrap();
    assert_eq!((response.status, &response.body[..]), (302, &b"stay"[..]));
}
