use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::{Door, Effect, Pass};
use chaos_tests::scripted::{Server, Step, answer};
use chaos_wasm::document::{Pointer, Problems};
use chaos_wasm::plugin::{Guests, Plugins};
use chaos_wasm::provider::http::Http;
use chaos_wasm::provider::{Call, Failure};
use chaos_wasm::substitution::Variables;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn parse(provider: &Value) -> Result<Http, Vec<String>> {
    let mut problems = Problems::new();
    let parsed = Http::parse(provider, "the activity", &Pointer::root(), &mut problems);
    parsed.ok_or_else(|| {
        problems
            .errors()
            .map(|problem| format!("{} {}", problem.pointer, problem.message))
            .collect()
    })
}

fn door() -> Door {
    let none = [
        "http_proxy",
        "HTTP_PROXY",
        "all_proxy",
        "ALL_PROXY",
        "NETRC",
    ];
    Door::new(Arc::new(NoLedger), Ceilings::default())
        .with_environment(none.map(|name| (name.into(), "".into())).to_vec())
}

async fn call_with(provider: &Value, configuration: &Value) -> Result<Value, Failure> {
    let variables = Variables {
        configuration: configuration.as_object().cloned().unwrap_or_default(),
        secrets: Map::new(),
    };
    let http = parse(provider).unwrap();
    let bound = http.timeout(&variables).unwrap_or(Duration::from_secs(10));
    let call = Call {
        door: &Arc::new(door()),
        pass: Pass::new("method/0", Effect::Mutate, Deadline::after(bound)),
        variables: &Arc::new(variables),
        plugins: &Plugins::default(),
        guests: &Guests::default(),
        has_tolerance: false,
    };
    http.call(&call).await
}

async fn call(provider: Value) -> Result<Value, Failure> {
    call_with(&provider, &json!({})).await
}

#[tokio::test]
async fn requests_are_those_that_the_reference_sends() {
    let recorded: Vec<Value> = serde_json::from_str(include_str!(
        "../../../tests/conformance/http/requests.json"
    ))
    .unwrap();
    assert!(recorded.len() > 60);
    let server = Server::start(|_| answer(200, "", "")).await;
    let mut differences = Vec::new();
    for case in &recorded {
        let mut provider = case["provider"].clone();
        provider["url"] = server.url(case["path"].as_str().unwrap()).into();
        call_with(&provider, &case["configuration"]).await.unwrap();
        let seen = server.seen().pop().unwrap();
        let mut headers = Map::new();
        for name in case["sent"]["headers"].as_object().unwrap().keys() {
            headers.insert(name.clone(), seen.header(name).into());
        }
        for name in ["Content-Type", "Content-Length"] {
            if let Some(value) = seen.header(name) {
                headers.insert(name.to_owned(), value.into());
            }
        }
        let sent = json!({
            "method": seen.method(), "target": seen.target(), "headers": headers, "body": seen.body,
        });
        if sent != case["sent"] {
            differences.push(format!("{case}\n  not {sent}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[tokio::test]
async fn the_output_is_shaped_as_the_references() {
    let server = Server::start(|_| {
        let headers = "X-Case: a\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Type: text/plain; charset=utf-8\r\n";
        answer(404, headers, "é")
    })
    .await;
    let output = call(json!({"url": server.url("/")})).await.unwrap();
    assert_eq!(
        output,
        json!({
            "status": 404,
            "headers": {
                "X-Case": "a", "set-cookie": "a=1, b=2",
                "Content-Type": "text/plain; charset=utf-8", "Content-Length": "2",
            },
            "body": "é",
        })
    );
    let agent = server.seen()[0].header("user-agent").map(str::to_owned);
    assert_eq!(
        agent.unwrap(),
        format!("chaos-wasm/{}", env!("CARGO_PKG_VERSION"))
    );
}

#[tokio::test]
async fn bodies_are_json_only_when_the_type_says_exactly_that() {
    for (content_type, body, expected) in [
        (
            "application/json",
            "{\"a\": [1, null]}",
            Ok(json!({"a": [1, null]})),
        ),
        (
            "application/json; charset=utf-8",
            "{\"a\": 1}",
            Ok(json!("{\"a\": 1}")),
        ),
        ("application/problem+json", "{}", Ok(json!("{}"))),
        ("application/json", "{broken", Err(())),
        ("application/json", "", Err(())),
    ] {
        let header = format!("Content-Type: {content_type}\r\n");
        let server = Server::start(move |_| answer(200, &header, body)).await;
        let output = call(json!({"url": server.url("/")})).await;
        match expected {
            Ok(expected) => assert_eq!(output.unwrap()["body"], expected),
            Err(()) => assert!(matches!(output, Err(Failure::Unexpected(_))), "{output:?}"),
        }
    }
}

#[tokio::test]
async fn failures_are_those_of_the_reference() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://user:s3cret@{closed}/x");
    assert_eq!(
        call(json!({"url": url})).await.unwrap_err(),
        Failure::Failed(format!(
            "failed to connect to http://********@{closed}/x: Connection refused (os error 111)"
        ))
    );
    let silent = Server::start(|_| vec![Step::Hold]).await;
    let begun = Instant::now();
    for timeout in [json!(0.1), json!([1, 0.1]), json!([null, 0.1])] {
        let slow = call(json!({"url": silent.url("/"), "timeout": timeout})).await;
        let expected = Failure::TimedOut("activity took too long to complete".into());
        assert_eq!(slow.unwrap_err(), expected);
    }
    assert!(begun.elapsed() < Duration::from_secs(1));
    for provider in [
        json!({"url": "localhost/x"}),
        json!({"url": "gopher://localhost/x"}),
        json!({"url": silent.url("/"), "headers": {"X": 5}}),
        json!({"url": silent.url("/"), "headers": {"X": "a\nb"}}),
        json!({"url": silent.url("/"), "arguments": [1]}),
    ] {
        let failure = call(provider.clone()).await.unwrap_err();
        assert!(
            matches!(failure, Failure::Unexpected(_)),
            "{provider} {failure:?}"
        );
    }
    assert_eq!(silent.seen().len(), 3);
}

#[tokio::test]
async fn a_probe_may_post_and_counts_as_a_look() {
    let server = Server::start(|_| answer(200, "", "")).await;
    let http = parse(&json!({"url": server.url("/"), "method": "POST"})).unwrap();
    for (allowed, mutations) in [(Effect::Read, 0), (Effect::Mutate, 1)] {
        let door = Arc::new(door());
        let call = Call {
            door: &door,
            pass: Pass::new("p", allowed, Deadline::after(Duration::from_secs(5))),
            variables: &Arc::new(Variables::default()),
            plugins: &Plugins::default(),
            guests: &Guests::default(),
            has_tolerance: true,
        };
        http.call(&call).await.unwrap();
        assert_eq!(door.budget().spent().mutations, mutations);
    }
}

#[tokio::test]
async fn timeouts_may_come_from_the_configuration() {
    let http = parse(&json!({"url": "http://h/", "timeout": "${t}", "max_retries": 2})).unwrap();
    let with = |value: Value| Variables {
        configuration: json!({"t": value}).as_object().cloned().unwrap(),
        secrets: Map::new(),
    };
    assert_eq!(http.timeout(&with(json!(2))), Some(Duration::from_secs(6)));
    assert_eq!(
        http.timeout(&with(json!([1, 5]))),
        Some(Duration::from_secs(18))
    );
    assert_eq!(
        http.timeout(&with(json!([null, 5]))),
        Some(Duration::from_secs(15))
    );
    assert_eq!(http.timeout(&with(json!([1, null]))), None);
    for bad in [json!("2"), json!(0), json!(-1), json!([1]), json!(true)] {
        assert_eq!(http.timeout(&with(bad.clone())), None, "{bad}");
        let provider = json!({"url": "http://127.0.0.1/", "timeout": "${t}"});
        let failure = call_with(&provider, &json!({"t": bad})).await.unwrap_err();
        assert!(matches!(failure, Failure::Unexpected(_)), "{failure:?}");
    }
}

#[test]
fn what_cannot_work_is_found_before_the_run() {
    for (provider, message) in [
        (json!({}), "/url a HTTP activity must have a URL"),
        (json!({"url": ""}), "/url a HTTP activity must have a URL"),
        (json!({"url": 5}), "/url a HTTP activity must have a URL"),
        (
            json!({"headers": ["x"]}),
            "/headers a HTTP activities expect headers as a mapping",
        ),
        (
            json!({"method": 5}),
            "/method the method of a HTTP activity must be the name of a HTTP method",
        ),
        (
            json!({"method": "GET /"}),
            "/method the method of a HTTP activity must be the name of a HTTP method",
        ),
        (
            json!({"verify_tls": 5}),
            "/verify_tls verify_tls must be true, false or the path of a bundle of certificates",
        ),
        (
            json!({"max_retries": "3"}),
            "/max_retries max_retries must be a whole number",
        ),
        (
            json!({"timeout": 0}),
            "/timeout the timeout of a HTTP activity must be a positive number of seconds or a pair of them",
        ),
        (
            json!({"timeout": "5"}),
            "/timeout the timeout of a HTTP activity must be a positive number of seconds or a pair of them",
        ),
        (
            json!({"timeout": [1]}),
            "/timeout the timeout of a HTTP activity must be a positive number of seconds or a pair of them",
        ),
    ] {
        let mut whole = json!({"url": "http://h/"});
        for (key, value) in provider.as_object().unwrap() {
            whole[key] = value.clone();
        }
        if provider == json!({}) {
            whole = provider;
        }
        assert_eq!(parse(&whole).unwrap_err(), [message], "{whole}");
    }
    assert!(parse(&json!({"url": "${u}", "timeout": ["${a}", null], "headers": null})).is_ok());
}
