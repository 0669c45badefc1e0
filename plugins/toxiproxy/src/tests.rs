#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use chaos_plugin::Json;
use chaos_plugin::http::Error;
use chaos_plugin::log::Level;
use chaos_plugin::mock::{Host, Response};

use crate::{actions, probes};

const PROXY: &str =
    r#"{"name":"p","listen":"[::]:4711","upstream":"h:1","enabled":true,"toxics":[]}"#;

/// A host with Toxiproxy at http://toxi.test:8474 that answers one thing.
fn host(method: &str, path: &str, status: u16, body: &str) -> Host {
    let host = Host::new();
    host.configuration("toxiproxy_host", "\"toxi.test\"");
    let url = format!("http://toxi.test:8474{path}");
    host.answer(method, &url, Response::new(status).body(body));
    host
}

#[test]
fn a_proxy_is_created_and_says_where_it_listens() {
    let host = host("POST", "/proxies", 201, PROXY);
    assert!(actions::create_proxy("p", "h", 1, None, None, None).unwrap());
    assert_eq!(
        host.requests()[0].text(),
        r#"{"name":"p","listen":"0.0.0.0:0","upstream":"h:1","enabled":true}"#
    );
    let said = host.log();
    assert!(
        said.iter()
            .any(|(_, line)| line.ends_with("it listens at port 4711")),
        "{said:?}"
    );

    actions::create_proxy("p", "h", 1, Some("127.0.0.1"), Some(6666), Some(false)).unwrap();
    assert_eq!(
        host.requests()[1].text(),
        r#"{"name":"p","listen":"127.0.0.1:6666","upstream":"h:1","enabled":false}"#
    );
}

#[test]
fn a_proxy_that_cannot_be_created_fails() {
    let exists = host("POST", "/proxies", 409, "exists\n");
    let create = || {
        actions::create_proxy("p", "h", 1, None, None, None)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        create(),
        "Unable to create proxy p, response code 409 with exists"
    );
    drop(exists);

    let _odd = host("POST", "/proxies", 200, "{}");
    assert!(create().contains("no port in its 'listen'"));

    let error = actions::create_proxy("p", "env:UPSTREAM", 1, None, None, None).unwrap_err();
    assert!(
        error
            .to_string()
            .contains(r#"{"type": "env", "key": "UPSTREAM"}"#),
        "{error}"
    );
}

#[test]
fn only_what_is_given_of_a_proxy_is_changed() {
    let host = host("POST", "/proxies/p", 200, PROXY);
    assert!(actions::disable_proxy("p").unwrap());
    assert!(actions::enable_proxy("p").unwrap());
    assert!(actions::modify_proxy("p", Some("1:2"), Some("3:4"), None).unwrap());
    let bodies: Vec<String> = host.requests().iter().map(|sent| sent.text()).collect();
    assert_eq!(
        bodies,
        [
            r#"{"enabled":false}"#,
            r#"{"enabled":true}"#,
            r#"{"listen":"1:2","upstream":"3:4"}"#
        ]
    );
}

#[test]
fn a_proxy_that_is_not_there_cannot_be_changed() {
    let _host = host("POST", "/proxies/p", 404, "not found");
    let error = actions::disable_proxy("p").unwrap_err();
    let said = "Unable to modify proxy p, response code 404 with not found";
    assert_eq!(error.to_string(), said);
}

#[test]
fn removing_a_proxy_twice_is_no_failure() {
    let host = host("DELETE", "/proxies/p", 204, "");
    host.answer(
        "DELETE",
        "http://toxi.test:8474/proxies/p",
        Response::new(404),
    );
    actions::delete_proxy("p").unwrap();
    actions::delete_proxy("p").unwrap();
    let warnings = host
        .log()
        .into_iter()
        .filter(|(level, _)| *level == Level::Warning);
    assert_eq!(warnings.count(), 1);
}

#[test]
fn what_is_not_granted_is_a_failure_always() {
    let host = Host::new();
    host.configuration("toxiproxy_url", "\"http://toxi.test/api/\"");
    host.answer("DELETE", "*", Error::Denied("no".to_owned()));
    assert_eq!(actions::delete_proxy("p").unwrap_err().to_string(), "no");
    assert_eq!(
        actions::delete_toxic("p", "t").unwrap_err().to_string(),
        "no"
    );
    assert_eq!(host.requests()[0].url, "http://toxi.test/api/proxies/p");
}

#[test]
fn a_reset_says_whether_it_went_well() {
    let host = host("POST", "/reset", 204, "");
    host.answer("POST", "http://toxi.test:8474/reset", Response::new(500));
    assert!(actions::reset().unwrap());
    assert!(!actions::reset().unwrap());
}

#[test]
fn proxies_are_found_by_name() {
    let there = host("GET", "/proxies/p", 200, PROXY);
    assert!(probes::proxy_exist("p").unwrap());
    let attribute = |name| probes::get_proxy_attribute("p", name);
    assert_eq!(attribute("upstream").unwrap().unwrap().text(), "\"h:1\"");
    assert_eq!(attribute("enabled").unwrap().unwrap().text(), "true");
    let error = attribute("port").unwrap_err().to_string();
    let said =
        "the proxy 'p' has no attribute 'port'; it has name, listen, upstream, enabled, toxics";
    assert_eq!(error, said);
    drop(there);

    let _missing = host("GET", "/proxies/p", 404, "");
    assert!(!probes::proxy_exist("p").unwrap());
    assert_eq!(probes::get_proxy_attribute("p", "upstream").unwrap(), None);
}

#[test]
fn toxics_are_created_as_they_are_meant() {
    let host = host("POST", "/proxies/p/toxics", 200, r#"{"name":"t"}"#);
    let attributes = Json::from_text(r#"{"latency": 5}"#);
    let made = [
        actions::create_toxic("p", "t", "latency", None, None, Some(attributes)),
        actions::create_toxic("p", "t", "down", Some("upstream"), Some(0.5), None),
        actions::create_latency_toxic("p", "t", 5000, None),
        actions::create_bandwith_degradation_toxic("p", "t", 5),
        actions::create_slow_connection_close_toxic("p", "t", 5),
        actions::create_timeout_toxic("p", "t", 5),
        actions::create_slicer_toxic("p", "t", 1, 2, 3),
        actions::create_limiter_toxic("p", "t", 9),
    ];
    assert!(made.into_iter().all(|made| made.unwrap()));
    let sent: Vec<String> = host.requests().iter().map(|sent| sent.text()).collect();
    let whole = |type_: &str, attributes: &str| {
        format!(
            r#"{{"name":"t","type":"{type_}","stream":"downstream","toxicity":1.0,"attributes":{attributes}}}"#
        )
    };
    assert_eq!(
        sent,
        [
            whole("latency", r#"{"latency":5}"#),
            r#"{"name":"t","type":"down","stream":"upstream","toxicity":0.5,"attributes":null}"#
                .to_owned(),
            whole("latency", r#"{"latency":5000,"jitter":0}"#),
            whole("bandwidth", r#"{"rate":5}"#),
            whole("slow_close", r#"{"delay":5}"#),
            whole("timeout", r#"{"timeout":5}"#),
            whole(
                "slicer",
                r#"{"average_size":1,"size_variation":2,"delay":3}"#
            ),
            whole("limit_data", r#"{"bytes":9}"#),
        ]
    );
    assert!(!actions::create_limiter_toxic("p", "other", 9).unwrap());
}

#[test]
fn a_toxic_that_cannot_be_created_fails() {
    let _host = host("POST", "/proxies/p/toxics", 404, "proxy not found");
    let error = actions::create_timeout_toxic("p", "t", 5).unwrap_err();
    let said = "Unable to create toxic t for proxy p, response code 404 with proxy not found";
    assert_eq!(error.to_string(), said);
    let list = Some(Json::from_text("[]"));
    let error = actions::create_toxic("p", "t", "latency", None, None, list).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the argument 'attributes' must be an object"
    );
}

#[test]
fn removing_a_toxic_says_whether_it_went_well() {
    let host = host("DELETE", "/proxies/p/toxics/t", 204, "");
    host.answer(
        "DELETE",
        "http://toxi.test:8474/proxies/p/toxics/t",
        Response::new(404),
    );
    assert!(actions::delete_toxic("p", "t").unwrap());
    assert!(!actions::delete_toxic("p", "t").unwrap());
}

#[test]
fn names_stay_within_their_part_of_the_path() {
    let host = host("GET", "/proxies/*", 404, "");
    assert!(!probes::proxy_exist("a b/../c?d#e").unwrap());
    let url = "http://toxi.test:8474/proxies/a%20b%2F..%2Fc%3Fd%23e";
    assert_eq!(host.requests()[0].url, url);
    for name in ["", ".", ".."] {
        assert!(probes::proxy_exist(name).is_err());
    }
}

#[test]
fn the_configuration_says_where_it_is() {
    let host = Host::new();
    let error = actions::reset().unwrap_err().to_string();
    assert!(
        error.contains("'toxiproxy_url'") && error.contains("'toxiproxy_host'"),
        "{error}"
    );

    host.answer("POST", "*", Response::new(204));
    host.configuration("toxiproxy_host", "\"127.0.0.1\"");
    for port in ["1234", "\"1235\""] {
        host.configuration("toxiproxy_port", port);
        actions::reset().unwrap();
    }
    host.configuration("toxiproxy_url", "\"https://toxi.test/api\"");
    actions::reset().unwrap();
    let urls: Vec<String> = host.requests().into_iter().map(|sent| sent.url).collect();
    let expected = [
        "http://127.0.0.1:1234/reset",
        "http://127.0.0.1:1235/reset",
        "https://toxi.test/api/reset",
    ];
    assert_eq!(urls, expected);

    host.configuration("toxiproxy_url", "[]");
    let error = actions::reset().unwrap_err().to_string();
    assert_eq!(
        error,
        "the configuration's 'toxiproxy_url' must be a text or a number"
    );
}
