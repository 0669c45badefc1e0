#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
use super::difference::difference;
use super::recorded::Recorded;
use super::{Case, Exchange};
use chaos_host_api::answers::{Answers, Asked, Wire};
use serde_json::json;

#[test]
fn values_differ_where_they_differ() {
    let expected = json!({"a": [1, 2, {"b/c": null}], "same": "x", "lost": true});
    let got = json!({"a": [1.0, 3, {"b/c": []}, 4], "same": "x", "new": "y"});
    assert_eq!(
        difference(&expected, &got),
        [
            "- /a/1: 2",
            "+ /a/1: 3",
            "- /a/2/b~1c: null",
            "+ /a/2/b~1c: []",
            "+ /a/3: 4",
            "- /lost: true",
            "+ /new: \"y\"",
        ]
    );
    assert!(difference(&json!([1, 0.5]), &json!([1.0, 0.5])).is_empty());
    assert_eq!(difference(&json!("1"), &json!(1)), ["- \"1\"", "+ 1"]);
}

#[test]
fn a_long_difference_is_cut() {
    let lines = difference(&json!(vec![0; 20]), &json!(vec![1; 20]));
    assert_eq!(lines.len(), 21);
    assert_eq!(lines.last().unwrap(), "  and 10 more places");
}

#[test]
fn a_case_expects_one_thing() {
    for expect in [r#"{}"#, r#"{"result": 1, "error": "x"}"#, r#"{"resul": 1}"#] {
        let text = format!(r#"{{"function": "f", "expect": {expect}}}"#);
        assert!(Case::parse(&text).is_err(), "{expect}");
    }
    assert!(Case::parse(r#"{"function": "f", "expect": {"result": null}}"#).is_ok());
    assert!(Case::parse(r#"{"function": "f"}"#).is_err());
}

fn asked(wire: Wire, url: &str) -> Asked {
    Asked {
        wire,
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: vec![("accept".to_owned(), "text/plain".to_owned())],
        body: "x".into(),
    }
}

fn exchanges(urls: &[&str]) -> Vec<Exchange> {
    let exchange = |url: &&str| {
        let exchange = json!({
            "request": {"method": "GET", "url": url, "headers": {"Accept": "text/plain"}},
            "response": {"status": 200, "body": {"url": url}},
        });
        serde_json::from_value(exchange).unwrap()
    };
    urls.iter().map(exchange).collect()
}

#[test]
fn each_wire_has_its_own_order() {
    let recorded = Recorded::new(exchanges(&["/1", "/2"]), exchanges(&["/a"]));
    for (wire, url) in [
        (Wire::Http, "/1"),
        (Wire::Kubernetes, "/a"),
        (Wire::Http, "/2"),
    ] {
        let answer = recorded.answer(&asked(wire, url)).unwrap();
        assert_eq!(answer.body, json!({"url": url}).to_string());
    }
    assert!(recorded.problems().is_empty());
}

#[test]
fn nothing_is_answered_after_a_request_that_is_another_one() {
    let recorded = Recorded::new(exchanges(&["/1", "/2"]), Vec::new());
    recorded.answer(&asked(Wire::Http, "/2")).unwrap_err();
    recorded.answer(&asked(Wire::Http, "/1")).unwrap_err();
    assert_eq!(
        recorded.problems(),
        ["http request 1: GET /2", "  - GET /1", "  + GET /2"]
    );
}
