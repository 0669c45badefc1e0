//! Whatever comes in: a clear error, an exit code from the table, nothing injected, nothing lost.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::conformance::in_parallel;
use chaos_tests::experiment::{expects, experiment, get, run, shell, with, with_hypothesis};
use chaos_tests::{Finished, Sandbox, Service};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// `validate` and `run` both refuse it, and say these things.
#[track_caller]
fn assert_refused(sandbox: &Sandbox, source: &str, said: &[&str]) {
    for verb in ["validate", "run"] {
        let ended = sandbox.run(sandbox.chaos([verb, source]).unwrap()).unwrap();
        assert_refusal(&ended, &format!("{verb} {source}"), said);
        assert!(
            sandbox.journal().is_err(),
            "{verb} {source} wrote a journal"
        );
    }
}

#[track_caller]
fn assert_refusal(ended: &Finished, what: &str, said: &[&str]) {
    assert_eq!(ended.code, 2, "{what}: {}", ended.stderr);
    assert!(
        ended.stderr.contains("ERROR"),
        "{what}: no error is logged: {}",
        ended.stderr
    );
    assert_no_panic(ended, what);
    for text in said {
        let stderr = ended.stderr.to_lowercase();
        assert!(
            stderr.contains(&text.to_lowercase()),
            "{what} doesn't say {text}: {stderr}"
        );
    }
}

#[track_caller]
fn assert_no_panic(ended: &Finished, what: &str) {
    assert!(
        !ended.stderr.contains("panicked"),
        "{what}: {}",
        ended.stderr
    );
    assert!(
        ended.code < 128,
        "{what}: killed by a signal: {}",
        ended.code
    );
}

fn document(name: &str, content: impl AsRef<[u8]>, said: &[&str]) {
    let sandbox = Sandbox::new().unwrap();
    sandbox.write(name, content).unwrap();
    assert_refused(&sandbox, name, &[said, &[name]].concat());
}

#[test]
fn missing_and_unreadable() {
    let sandbox = Sandbox::new().unwrap();
    assert_refused(
        &sandbox,
        "nowhere.json",
        &["nowhere.json", "does not exist"],
    );
    std::fs::create_dir(sandbox.file("folder.json")).unwrap();
    assert_refused(&sandbox, "folder.json", &["folder.json"]);
    sandbox.write("experiment.txt", "{}").unwrap();
    assert_refused(&sandbox, "experiment.txt", &["experiment.txt", "yaml"]);
    std::os::unix::fs::symlink("loop.json", sandbox.file("loop.json")).unwrap();
    assert_refused(&sandbox, "loop.json", &["loop.json"]);
    // Root may read everything; everybody else is told.
    let unreadable = sandbox.write("unreadable.json", "{}").unwrap();
    let nobody = std::os::unix::fs::PermissionsExt::from_mode(0o000);
    std::fs::set_permissions(unreadable, nobody).unwrap();
    assert_refused(&sandbox, "unreadable.json", &[]);
}

#[test]
fn empty_and_binary() {
    for name in ["experiment.json", "experiment.yaml"] {
        document(name, "", &[]);
        document(name, " \n\n", &[]);
        document(name, [0u8; 100], &[]);
        document(name, [0xff, 0xfe, 0x00, 0x80, 0x81, 0x0a, 0xc3, 0x28], &[]);
        document(name, b"\x7fELF\x02\x01\x01\x00\x00\x00", &[]);
    }
}

#[test]
fn syntax_errors_say_where() {
    document(
        "experiment.json",
        "{\n \"title\": \"t\",\n \"method\": [,]\n}",
        &["3"],
    );
    document("experiment.json", "{\"title\": \"t\",}", &["1"]);
    document("experiment.yaml", "title: t\nmethod: [unclosed\n", &["2"]);
    document("experiment.yaml", "title: t\n\tmethod: []\n", &["2"]);
}

#[test]
fn duplicate_keys_say_which_and_where() {
    let text =
        "{\n \"title\": \"a\",\n \"title\": \"b\",\n \"description\": \"d\",\n \"method\": []\n}";
    document("experiment.json", text, &["title", "twice", "3"]);
    let text = "title: a\ndescription: d\nmethod: []\ntitle: b\n";
    document("experiment.yaml", text, &["title", "twice", "4"]);
}

#[test]
fn deep_nesting() {
    for depth in [1_000, 1_000_000] {
        document(
            "experiment.json",
            format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
            &[],
        );
        document(
            "experiment.json",
            format!("{}1", "{\"a\":".repeat(depth)),
            &[],
        );
        document(
            "experiment.yaml",
            format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
            &[],
        );
    }
    document(
        "experiment.yaml",
        format!("a: {}x", "- ".repeat(100_000)),
        &[],
    );
}

#[test]
fn a_yaml_bomb_is_refused_quickly() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    let start = Instant::now();
    document("experiment.yaml", bomb, &[]);
    let cyclic = "a: &a [*a]\ntitle: t\ndescription: d\nmethod: []\n";
    document("experiment.yaml", cyclic, &[]);
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_hundred_megabytes() {
    let sandbox = Sandbox::new().unwrap();
    for name in ["huge.json", "huge.yaml"] {
        let file = File::create(sandbox.file(name)).unwrap();
        file.set_len(100 * 1024 * 1024).unwrap();
        assert_refused(&sandbox, name, &[name]);
    }
    let mut file = File::create(sandbox.file("padded.json")).unwrap();
    file.write_all(b"{\"title\": \"").unwrap();
    let block = [b'x'; 1024 * 1024];
    for _ in 0..100 {
        file.write_all(&block).unwrap();
    }
    file.write_all(b"\", \"description\": \"d\", \"method\": 5}")
        .unwrap();
    drop(file);
    assert_refused(&sandbox, "padded.json", &["padded.json"]);
}

#[test]
fn a_url_that_never_ends() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let start = Instant::now();
    for path in ["/endless", "/big?bytes=100000000"] {
        let url = format!("{}{path}", service.url());
        assert_refused(&sandbox, &url, &[&url]);
    }
    assert!(
        start.elapsed() < Duration::from_secs(40),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_url_that_is_no_experiment() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    for path in [
        "/status/404",
        "/ok",
        "/json",
        "/badjson",
        "/empty",
        "/hangup",
        "/headers",
    ] {
        assert_refused(&sandbox, &format!("{}{path}", service.url()), &[]);
    }
    assert_refused(
        &sandbox,
        &format!("{}/redirect?to=/redirect?to=/redirect", service.url()),
        &[],
    );
    assert_refused(&sandbox, "http://127.0.0.1:1/x.json", &["127.0.0.1:1"]);
    assert_refused(&sandbox, "ftp://127.0.0.1/x.json", &["ftp"]);
}

/// Everything in a valid experiment, each in turn of every wrong type: never a crash.
#[test]
fn wrong_types_everywhere() {
    let full = full_experiment();
    let mut pointers = Vec::new();
    collect_pointers(&full, String::new(), &mut pointers);
    let wrong = [
        json!(null),
        json!(true),
        json!(-1.5),
        json!("x"),
        json!([[]]),
        json!({ "a": {} }),
    ];
    let documents: Vec<(String, Value)> = pointers
        .iter()
        .flat_map(|pointer| wrong.iter().map(move |value| (pointer, value)))
        .map(|(pointer, value)| {
            let mut changed = full.clone();
            *changed.pointer_mut(pointer).unwrap() = value.clone();
            (format!("{pointer} = {value}"), changed)
        })
        .collect();
    assert!(documents.len() > 300, "only {}", documents.len());
    let sandbox = Sandbox::new().unwrap();
    let names: Vec<String> = (0..documents.len()).map(|n| format!("{n}.json")).collect();
    for ((_, document), name) in documents.iter().zip(&names) {
        sandbox.write(name, document.to_string()).unwrap();
    }
    // Six documents a run: it is the start of the program that takes time.
    let runs: Vec<_> = names.chunks(6).zip(documents.chunks(6)).collect();
    let failures: Vec<String> = in_parallel(&runs, 4, |(names, documents)| {
        let mut command = sandbox.chaos(["validate"]).unwrap();
        command.args(*names);
        let ended = sandbox.run(command).unwrap();
        let fine = [0, 2].contains(&ended.code) && !ended.stderr.contains("panicked");
        let silent = ended.code == 2 && !ended.stderr.contains("ERROR");
        let what: Vec<&String> = documents.iter().map(|(what, _)| what).collect();
        (!fine || silent).then(|| format!("{what:?}: exit {}: {}", ended.code, ended.stderr))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        names.len(),
        failures.join("\n")
    );
}

fn full_experiment() -> Value {
    let mut action = get("act", "http://127.0.0.1:1/");
    action["pauses"] = json!({ "before": 1, "after": "${n}" });
    action["background"] = json!(false);
    action["timeout"] = json!(3);
    action["controls"] = json!([{ "name": "c", "provider": { "type": "python", "module": "m" } }]);
    action["provider"]["headers"] = json!({ "X-A": "b" });
    action["provider"]["timeout"] = json!([1, 2]);
    action["provider"]["arguments"] = json!({ "a": 1 });
    let mut probes = vec![expects("status", "http://127.0.0.1:1/", 200)];
    for tolerance in [
        json!([1, 2]),
        json!({ "type": "regex", "pattern": "x", "target": "body" }),
        json!({ "type": "jsonpath", "path": "$.a", "expect": [1], "count": 1, "target": "body" }),
        json!({ "type": "range", "range": [1, 2], "target": "status" }),
        json!({ "type": "probe", "name": "t", "provider": { "type": "process", "path": "true", "arguments": {} } }),
    ] {
        let mut probe = expects("other", "http://127.0.0.1:1/", 200);
        probe["tolerance"] = tolerance;
        probes.push(probe);
    }
    let it = experiment(&[action, shell("sh", "true"), json!({ "ref": "act" })]);
    let it = with_hypothesis(it, &probes);
    let it = with(it, "rollbacks", json!([{ "ref": "act" }]));
    let it = with(it, "tags", json!(["a"]));
    let it = with(it, "contributions", json!({ "a": "high" }));
    let it = with(
        it,
        "extensions",
        json!([{ "name": "e" }, { "name": "chaos-wasm", "budget": { "calls": 5 } }]),
    );
    let it = with(
        it,
        "controls",
        json!([{ "name": "c", "provider": { "type": "python", "module": "m" } }]),
    );
    let it = with(
        it,
        "configuration",
        json!({
        "n": 1, "e": { "type": "env", "key": "HOME", "default": "x", "env_var_type": "str" },
        "d": { "type": "probe", "name": "d", "provider": { "type": "process", "path": "true" } } }),
    );
    let it = with(
        it,
        "secrets",
        json!({ "g": { "s": "inline", "v": { "type": "env", "key": "HOME" } } }),
    );
    with(
        it,
        "runtime",
        json!({ "hypothesis": { "strategy": "default" }, "rollbacks": { "strategy": "always" } }),
    )
}

fn collect_pointers(value: &Value, at: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, item) in map {
                collect_pointers(item, format!("{at}/{key}"), pointers);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_pointers(item, format!("{at}/{index}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(at);
}

#[test]
fn all_errors_are_told_at_once_with_their_places() {
    let sandbox = Sandbox::new().unwrap();
    let text = "{\n \"title\": \"\",\n \"method\": [\n  {\"type\": \"probee\", \"name\": \"a\", \"provider\": {\"type\": \"htp\"}},\n  {\"ref\": \"nothing\"}\n ]\n}";
    sandbox.write("experiment.json", text).unwrap();
    assert_refused(
        &sandbox,
        "experiment.json",
        &[
            "experiment requires a title",
            "experiment requires a description",
            "'probee' is not a supported activity type",
            "referenced activity 'nothing' could not be found",
            "/method/0/type",
            "/method/1",
            "probe",
            "4",
            "5",
        ],
    );
}

#[test]
fn an_unwritable_journal_is_found_out_before_anything_is_injected() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let it = experiment(&[get("act", &format!("{}/never", service.url()))]);
    std::fs::create_dir(sandbox.file("folder")).unwrap();
    sandbox.write("file", "x").unwrap();
    for path in [
        "missing/journal.json",
        "folder",
        "file/journal.json",
        "/proc/journal.json",
    ] {
        let ended = run(&sandbox, &it, &["--journal-path", path]).unwrap();
        assert_refusal(&ended, path, &[path]);
    }
    let sandbox = Sandbox::new().unwrap();
    sandbox
        .write("state", "a file where the state folder should be")
        .unwrap();
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_refusal(&ended, "state folder", &["state"]);
    assert_eq!(service.count("/never"), 0);
}

/// The disk is full: a process may write files of 8 kB only, and is told so as by a full disk.
#[test]
fn a_full_disk() {
    let sandbox = Sandbox::new().unwrap();
    let print = "i=0; while [ $i -lt 400 ]; do echo 'a line of some sixty characters, many of them are printed'; i=$((i+1)); done";
    let it = experiment(&[
        shell("one", print),
        shell("two", print),
        shell("three", print),
    ]);
    sandbox.write("experiment.json", it.to_string()).unwrap();
    let script = "trap '' XFSZ; ulimit -f 16; exec \"$0\" --no-log-file run experiment.json";
    let mut command = sandbox.command(Path::new("/bin/sh"));
    command
        .arg("-c")
        .arg(script)
        .arg(chaos_tests::sandbox::binary().unwrap());
    let ended = sandbox.run(command).unwrap();
    assert_no_panic(&ended, "full disk");
    assert!(
        [4, 5].contains(&ended.code),
        "exit {}: {}",
        ended.code,
        ended.stderr
    );
    assert!(
        ended.stderr.contains("ERROR") || ended.stderr.contains("CRITICAL"),
        "{}",
        ended.stderr
    );
    // Half a journal would be worse than none.
    if let Ok(text) = std::fs::read(sandbox.file("journal.json")) {
        assert!(
            serde_json::from_slice::<Value>(&text).is_ok(),
            "a torn journal was left"
        );
    }
}

#[test]
fn ten_megabytes_of_output() {
    let sandbox = Sandbox::new().unwrap();
    let it = experiment(&[shell("big", "head -c 10000000 /dev/zero | tr '\\0' x")]);
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let journal = sandbox.journal().unwrap();
    let output = journal["run"][0]["output"]["stdout"].as_str().unwrap();
    assert_eq!(output.len(), 10_000_000);
}

#[test]
fn unlimited_output_ends_and_is_cut() {
    let sandbox = Sandbox::new().unwrap();
    let it = experiment(&[shell("huge", "head -c 20000000 /dev/zero | tr '\\0' x")]);
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_no_panic(&ended, "20 MB of output");
    let journal = std::fs::metadata(sandbox.file("journal.json")).unwrap();
    assert!(
        journal.len() < 19_000_000,
        "a journal of {} bytes",
        journal.len()
    );
}

#[test]
fn output_that_is_not_utf8() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let it = experiment(&[
        shell("binary", "printf '\\377\\376\\375\\000\\200\\201'"),
        shell("latin", "printf 'caf\\351'"),
        get(
            "body",
            &format!(
                "{}/body?type=text/plain;charset=utf-8&hex=fffe80c328",
                service.url()
            ),
        ),
        get("no type", &format!("{}/body?hex=00ff80c328", service.url())),
    ]);
    let ended = run(&sandbox, &it, &[]).unwrap();
    assert_no_panic(&ended, "binary output");
    assert!(
        [0, 4].contains(&ended.code),
        "exit {}: {}",
        ended.code,
        ended.stderr
    );
    assert_eq!(
        sandbox.journal().unwrap()["run"].as_array().unwrap().len(),
        4
    );
}

#[test]
fn variables_and_settings_that_cannot_be_read() {
    let sandbox = Sandbox::new().unwrap();
    sandbox
        .write("experiment.json", experiment(&[]).to_string())
        .unwrap();
    for arguments in [
        &["run", "--var-file", "nowhere.json", "experiment.json"][..],
        &["run", "--var", "a:int=x", "experiment.json"],
        &["run", "--hypothesis-frequency", "-1", "experiment.json"],
        &["run", "--hypothesis-frequency", "NaN", "experiment.json"],
        &["run", "--default-timeout", "0", "experiment.json"],
        &["run", "--fail-fast-ratio", "101", "experiment.json"],
        &["run"],
        &["no-such-verb"],
    ] {
        let ended = sandbox
            .run(sandbox.chaos(arguments.iter()).unwrap())
            .unwrap();
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.stderr);
        assert_no_panic(&ended, &format!("{arguments:?}"));
    }
}
