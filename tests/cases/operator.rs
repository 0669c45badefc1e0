//! What an operator says, on the command line and in a policy: each flag and each limit bites.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use chaos_host_api::policy::LimitsPolicy;
use chaos_tests::{Finished, Sandbox, Service};
use chaos_wasm::plugin::selftest;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Writes a guest of the hostile kit, and beside it a manifest that asks for all that is tried.
fn sandbox(guest: &str, limits: &str) -> Sandbox {
    let sandbox = Sandbox::new().unwrap();
    let bytes = selftest::guest(guest).unwrap();
    sandbox.write(&format!("{guest}.wasm"), bytes).unwrap();
    let manifest = format!(
        "[plugin]\nname = \"{guest}\"\nversion = \"1\"\n\
         [grants]\nhttp = [\"GET *\"]\n[limits]\n{limits}\n"
    );
    sandbox.write("plugin.toml", manifest).unwrap();
    sandbox
}

fn chaos(sandbox: &Sandbox, arguments: &[&str]) -> Finished {
    sandbox.run(sandbox.chaos(arguments).unwrap()).unwrap()
}

fn call(sandbox: &Sandbox, guest: &str, arguments: &[&str]) -> Finished {
    let file = format!("{guest}.wasm");
    chaos(sandbox, &[&["plugin", "call", &file], arguments].concat())
}

/// For each key of a plugin's limits: a guest that goes beyond it, its function and argument, a
/// limit that it meets, and what is said then.
fn beyond(key: &str) -> (&'static str, &'static [&'static str], &'static str, String) {
    let named = format!("(limit {key})");
    match key {
        "wall-seconds" => (
            "sleep",
            &["go"],
            "0.2",
            "longer than its timeout, 0.2 s".into(),
        ),
        "cpu-seconds" => ("spin", &["go"], "0.1", named),
        "memory-bytes" => ("alloc", &["go"], "1000000", named),
        "host-calls" => ("spin-host", &["go"], "10", named),
        "host-bytes" => ("random", &["go", "count=2000"], "1000", named),
        "result-bytes" => ("results", &["numbers"], "1000", named),
        "log-lines" => (
            "log",
            &["say", "text=x", "times=9"],
            "5",
            "4 more lines dropped (limit log-lines)".into(),
        ),
        "handles" => ("handles", &["go"], "10", named),
        other => panic!("no guest goes beyond {other}: add one"),
    }
}

#[test]
fn every_limit_of_a_policy_and_of_a_manifest_bites() {
    for key in LimitsPolicy::KEYS {
        let (guest, arguments, limit, says) = beyond(key);
        let limit = format!("{key} = {limit}");
        let policy = format!("[plugins.{guest}.limits]\n{limit}\n");
        for (manifest, policy) in [("", policy.as_str()), (limit.as_str(), "")] {
            let sandbox = sandbox(guest, manifest);
            sandbox.write("policy.toml", policy).unwrap();
            let rights = ["--policy", "policy.toml"];
            let ended = call(&sandbox, guest, &[arguments, &rights].concat());
            assert!(ended.stderr.contains(&says), "{limit}: {}", ended.stderr);
            // What is logged beyond its limit is dropped, and the call goes on.
            assert_eq!(ended.code == 0, key == "log-lines", "{limit}");
        }
    }
}

fn server() -> Service {
    let service = Service::start().unwrap();
    service.answer("/a", 200, "text/plain", "a");
    service
}

fn url(server: &Service, path: &str) -> String {
    format!("{}{path}", server.url())
}

fn request(url: &str) -> String {
    let request = json!({"method": "GET", "url": url, "headers": [], "body": [],
        "timeout_ms": null, "redirects": 0});
    format!("request={request}")
}

fn grant() {
    let sandbox = sandbox("http", "");
    let server = server();
    let asking = ["send", &request(&url(&server, "/a"))];
    let denied = call(&sandbox, "http", &asking);
    assert_ne!(denied.code, 0);
    assert!(denied.stderr.contains("denied: GET"), "{}", denied.stderr);
    let line = format!("http GET {}", url(&server, "/a"));
    let granted = call(
        &sandbox,
        "http",
        &[&asking[..], &["--grant", &line]].concat(),
    );
    assert_eq!(granted.code, 0, "{}", granted.stderr);
    let answer: Value = serde_json::from_str(&granted.stdout).unwrap();
    assert_eq!(answer["status"], 200);
    let line = format!("http GET {}", url(&server, "/b"));
    let other = call(
        &sandbox,
        "http",
        &[&asking[..], &["--grant", &line]].concat(),
    );
    assert_ne!(other.code, 0);
}

fn policy() {
    let sandbox = sandbox("http", "");
    let server = server();
    let asking = [
        "send",
        &request(&url(&server, "/a")),
        "--policy",
        "policy.toml",
    ];
    let grants = format!("http = [\"GET {}\"]", url(&server, "/a"));
    for (policy, allowed) in [
        (format!("[plugins.http]\n{grants}\n"), true),
        (format!("[plugins.other]\n{grants}\n"), false),
        (format!("[builtin]\n{grants}\n"), false),
        (
            format!("[plugins.http]\n{grants}\n[budget]\nhttp-requests = 0\n"),
            false,
        ),
        (String::new(), false),
    ] {
        sandbox.write("policy.toml", &policy).unwrap();
        let ended = call(&sandbox, "http", &asking);
        assert_eq!(ended.code == 0, allowed, "{policy}: {}", ended.stderr);
    }
    sandbox
        .write("policy.toml", "[plugins.http]\nhtpp = []\n")
        .unwrap();
    let ended = call(&sandbox, "http", &asking);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("policy.toml:2"), "{}", ended.stderr);
}

fn timeout() {
    let sandbox = sandbox("sleep", "");
    let begun = Instant::now();
    let ended = call(&sandbox, "sleep", &["go", "--timeout", "0.2"]);
    assert!(
        ended.stderr.contains("its timeout, 0.2 s"),
        "{}",
        ended.stderr
    );
    assert!(begun.elapsed() < Duration::from_secs(30));
    let ended = call(&sandbox, "sleep", &["go", "--timeout", "0"]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
}

fn usage() {
    let sandbox = sandbox("counts", "");
    let plain = call(&sandbox, "counts", &["go"]);
    assert_eq!((plain.stdout.as_str(), plain.stderr.as_str()), ("1\n", ""));
    let told = call(&sandbox, "counts", &["go", "--usage"]);
    assert_eq!(told.stdout, "1\n");
    // Nothing but JSON, so that it can be read by programs.
    let used: Value = serde_json::from_str(&told.stderr).unwrap();
    assert_eq!(used["calls"][0]["usage"]["host_calls"], 0);
    assert_eq!(used["rights"]["lacking"], json!([]));
}

fn plugin_dir_and_replace() {
    let sandbox = sandbox("counts", "");
    let install = ["plugin", "install", "counts.wasm", "--plugin-dir", "here"];
    assert_eq!(chaos(&sandbox, &install).code, 0);
    let list = |folder| chaos(&sandbox, &["plugin", "list", "--plugin-dir", folder]).stdout;
    assert_eq!(list("here"), "counts: go\n");
    assert_eq!(list("elsewhere"), "No plugins are installed in elsewhere\n");
    let call = |folder| {
        let arguments = ["plugin", "call", "counts", "go", "--plugin-dir", folder];
        chaos(&sandbox, &arguments)
    };
    assert_eq!(call("here").stdout, "1\n");
    assert_eq!(call("elsewhere").code, 2);
    sandbox
        .write("counts.wasm", selftest::guest("trap").unwrap())
        .unwrap();
    let again = chaos(&sandbox, &install);
    assert_ne!(again.code, 0);
    assert!(again.stderr.contains("--replace"), "{}", again.stderr);
    assert_eq!(list("here"), "counts: go\n");
    let replaced = chaos(&sandbox, &[&install[..], &["--replace"]].concat());
    assert_eq!(replaced.code, 0, "{}", replaced.stderr);
    assert_eq!(list("here"), "counts: go, zero, outside, indirect\n");
}

fn format() {
    let sandbox = sandbox("counts", "");
    let inspect = |format| {
        let arguments = ["plugin", "inspect", "counts.wasm", "--format", format];
        chaos(&sandbox, &arguments)
    };
    assert!(serde_json::from_str::<Value>(&inspect("json").stdout).is_ok());
    assert!(inspect("wit").stdout.contains("go: func() -> u32"));
    assert!(inspect("text").stdout.contains("go"));
    assert_eq!(inspect("yaml").code, 2);
}

fn lang() {
    let sandbox = Sandbox::new().unwrap();
    let new = |lang| chaos(&sandbox, &["plugin", "new", "checkout", "--lang", lang]);
    assert_eq!(new("cobol").code, 2);
    assert!(!sandbox.path().join("checkout").exists());
    assert_eq!(new("rust").code, 0);
    assert!(sandbox.path().join("checkout/plugin.toml").exists());
}

#[test]
fn a_policy_is_checked() {
    let sandbox = Sandbox::new().unwrap();
    let missing = chaos(&sandbox, &["policy", "check"]);
    assert_eq!(missing.code, 2, "{}", missing.stderr);
    sandbox
        .write(
            "chaos-wasm.toml",
            "[plugins.a]\nhttp = [\"GET http://h/*\"]\n",
        )
        .unwrap();
    let ended = chaos(&sandbox, &["policy", "check"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(
        ended.stdout.contains("[plugins.a] names no digest"),
        "{}",
        ended.stdout
    );
    for wrong in [
        "[plugins.a]\nhttp = [\"GET h\"]\n",
        "[budgets]\n",
        "[budget]\ncalls = -1\n",
    ] {
        sandbox.write("other.toml", wrong).unwrap();
        for verb in ["check", "explain"] {
            let ended = chaos(&sandbox, &["policy", verb, "other.toml"]);
            assert_eq!(ended.code, 2, "{wrong}");
            assert!(ended.stderr.contains("other.toml:"), "{}", ended.stderr);
        }
    }
}

#[test]
fn a_policy_is_explained() {
    let sandbox = Sandbox::new().unwrap();
    let policy = "[plugins.a]\nhttp = [\"GET http://h/*\"]\n[budget]\nnodes = 7\n";
    sandbox.write("chaos-wasm.toml", policy).unwrap();
    let ended = chaos(&sandbox, &["policy", "explain"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    for words in ["a run may spend 7 nodes", "GET", "port 80"] {
        assert!(ended.stdout.contains(words), "{words}: {}", ended.stdout);
    }
}

/// The flags of the commands about plugins, each with its test. What concerns every command
/// (`--help`, the log) is tested with these.
type Flag = (&'static str, fn());
const FLAGS: &[Flag] = &[
    ("--format", format),
    ("--grant", grant),
    ("--lang", lang),
    ("--plugin-dir", plugin_dir_and_replace),
    ("--policy", policy),
    ("--replace", plugin_dir_and_replace),
    ("--timeout", timeout),
    ("--usage", usage),
];

/// Flags that other suites are for: `hostile`, and `runtime/tests`.
const ELSEWHERE: &[&str] = &["--json", "--var", "--var-file"];

const COMMANDS: &[&[&str]] = &[
    &["plugin", "new"],
    &["plugin", "build"],
    &["plugin", "test"],
    &["plugin", "install"],
    &["plugin", "list"],
    &["plugin", "call"],
    &["plugin", "inspect"],
    &["policy", "check"],
    &["policy", "explain"],
    &["selftest"],
];

/// The flags that a command's help lists.
fn flags(sandbox: &Sandbox, command: &[&str]) -> BTreeSet<String> {
    let help = chaos(sandbox, &[command, &["--help"]].concat());
    assert_eq!(help.code, 0, "{command:?}: {}", help.stderr);
    let flags = help.stdout.lines().filter_map(|line| {
        let words = line
            .trim_start()
            .trim_start_matches(|c| c != '-' || c == ' ');
        let own = line.trim_start().starts_with('-').then_some(words)?;
        let flag = own
            .split([' ', ',', '='])
            .find(|word| word.starts_with("--"))?;
        Some(flag.to_owned())
    });
    flags.collect()
}

#[test]
fn every_flag_of_the_commands_about_plugins_bites() {
    let sandbox = Sandbox::new().unwrap();
    let general = flags(&sandbox, &["info"]);
    let all: BTreeSet<String> = COMMANDS
        .iter()
        .flat_map(|command| flags(&sandbox, command))
        .filter(|flag| !general.contains(flag) && !ELSEWHERE.contains(&flag.as_str()))
        .collect();
    let tested: BTreeSet<String> = FLAGS.iter().map(|(flag, _)| (*flag).to_owned()).collect();
    assert_eq!(all, tested, "each flag needs a test here");
    for command in [["run"], ["validate"]] {
        let rights = ["--grant", "--plugin-dir", "--policy"];
        let own = flags(&sandbox, &command);
        assert!(rights.iter().all(|flag| own.contains(*flag)), "{command:?}");
    }
    for (flag, test) in FLAGS {
        println!("{flag}");
        test();
    }
}
