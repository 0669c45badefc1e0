#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
use super::*;
use std::time::Duration;

const FULL: &str = r#"
[builtin]
http = ["GET,POST http://127.0.0.1:8080/*"]
kubernetes = ["list,delete pods in shop where app=checkout"]
process = ["/usr/bin/kubectl"]
file = ["read /var/log/*"]

[budget]
pods-deleted = 3
pods-percent = 50

[plugins.checkout]
digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
http = ["GET http://127.0.0.1:8080/*"]
secrets = ["shop.token to https://shop.example.com/*"]
configuration = ["base_url"]

[plugins.checkout.limits]
wall-seconds = 2.5
cpu-seconds = 1
memory-bytes = 1000000

[modules]
chaosspring = "spring"
"#;

fn parse(text: &str) -> Result<Policy, PolicyError> {
    Policy::parse(text, Path::new("chaos-wasm.toml"))
}

#[test]
fn a_policy_is_read_as_it_is_written() {
    let policy = parse(FULL).unwrap();
    assert_eq!(
        policy.budget,
        Ceilings {
            pods_deleted: 3,
            pods_percent: 50,
            ..Ceilings::default()
        }
    );
    let BuiltinPolicy::Granted(builtin) = policy.builtin() else {
        panic!("granted line by line");
    };
    assert_eq!((builtin.http.len(), builtin.process.len()), (1, 1));
    let plugin = &policy.plugins["checkout"];
    assert!(
        plugin
            .digest
            .unwrap()
            .to_string()
            .starts_with("sha256:0123")
    );
    assert_eq!(
        plugin.limits.wall_seconds.map(Duration::from),
        Some(Duration::from_millis(2500))
    );
    assert_eq!(plugin.limits.memory_bytes, Some(1_000_000));
    assert_eq!(plugin.limits.handles, None);
    assert_eq!(policy.modules["chaosspring"], "spring");
    let layer = policy.layer("checkout");
    assert_eq!(layer.name, "chaos-wasm.toml [plugins.checkout]");
    assert_eq!(layer.grants.http.len(), 1);
}

#[test]
fn what_is_missing_is_not_granted() {
    let policy = parse("").unwrap();
    assert!(policy.layer("checkout").grants.is_empty());
    assert_eq!(policy.budget, Ceilings::default());
    let nothing = BuiltinPolicy::Granted(BuiltinGrants::default());
    assert_eq!(policy.builtin(), &nothing);
    assert!(policy.builtin_permit().is_some());
    assert_eq!(parse("[builtin]").unwrap().builtin(), &nothing);
    assert_eq!(
        policy.layer("a b").name,
        "chaos-wasm.toml [plugins.\"a b\"]"
    );

    let trusting = parse("[builtin]\ntrust-author = true").unwrap();
    assert!(trusting.builtin_permit().is_none());
    let not = parse("[builtin]\ntrust-author = false").unwrap();
    assert!(not.builtin_permit().is_some());
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (text, expected) in [
        (
            "[plugin.checkout]",
            "chaos-wasm.toml:1:2: unknown key 'plugin' in the file; did you mean 'plugins'?",
        ),
        (
            "\n[plugins.checkout]\n  htpp = []",
            "chaos-wasm.toml:3:3: unknown key 'htpp' in [plugins.checkout]; did you mean 'http'?",
        ),
        (
            "[plugins.x]\nprocess = [\"/bin/sh\"]",
            "chaos-wasm.toml:2:1: unknown key 'process' in [plugins.x]; it can be: http, \
             kubernetes, secrets, configuration, digest, limits",
        ),
        (
            "[builtin]\nsecrets = []",
            "chaos-wasm.toml:2:1: unknown key 'secrets' in [builtin]; it can be: trust-author, \
             http, kubernetes, process, file",
        ),
        (
            "[budget]\npods_deleted = 1",
            "chaos-wasm.toml:2:1: unknown key 'pods_deleted' in [budget]; did you mean \
             'pods-deleted'?",
        ),
        (
            "[plugins.x.limits]\nwall-second = 1",
            "chaos-wasm.toml:2:1: unknown key 'wall-second' in [plugins.x.limits]; did you mean \
             'wall-seconds'?",
        ),
        (
            "[plugins.x.limits]\nwall-seconds = 0",
            "chaos-wasm.toml:2:16: 0 is no time limit: write more than 0 seconds",
        ),
        (
            "[plugins.x]\nhttp = [\n  \"GET http://h/\",\n  \"GTE http://h/\",\n]",
            "chaos-wasm.toml:4:3: \"GTE http://h/\" is no http grant: 'GTE' is no HTTP method; \
             did you mean 'GET'?",
        ),
        (
            "[plugins.x]\ndigest = \"sha256:12\"",
            "chaos-wasm.toml:2:10: 'sha256:12' is no digest: write sha256: and 64 hexadecimal \
             digits, as `sha256sum` prints them",
        ),
        (
            "[budget]\npods-percent = 101",
            "chaos-wasm.toml:2:16: 'pods-percent' is at most 100",
        ),
        (
            "[builtin]\ntrust-author = true\nprocess = [\"/bin/sh\"]",
            "chaos-wasm.toml:2:16: 'trust-author = true' grants built-in activities everything; \
             leave it out, or the lines beside it",
        ),
        (
            "[modules]\nchaosspring = \"\"",
            "chaos-wasm.toml:2:15: 'chaosspring' names no plugin",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), expected);
    }
    for (text, place) in [
        ("[budget]\ncalls = -1", (2, 9)),
        ("[budget]\ncalls = \"7\"", (2, 9)),
        ("[budget]\ncalls = 1\ncalls = 2", (3, 1)),
        ("[plugins]\nx = 1", (2, 5)),
        ("[plugins.x]\nhttp = \"GET http://h/\"", (2, 8)),
        ("[plugins.x]\nhttp = [7]", (2, 9)),
        ("budget = 1", (1, 10)),
        ("[modules]\na.b = \"x\"", (2, 1)),
        ("# é\n[budget", (2, 8)),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.line, error.column), place, "{text}: {error}");
    }
}

/// None is read and then forgotten.
#[test]
fn every_limit_has_its_key() {
    for key in LimitsPolicy::KEYS {
        let policy = parse(&format!("[plugins.x.limits]\n{key} = 7")).unwrap();
        let limits = &policy.plugins["x"].limits;
        let written = toml::to_string(limits).unwrap();
        assert!(written.starts_with(key), "{written}");
        assert_eq!(limits.explain().len(), 1, "{key}");
    }
    for (key, _) in Ceilings::default().by_key() {
        let policy = parse(&format!("[budget]\n{key} = 7")).unwrap();
        assert!(policy.budget.by_key().contains(&(key, 7)), "{key}");
        assert!(
            policy
                .explain()
                .contains(&format!("a run may spend 7 {key}"))
        );
    }
}

#[test]
fn a_policy_can_be_told_in_words() {
    let told = parse(FULL).unwrap().explain();
    assert_eq!(
        told,
        [
            "built-in activities may",
            "  GET, POST requests to 127.0.0.1, HTTP port 8080, every path; probes may make only \
             those that look (GET, HEAD, OPTIONS)",
            "  list, delete pods in the namespace shop, if their labels match app=checkout",
            "  start /usr/bin/kubectl with any arguments",
            "  look at files whose path begins with /var/log/",
            "plugin checkout (only the file with sha256:0123456789abcdef0123456789abcdef0123456789\
             abcdef0123456789abcdef) may",
            "  GET requests to 127.0.0.1, HTTP port 8080, every path",
            "  send the secret token of shop (without seeing it) to shop.example.com, HTTPS port \
             443, every path",
            "  read the configuration base_url",
            "  limits: 2.5 s of wall time, 1 s of CPU time, 1000000 bytes of memory",
            "functions of the Python module chaosspring: those of the plugin spring",
            "a run may spend 3 pods-deleted",
            "a run may spend 50 pods-percent",
        ]
    );
    assert_eq!(
        parse("[plugins.x]").unwrap().explain(),
        ["built-in activities: nothing", "plugin x: nothing"]
    );
}

/// What operators will copy.
#[test]
fn the_references_examples_are_read() {
    let reference = include_str!("../../../docs/policy.md");
    let section = |title: &str| {
        let from = reference.split(&format!("\n{title}\n")).nth(1).unwrap();
        from.split("\n##").next().unwrap()
    };
    let file = section("## The policy file");
    let file = file.split("```toml").nth(1).unwrap();
    let policy = parse(file.split("```").next().unwrap()).unwrap();
    assert_eq!(policy.plugins["checkout"].grants.http.len(), 1);
    for key in ["http", "kubernetes"] {
        let examples: Vec<&str> = section(&format!("### {key}"))
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .collect();
        assert!(examples.len() >= 5, "{key}: {examples:?}");
        for example in examples {
            let line = format!("{key} {example}");
            assert!(line.parse::<crate::grant::Grant>().is_ok(), "{line}");
        }
    }
    for (key, default) in Ceilings::default().by_key() {
        let row = section("### `[budget]`");
        let row = row
            .lines()
            .find(|line| line.starts_with(&format!("| `{key}`")));
        let shown = row
            .unwrap()
            .replace(',', "")
            .replace("1 TiB", &default.to_string());
        assert!(shown.ends_with(&format!("| {default} |")), "{shown}");
    }
    for key in LimitsPolicy::KEYS {
        assert!(section("### `[plugins.NAME]`").contains(&format!("| `{key}`")));
    }
}
