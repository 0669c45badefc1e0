use crate::{door, door_with, get, pass, post};
use chaos_host_api::http::{HttpError, HttpRequest};
use chaos_tests::scripted::{Server, Step, answer, ok, send};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;
use std::time::{Duration, Instant};

fn is_too_slow(error: &HttpError) -> bool {
    matches!(error, HttpError::TooSlow { .. })
}

#[tokio::test]
async fn a_dripping_answer_ends_with_its_time() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    let in_body = vec![
        Step::Send(head.into()),
        Step::Drip(vec![b'x'; 1000], Duration::from_millis(20)),
    ];
    let in_head = vec![Step::Drip(head.into(), Duration::from_millis(20))];
    for script in [in_body, in_head, vec![Step::Hold]] {
        let server = Server::start(move |_| script.clone()).await;
        let begun = Instant::now();
        let request = HttpRequest {
            answer_timeout: Some(Duration::from_millis(200)),
            ..get(&server.url("/"))
        };
        let error = door().http(&pass(30.0), request).await.unwrap_err();
        assert!(is_too_slow(&error), "{error:?}");
        assert!(error.to_string().ends_with("within 0.2 s"), "{error}");
        let error = door()
            .http(&pass(0.2), get(&server.url("/")))
            .await
            .unwrap_err();
        assert!(is_too_slow(&error), "{error:?}");
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
}

#[tokio::test]
async fn redirects_share_the_time_of_the_answer() {
    let server = Server::start(|_| {
        let mut script = vec![Step::Wait(Duration::from_millis(80))];
        script.extend(answer("302 Found", "Location: /\r\n", b""));
        script
    })
    .await;
    let request = HttpRequest {
        answer_timeout: Some(Duration::from_millis(200)),
        ..get(&server.url("/"))
    };
    let begun = Instant::now();
    let error = door().http(&pass(30.0), request).await.unwrap_err();
    assert!(is_too_slow(&error), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn connecting_has_a_bound_of_its_own() {
    // A listener whose backlog is full does not answer further connections.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(
        Duration::from_millis(100),
        tokio::net::TcpStream::connect(address),
    )
    .await
    {
        waiting.push(stream);
    }
    let request = HttpRequest {
        connect_timeout: Some(Duration::from_millis(100)),
        retries: 1,
        ..get(&format!("http://{address}/"))
    };
    let door = door();
    let begun = Instant::now();
    let error = door.http(&pass(30.0), request).await.unwrap_err();
    assert!(matches!(error, HttpError::Connect { .. }), "{error:?}");
    assert!(
        error.to_string().ends_with("no connection within 0.1 s"),
        "{error}"
    );
    assert_eq!(door.budget().spent().http_requests, 2);
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_mutation_that_left_is_recorded_although_nobody_waits() {
    let server = Server::start(|_| {
        let mut script = vec![Step::Wait(Duration::from_millis(300))];
        script.extend(ok("done"));
        script
    })
    .await;
    let (door, ledger) = door_with(&[]);
    let error = door
        .http(&pass(0.1), post(&server.url("/"), "x"))
        .await
        .unwrap_err();
    assert!(is_too_slow(&error), "{error:?}");
    assert!(ledger.done.lock().unwrap().is_empty());
    let begun = Instant::now();
    while ledger.done.lock().unwrap().is_empty() && begun.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(ledger.done.lock().unwrap()[0].error, None);
    // Somebody who stops waiting altogether leaves a record too.
    let request = post(&server.url("/"), "y");
    let within = Duration::from_millis(100);
    let given_up = tokio::time::timeout(within, door.http(&pass(5.0), request)).await;
    assert!(given_up.is_err());
    while ledger.done.lock().unwrap().len() < 2 && begun.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(ledger.done.lock().unwrap()[1].error, None);
}

#[tokio::test]
async fn a_read_that_nobody_waits_for_is_recorded_as_such() {
    let server = Server::start(|_| vec![Step::Hold]).await;
    let (door, ledger) = door_with(&[]);
    let pass = pass(5.0);
    let call = door.http(&pass, get(&server.url("/")));
    assert!(
        tokio::time::timeout(Duration::from_millis(50), call)
            .await
            .is_err()
    );
    assert!(ledger.done.lock().unwrap()[0].error.is_some());
}

#[tokio::test]
async fn bodies_have_a_limit_whatever_they_say_of_themselves() {
    let exact = vec![b'x'; 1000];
    for (size, fits) in [(1000, true), (1001, false)] {
        let body = vec![b'x'; size];
        let server = Server::start(move |_| answer("200 OK", "", &body)).await;
        let request = HttpRequest {
            body_limit: 1000,
            ..get(&server.url("/"))
        };
        match door().http(&pass(5.0), request).await {
            Ok(response) => assert!(fits && response.body == exact),
            Err(error) => {
                assert!(!fits && matches!(error, HttpError::TooLarge { limit: 1000, .. }))
            }
        }
    }
    let endless = vec![
        Step::Send("HTTP/1.1 200 OK\r\n\r\n".into()),
        Step::Forever(vec![b'x'; 65536]),
    ];
    let server = Server::start(move |_| endless.clone()).await;
    let error = door()
        .http(&pass(5.0), get(&server.url("/")))
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn a_compressed_bomb_is_too_large() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..4 {
        encoder.write_all(&vec![0; 1024 * 1024]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 20_000);
    // Many small members must not add up past the limit either.
    let many = bomb.repeat(3);
    for (body, limit) in [(bomb, 1024 * 1024), (many, 6 * 1024 * 1024)] {
        let server =
            Server::start(move |_| answer("200 OK", "Content-Encoding: gzip\r\n", &body)).await;
        let request = HttpRequest {
            body_limit: limit,
            ..get(&server.url("/"))
        };
        let error = door().http(&pass(10.0), request).await.unwrap_err();
        assert!(matches!(error, HttpError::TooLarge { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_head_without_end_is_given_up() {
    let line = "X-Again: and again and again and again and again and again and again\r\n";
    for script in [
        vec![
            Step::Send("HTTP/1.1 200 OK\r\n".into()),
            Step::Forever(line.repeat(100).into()),
        ],
        vec![
            Step::Send("HTTP/1.1 200 OK\r\nX: ".into()),
            Step::Forever(vec![b'x'; 65536]),
        ],
        vec![Step::Forever(
            "HTTP/1.1 100 Continue\r\n\r\n".repeat(100).into(),
        )],
    ] {
        let server = Server::start(move |_| script.clone()).await;
        let error = door()
            .http(&pass(2.0), get(&server.url("/")))
            .await
            .unwrap_err();
        assert!(
            matches!(error, HttpError::Connect { .. } | HttpError::TooSlow { .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_connection_kept_open_after_the_answer_does_not_hold_it_up() {
    let server = Server::start(|_| {
        let mut script = send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        script.push(Step::Hold);
        script
    })
    .await;
    let begun = Instant::now();
    door()
        .http(&pass(5.0), get(&server.url("/")))
        .await
        .unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1));
}
