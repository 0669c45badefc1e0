//! The same probes in several languages, called by the real program.
//!
//! `cargo xtask languages` builds the guests, and installs what that needs.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use chaos_tests::{Finished, Sandbox, Service};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

/// Native code is made once; an interpreter's takes a while.
const COMPILATION: Duration = Duration::from_secs(300);

/// A guest, and a place of its own to call it from.
struct Guest {
    language: &'static str,
    sandbox: Sandbox,
    service: Service,
}

impl Guest {
    /// `language` is its folder's name, with `_` for `-`.
    fn new(language: &'static str) -> Guest {
        let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let built = temporary
            .parent()
            .unwrap()
            .join("guests/languages")
            .join(language.replace('_', "-"));
        let module = std::fs::read(built.join("survey.wasm")).unwrap_or_else(|error| {
            panic!(
                "{}: {error}; `cargo xtask languages` builds it",
                built.display()
            )
        });
        let sandbox = Sandbox::new().unwrap();
        sandbox.write("survey.wasm", module).unwrap();
        let manifest = std::fs::read(built.join("plugin.toml")).unwrap();
        sandbox.write("plugin.toml", manifest).unwrap();
        let service = Service::start().unwrap();
        let guest = Guest {
            language,
            sandbox,
            service,
        };
        guest.compile();
        guest
    }

    /// Compiles it, unless an earlier test or run did.
    fn compile(&self) {
        static COMPILED: Mutex<Vec<&str>> = Mutex::new(Vec::new());
        let mut compiled = COMPILED.lock().unwrap();
        if !compiled.contains(&self.language) {
            let ended = self.call(&["mean", "values=[1]"]);
            assert_eq!(ended.code, 0, "{}", ended.stderr);
            compiled.push(self.language);
        }
    }

    fn chaos(&self, arguments: &[&str]) -> Finished {
        let cache: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("languages");
        let mut command = self.sandbox.chaos(arguments).unwrap();
        command.env("XDG_CACHE_HOME", cache);
        command.env("CHAOS_TEST_SECRET", "hidden");
        self.sandbox
            .start(command)
            .unwrap()
            .wait(COMPILATION)
            .unwrap()
    }

    fn call(&self, arguments: &[&str]) -> Finished {
        self.chaos(&[&["plugin", "call", "survey.wasm"], arguments].concat())
    }

    /// The answer of a call that succeeds.
    #[track_caller]
    fn answer(&self, arguments: &[&str]) -> Value {
        let ended = self.call(arguments);
        assert_eq!(
            ended.code, 0,
            "{arguments:?}: {}{}",
            ended.stdout, ended.stderr
        );
        serde_json::from_str(&ended.stdout).unwrap()
    }

    /// What is said of a call that fails, with this exit code.
    #[track_caller]
    fn failure(&self, code: i32, arguments: &[&str]) -> String {
        let ended = self.call(arguments);
        assert_eq!(
            ended.code, code,
            "{arguments:?}: {}{}",
            ended.stdout, ended.stderr
        );
        ended.stderr
    }

    fn url(&self, path: &str) -> String {
        format!("url={}{path}", self.service.url())
    }

    fn grant(&self) -> String {
        format!("http GET {}/*", self.service.url())
    }
}

/// Arguments arrive and results come back, an absent one too.
fn computes(guest: &Guest) {
    assert_eq!(
        guest.answer(&["mean", "values=[1, 2, 6.5]"]),
        json!(19.0 / 6.0)
    );
    assert_eq!(guest.answer(&["mean", "values=[]"]), Value::Null);
}

/// Nothing of the machine is to be seen.
fn sees_nothing(guest: &Guest) {
    let nothing = json!({"environment": [], "arguments": [], "files": []});
    assert_eq!(guest.answer(&["look_around"]), nothing);
}

/// What goes too far ends the call, and is told by its name; what does not is no problem.
fn is_limited(guest: &Guest) {
    assert_eq!(guest.answer(&["descend", "depth=200"]), json!(200));
    let megabyte = guest.answer(&["hoard", "bytes=1000000"]);
    assert!(megabyte.as_u64().unwrap() >= 1_000_000, "{megabyte}");
    let said = guest.failure(5, &["hoard", "bytes=1000000000"]);
    // Go ends by itself when there is no more, and says so.
    let memory = ["limit memory-bytes", "runtime: out of memory"];
    assert!(memory.iter().any(|words| said.contains(words)), "{said}");
    guest.failure(5, &["descend", "depth=10000000"]);
    let said = guest.failure(5, &["spin", "--timeout", "0.5"]);
    assert!(said.contains("took longer than its timeout"), "{said}");
}

/// A request is measured; its answer becomes a record, a truth, a number.
fn asks(guest: &Guest) {
    let grant = guest.grant();
    guest
        .service
        .answer("/page", 200, "application/json", r#"{"up": true}"#);
    let with =
        |function: &str, path: &str| guest.answer(&[function, &guest.url(path), "--grant", &grant]);
    let mut page = with("fetch", "/page");
    let milliseconds = page["milliseconds"].take();
    assert!(milliseconds.as_f64().unwrap() > 0.0, "{milliseconds}");
    assert_eq!(
        page,
        json!({"status": 200, "content_type": "application/json", "bytes": 12, "milliseconds": null})
    );
    assert_eq!(with("is_up", "/ok"), json!(true));
    assert_eq!(with("is_up", "/status/503"), json!(false));

    let slowest = [
        "slowest",
        &guest.url("/slow?ms=50"),
        "requests=8",
        "--grant",
        &grant,
    ];
    let slowest = guest.answer(&slowest).as_f64().unwrap();
    assert!(slowest >= 50.0, "{slowest}");
    assert_eq!(guest.service.count("/slow"), 8);
}

/// What is not granted is not sent; the guest is told so, and can make it its own error.
fn is_denied(guest: &Guest) {
    let (url, grant) = (
        guest.url("/ok"),
        format!("http GET {}/other", guest.service.url()),
    );
    let said = guest.failure(6, &["fetch", &url, "--grant", &grant]);
    assert!(said.contains("not granted"), "{said}");
    let said = guest.failure(6, &["is_up", &url]);
    assert!(said.to_lowercase().contains("denied"), "{said}");
    assert_eq!(guest.service.count("/ok"), 0);
    let refused = [
        "is_up",
        "url=http://127.0.0.1:1/",
        "--grant",
        "http GET http://127.0.0.1:1/",
    ];
    let said = guest
        .failure(5, &refused)
        .replace(['_', '-', ' '], "")
        .to_lowercase();
    assert!(said.contains("notconnected"), "{said}");
}

/// A command has no imports of the host, and no sockets.
fn has_no_network(guest: &Guest) {
    guest.failure(5, &["is_up", &guest.url("/ok"), "--grant", &guest.grant()]);
    assert_eq!(guest.service.requests().len(), 0);
}

/// The same in an experiment, under a policy.
fn takes_part_in_a_run(guest: &Guest) {
    let call = |func: &str, arguments: Value| json!({"type": "wasm", "module": "survey.wasm", "func": func, "arguments": arguments});
    let probe =
        |name: &str, provider: Value| json!({"type": "probe", "name": name, "provider": provider});
    let url = guest.service.url();
    let at = |path: &str| json!({"url": format!("{url}{path}")});
    let mut up = probe("up", call("is_up", at("/ok")));
    up["tolerance"] = json!(true);
    let experiment = json!({
        "title": "t", "description": "d",
        "steady-state-hypothesis": {"title": "h", "probes": [up]},
        "method": [probe("page", call("fetch", at("/json"))), probe("elsewhere", call("fetch", at("/private")))],
    });
    guest
        .sandbox
        .write("experiment.json", experiment.to_string())
        .unwrap();
    let policy = format!("[plugins.survey]\nhttp = [\"GET {url}/ok\", \"GET {url}/json\"]\n");
    guest.sandbox.write("policy.toml", policy).unwrap();
    let ended = guest.chaos(&["run", "experiment.json", "--policy", "policy.toml"]);
    assert_eq!(ended.code, 6, "{}", ended.stderr);

    let journal = guest.sandbox.journal().unwrap();
    assert_eq!(journal["steady_states"]["before"]["steady_state_met"], true);
    assert_eq!(journal["run"][0]["output"]["status"], 200);
    assert_eq!(journal["run"][1]["status"], "failed");
    assert_eq!(guest.service.count("/private"), 0);
    let calls = journal["chaos-wasm"]["guests"].as_array().unwrap();
    assert!(
        calls.iter().all(|call| call["call"]["plugin"] == "survey"),
        "{calls:?}"
    );
    assert_eq!(calls[0]["call"]["usage"]["host_calls"], 1);
}

/// The tests of each language.
macro_rules! languages {
    ($($language:ident: $($test:ident)*;)*) => {$(
        mod $language {
            $(#[test]
            fn $test() {
                super::$test(&super::Guest::new(stringify!($language)));
            })*
        }
    )*};
}

languages! {
    javascript: computes sees_nothing is_limited asks is_denied takes_part_in_a_run;
    python: computes sees_nothing is_limited asks is_denied takes_part_in_a_run;
    c: computes sees_nothing is_limited asks is_denied takes_part_in_a_run;
    c_command: computes sees_nothing is_limited has_no_network;
    go: computes sees_nothing is_limited has_no_network;
}
