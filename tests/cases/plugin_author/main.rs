//! What a plugin's author does, from nothing to a call: `plugin new`, `build`, `test`, `call`.
//!
//! Building needs Rust's standard library for `wasm32-unknown-unknown`, which `cargo xtask test`
//! installs.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

mod world;

use chaos_tests::{Finished, Sandbox, Service};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

/// A build compiles the SDK and what it depends on, once in a target folder's life.
const BUILD_PATIENCE: Duration = Duration::from_secs(300);

/// Always the same, so that cargo finds again what it compiled.
fn workplace() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-author")
}

/// `chaos-wasm` in a folder; cargo and native code in places that last.
fn chaos(sandbox: &Sandbox, folder: &Path, arguments: &[&str]) -> Finished {
    let mut command = sandbox.chaos(arguments).unwrap();
    command
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", workplace().join("target"))
        .env("XDG_CACHE_HOME", workplace().join("cache"));
    let home = |command: &mut Command, name: &str, below: &str| {
        let own = std::env::var_os(name).map(PathBuf::from);
        if let Some(folder) = own.or_else(|| Some(std::env::home_dir()?.join(below))) {
            command.env(name, folder);
        }
    };
    home(&mut command, "CARGO_HOME", ".cargo");
    home(&mut command, "RUSTUP_HOME", ".rustup");
    if let Some(toolchain) = std::env::var_os("RUSTUP_TOOLCHAIN") {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    sandbox
        .start(command)
        .unwrap()
        .wait(BUILD_PATIENCE)
        .unwrap()
}

#[track_caller]
fn succeeded(ended: Finished) -> String {
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    ended.stdout
}

/// The component of a new plugin, when `prepare` has changed what `plugin new` wrote.
fn build(name: &str, prepare: impl FnOnce(&Path)) -> Vec<u8> {
    let (sandbox, here) = (Sandbox::new().unwrap(), workplace());
    fs::create_dir_all(&here).unwrap();
    let _ = fs::remove_dir_all(here.join(name)); // an earlier run's
    succeeded(chaos(&sandbox, &here, &["plugin", "new", name]));
    prepare(&here.join(name));
    let ended = chaos(&sandbox, &here, &["plugin", "build", name]);
    assert_eq!(
        ended.code, 0,
        "a plugin cannot be built here; `cargo xtask test` installs what it needs: \n{}",
        ended.stderr
    );
    let told = format!("Built {name}/{name}.wasm: ");
    assert!(ended.stdout.starts_with(&told), "{}", ended.stdout);
    fs::read(here.join(format!("{name}/{name}.wasm"))).unwrap()
}

/// That of a new plugin as it is.
fn built() -> &'static [u8] {
    static BUILT: OnceLock<Vec<u8>> = OnceLock::new();
    BUILT.get_or_init(|| build("checkout", |_| ()))
}

/// A new plugin, built, in a sandbox of its own.
fn author() -> Sandbox {
    let component = built();
    let sandbox = Sandbox::new().unwrap();
    succeeded(chaos(
        &sandbox,
        sandbox.path(),
        &["plugin", "new", "checkout"],
    ));
    sandbox.write("checkout/checkout.wasm", component).unwrap();
    sandbox
}

fn test(sandbox: &Sandbox) -> Finished {
    chaos(sandbox, &sandbox.file("checkout"), &["plugin", "test"])
}

/// Only this case.
fn test_case(sandbox: &Sandbox, case: &Value) -> Finished {
    fs::remove_dir_all(sandbox.file("checkout/tests")).unwrap();
    let text = case.to_string();
    sandbox.write("checkout/tests/one.json", text).unwrap();
    test(sandbox)
}

const URL: &str = "http://127.0.0.1:8080/";

/// One request to [`URL`], answered in this time.
fn exchange(seconds: f64) -> Value {
    json!({
        "request": {"method": "GET", "url": URL},
        "response": {"status": 200, "body": "hello", "elapsed": seconds},
    })
}

/// `p99_latency` by one request that took 0.25 s.
fn case(http: &[Value], expect: Value) -> Value {
    json!({
        "function": "p99_latency",
        "arguments": {"url": URL, "requests": 1},
        "http": http,
        "expect": expect,
    })
}

#[test]
fn from_nothing_to_a_call() {
    built();
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let folder = workplace().join("checkout");
    let told = succeeded(chaos(&sandbox, &folder, &["plugin", "test"]));
    assert_eq!(
        told,
        "ok      elsewhere\nok      p99_latency\n2 passed, 0 failed\n"
    );

    // The service is elsewhere, so the manifest has to name it. What was built is then too old.
    let manifest = fs::read_to_string(folder.join("plugin.toml")).unwrap();
    let authority = service.authority();
    let manifest = manifest.replace("127.0.0.1:8080", &authority);
    fs::write(folder.join("plugin.toml"), manifest).unwrap();
    let ended = chaos(&sandbox, &folder, &["plugin", "test"]);
    assert_eq!(ended.code, 2);
    let stale = "./checkout.wasm is older than ./plugin.toml: build it again";
    assert!(ended.stderr.contains(stale), "{}", ended.stderr);

    succeeded(chaos(&sandbox, &folder, &["plugin", "build"]));
    let (url, grant) = (
        format!("url=http://{authority}/health"),
        format!("http GET http://{authority}/*"),
    );
    let call = ["plugin", "call", "checkout.wasm", "p99_latency", &url];
    let ended = chaos(&sandbox, &folder, &call);
    assert!(ended.stderr.contains("not granted"), "{}", ended.stderr);
    assert_eq!(service.count("/health"), 0);
    let granted = [&call[..], &["requests=3", "--grant", &grant]].concat();
    let seconds: f64 = succeeded(chaos(&sandbox, &folder, &granted))
        .trim()
        .parse()
        .unwrap();
    assert!(seconds > 0.0);
    assert_eq!(service.count("/health"), 3);
}

#[test]
fn a_plugin_has_to_be_built_and_to_have_cases() {
    let sandbox = author();
    fs::remove_file(sandbox.file("checkout/checkout.wasm")).unwrap();
    let ended = test(&sandbox);
    assert_eq!(ended.code, 2);
    let missing = "there is no ./checkout.wasm: build it with `chaos-wasm plugin build .`";
    assert!(ended.stderr.contains(missing), "{}", ended.stderr);

    sandbox.write("checkout/checkout.wasm", built()).unwrap();
    fs::remove_dir_all(sandbox.file("checkout/tests")).unwrap();
    let ended = test(&sandbox);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("no case in ./tests"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_failing_case_shows_what_is_different() {
    let sandbox = author();
    let ended = test_case(&sandbox, &case(&[exchange(0.25)], json!({"result": 0.5})));
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert_eq!(
        ended.stdout,
        "FAILED  one\n        the result is another one\n          - 0.5\n          + 0.25\n\
         0 passed, 1 failed\n"
    );
    let refused = json!([{
        "request": {"method": "GET", "url": URL},
        "response": {"error": "Connection refused"},
    }]);
    let http = refused.as_array().unwrap();
    let ended = test_case(&sandbox, &case(http, json!({"error": "no answer"})));
    assert_eq!(ended.code, 1);
    assert!(
        ended
            .stdout
            .contains("- error: no answer\n        + error: ")
            && ended.stdout.contains("Connection refused"),
        "{}",
        ended.stdout
    );
}

#[test]
fn each_request_has_to_be_recorded_and_each_recorded_one_made() {
    let sandbox = author();
    let expect = || json!({"result": 0.25});
    let ended = test_case(&sandbox, &case(&[exchange(0.25), exchange(0.5)], expect()));
    assert_eq!(ended.code, 1);
    let left = "FAILED  one\n        http request 2 was not made: GET http://127.0.0.1:8080/\n";
    assert!(ended.stdout.starts_with(left), "{}", ended.stdout);

    let ended = test_case(&sandbox, &case(&[], expect()));
    assert_eq!(ended.code, 1);
    let lacking = "http request 1: GET http://127.0.0.1:8080/\n          it is not recorded\n";
    assert!(ended.stdout.contains(lacking), "{}", ended.stdout);

    let mut other = exchange(0.25);
    other["request"]["method"] = json!("HEAD");
    let ended = test_case(&sandbox, &case(&[other], expect()));
    assert_eq!(ended.code, 1);
    let different = "- HEAD http://127.0.0.1:8080/\n          + GET http://127.0.0.1:8080/\n";
    assert!(ended.stdout.contains(different), "{}", ended.stdout);
}

#[test]
fn rights_are_checked_as_ever() {
    let sandbox = author();
    let mut granted = case(&[exchange(0.25)], json!({"result": 0.25}));
    granted["grants"] = json!(["http GET http://127.0.0.1:8080/"]);
    succeeded(test_case(&sandbox, &granted));

    // The operator does not grant what the manifest asks for.
    let mut denied = case(&[], json!({"denied": "http"}));
    denied["grants"] = json!(["http GET http://127.0.0.1:8080/other"]);
    succeeded(test_case(&sandbox, &denied));
    denied["expect"] = json!({"denied": "secrets"});
    let ended = test_case(&sandbox, &denied);
    assert_eq!(ended.code, 1);
    assert!(
        ended.stdout.contains("- denied: secrets"),
        "{}",
        ended.stdout
    );

    // Nothing was denied although it should have been.
    let ended = test_case(
        &sandbox,
        &case(&[exchange(0.25)], json!({"denied": "http"})),
    );
    assert_eq!(ended.code, 1);
    let told = "- denied: http\n        + result: 0.25\n";
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
}

#[test]
fn what_is_no_case_fails_and_says_why() {
    let sandbox = author();
    let good = || case(&[exchange(0.25)], json!({"result": 0.25}));
    succeeded(test_case(&sandbox, &good()));
    let spoilt = |pointer: &str, key: &str, value: Value| {
        let mut case = good();
        case.pointer_mut(pointer).unwrap()[key] = value;
        case
    };
    for (case, why) in [
        (
            spoilt("", "argument", json!({})),
            "unknown field `argument`",
        ),
        (
            spoilt("/http/0/request", "header", json!({})),
            "unknown field `header`",
        ),
        (
            spoilt("/http/0/response", "elapsed", json!(-1)),
            "no time in seconds",
        ),
        (
            spoilt("/http/0/response", "error", json!("x")),
            "has nothing else",
        ),
        (
            spoilt("/http/0/response", "status", json!(99)),
            "99 is no HTTP status",
        ),
        (
            spoilt("", "grants", json!(["http GET *"])),
            "names no place",
        ),
        (
            spoilt("", "expect", json!({"denied": "disk"})),
            "unknown variant `disk`",
        ),
        (
            spoilt("", "kubernetes", json!([exchange(0.1)])),
            "`elapsed` is for `http`",
        ),
        (spoilt("", "function", json!("p98_latency")), "p98_latency"),
        (spoilt("/arguments", "urls", json!("x")), "urls"),
    ] {
        let ended = test_case(&sandbox, &case);
        assert_eq!(ended.code, 1, "{case}");
        assert!(ended.stdout.contains(why), "{why}: {}", ended.stdout);
        assert!(ended.stdout.ends_with("0 passed, 1 failed\n"));
    }
}

#[test]
fn an_answer_that_takes_longer_than_the_plugin_allows_comes_too_late() {
    let sandbox = author();
    let begun = std::time::Instant::now();
    let ended = test_case(&sandbox, &case(&[exchange(5.5)], json!({"result": 5.5})));
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("within 5 s"), "{}", ended.stdout);
    assert!(begun.elapsed() < Duration::from_secs(5), "nobody waits");
}
