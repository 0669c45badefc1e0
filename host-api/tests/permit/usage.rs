use super::*;
use chaos_tests::scripted::{Server, ok};

#[tokio::test]
async fn each_line_tells_what_it_was_used_for() {
    let server = Server::start(|_| ok("")).await;
    let bench = Bench::new();
    let wide = format!("http GET,POST,DELETE {}", server.url("/*"));
    let never = "http GET http://never.example/*";
    let permit = layers(&[
        &[&wide, never],
        &[&format!("http GET,POST {}", server.url("/*"))],
    ]);
    let send = async |method: &str, path: &str| {
        let request = request(method, &server.url(path));
        bench.send(&action(&permit), request).await.is_ok()
    };
    assert!(send("GET", "/a").await);
    assert!(send("GET", "/a").await);
    assert!(send("POST", "/a").await);
    assert!(send("GET", "/b").await);
    assert!(!send("DELETE", "/a").await);
    assert!(!send("DELETE", "/a").await);
    let usage = permit.usage();
    let lines: Vec<_> = usage
        .lines
        .iter()
        .map(|line| {
            (
                line.layer.as_str(),
                line.key.as_str(),
                line.used,
                line.denied,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("plugin.toml", "http", 4, 2),
            ("plugin.toml", "http", 0, 0),
            ("chaos-wasm.toml [plugins.x]", "http", 4, 0),
        ]
    );
    assert_eq!(usage.denied, 2);
    assert_eq!(usage.lacking.len(), 1);
    assert_eq!(
        usage.lacking[0].line,
        format!("DELETE {}", server.url("/a"))
    );
    assert_eq!(usage.lacking[0].denied, 2);
    let tightened: Vec<String> = usage
        .tightened
        .http
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        tightened,
        [
            format!("GET,POST {}", server.url("/a")),
            format!("GET {}", server.url("/b"))
        ]
    );
    assert!(!usage.partial);
    let written = serde_json::to_value(&usage).unwrap();
    assert_eq!(
        serde_json::from_value::<chaos_host_api::permit::Usage>(written).unwrap(),
        usage
    );
}

/// What is suggested has to be enough for the next run.
#[tokio::test]
async fn tightened_lines_cover_all_that_was_done() {
    let server = Server::start(|_| ok("")).await;
    let bench = Bench::new();
    let all = format!("http GET,POST {} as read", server.url("/*"));
    let secret = format!("secrets shop.token to {}", server.url("/*"));
    let permit = policy(&[&all, &secret, "configuration *"]);
    let mut calls = Vec::new();
    for number in 0..20 {
        calls.push(("GET", format!("/items/{number}/price")));
        calls.push(("POST", format!("/search*{number}")));
    }
    calls.push(("GET", "/a%2Fb".to_owned()));
    let perform = async |permit: &Arc<Permit>| {
        for (method, path) in &calls {
            let request = with_secret("token", request(method, &server.url(path)));
            bench.send(&probe(permit), request).await.unwrap();
        }
        permit.configuration("base_url").unwrap();
    };
    perform(&permit).await;
    let tightened = permit.usage().tightened;
    let lines: Vec<String> = tightened
        .explain()
        .iter()
        .map(|(g, _)| g.to_string())
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert!(lines.contains(&"configuration base_url"), "{lines:?}");
    perform(&policy(&lines)).await;
}

#[tokio::test]
async fn what_is_remembered_has_an_end() {
    let permit = policy(&["configuration *"]);
    for number in 0..1000 {
        permit.configuration(&format!("name{number}")).unwrap();
    }
    let usage = permit.usage();
    assert!(usage.partial);
    assert!(usage.tightened.configuration.len() < 1000);
    assert_eq!(usage.lines[0].used, 1000);
}
