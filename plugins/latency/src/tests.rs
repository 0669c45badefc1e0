#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::time::Duration;

use chaos_plugin::http::Error;
use chaos_plugin::mock::{Host, Response};

use crate::load::Failure;
use crate::probes::{self, Method, Report};

const URL: &str = "http://shop.test/";

fn taking(milliseconds: u64) -> Response {
    Response::new(200).taking(Duration::from_millis(milliseconds))
}

fn summary(requests: u32, rate: f64) -> Result<Report, Failure> {
    probes::summary(URL, Some(requests), Some(rate), None, None, None)
}

#[test]
fn percentiles_are_of_the_nearest_rank() {
    let percentile = |percentile| {
        let host = Host::new();
        for milliseconds in 1..=100 {
            host.answer("GET", URL, taking(milliseconds));
        }
        probes::percentile_latency(URL, percentile, None, None, None, None, None).unwrap()
    };
    assert_eq!(percentile(0.1), 0.001);
    assert_eq!(percentile(50.0), 0.05);
    assert_eq!(percentile(95.0), 0.095);
    assert_eq!(percentile(95.1), 0.096);
    assert_eq!(percentile(99.0), 0.099);
    assert_eq!(percentile(100.0), 0.1);
}

#[test]
fn requests_are_started_on_their_schedule_whatever_the_earlier_ones_do() {
    let host = Host::new();
    // The first stalls for a second, and is the only one that does.
    host.answer("GET", URL, taking(1000))
        .answer("GET", URL, taking(10));
    let found = summary(11, 10.0).unwrap();
    assert_eq!(found.late, 0.0);
    assert_eq!(
        (found.p50, found.p90, found.max),
        (Some(0.01), Some(0.01), Some(1.0))
    );
    // Closed-loop it would have been two seconds and more.
    assert_eq!(host.elapsed(), Duration::from_millis(1010));
}

#[test]
fn what_is_started_late_counts_from_when_it_was_due() {
    let host = Host::new();
    // 501 requests are due at once, 500 of which may be open.
    host.answer("GET", URL, taking(2000));
    let found = summary(501, 1e9).unwrap();
    assert_eq!(found.requests, 501);
    assert!((1.999..2.001).contains(&found.late), "{found:?}");
    assert!(found.max.unwrap() > 3.999, "{found:?}");
    assert_eq!(host.requests().len(), 501);
}

#[test]
fn one_that_stalls_holds_nobody_up() {
    let host = Host::new();
    // It is the oldest when 500 are open; all the others are done then.
    host.answer("GET", URL, taking(4000))
        .answer("GET", URL, taking(10));
    let found = summary(1200, 1000.0).unwrap();
    assert_eq!((found.late, found.max), (0.0, Some(4.0)));
    assert_eq!(host.elapsed(), Duration::from_secs(4));
}

#[test]
fn errors_count_as_slower_than_all_answers() {
    let host = Host::new();
    for _ in 0..2 {
        host.answer("GET", URL, Response::new(503));
    }
    host.answer("GET", URL, taking(7));
    let found = summary(100, 1000.0).unwrap();
    assert_eq!(
        (found.requests, found.errors, found.error_rate),
        (100, 2, 0.02)
    );
    assert_eq!(found.first_error.as_deref(), Some("status 503"));
    assert_eq!((found.p95, found.p99), (Some(0.007), None));
    assert_eq!(
        (found.min, found.mean, found.max),
        (Some(0.007), Some(0.007), Some(0.007))
    );
}

#[test]
fn a_percentile_among_errors_fails() {
    let host = Host::new();
    host.answer(
        "GET",
        URL,
        Error::NotConnected("connection refused".to_owned()),
    );
    host.answer("GET", URL, taking(7));
    assert_eq!(
        probes::p95_latency(URL, Some(20), None, None, None, None).unwrap(),
        0.007
    );
    host.answer("GET", URL, Response::new(500));
    let error = probes::p99_latency(URL, Some(20), None, None, None, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the 99th percentile is not known: 19 of 20 requests had no good answer; the first: status 500"
    );
}

#[test]
fn without_one_good_answer_nothing_is_known_but_the_errors() {
    let host = Host::new();
    host.answer("GET", URL, taking(3000));
    let rate = probes::error_rate(URL, Some(4), None, Some(0.5), None, None).unwrap();
    assert_eq!(rate, 1.0);
    let found = probes::summary(URL, Some(4), None, Some(0.5), None, None).unwrap();
    assert_eq!(
        (found.min, found.mean, found.max, found.p50),
        (None, None, None, None)
    );
    assert!(found.first_error.unwrap().contains("500ms"));
}

#[test]
fn what_is_not_granted_ends_it_at_once() {
    let host = Host::new();
    host.answer("GET", URL, Error::Denied("no".to_owned()));
    assert_eq!(summary(100, 1.0).unwrap_err().to_string(), "no");
    assert_eq!(host.requests().len(), 1);
    assert_eq!(host.elapsed(), Duration::ZERO);
}

#[test]
fn a_redirect_is_an_answer() {
    let host = Host::new();
    host.answer(
        "GET",
        URL,
        Response::new(302).header("Location", "/elsewhere"),
    );
    assert_eq!(summary(1, 1.0).unwrap().errors, 0);
    assert_eq!(host.requests().len(), 1);
}

#[test]
fn method_headers_and_timeout_are_sent() {
    let host = Host::new();
    host.answer("HEAD", URL, taking(1));
    let headers = vec![("X-Team".to_owned(), "shop".to_owned())];
    let rate = probes::error_rate(
        URL,
        Some(1),
        None,
        Some(0.25),
        Some(Method::Head),
        Some(headers),
    );
    assert_eq!(rate.unwrap(), 0.0);
    let sent = &host.requests()[0];
    assert_eq!(sent.header("x-team"), Some("shop"));
    assert_eq!(sent.timeout, Some(Duration::from_millis(250)));
}

#[test]
fn arguments_that_make_no_sense_are_refused_before_anything_is_sent() {
    let host = Host::new();
    let load = |requests, rate, timeout| {
        let error = probes::p99_latency(URL, requests, rate, timeout, None, None).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        load(Some(0), None, None),
        "the argument 'requests' must be 1 or more"
    );
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300] {
        let said = "the argument 'rate' must be above 0, in requests a second";
        assert_eq!(load(None, Some(rate), None), said);
    }
    for timeout in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let said = "the argument 'timeout' must be above 0, in seconds";
        assert_eq!(load(None, None, Some(timeout)), said);
    }
    for percentile in [0.0, 100.1, f64::NAN] {
        let error = probes::percentile_latency(URL, percentile, None, None, None, None, None);
        let said = "the argument 'percentile' must be above 0, up to 100";
        assert_eq!(error.unwrap_err().to_string(), said);
    }
    assert!(host.requests().is_empty());
}
