//! Guests that send requests they may not, and peers that answer as they should not.

use super::super::case::{Case, End};
use serde_json::{Value, json};
use std::time::Duration;

/// What these guests are granted.
const GRANT: &str = "http GET,POST http://{open}/allowed/*";

/// Another host than any there is.
const ELSEWHERE: &str = "http GET http://shop.example:{closed-port}/*";

fn request(method: &str, url: &str) -> Value {
    json!({"method": method, "url": url, "headers": [], "body": [], "timeout_ms": null, "redirects": 0})
}

fn get(name: impl Into<String>, tries: impl Into<String>, url: &str, expected: End) -> Case {
    Case::new(name, tries, "http", "send", expected)
        .with(json!({"request": request("GET", url)}))
        .granted(&[GRANT])
}

fn ask(name: &str, tries: &str, method: &str, function: &'static str, expected: End) -> Case {
    let request = request(method, "http://{open}/allowed/x");
    Case::new(name, tries, "http", function, expected)
        .with(json!({"request": request}))
        .granted(&[GRANT])
}

/// With one field of the request replaced.
fn changed(mut case: Case, field: &str, value: Value) -> Case {
    case.arguments["request"][field] = value;
    case
}

pub(super) fn cases() -> Vec<Case> {
    let all = [
        permissions(),
        addresses(),
        headers(),
        redirects(),
        answers(),
    ];
    all.into_iter().flatten().collect()
}

fn permissions() -> Vec<Case> {
    use End::{Denied, Error, Gives, Limit, Status};
    let allowed = "http://{open}/allowed/x";
    let denied = |name: &str, tries: &str, url: &str| get(name, tries, url, Denied("`http`"));
    vec![
        get("http-allowed", "sends what it may", allowed, Status(200)).reaching(1),
        denied("http-nothing", "sends without any grant", allowed).granted(&[]),
        ask(
            "http-method",
            "sends another method",
            "DELETE",
            "post",
            Denied("`http`"),
        ),
        ask(
            "http-probe",
            "changes something as a probe",
            "POST",
            "send",
            Denied("probe"),
        ),
        ask(
            "http-action",
            "changes what it may as an action",
            "POST",
            "post",
            Status(200),
        )
        .reaching(1),
        ask(
            "http-no-method",
            "sends no method",
            "",
            "post",
            Error(&["invalid"]),
        ),
        ask(
            "http-connect",
            "asks for a tunnel",
            "CONNECT",
            "post",
            Error(&["invalid"]),
        ),
        ask(
            "http-split",
            "hides a request in the method",
            "GET /allowed/x HTTP/1.1\r\nX: y\r\n\r\nGET",
            "post",
            Error(&["invalid"]),
        ),
        denied(
            "http-port",
            "asks another port",
            "http://{closed}/allowed/x",
        ),
        denied(
            "http-scheme",
            "asks by another scheme",
            "https://{open}/allowed/x",
        ),
        denied(
            "http-path",
            "asks for another path",
            "http://{open}/forbidden",
        ),
        denied(
            "http-path-case",
            "asks for the path in capitals",
            "http://{open}/ALLOWED/x",
        ),
        denied(
            "http-dots",
            "leaves its folder with dots",
            "http://{open}/allowed/../forbidden",
        ),
        denied(
            "http-dots-escaped",
            "leaves its folder with escaped dots",
            "http://{open}/allowed/%2e%2e/forbidden",
        ),
        denied(
            "http-backslash",
            "leaves its folder with a backslash",
            "http://{open}/allowed\\..\\forbidden",
        ),
        denied(
            "http-name",
            "calls the server by its name",
            "http://localhost:{port}/allowed/x",
        ),
        denied(
            "http-suffix",
            "lets another name begin like the granted one",
            "http://127.0.0.1.shop.example:{port}/allowed/x",
        ),
        get(
            "http-absolute",
            "puts another server's URL into the path",
            "http://{open}/allowed/http://{closed}/x",
            Status(200),
        )
        .reaching(1),
        get(
            "http-file",
            "reads a file by URL",
            "file:///etc/passwd",
            Error(&["invalid"]),
        ),
        get(
            "http-relative",
            "gives half a URL",
            "//{open}/allowed/x",
            Error(&["invalid"]),
        ),
        get("http-empty", "gives no URL", "", Error(&["invalid"])),
        get(
            "http-newline",
            "hides a request in the URL",
            "http://{open}/allowed/x HTTP/1.1\r\nHost: y\r\n\r\n",
            Error(&["invalid", "denied"]),
        )
        .reaching(0),
        Case::new(
            "http-body",
            "sends a huge body",
            "http",
            "post",
            Error(&["invalid"]),
        )
        .with(
            json!({"request": {"method": "POST", "url": allowed, "headers": [],
                "body": vec![0; 10_001], "timeout_ms": null, "redirects": 0}}),
        )
        .granted(&[GRANT]),
        Case::new(
            "budget-race",
            "sends twenty at once on a budget of five",
            "http",
            "race",
            Gives(json!(5)),
        )
        .with(json!({"request": request("GET", allowed)}))
        .granted(&[GRANT])
        .budget(|ceilings| ceilings.http_requests = 5)
        .reaching(5),
        Case::new(
            "http-flood",
            "begins exchanges without end",
            "http",
            "flood",
            Limit("handles"),
        )
        .with(json!({"request": request("GET", "http://{open}/allowed/hold")}))
        .granted(&[GRANT]),
    ]
}

/// Spellings of 127.0.0.1, and what looks like another host.
fn addresses() -> Vec<Case> {
    let spelt = [
        ("decimal", "2130706433"),
        ("octal", "0177.0.0.1"),
        ("hexadecimal", "0x7f000001"),
        ("short", "127.1"),
        ("v4-mapped", "[::ffff:127.0.0.1]"),
        ("v4-mapped-hexadecimal", "[::ffff:7f00:1]"),
        ("v4-compatible", "[::127.0.0.1]"),
        ("nat64", "[64:ff9b::7f00:1]"),
        ("6to4", "[2002:7f00:1::]"),
        ("trailing-dot", "127.0.0.1."),
        ("unspecified", "0.0.0.0"),
        ("v6-unspecified", "[::]"),
        ("wide-digits", "\u{ff11}\u{ff12}\u{ff17}.0.0.1"),
        ("circled-digits", "\u{2460}\u{2461}\u{2466}.0.0.1"),
        ("ideographic-dots", "127\u{3002}0\u{3002}0\u{3002}1"),
        ("escaped", "%31%32%37.0.0.1"),
        ("localhost", "localhost"),
        ("localhost-dot", "localhost."),
        ("capitals", "LOCALHOST"),
    ];
    let spelt = spelt.map(|(name, host)| {
        let url = format!("http://{host}:{{closed-port}}/allowed/x");
        let tries = format!("calls this machine {host}");
        let kinds = &["denied", "invalid"];
        get(format!("address-{name}"), tries, &url, End::Error(kinds))
            .granted(&[ELSEWHERE])
            .reaching(0)
    });
    let hidden = [
        (
            "user",
            "hides the host behind a user name",
            "http://shop.example:{closed-port}@{closed}/",
        ),
        (
            "user-of-granted",
            "puts the granted host before an @",
            "http://{open}@{closed}/allowed/x",
        ),
        (
            "password",
            "gives a password in the URL",
            "http://me:pass@{open}/allowed/x",
        ),
        (
            "backslash",
            "hides the host behind a backslash",
            "http://{closed}\\@{open}/allowed/x",
        ),
        (
            "fragment",
            "hides the host behind a fragment",
            "http://{closed}#@{open}/allowed/x",
        ),
        (
            "query",
            "hides the host behind a query",
            "http://{closed}?@{open}/allowed/x",
        ),
        (
            "newline",
            "hides a line's end in the host",
            "http://{closed}\n.shop.example/",
        ),
        (
            "null",
            "ends the host early",
            "http://127.0.0.1\0.shop.example:{closed-port}/",
        ),
        (
            "metadata",
            "asks the cloud for its credentials",
            "http://169.254.169.254/latest/meta-data/",
        ),
        (
            "idn",
            "writes the host with other letters",
            "http://\u{455}hop.example:{closed-port}/x",
        ),
    ];
    let hidden = hidden.map(|(name, tries, url)| {
        get(
            format!("url-{name}"),
            tries,
            url,
            End::Error(&["denied", "invalid"]),
        )
        .granted(&[GRANT, ELSEWHERE])
        .reaching(0)
    });
    spelt.into_iter().chain(hidden).collect()
}

fn headers() -> Vec<Case> {
    let smuggled = [
        ("host", "Host", "shop.example"),
        ("host-case", "hOsT", "{open}"),
        ("length", "Content-Length", "5"),
        ("transfer", "Transfer-Encoding", "chunked"),
        ("connection", "Connection", "close, X-Token"),
        ("upgrade", "Upgrade", "websocket"),
        ("te", "TE", "trailers"),
        ("proxy", "Proxy-Authorization", "Basic eDp5"),
        ("crlf", "X", "a\r\nHost: shop.example"),
        ("lf", "X", "a\nX-Forwarded-For: 127.0.0.1"),
        ("null", "X", "a\0b"),
        ("name-crlf", "X: a\r\nY", "b"),
        ("name-space", "Host ", "shop.example"),
        ("name-empty", "", "a"),
        ("wide", "X", "\u{560d}\u{560a}Host: shop.example"),
    ];
    let smuggled = smuggled.map(|(name, header, value)| {
        let tries = format!(
            "smuggles a header: {}",
            format!("{header}: {value}").escape_debug()
        );
        let url = "http://{open}/allowed/x";
        let case = get(
            format!("header-{name}"),
            tries,
            url,
            End::Error(&["invalid"]),
        );
        changed(case, "headers", json!([[header, value]]))
    });
    smuggled.into_iter().collect()
}

fn redirects() -> Vec<Case> {
    use End::{Error, Status};
    let closed = [
        ("host", "to another host"),
        ("slashes", "to another host without a scheme"),
        ("user", "to another host with a password"),
        ("name", "to this machine by its name"),
        ("path", "to a forbidden path"),
        ("dots", "out of its folder"),
        ("file", "to a file"),
    ];
    let follow = |name: &str, tries: &str, expected: End| {
        let url = format!("http://{{open}}/allowed/to-{name}");
        let tries = format!("follows a redirect {tries}");
        let case = get(format!("redirect-{name}"), tries, &url, expected);
        changed(case, "redirects", json!(5))
    };
    let mut cases: Vec<Case> = closed
        .into_iter()
        .map(|(name, tries)| {
            follow(name, tries, Error(&["denied", "invalid", "broken"])).reaching(1)
        })
        .collect();
    cases.push(follow("itself", "without end", Status(302)).reaching(6));
    cases
}

fn answers() -> Vec<Case> {
    use End::{Error, Status, TimedOut};
    let broken = [
        ("large", "a huge answer"),
        ("endless", "an answer without end"),
        ("endless-head", "headers without end"),
        ("gzip", "an answer that grows when it is decompressed"),
        ("claims", "an answer that claims exabytes"),
        ("two-lengths", "an answer of two lengths"),
        ("chunk", "a chunk longer than any number"),
        ("nonsense", "an answer that is no HTTP"),
    ];
    let ask = |name: &str, tries: &str, expected: End| {
        let url = format!("http://{{open}}/allowed/{name}");
        get(
            format!("answer-{name}"),
            format!("asks for {tries}"),
            &url,
            expected,
        )
    };
    let mut cases: Vec<Case> = broken
        .into_iter()
        .map(|(name, tries)| ask(name, tries, Error(&["broken", "not_connected"])).reaching(1))
        .collect();
    let late = [
        ("hold", "an answer that never comes"),
        ("drip", "an answer that drips"),
        ("slow-head", "headers that drip"),
    ];
    let (most, least) = (json!(u32::MAX), json!(0));
    let url = "http://{open}/allowed/x";
    let waits = get(
        "bait-timeout",
        "waits for as long as can be said",
        url,
        Status(200),
    );
    cases.push(changed(waits, "timeout_ms", most));
    let hurries = get(
        "bait-no-time",
        "waits for no time",
        url,
        Error(&["timed_out"]),
    );
    cases.push(changed(hurries, "timeout_ms", least));
    let follows = get(
        "bait-redirects",
        "follows as many redirects as can be said",
        "http://{open}/allowed/to-itself",
        Status(302),
    );
    cases.push(changed(follows.reaching(256), "redirects", json!(u8::MAX)));
    for (name, tries) in late {
        let hurried = ask(name, tries, Error(&["timed_out"]));
        cases.push(changed(hurried, "timeout_ms", json!(250)));
        let mut waiting = ask(name, tries, TimedOut).within(Duration::from_millis(250));
        waiting.name.push_str("-waiting");
        cases.push(waiting);
    }
    cases
}
