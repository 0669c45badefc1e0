//! Guests that call servers by name, where the name leads elsewhere than it seems.

use super::super::case::{Case, End};
use serde_json::json;

/// A name, but not where it may lead.
const PUBLIC: &str = "http GET http://shop.test:{closed-port}/*";

/// A name that may lead to this machine.
const HERE: &str = "http GET http://shop.test:{port}/* to 127.0.0.1/32";

/// Every name below one.
const SUFFIX: &str = "http GET http://*.shop.test:{port}/* to 127.0.0.1/32";

fn new(name: impl Into<String>, tries: impl Into<String>, url: &str, expected: End) -> Case {
    let request = json!({"method": "GET", "url": url, "headers": [], "body": [],
        "timeout_ms": null, "redirects": 5});
    Case::new(name, tries, "http", "send", expected).with(json!({ "request": request }))
}

pub(super) fn cases() -> Vec<Case> {
    [addresses(), changes(), spellings()]
        .into_iter()
        .flatten()
        .collect()
}

/// A granted name that leads where only names that say so may lead.
fn addresses() -> Vec<Case> {
    let addresses: [(&str, &'static [&'static str]); 13] = [
        ("loopback", &["127.0.0.1"]),
        ("loopback-other", &["127.8.8.8"]),
        ("loopback-v6", &["::1"]),
        ("private", &["10.0.0.1"]),
        ("metadata", &["169.254.169.254"]),
        ("metadata-v6", &["fd00:ec2::254"]),
        ("link-local", &["fe80::1"]),
        ("unspecified", &["0.0.0.0"]),
        ("v4-mapped", &["::ffff:127.0.0.1"]),
        ("nat64", &["64:ff9b::7f00:1"]),
        ("6to4", &["2002:7f00:1::"]),
        ("broadcast", &["255.255.255.255"]),
        ("several", &["10.0.0.1 127.0.0.1 ::1 169.254.169.254"]),
    ];
    let addresses = addresses.map(|(name, answers)| {
        let tries = format!("calls a name that resolves to {}", answers.join(""));
        let denied = End::Denied("no public address");
        new(
            format!("name-{name}-address"),
            tries,
            "http://shop.test:{closed-port}/x",
            denied,
        )
        .granted(&[PUBLIC])
        .resolving(answers)
    });
    addresses.into()
}

/// Names that lead to another address each time they are looked up.
fn changes() -> Vec<Case> {
    use End::{Denied, Gives, Status};
    let url = "http://shop.test:{port}/allowed/x";
    let here = |case: Case| case.granted(&[HERE]);
    vec![
        // The second look-up would be the connection's own.
        here(new(
            "rebinding-connect",
            "calls a name that changes between the check and the connection",
            url,
            Status(200),
        ))
        .resolving(&["127.0.0.1", "127.0.0.2"])
        .reaching(1),
        here(new(
            "rebinding-redirect",
            "calls a name that changes before the redirect",
            "http://shop.test:{port}/allowed/to-itself",
            Denied("127.0.0.2"),
        ))
        .resolving(&["127.0.0.1", "127.0.0.2"])
        .reaching(1),
        here(new(
            "rebinding-again",
            "calls a name twenty times, which changes after the first",
            url,
            Gives(json!(1)),
        ))
        .calling("race")
        .resolving(&["127.0.0.1", "127.0.0.2"])
        .reaching(1),
        here(new(
            "rebinding-back",
            "calls a name that changes into what it may",
            url,
            Denied("10.0.0.1"),
        ))
        .resolving(&["10.0.0.1", "127.0.0.1"]),
        here(new(
            "rebinding-mixed",
            "calls a name with a granted address among others",
            url,
            Status(200),
        ))
        .resolving(&["169.254.169.254 127.0.0.2 127.0.0.1 ::1"])
        .reaching(1),
        here(new(
            "rebinding-nothing",
            "calls a name without any address",
            url,
            End::Error(&["not_connected"]),
        ))
        .resolving(&[""])
        .reaching(0),
    ]
}

/// Names that look like the granted one; each leads to the server that would answer.
fn spellings() -> Vec<Case> {
    let granted = new(
        "suffix-allowed",
        "calls a name below the granted one",
        "http://a.Shop.TEST:{port}/x",
        End::Status(200),
    );
    let others = [
        ("suffix-itself", "the granted name itself", "shop.test"),
        ("suffix-glued", "a name that ends like it", "evil-shop.test"),
        (
            "suffix-behind",
            "a name that begins like it",
            "a.shop.test.evil",
        ),
        (
            "suffix-dot",
            "the name with a dot behind it",
            "a.shop.test.",
        ),
        ("suffix-dots", "the name with two dots", "a..shop.test"),
        ("suffix-empty", "the name below nothing", ".shop.test"),
        (
            "suffix-escaped",
            "the name with an escaped dot",
            "evil%2eshop.test%2fevil",
        ),
        (
            "suffix-idn",
            "the name in other letters",
            "a.sh\u{43e}p.test",
        ),
        (
            "suffix-punycode",
            "a name in Punycode",
            "a.xn--shp-emc.test",
        ),
    ];
    let others = others.map(|(name, tries, host)| {
        let url = format!("http://{host}:{{port}}/x");
        let kinds = &["denied", "invalid"];
        new(name, format!("calls {tries}"), &url, End::Error(kinds)).reaching(0)
    });
    let port = new(
        "suffix-port",
        "calls the name on its default port",
        "http://a.shop.test/x",
        End::Denied("`http`"),
    );
    let all = [granted.reaching(1), port].into_iter().chain(others);
    all.map(|case| case.granted(&[SUFFIX])).collect()
}
