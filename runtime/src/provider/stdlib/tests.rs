#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use super::*;
use crate::plugin::{Guests, Plugins};
use crate::substitution::Variables;
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::process::ProcessCommand;
use chaos_host_api::{Door, Effect, Pass};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

fn parse(module: &str, func: &str, arguments: Value) -> Result<Stdlib, Vec<(String, String)>> {
    let mut problems = Problems::new();
    let provider = json!({"module": module, "func": func, "arguments": arguments});
    let stdlib = Stdlib::parse(&provider, "a", &Pointer::root(), &mut problems);
    stdlib.ok_or_else(|| {
        let texts = problems.errors();
        let hint = |hint: &Option<String>| hint.clone().unwrap_or_default();
        texts
            .map(|problem| (problem.message.clone(), hint(&problem.hint)))
            .collect()
    })
}

async fn call_as(
    allowed: Effect,
    module: &str,
    func: &str,
    arguments: Value,
    variables: &Variables,
) -> Result<Value, Failure> {
    let stdlib = parse(module, func, arguments).unwrap();
    let door = Door::new(Arc::new(NoLedger), Ceilings::default())
        .with_environment(vec![("FROM_FILE".into(), "yes".into())]);
    let call = Call {
        door: &Arc::new(door),
        pass: Pass::new("a", allowed, Deadline::after(Duration::from_millis(300))),
        variables: &Arc::new(variables.clone()),
        plugins: &Plugins::default(),
        guests: &Guests::default(),
        has_tolerance: false,
    };
    stdlib.call(&call).await
}

async fn call(module: &str, func: &str, arguments: Value) -> Result<Value, Failure> {
    call_as(
        Effect::Mutate,
        module,
        func,
        arguments,
        &Variables::default(),
    )
    .await
}

async fn raised(module: &str, func: &str, arguments: Value) -> String {
    match call(module, func, arguments).await {
        Err(Failure::Failed(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_table_is_sound() {
    let mut names = BTreeSet::new();
    for function in functions() {
        assert!(names.insert((function.module, function.name)));
        assert!(!function.doc.is_empty());
        for argument in function.arguments {
            let required = argument.presence == crate::provider::signature::Presence::Required;
            assert_eq!(
                required,
                argument.default().is_none(),
                "{}",
                function.usage()
            );
        }
        assert!(owns(function.module, function.name));
    }
    assert!(owns("os", "system"));
    assert!(!owns("subprocess", "run"));
}

#[test]
fn a_function_that_is_not_served_is_named_with_those_that_are() {
    let errors = parse("os", "renam", json!({})).unwrap_err();
    let (message, hint) = &errors[0];
    assert_eq!(
        message,
        "The python module 'os' does not expose a function called 'renam' in activity 'a'"
    );
    assert!(hint.starts_with("did you mean 'rename'?"), "{hint}");
    assert!(hint.contains("listdir"), "{hint}");
}

#[test]
fn arguments_are_bound() {
    let errors = parse("os", "rename", json!({"src": "a", "dest": "b"})).unwrap_err();
    let messages: Vec<&str> = errors.iter().map(|(message, _)| message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "required argument 'dst' is missing from activity 'rename'",
            "argument 'dest' is not part of the function signature in activity 'rename'",
        ]
    );
    assert!(parse("os", "getcwd", json!(null)).is_ok());
    assert!(parse("os", "getcwd", json!([])).is_err());
}

#[tokio::test]
async fn files_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(at("file"), "12345").unwrap();
    std::os::unix::fs::symlink("nowhere", at("broken")).unwrap();
    let rows = [
        ("exists", "path", "file", json!(true)),
        ("exists", "path", "broken", json!(false)),
        ("exists", "path", "nothing", json!(false)),
        ("isfile", "path", "file", json!(true)),
        ("isfile", "path", ".", json!(false)),
        ("isdir", "s", ".", json!(true)),
        ("isdir", "s", "file", json!(false)),
        ("islink", "path", "broken", json!(true)),
        ("islink", "path", "file", json!(false)),
        ("getsize", "filename", "file", json!(5)),
    ];
    for (func, argument, name, expected) in rows {
        let arguments = json!({argument: at(name)});
        let none = Variables::default();
        let value = call_as(Effect::Read, "os.path", func, arguments, &none).await;
        assert_eq!(value, Ok(expected), "{func} {name}");
    }
    let names = call("os", "listdir", json!({"path": at(".")})).await;
    assert_eq!(names, Ok(json!(["broken", "file"])));
}

#[tokio::test]
async fn files_are_changed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let there = |name: &str| Path::new(&at(name)).symlink_metadata().is_ok();
    std::fs::write(at("a"), "text").unwrap();
    let variables = Variables {
        configuration: [("file".to_owned(), json!(at("a")))].into_iter().collect(),
        ..Variables::default()
    };
    let renaming = json!({"src": "${file}", "dst": at("b")});
    let renamed = call_as(Effect::Mutate, "os", "rename", renaming, &variables).await;
    assert_eq!(renamed, Ok(Value::Null));
    assert!(there("b") && !there("a"));

    let made = call("os", "makedirs", json!({"name": at("x/y/z")})).await;
    assert_eq!(made, Ok(Value::Null));
    let again = json!({"name": at("x/y/z"), "exist_ok": true});
    assert_eq!(call("os", "makedirs", again).await, Ok(Value::Null));
    let copied = call("shutil", "copy", json!({"src": at("b"), "dst": at("x")})).await;
    assert_eq!(copied, Ok(json!(at("x/b"))));
    let moved = call("shutil", "move", json!({"src": at("b"), "dst": at("x/y")})).await;
    assert_eq!(moved, Ok(json!(at("x/y/b"))));
    assert_eq!(std::fs::read_to_string(at("x/y/b")).unwrap(), "text");
    assert_eq!(
        call("os", "remove", json!({"path": at("x/b")})).await,
        Ok(Value::Null)
    );
    assert_eq!(
        call("os", "rmdir", json!({"path": at("x/y/z")})).await,
        Ok(Value::Null)
    );
    assert_eq!(
        call("shutil", "rmtree", json!({"path": at("x")})).await,
        Ok(Value::Null)
    );
    assert!(!there("x"));
    let careless = json!({"path": at("x"), "ignore_errors": true});
    assert_eq!(call("shutil", "rmtree", careless).await, Ok(Value::Null));
}

#[tokio::test]
async fn failures_read_as_pythons() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::create_dir_all(at("d/e")).unwrap();
    std::fs::write(at("f"), "").unwrap();
    let (d, f, gone) = (at("d"), at("f"), at("gone"));
    assert_eq!(
        raised("os", "remove", json!({"path": gone})).await,
        format!("FileNotFoundError: [Errno 2] No such file or directory: '{gone}'")
    );
    assert_eq!(
        raised("os", "rename", json!({"src": gone, "dst": f})).await,
        format!("FileNotFoundError: [Errno 2] No such file or directory: '{gone}' -> '{f}'")
    );
    assert_eq!(
        raised("os", "mkdir", json!({"path": d})).await,
        format!("FileExistsError: [Errno 17] File exists: '{d}'")
    );
    assert_eq!(
        raised("os", "rmdir", json!({"path": d})).await,
        format!("OSError: [Errno 39] Directory not empty: '{d}'")
    );
    assert_eq!(
        raised("os", "rmdir", json!({"path": f})).await,
        format!("NotADirectoryError: [Errno 20] Not a directory: '{f}'")
    );
    assert_eq!(
        raised("shutil", "copyfile", json!({"src": d, "dst": f})).await,
        format!("IsADirectoryError: [Errno 21] Is a directory: '{d}'")
    );
    assert_eq!(
        raised("shutil", "move", json!({"src": gone, "dst": d})).await,
        format!("FileNotFoundError: [Errno 2] No such file or directory: '{gone}'")
    );
    let wrong = raised("os", "remove", json!({"path": 5})).await;
    assert_eq!(wrong, "TypeError: path must be a string, not 5");
    let nul = raised("os", "remove", json!({"path": "a\u{0}"})).await;
    assert!(nul.starts_with("ValueError"), "{nul}");
}

#[tokio::test]
async fn a_probe_may_not_change_files() {
    let none = Variables::default();
    let arguments = json!({"path": "/nonexistent/by/far"});
    let denied = call_as(Effect::Read, "os", "remove", arguments, &none).await;
    assert!(matches!(denied, Err(Failure::Denied(_))), "{denied:?}");
}

#[tokio::test]
async fn sleeping_ends_at_the_deadline() {
    let begun = Instant::now();
    assert_eq!(
        call("time", "sleep", json!({"secs": 0.05})).await,
        Ok(Value::Null)
    );
    assert!(begun.elapsed() >= Duration::from_millis(50));
    let late = call("time", "sleep", json!({"secs": 1e9})).await;
    assert!(matches!(late, Err(Failure::TimedOut(_))), "{late:?}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    let negative = raised("time", "sleep", json!({"secs": -1})).await;
    assert_eq!(negative, "ValueError: sleep length must be non-negative");
    assert!(
        call("time", "time", json!({}))
            .await
            .unwrap()
            .as_f64()
            .unwrap()
            > 1e9
    );
}

#[tokio::test]
async fn the_environment_is_the_doors() {
    let value = call("os", "getenv", json!({"key": "FROM_FILE"})).await;
    assert_eq!(value, Ok(json!("yes")));
    let unset = json!({"key": "CHAOS_WASM_TEST_UNSET", "default": 7});
    assert_eq!(call("os", "getenv", unset).await, Ok(json!(7)));
    let here = std::env::current_dir().unwrap();
    let folder = call("os", "getcwd", json!({})).await;
    assert_eq!(folder, Ok(json!(here.to_str().unwrap())));
}

#[tokio::test]
async fn signals_reach_one_process_and_never_many() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("id");
    let door = Door::new(Arc::new(NoLedger), Ceilings::default());
    let pass = Pass::new(
        "a",
        Effect::Mutate,
        Deadline::after(Duration::from_secs(20)),
    );
    let sleeper = ProcessCommand {
        program: "/bin/sh".into(),
        arguments: vec![
            "-c".into(),
            format!("echo $$ > {}; exec sleep 30", file.display()).into(),
        ],
        effect: Effect::Mutate,
    };
    let killing = async {
        let pid: i64 = loop {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            if let Some(id) = text.strip_suffix('\n') {
                break id.parse().unwrap();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        for signal in [0, 15] {
            let sent = call("os", "kill", json!({"pid": pid, "signal": signal})).await;
            assert_eq!(sent, Ok(Value::Null));
        }
        pid
    };
    let (ended, pid) = tokio::join!(door.process(&pass, sleeper), killing);
    assert_eq!(ended.unwrap().status, -15);
    let gone = raised("os", "kill", json!({"pid": pid, "signal": 15})).await;
    assert_eq!(gone, "ProcessLookupError: [Errno 3] No such process");
    for pid in [
        json!(0),
        json!(-1),
        json!(1),
        json!(-5),
        json!(std::process::id()),
        json!(1_i64 << 40),
    ] {
        let refused = raised("os", "kill", json!({"pid": pid, "signal": 0})).await;
        assert!(refused.starts_with("ValueError"), "{refused}");
    }
    let unknown = raised("os", "kill", json!({"pid": 2, "signal": 9999})).await;
    assert!(unknown.contains("not a signal's number"), "{unknown}");
}
