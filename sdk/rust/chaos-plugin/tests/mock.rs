//! The mock host, as authors of plugins use it.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::time::{Duration, SystemTime};

use chaos_plugin::http::{self, Error, Request};
use chaos_plugin::kubernetes::{self, Refusal};
use chaos_plugin::mock::{Host, Response, Verb};
use chaos_plugin::{Json, clock, configuration, log, random, secrets};

#[test]
fn answers_are_given_in_turn_and_the_last_one_again() {
    let host = Host::new();
    host.answer("GET", "http://a.test/", Response::new(500))
        .answer(
            "GET",
            "http://a.test/",
            Response::new(200).header("X-A", "1").body("two"),
        )
        .answer("GET", "http://a.test/*", Response::new(404));
    assert_eq!(http::get("http://a.test/").unwrap().status, 500);
    for _ in 0..3 {
        let second = http::get("http://a.test/").unwrap();
        assert_eq!(
            (second.status, second.header("x-a"), &*second.text()),
            (200, Some("1"), "two")
        );
    }
    assert_eq!(http::get("http://a.test/x").unwrap().status, 404);
    assert_eq!(host.requests().len(), 5);
}

#[test]
fn what_was_not_said_is_denied() {
    let host = Host::new();
    host.answer("GET", "http://a.test/", Response::new(200));
    let error = Request::post("http://a.test/").send().unwrap_err();
    assert_eq!(
        error,
        Error::Denied(
            "the mock host has no answer: call `host.answer(\"POST\", \"http://a.test/\", ..)`"
                .to_owned()
        )
    );
    assert!(matches!(
        kubernetes::list("pods").objects(),
        Err(kubernetes::Error::Denied(_))
    ));
}

#[test]
fn requests_are_kept_as_they_were() {
    let host = Host::new();
    host.secret("shop", "token")
        .answer("PUT", "http://a.test/", Response::new(204));
    let token = secrets::placeholder("shop", "token").unwrap();
    let request = Request::put("http://a.test/")
        .header("Authorization", format!("Bearer {token}"))
        .body("{}");
    request.timeout(Duration::from_secs(2)).send().unwrap();
    let sent = &host.requests()[0];
    assert_eq!(
        (&*sent.method, sent.text().as_str(), sent.timeout),
        ("PUT", "{}", Some(Duration::from_secs(2)))
    );
    assert_eq!(
        sent.header("authorization"),
        Some(&*format!("Bearer {token}"))
    );
    assert!(matches!(
        secrets::placeholder("shop", "password"),
        Err(secrets::Error::Unknown(_))
    ));
    assert_ne!(
        secrets::basic_authorization("me", "shop", "token").unwrap(),
        token
    );
}

#[test]
fn time_passes_by_waiting_alone() {
    let host = Host::new();
    let slow = Response::new(200).taking(Duration::from_secs(3));
    host.answer("GET", "http://slow.test/", slow)
        .answer(
            "GET",
            "http://fast.test/",
            Response::new(200).taking(Duration::from_secs(1)),
        )
        .set_time(SystemTime::UNIX_EPOCH + Duration::from_secs(1000));
    let [slow, fast] =
        ["http://slow.test/", "http://fast.test/"].map(|url| Request::get(url).begin());
    assert!(!fast.ready());
    clock::sleep(Duration::from_secs(2));
    assert!(fast.ready() && !slow.ready());
    assert_eq!(fast.wait().unwrap().elapsed, Duration::from_secs(1));
    assert_eq!(slow.wait().unwrap().elapsed, Duration::from_secs(3));
    assert_eq!(host.elapsed(), Duration::from_secs(3));
    assert_eq!(
        clock::now(),
        SystemTime::UNIX_EPOCH + Duration::from_secs(1003)
    );
    (clock::Instant::now() + Duration::from_secs(5)).wait();
    assert_eq!(host.elapsed(), Duration::from_secs(8));
}

#[test]
fn timeouts_end_an_exchange() {
    let host = Host::new();
    host.answer(
        "GET",
        "http://slow.test/",
        Response::new(200).taking(Duration::from_secs(3)),
    );
    let error = Request::get("http://slow.test/")
        .timeout(Duration::from_millis(500))
        .send()
        .unwrap_err();
    assert_eq!(
        error,
        Error::TimedOut("GET http://slow.test/ had no answer within 500ms".to_owned())
    );
    assert_eq!(host.elapsed(), Duration::from_millis(500));
}

#[test]
fn redirects_are_followed_as_often_as_allowed() {
    let host = Host::new();
    host.answer(
        "POST",
        "http://a.test/form/send",
        Response::new(303).header("Location", "done?x=1"),
    )
    .answer(
        "GET",
        "http://a.test/form/done?x=1",
        Response::new(302).header("Location", "/end"),
    )
    .answer(
        "GET",
        "http://a.test/end",
        Response::new(302).header("Location", "http://b.test"),
    )
    .answer("GET", "http://b.test", Response::new(200));
    let send = |most| {
        Request::post("http://a.test/form/send")
            .redirects(most)
            .send()
            .unwrap()
            .status
    };
    assert_eq!([send(0), send(1), send(3), send(9)], [303, 302, 200, 200]);
}

#[test]
fn an_answer_without_success_is_an_error_if_asked_for() {
    let host = Host::new();
    host.answer("GET", "http://a.test/", Response::new(503))
        .answer("GET", "http://b.test/", Error::Broken("cut".to_owned()));
    let error = http::get("http://a.test/")
        .and_then(http::Response::success)
        .unwrap_err();
    assert_eq!(
        error,
        Error::Status(
            503,
            "GET http://a.test/ was answered with status 503".to_owned()
        )
    );
    assert_eq!(http::get("http://b.test/").unwrap_err().to_string(), "cut");
}

#[test]
fn kubernetes_is_answered_and_kept() {
    let host = Host::new();
    let gone = kubernetes::Error::Refused(Refusal {
        status: 404,
        reason: "NotFound".to_owned(),
        message: "pods \"b\" not found".to_owned(),
    });
    host.lists("pods", ["{\"a\":1}", "{}"])
        .scales("deployments.apps", 3)
        .deletes("pods")
        .fails(Verb::Delete, "pods", gone);
    let pods = kubernetes::list("pods")
        .namespace("shop")
        .labels("app=x")
        .objects()
        .unwrap();
    assert_eq!(pods, [Json::from_text("{\"a\":1}"), Json::from_text("{}")]);
    assert_eq!(
        kubernetes::scale("deployments.apps", "shop", "cart", 0),
        Ok(3)
    );
    assert_eq!(
        kubernetes::delete("pods", Some("shop"), "a", Some(Duration::from_secs(9))),
        Ok(())
    );
    let error = kubernetes::delete("pods", Some("shop"), "b", None).unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        error.to_string(),
        "the API server answered with status 404 (NotFound): pods \"b\" not found"
    );
    let calls = host.calls();
    let verbs: Vec<Verb> = calls.iter().map(|call| call.verb).collect();
    assert_eq!(verbs, [Verb::List, Verb::Scale, Verb::Delete, Verb::Delete]);
    assert_eq!(calls[0].labels.as_deref(), Some("app=x"));
    assert_eq!(
        (calls[1].name.as_deref(), calls[1].number, calls[2].number),
        (Some("cart"), Some(0), Some(9))
    );
}

#[test]
fn configuration_is_what_was_set() {
    let host = Host::new();
    host.configuration("url", "\"http://a.test\"")
        .configuration("count", "7");
    assert_eq!(
        configuration::text("url").unwrap().as_deref(),
        Some("http://a.test")
    );
    assert_eq!(
        configuration::get("count").unwrap(),
        Some(Json::from_text("7"))
    );
    assert_eq!(configuration::get("other").unwrap(), None);
    let error = configuration::text("count").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the configuration's `count` is not a text but 7"
    );
}

#[test]
fn random_numbers_are_within_limits_and_repeat() {
    let host = Host::new();
    let first: Vec<u64> = (0..100).map(|_| random::below(6)).collect();
    assert!((0..6).all(|number| first.contains(&number)) && first.iter().all(|number| *number < 6));
    host.seed(1);
    assert_ne!(
        first,
        (0..100).map(|_| random::below(6)).collect::<Vec<_>>()
    );
    host.seed(0);
    assert_eq!(
        first,
        (0..100).map(|_| random::below(6)).collect::<Vec<_>>()
    );
    assert_eq!((random::below(0), random::below(1)), (0, 0));
    assert_eq!(random::below(1 << 63) >> 63, 0);
    assert!((0.0..1.0).contains(&random::fraction()));
    assert_eq!(
        (random::bytes(3).len(), random::choose::<u8>(&[])),
        (3, None)
    );
    let mut items: Vec<u32> = (0..50).collect();
    random::shuffle(&mut items);
    assert_ne!(items, (0..50).collect::<Vec<_>>());
    items.sort_unstable();
    assert_eq!(items, (0..50).collect::<Vec<_>>());
}

#[test]
fn hosts_are_one_a_thread_and_end() {
    for _ in 0..2 {
        let host = Host::new();
        log::warning("odd");
        assert_eq!(host.log(), [(log::Level::Warning, "odd".to_owned())]);
        let other = std::thread::spawn(|| Host::new().log().len());
        assert_eq!(other.join().unwrap(), 0);
    }
}

#[test]
#[should_panic(expected = "let host = chaos_plugin::mock::Host::new();")]
fn without_a_host_it_says_how_to_get_one() {
    clock::sleep(Duration::from_secs(1));
}
