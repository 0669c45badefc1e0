#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::time::{Duration, SystemTime};

use chaos_plugin::http::Error;
use chaos_plugin::mock::{Host, Response};

use crate::probes::{self, MeanType};

const ANSWER: &str = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up"},"value":[1767261600.1,"1"]}]}}"#;

/// A host with Prometheus at http://prom.test that answers everything alike.
fn host(status: u16, body: &str) -> Host {
    let host = Host::new();
    host.configuration("prometheus_base_url", "\"http://prom.test/\"");
    host.answer("GET", "*", Response::new(status).body(body));
    host
}

/// 2026-01-01 10:00:00.5 UTC.
fn at_ten(host: &Host) {
    let since = Duration::from_millis(1_767_261_600_500);
    host.set_time(SystemTime::UNIX_EPOCH + since);
}

#[test]
fn an_answer_is_given_as_it_is() {
    let host = host(200, ANSWER);
    let found = probes::query("up", None, None, None).unwrap();
    assert_eq!(found.text(), ANSWER);
    let sent = &host.requests()[0];
    assert_eq!(sent.url, "http://prom.test/api/v1/query?query=up");
    assert_eq!(sent.header("accept"), Some("application/json"));
}

#[test]
fn queries_are_sent_as_chaosprometheus_sends_them() {
    let host = host(200, ANSWER);
    at_ten(&host);
    let query = "up{job='web'} + rate(x[5m])";
    probes::query(query, Some("2026-01-01T10:00:00.19Z"), Some(2.5), None).unwrap();
    probes::query("up", Some("2 minutes ago"), Some(5.0), None).unwrap();
    let (start, end) = ("2026-01-01 10:00", "now");
    probes::query_interval("up", start, end, Some(5.0), Some(1.0), None).unwrap();
    probes::query_interval("up", start, end, None, None, None).unwrap();
    probes::query_interval("up", start, end, Some(0.0), None, None).unwrap();
    let urls: Vec<String> = host.requests().into_iter().map(|sent| sent.url).collect();
    let base = "http://prom.test/api/v1";
    let range = "start=2026-01-01T10%3A00%3A00.0Z&end=2026-01-01T10%3A00%3A00.5Z";
    assert_eq!(
        urls,
        [
            format!(
                "{base}/query?query=up%7Bjob%3D%27web%27%7D+%2B+rate%28x%5B5m%5D%29&timeout=2.5&time=2026-01-01T10%3A00%3A00.1Z"
            ),
            format!("{base}/query?query=up&timeout=5&time=2026-01-01T09%3A58%3A00.5Z"),
            format!("{base}/query_range?query=up&timeout=1&step=5&{range}"),
            format!("{base}/query_range?query=up&step=1&{range}"),
            format!("{base}/query_range?query=up&{range}"),
        ]
    );
}

#[test]
fn a_failed_query_says_what_was_asked() {
    let _host = host(400, r#"{"status":"error"}"#);
    let error = probes::query("up{job='a'}", None, Some(5.0), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"Prometheus query {'query': "up{job='a'}", 'timeout': 5} failed: {"status":"error"}"#
    );
    let (start, end) = ("2026-01-01 10:00", "2026-01-01 11:00");
    let error = probes::query_interval("up", start, end, None, None, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"Prometheus query range {'query': 'up', 'step': 1, 'start': '2026-01-01T10:00:00.0Z', 'end': '2026-01-01T11:00:00.0Z'} failed: {"status":"error"}"#
    );
}

#[test]
fn texts_are_quoted_as_in_python() {
    let _host = host(500, "");
    for (query, quoted) in [
        ("a", "'a'"),
        ("a'b", "\"a'b\""),
        ("a\"b", "'a\"b'"),
        ("a'\"b", "'a\\'\"b'"),
        ("a\\\n\t\u{1}é", "'a\\\\\\n\\t\\x01é'"),
    ] {
        let error = probes::query(query, None, None, None)
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            format!("Prometheus query {{'query': {quoted}}} failed: ")
        );
    }
}

#[test]
fn what_means_no_moment_is_not_asked_for() {
    let host = host(200, ANSWER);
    let error = probes::query("up", Some("2 mns ago"), None, None).unwrap_err();
    assert_eq!(error.to_string(), "failed to parse '2 mns ago'");
    for (start, end) in [("2 mns ago", "now"), ("now", "2 mns ago")] {
        let error = probes::query_interval("up", start, end, None, None, None).unwrap_err();
        assert_eq!(error.to_string(), "failed to parse '2 mns ago'");
    }
    assert!(host.requests().is_empty());
}

#[test]
fn an_answer_that_is_no_json_fails() {
    let _host = host(200, "<html>");
    let error = probes::query("up", None, None, None)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("GET http://prom.test/api/v1/query?query=up"),
        "{error}"
    );
}

#[test]
fn without_configuration_it_is_the_one_next_door() {
    let host = Host::new();
    host.answer(
        "GET",
        "http://localhost:9090/api/v1/query*",
        Response::new(200).body(ANSWER),
    );
    probes::query("up", None, None, None).unwrap();
    host.configuration("prometheus_base_url", "7");
    assert!(probes::query("up", None, None, None).is_err());
}

#[test]
fn a_mean_is_of_the_values_in_the_window() {
    let body = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"],[2,"4"],[3,"16"]]}]}}"#;
    let host = host(200, body);
    at_ten(&host);
    let mean = |mean_type| probes::compute_mean("up", Some("1h"), mean_type).unwrap();
    assert_eq!(mean(None), 7.0);
    assert_eq!(mean(Some(MeanType::Arithmetic)), 7.0);
    assert!((mean(Some(MeanType::Geometric)) - 4.0).abs() < 1e-9);
    assert!((mean(Some(MeanType::Harmonic)) - 16.0 / 7.0).abs() < 1e-9);
    assert_eq!(
        host.requests()[0].url,
        "http://prom.test/api/v1/query_range?query=up&start=2026-01-01T09%3A00%3A00.5Z&end=2026-01-01T10%3A00%3A00.5Z&step=12"
    );
    assert_eq!(probes::nodes_cpu_usage_mean(None).unwrap(), 7.0);
    let url = &host.requests()[4].url;
    assert!(
        url.contains("node_cpu_seconds_total") && url.contains("start=2025-12-31T10"),
        "{url}"
    );
}

#[test]
fn a_mean_of_nothing_fails() {
    let mean = |mean_type| {
        probes::compute_mean("up", None, mean_type)
            .unwrap_err()
            .to_string()
    };
    for (status, body, said) in [
        (500, "oops", "Failed to run Prometheus query"),
        (
            200,
            r#"{"status":"error","error":"x"}"#,
            "Prometheus query was not successful",
        ),
        (
            200,
            r#"{"status":"success","data":{"result":[]}}"#,
            "Prometheus has no values of 'up' since '1d'",
        ),
    ] {
        let _host = host(status, body);
        assert_eq!(mean(None), said);
    }
    let values = r#"{"status":"success","data":{"result":[{"values":[[1,"0"],[2,"-1"]]}]}}"#;
    let _host = host(200, values);
    let geometric = "there is no geometric mean of values of which one is 0 or less";
    assert_eq!(mean(Some(MeanType::Geometric)), geometric);
    let harmonic = "there is no harmonic mean of values of which one is less than 0";
    assert_eq!(mean(Some(MeanType::Harmonic)), harmonic);
    let error = probes::compute_mean("up", Some("in 1h"), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the window 'in 1h' must begin in the past"
    );
}

#[test]
fn whoever_wants_no_verification_learns_that_there_always_is_some() {
    let host = Host::new();
    host.configuration("prometheus_base_url", "\"https://prom.test\"");
    host.answer(
        "GET",
        "*",
        Error::NotConnected("invalid certificate".to_owned()),
    );
    let error = probes::query("up", None, None, Some(false)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("invalid certificate; 'verify_tls: false'"),
        "{error}"
    );
    let error = probes::query("up", None, None, None).unwrap_err();
    assert_eq!(error.to_string(), "invalid certificate");
}
