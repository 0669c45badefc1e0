//! The feature `json`.
#![cfg(feature = "json")]
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::HashMap;

use chaos_plugin::Json;
use chaos_plugin::http::{self, Request};
use chaos_plugin::mock::{Host, Response};

#[test]
fn bodies_are_read_and_written_as_json() {
    let host = Host::new();
    host.answer("POST", "http://a.test/", Response::new(200).body("[1, 2]"));
    let request = Request::post("http://a.test/")
        .json(&HashMap::from([("a", 1)]))
        .unwrap();
    let answer = request.send().unwrap();
    assert_eq!(answer.json::<Vec<u8>>().unwrap(), [1, 2]);
    let sent = &host.requests()[0];
    assert_eq!(
        (sent.text().as_str(), sent.header("content-type")),
        ("{\"a\":1}", Some("application/json"))
    );

    let error = answer.json::<HashMap<String, u8>>().unwrap_err();
    assert!(matches!(error, http::Error::Broken(_)));
    assert!(
        error
            .to_string()
            .starts_with("POST http://a.test/ was answered with JSON of another shape: ")
    );
    let error = Request::post("http://a.test/")
        .json(&HashMap::from([((1, 2), 3)]))
        .unwrap_err();
    assert!(matches!(error, http::Error::Invalid(_)));
}

#[test]
fn any_json_is_made_and_taken_apart() {
    let json = Json::new(&[Some(1), None]).unwrap();
    assert_eq!(json.text(), "[1,null]");
    assert_eq!(json.parse::<Vec<Option<u8>>>().unwrap(), [Some(1), None]);
    assert!(json.parse::<String>().is_err());
    assert_eq!(
        Json::from(serde_json::Value::Bool(true)).into_text(),
        "true"
    );
}
