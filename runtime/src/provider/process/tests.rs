#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use super::*;
use crate::plugin::{Guests, Plugins};
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::limits::PROCESS_OUTPUT_BYTES;
use chaos_host_api::{Door, Effect, Pass};
use std::sync::Arc;

fn parse(provider: &Value) -> Result<Process, Vec<(String, String)>> {
    let mut problems = Problems::new();
    let at = Pointer::root().key("provider");
    let process = Process::parse(provider, "p", &at, &mut problems);
    process.ok_or_else(|| {
        let texts = problems.errors();
        texts
            .map(|problem| (problem.pointer.to_string(), problem.message.clone()))
            .collect()
    })
}

fn variables(configuration: Value) -> Variables {
    let mut variables = Variables::default();
    if let Value::Object(map) = configuration {
        variables.configuration = map;
    }
    variables
}

async fn call_with(provider: Value, variables: &Variables) -> Result<Value, Failure> {
    let process = parse(&provider).unwrap();
    let timeout = process.timeout().unwrap_or(Duration::from_secs(30));
    let call = Call {
        door: &Arc::new(Door::new(Arc::new(NoLedger), Ceilings::default())),
        pass: Pass::new("p", Effect::Mutate, Deadline::after(timeout)),
        variables: &Arc::new(variables.clone()),
        plugins: &Plugins::default(),
        guests: &Guests::default(),
        has_tolerance: false,
    };
    process.call(&call).await
}

async fn call(provider: Value) -> Result<Value, Failure> {
    call_with(provider, &Variables::default()).await
}

fn command(path: &str, arguments: &Value, configuration: Value) -> Command {
    let provider = json!({"path": path, "arguments": arguments});
    let found = PathBuf::from(path);
    let process = parse(&provider).unwrap();
    process
        .command(Some(&found), &variables(configuration))
        .unwrap()
}

fn direct(words: &[&str]) -> Command {
    Command::Direct(words.iter().map(|word| (*word).to_owned()).collect())
}

#[test]
fn everything_wrong_is_said_at_once() {
    let missing = "a process activity must have a path".to_owned();
    for provider in [json!({}), json!({"path": ""}), json!({"path": null})] {
        assert_eq!(
            parse(&provider).unwrap_err(),
            [("/provider".to_owned(), missing.clone())]
        );
    }
    let wrong = json!({"path": 5, "arguments": 3, "timeout": "${t}"});
    let places: Vec<String> = parse(&wrong)
        .unwrap_err()
        .into_iter()
        .map(|(at, _)| at)
        .collect();
    assert_eq!(
        places,
        ["/provider/path", "/provider/arguments", "/provider/timeout"]
    );
}

#[test]
fn a_timeout_is_a_number_of_seconds() {
    let timeout = |value: Value| {
        parse(&json!({"path": "x", "timeout": value}))
            .unwrap()
            .timeout()
    };
    assert_eq!(timeout(json!(1.5)), Some(Duration::from_millis(1500)));
    assert_eq!(timeout(json!(null)), None);
    assert_eq!(timeout(json!(true)), Some(Duration::from_secs(1)));
    assert_eq!(timeout(json!(-3)), Some(Duration::ZERO));
    assert_eq!(timeout(json!(1e300)), Some(Duration::MAX));
}

#[test]
fn a_list_gives_pythons_texts_without_the_empty_ones() {
    let list = json!(["a", null, "", 0, 1.0, true, {"x": 1}, "$HOME *"]);
    assert_eq!(
        command("/x", &list, json!({})),
        direct(&["a", "0", "1.0", "True", "{'x': 1}", "$HOME *"])
    );
    assert_eq!(command("/x", &json!([]), json!({})), direct(&[]));
}

#[test]
fn a_map_gives_keys_and_values_in_order() {
    let map = json!({"-n": 5, "--flag": null, "": "y", "-z": ""});
    assert_eq!(
        command("/x", &map, json!({})),
        direct(&["-n", "5", "--flag", "y", "-z"])
    );
}

#[test]
fn a_text_is_a_line_for_the_shell() {
    let line = |path: &str, text: &str| command(path, &json!(text), json!({}));
    assert_eq!(line("/x", "a | b"), Command::Shell("/x a | b".into()));
    assert_eq!(line("/x", ""), Command::Shell("/x ".into()));
    assert_eq!(
        line("/it's a", "b"),
        Command::Shell(r"'/it'\''s a' b".into())
    );
}

#[test]
fn arguments_are_substituted_when_there_is_anything_to_substitute() {
    let some = json!({"x": "v", "list": ["a", "b"]});
    assert_eq!(
        command("/x", &json!(["${x}", "$$"]), some.clone()),
        direct(&["v", "$"])
    );
    assert_eq!(
        command("/x", &json!(["${x}", "$$"]), json!({})),
        direct(&["${x}", "$$"])
    );
    assert_eq!(command("/x", &json!("${list}"), some), direct(&["a", "b"]));
    let process = parse(&json!({"path": "x", "arguments": "${n}"})).unwrap();
    let failure = process
        .command(None, &variables(json!({"n": 5})))
        .unwrap_err();
    assert!(matches!(failure, Failure::Unexpected(_)));
}

#[tokio::test]
async fn status_and_texts_come_back() {
    let output =
        call(json!({"path": "sh", "arguments": ["-c", "printf 'ok ✅'; echo e >&2; exit 4"]}));
    assert_eq!(
        output.await.unwrap(),
        json!({"status": 4, "stdout": "ok ✅", "stderr": "e\n"})
    );
    let output = call(json!({"path": "echo", "arguments": "$((1+1)) | tr 2 3"}));
    assert_eq!(output.await.unwrap()["stdout"], "3\n");
    let output = call(json!({"path": "/bin/sh", "arguments": ["-c", "kill -9 $$"]}));
    assert_eq!(output.await.unwrap()["status"], -9);
}

#[tokio::test]
async fn too_slow_is_an_ordinary_failure_in_the_words_of_the_reference() {
    for timeout in [json!(0.1), json!(0)] {
        let failure = call(json!({"path": "sleep", "arguments": "9", "timeout": timeout})).await;
        let expected = "process activity took too long to complete".to_owned();
        assert_eq!(failure.unwrap_err(), Failure::TimedOut(expected));
    }
}

#[tokio::test]
async fn a_missing_executable_is_unexpected_but_the_shells_business_in_a_line() {
    let failure = call(json!({"path": "no-such-tool", "arguments": ["a"]})).await;
    let expected = "path 'no-such-tool' cannot be found, in activity 'p'".to_owned();
    assert_eq!(failure.unwrap_err(), Failure::Unexpected(expected));
    for path in ["no-such-tool", "echo hello; true"] {
        let output = call(json!({"path": path, "arguments": "a"})).await.unwrap();
        assert_eq!(output["status"], 127, "{output}");
        assert!(
            output["stderr"].as_str().unwrap().contains(path),
            "{output}"
        );
    }
}

#[tokio::test]
async fn a_nul_in_an_argument_is_unexpected() {
    let failure = call(json!({"path": "echo", "arguments": ["a\u{0}b"]})).await;
    assert!(
        matches!(failure, Err(Failure::Unexpected(_))),
        "{failure:?}"
    );
}

#[tokio::test]
async fn cut_output_says_so() {
    let script = format!("yes ééé | head -c {}", PROCESS_OUTPUT_BYTES + 1000);
    let output = call(json!({"path": "sh", "arguments": ["-c", script]}))
        .await
        .unwrap();
    let text = output["stdout"].as_str().unwrap();
    assert!(text.ends_with("\n[chaos-wasm: 1000 more bytes were dropped]\n"));
    assert!(!text.contains('\u{fffd}'));
}

#[test]
fn bytes_are_read_by_their_mark_else_as_utf8_else_shown_as_well_as_possible() {
    assert_eq!(decode("日本 ✅".as_bytes()), "日本 ✅");
    assert_eq!(decode(b"\xEF\xBB\xBFmarked"), "marked");
    assert_eq!(decode(b"\xFF\xFEh\0i\0"), "hi");
    assert_eq!(decode(b"\xFE\xFF\0h\0i"), "hi");
    assert_eq!(decode(b"caf\xE9 \xFF"), "caf\u{fffd} \u{fffd}");
    assert_eq!(decode(b""), "");
}

/// What the reference was seen to start for each form of arguments.
#[test]
fn arguments_come_out_as_the_reference_has_them() {
    let recorded = include_str!("../../../../tests/conformance/configuration/recorded.json");
    let recorded: Value = serde_json::from_str(recorded).unwrap();
    let cases = recorded["arguments"].as_array().unwrap();
    assert!(cases.len() > 30);
    for case in cases {
        let arguments = &case["arguments"];
        let ours = command("/bin/echo", arguments, case["configuration"].clone());
        let expected = match &case["result"]["value"]["command"] {
            Value::String(line) => Command::Shell(line.clone()),
            words => {
                let words = words.as_array().unwrap()[1..].iter();
                direct(&words.map(|word| word.as_str().unwrap()).collect::<Vec<_>>())
            }
        };
        assert_eq!(ours, expected, "{case}");
    }
}
