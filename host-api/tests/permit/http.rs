use super::*;
use chaos_tests::scripted::{Server, answer, ok};

async fn denied(bench: &Bench, pass: &Pass, request: HttpRequest) -> String {
    match bench.send(pass, request).await {
        Err(HttpError::Refused(refusal)) => denial(&refusal),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn nothing_is_granted_by_nothing() {
    let server = Server::start(|_| ok("")).await;
    let bench = Bench::new();
    let url = server.url("/x");
    let text = denied(&bench, &action(&policy(&[])), request("GET", &url)).await;
    assert_eq!(
        text,
        format!(
            "denied: GET {url}: not granted by chaos-wasm.toml [plugins.x]; to allow it add to its \
             `http`: \"GET {url}\""
        )
    );
    let typed = Layer {
        name: Layer::COMMAND_LINE.to_owned(),
        grants: Default::default(),
    };
    let typed = Arc::new(Permit::new([typed]));
    let text = denied(&bench, &action(&typed), request("GET", &url)).await;
    assert!(
        text.ends_with(&format!("to allow it add --grant 'http GET {url}'")),
        "{text}"
    );
    let none = Arc::new(Permit::new([]));
    let text = denied(&bench, &action(&none), request("GET", &url)).await;
    assert!(text.contains("not granted by any document"), "{text}");
    assert_eq!(server.connections(), 0);
    assert!(bench.intents().is_empty());
    let recorded: Vec<_> = bench.done().into_iter().map(|done| done.error).collect();
    assert!(
        recorded
            .iter()
            .flatten()
            .all(|error| error.starts_with("denied: GET"))
    );
    assert_eq!(recorded.len(), 3);
    assert_eq!(bench.door.budget().spent().calls, 0);
}

#[tokio::test]
async fn the_line_that_a_denial_names_is_the_one_that_helps() {
    let server = Server::start(|_| ok("")).await;
    for path in ["/x", "/", "/a/b?secret=query", "/a%2Fb", "/a/..%2fb", "/é"] {
        let bench = Bench::new();
        let url = server.url(path);
        let text = denied(&bench, &action(&policy(&[])), request("POST", &url)).await;
        assert!(!text.contains("secret"), "{text}");
        let line = text.split('"').nth(1).unwrap();
        let permit = policy(&[&format!("http {line}")]);
        let answer = bench.send(&action(&permit), request("POST", &url)).await;
        assert_eq!(answer.unwrap().status, 200, "{path}");
    }
}

#[tokio::test]
async fn manifest_and_policy_both_have_to_grant() {
    let server = Server::start(|_| ok("")).await;
    let bench = Bench::new();
    let line = format!("http GET {}", server.url("/*"));
    for (manifest, policy, expected) in [
        (true, true, None),
        (true, false, Some("by chaos-wasm.toml [plugins.x];")),
        (false, true, Some("by plugin.toml;")),
        (
            false,
            false,
            Some("by plugin.toml and chaos-wasm.toml [plugins.x];"),
        ),
    ] {
        let of = |granted: bool| if granted { vec![line.as_str()] } else { vec![] };
        let permit = layers(&[&of(manifest), &of(policy)]);
        let request = request("GET", &server.url("/x"));
        match expected {
            None => assert_eq!(
                bench.send(&action(&permit), request).await.unwrap().status,
                200
            ),
            Some(expected) => {
                let text = denied(&bench, &action(&permit), request).await;
                assert!(text.contains(expected), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn every_field_of_a_line_bites() {
    let server = Server::start(|_| ok("")).await;
    let port = server.address.port();
    let bench = Bench::new();
    for (line, method, url) in [
        (
            "GET http://127.0.0.1:PORT/*",
            "POST",
            "http://127.0.0.1:PORT/",
        ),
        (
            "GET http://127.0.0.1:PORT/*",
            "HEAD",
            "http://127.0.0.1:PORT/",
        ),
        (
            "GET https://127.0.0.1:PORT/*",
            "GET",
            "http://127.0.0.1:PORT/",
        ),
        (
            "GET http://127.0.0.2:PORT/*",
            "GET",
            "http://127.0.0.1:PORT/",
        ),
        (
            "GET http://localhost:PORT/*",
            "GET",
            "http://127.0.0.1:PORT/",
        ),
        (
            "GET http://127.0.0.1:PORT/*",
            "GET",
            "http://localhost:PORT/",
        ),
        ("GET http://127.0.0.1/*", "GET", "http://127.0.0.1:PORT/"),
        (
            "GET http://127.0.0.1:PORT/a",
            "GET",
            "http://127.0.0.1:PORT/b",
        ),
        (
            "GET http://127.0.0.1:PORT/a",
            "GET",
            "http://127.0.0.1:PORT/a/b",
        ),
        (
            "GET http://127.0.0.1:PORT/a/*",
            "GET",
            "http://127.0.0.1:PORT/b",
        ),
        (
            "GET http://127.0.0.1:PORT/a/*",
            "GET",
            "http://127.0.0.1:PORT/a/../b",
        ),
        (
            "GET http://127.0.0.1:PORT/a/*",
            "GET",
            "http://127.0.0.1:PORT/a/..%2fb",
        ),
        (
            "GET http://127.0.0.1:PORT/a/*",
            "GET",
            "http://127.0.0.1:PORT/a/%2e%2e/b",
        ),
        (
            "GET http://127.0.0.1:PORT/a/*",
            "GET",
            "http://127.0.0.1:PORT/a/..\\b",
        ),
        (
            "GET http://127.0.0.1:PORT/*",
            "GET",
            "http://[::ffff:127.0.0.1]:PORT/",
        ),
        (
            "GET http://*.example.com:PORT/*",
            "GET",
            "http://127.0.0.1:PORT/",
        ),
    ] {
        let of = |text: &str| text.replace("PORT", &port.to_string());
        let permit = policy(&[&format!("http {}", of(line))]);
        let text = denied(&bench, &action(&permit), request(method, &of(url))).await;
        assert!(text.contains("to allow it add"), "{text}");
    }
    assert_eq!(server.connections(), 0);
}

/// Whoever reads such a URL may take the user's name for the host.
#[tokio::test]
async fn a_guests_url_holds_no_user_name() {
    let server = Server::start(|_| ok("")).await;
    let address = server.address;
    let permit = policy(&[&format!("http GET {}", server.url("/*"))]);
    for user in ["example.com", "user:password"] {
        let asking = request("GET", &format!("http://{user}@{address}/"));
        let refused = Bench::new().send(&action(&permit), asking).await;
        let Err(HttpError::Invalid(text)) = refused else {
            panic!("not refused: {refused:?}");
        };
        assert!(!text.contains("password@"), "{text}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_path_that_may_mean_another_is_denied_with_that_reason() {
    let server = Server::start(|_| ok("")).await;
    let permit = policy(&[&format!("http GET {}", server.url("/a/*"))]);
    let url = server.url("/a/..%2Fb");
    let text = denied(&Bench::new(), &action(&permit), request("GET", &url)).await;
    assert_eq!(
        text,
        format!(
            "denied: GET {url}: its path may be another one to the server than it seems; not \
             granted by chaos-wasm.toml [plugins.x]; to allow it add to its `http`: \"GET {url}\""
        )
    );
}

#[tokio::test]
async fn other_spellings_of_a_granted_address_are_that_address() {
    let server = Server::start(|_| ok("")).await;
    let port = server.address.port();
    let bench = Bench::new();
    let permit = policy(&[&format!("http GET {}", server.url("/*"))]);
    for host in ["2130706433", "0x7f000001", "0177.0.0.1", "127.1"] {
        let url = format!("http://{host}:{port}/");
        let answer = bench.send(&action(&permit), request("GET", &url)).await;
        assert_eq!(answer.unwrap().status, 200, "{host}");
    }
    let localhost = policy(&[&format!("http GET http://localhost:{port}/*")]);
    let url = format!("http://LOCALHOST:{port}/");
    let answer = bench.send(&action(&localhost), request("GET", &url)).await;
    assert_eq!(answer.unwrap().status, 200);
}

#[tokio::test]
async fn every_redirect_is_held_against_the_grants() {
    let inside = Server::start(|_| ok("secret")).await;
    let to = inside.url("/internal");
    let server = Server::start(move |seen| match seen.line.split(' ').nth(1) {
        Some("/here") => answer("302 Found", "Location: /there\r\n", b""),
        Some("/there") => ok("there"),
        Some("/up") => answer("302 Found", "Location: /granted/..%2fadmin\r\n", b""),
        _ => answer("302 Found", &format!("Location: {to}\r\n"), b""),
    })
    .await;
    let bench = Bench::new();
    let permit = policy(&[&format!("http GET {}", server.url("/*"))]);
    let answer = bench
        .send(&action(&permit), request("GET", &server.url("/here")))
        .await;
    assert_eq!(answer.unwrap().body, "there");

    let text = denied(
        &bench,
        &action(&permit),
        request("GET", &server.url("/away")),
    )
    .await;
    assert!(
        text.starts_with(&format!("denied: GET {}: ", inside.url("/internal"))),
        "{text}"
    );
    assert_eq!(inside.connections(), 0);

    let narrow = policy(&[&format!("http GET {}", server.url("/here"))]);
    let text = denied(
        &bench,
        &action(&narrow),
        request("GET", &server.url("/here")),
    )
    .await;
    assert!(text.contains("/there"), "{text}");
    let narrow = policy(&[
        &format!("http GET {}", server.url("/up")),
        &format!("http GET {}", server.url("/granted/*")),
    ]);
    denied(&bench, &action(&narrow), request("GET", &server.url("/up"))).await;
}

#[tokio::test]
async fn as_many_redirects_are_followed_as_were_asked_for() {
    let server = Server::start(|_| answer("302 Found", "Location: /again\r\n", b"")).await;
    let bench = Bench::new();
    let permit = policy(&[&format!("http GET {}", server.url("/*"))]);
    for redirects in [0, 1, 3] {
        let before = server.connections();
        let request = HttpRequest {
            redirects: Some(redirects),
            ..request("GET", &server.url("/"))
        };
        let answer = bench.send(&action(&permit), request).await.unwrap();
        assert_eq!(answer.status, 302);
        assert_eq!(server.connections() - before, usize::from(redirects) + 1);
    }
}

#[tokio::test]
async fn a_probe_only_looks_whatever_it_was_granted() {
    let server = Server::start(|_| ok("")).await;
    let url = server.url("/x");
    let all = format!(
        "http GET,HEAD,OPTIONS,POST,PUT,PATCH,DELETE {}",
        server.url("/*")
    );
    let bench = Bench::new();
    for (method, looks) in [
        ("GET", true),
        ("HEAD", true),
        ("OPTIONS", true),
        ("POST", false),
        ("PUT", false),
        ("PATCH", false),
        ("DELETE", false),
    ] {
        let answer = bench
            .send(&probe(&policy(&[&all])), request(method, &url))
            .await;
        match answer {
            Ok(_) => assert!(looks, "{method}"),
            Err(HttpError::Refused(Refusal::ReadOnly { .. })) => assert!(!looks, "{method}"),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(server.connections(), 3);
    assert!(bench.intents().is_empty());

    let read = format!("http POST {} as read", server.url("/*"));
    for (lines, looks) in [
        ([&read, &read], true),
        ([&all, &read], false),
        ([&read, &all], false),
    ] {
        let permit = layers(&[&[lines[0].as_str()], &[lines[1].as_str()]]);
        let answer = bench.send(&probe(&permit), request("POST", &url)).await;
        assert_eq!(answer.is_ok(), looks, "{lines:?}");
    }
}

/// What a guest says that its request does counts for nothing: it is written down first.
#[tokio::test]
async fn a_guests_changes_are_written_down_whatever_it_calls_them() {
    let server = Server::start(|seen| match seen.line.contains("/move") {
        true => answer("307 Temporary Redirect", "Location: /x\r\n", b""),
        false => ok(""),
    })
    .await;
    let bench = Bench::new();
    let permit = policy(&[&format!("http GET,DELETE {}", server.url("/*"))]);
    let url = server.url("/move");
    bench
        .send(&action(&permit), request("DELETE", &url))
        .await
        .unwrap();
    assert_eq!(
        bench.intents(),
        [
            format!("DELETE {url}"),
            format!("DELETE {}", server.url("/x"))
        ]
    );
    let looking = HttpRequest {
        effect: Effect::Mutate,
        ..request("GET", &server.url("/x"))
    };
    bench.send(&action(&permit), looking).await.unwrap();
    assert_eq!(bench.intents().len(), 2);
}

#[tokio::test]
async fn headers_make_no_other_request_of_it() {
    let server = Server::start(|_| ok("")).await;
    let bench = Bench::new();
    let permit = policy(&[&format!("http GET {}", server.url("/*"))]);
    for (name, value) in [
        ("Host", "other.example"),
        ("hOST", "127.0.0.1"),
        ("Connection", "X-Secret"),
        ("Upgrade", "websocket"),
        ("Transfer-Encoding", "chunked"),
        ("TE", "trailers"),
        ("Proxy-Authorization", "Basic eA=="),
        ("Expect", "100-continue"),
        ("X-Ok", "a\r\nHost: other"),
        ("X-Ok: a\r\nHost", "other"),
    ] {
        let request = HttpRequest {
            headers: vec![(name.into(), value.into())],
            ..request("GET", &server.url("/"))
        };
        let error = bench.send(&action(&permit), request).await.unwrap_err();
        assert!(matches!(error, HttpError::Invalid(_)), "{name}: {error}");
    }
    assert_eq!(server.connections(), 0);
    let same = HttpRequest {
        headers: vec![("Host".into(), server.address.to_string())],
        ..request("GET", &server.url("/"))
    };
    assert_eq!(
        bench.send(&action(&permit), same).await.unwrap().status,
        200
    );
}

#[tokio::test]
async fn the_operators_netrc_is_not_for_guests() {
    let server = Server::start(|_| ok("")).await;
    let folder = tempfile::tempdir().unwrap();
    let netrc = folder.path().join("netrc");
    std::fs::write(&netrc, "default login user password s3cret\n").unwrap();
    let bench = Bench::of(Ceilings::default(), &[("NETRC", netrc.to_str().unwrap())]);
    let permit = policy(&[&format!("http GET {}", server.url("/*"))]);
    let request = request("GET", &server.url("/"));
    bench.send(&action(&permit), request).await.unwrap();
    assert_eq!(server.seen()[0].header("authorization"), None);
}

#[tokio::test]
async fn a_proxy_gets_names_and_never_addresses_of_this_side() {
    let proxy = Server::start(|_| ok("proxy")).await;
    let server = Server::start(|_| ok("direct")).await;
    let url = proxy.url("");
    let bench = Bench::of(Ceilings::default(), &[("HTTP_PROXY", &url)]);
    let permit = policy(&[
        "http GET http://shop.example/*",
        "http GET http://8.8.8.8/*",
        &format!("http GET {}", server.url("/*")),
    ]);
    let body = async |url: &str| {
        let answer = bench.send(&action(&permit), request("GET", url)).await;
        answer.unwrap().body
    };
    assert_eq!(body("http://shop.example/x").await, "proxy");
    assert_eq!(body("http://8.8.8.8/x").await, "proxy");
    assert_eq!(body(&server.url("/x")).await, "direct");
    let lines: Vec<String> = proxy.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(
        lines,
        [
            "GET http://shop.example/x HTTP/1.1",
            "GET http://8.8.8.8/x HTTP/1.1"
        ]
    );
    for url in ["http://10.0.0.1/", "http://[::1]/", "http://other.example/"] {
        denied(&bench, &action(&permit), request("GET", url)).await;
    }
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn a_secret_goes_only_where_it_may() {
    let elsewhere = Server::start(|_| ok("")).await;
    let to = elsewhere.url("/thief");
    let server = Server::start(move |seen| match seen.line.contains("/away") {
        true => answer(
            "307 Temporary Redirect",
            &format!("Location: {to}\r\n"),
            b"",
        ),
        false => ok(""),
    })
    .await;
    let bench = Bench::new();
    let lines = [
        format!("http GET {}", server.url("/*")),
        format!("http GET {}", elsewhere.url("/*")),
        format!("secrets shop.token to {}", server.url("/*")),
    ];
    let permit = policy(&lines.each_ref().map(String::as_str));
    let with_secret = |key: &str, url: String| with_secret(key, request("GET", &url));
    let request = with_secret("token", server.url("/x"));
    bench.send(&action(&permit), request).await.unwrap();
    let request = with_secret("other", server.url("/x"));
    let text = denied(&bench, &action(&permit), request).await;
    assert_eq!(
        text,
        format!(
            "denied: send the secret shop.other to {0}: not granted by chaos-wasm.toml \
             [plugins.x]; to allow it add to its `secrets`: \"shop.other to {0}\"",
            server.url("/x")
        )
    );
    for url in [elsewhere.url("/thief"), server.url("/away")] {
        let text = denied(&bench, &action(&permit), with_secret("token", url)).await;
        assert!(text.contains(&elsewhere.url("/thief")), "{text}");
    }
    assert_eq!(elsewhere.connections(), 0);

    permit.names_secret("shop", "token").unwrap();
    assert!(permit.names_secret("shop", "other").is_err());
    let manifest = format!("secrets shop.token to {}", server.url("/*"));
    let half = layers(&[&[manifest.as_str()], &[]]);
    assert!(half.names_secret("shop", "token").is_err());
}

#[tokio::test]
async fn configuration_is_read_by_granted_names() {
    let permit = policy(&["configuration base_url", "configuration shop_*"]);
    for name in ["base_url", "shop_", "shop_x"] {
        permit.configuration(name).unwrap();
    }
    for name in ["base_url2", "Base_url", "base", "shop", ""] {
        permit.configuration(name).unwrap_err();
    }
    assert_eq!(
        permit.configuration("token").unwrap_err().to_string(),
        "denied: read the configuration token: not granted by chaos-wasm.toml [plugins.x]; to \
         allow it add to its `configuration`: \"token\""
    );
    let half = layers(&[&["configuration *"], &[]]);
    half.configuration("x").unwrap_err();
}
