#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use super::conversion::VariableType;
use super::*;
use crate::document::{Document, Format};
use crate::python;
use proptest::prelude::*;
use serde_json::json;
use std::path::Path;

const RECORDED: &str = include_str!("../../../tests/conformance/configuration/recorded.json");

/// Failures whose text is worth having in the reference's own words.
const IN_THE_SAME_WORDS: &[&str] = &[
    "invalid literal",
    "could not convert",
    "variable type",
    "reference to",
];

fn recorded(part: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(RECORDED).unwrap();
    let cases = all[part].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

/// Compares with what the reference gave; `None` is for what a JSON value cannot hold.
fn agree(case: &Value, ours: Result<Value, String>) {
    let theirs = &case["result"];
    match (theirs.get("value"), ours) {
        (Some(expected), Ok(value)) => {
            assert!(
                python::equal(expected, &value) && python::str(expected) == python::str(&value),
                "{case}: {value}"
            );
        }
        (Some(_), Err(error)) => panic!("{case}: {error}"),
        (None, Ok(value)) => panic!("{case}: {value}"),
        (None, Err(error)) => {
            let message = theirs["message"].as_str().unwrap();
            if IN_THE_SAME_WORDS
                .iter()
                .any(|words| message.contains(words))
            {
                assert!(error.contains(message), "{case}: {error}");
            }
        }
    }
}

#[test]
fn values_are_converted_as_the_reference_does() {
    for case in recorded("conversions") {
        let wanted = match &case["type"] {
            Value::String(name) => VariableType::parse(name),
            _ => Ok(VariableType::Text),
        };
        let converted = wanted.and_then(|wanted| wanted.convert(case["value"].clone()));
        match (&case["result"].get("unholdable"), case["type"].as_str()) {
            // Bytes are kept as their text; what is not finite is refused.
            (Some(_), Some("bytes")) => assert_eq!(converted.unwrap(), case["value"]),
            (Some(_), _) => assert!(converted.is_err(), "{case}"),
            (None, _) => agree(&case, converted.map_err(|error| error.to_string())),
        }
    }
}

#[test]
fn single_variables_are_read_as_the_reference_does() {
    for case in recorded("variables") {
        let mut overrides = Overrides::default();
        let read = overrides.var(case["text"].as_str().unwrap());
        if case["result"].get("unholdable").is_some() {
            assert_eq!(overrides.configuration["a"], "x");
            continue;
        }
        let read = read.map(|()| Value::Object(overrides.configuration));
        agree(&case, read.map_err(|error| error.to_string()));
    }
}

#[test]
fn variable_files_are_read_as_the_reference_does() {
    for case in recorded("files") {
        let folder = tempfile::tempdir().unwrap();
        let mut overrides = Overrides::default();
        let mut read = Ok(());
        for file in case["files"].as_array().unwrap() {
            let path = folder.path().join(file["name"].as_str().unwrap());
            std::fs::write(&path, file["content"].as_str().unwrap()).unwrap();
            read = read.and_then(|()| overrides.var_file(&path));
        }
        if case["files"][0]["name"] == "bad.json" {
            // The reference goes on without it.
            let error = read.unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with("Failed to parse variable file")
            );
            assert!(std::error::Error::source(&error).is_some());
            continue;
        }
        let sound = read.is_ok();
        let both = json!([overrides.configuration, overrides.secrets]);
        agree(
            &case,
            read.map(|()| both).map_err(|error| error.to_string()),
        );
        if sound {
            assert_eq!(json!(overrides.environment), case["environment"], "{case}");
        }
    }
}

#[test]
fn variable_files_that_cannot_be_used_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut overrides = Overrides::default();
    let mut refused = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        overrides.var_file(&path).unwrap_err().to_string()
    };
    assert!(refused("a.json", b"5").contains("the document must be a mapping"));
    assert!(refused("a.yaml", b"secrets: [1]").contains("secrets must be a mapping"));
    assert!(refused("a.env", b"A=1\n\n=2\n").contains("line 3"));
    assert!(refused("b.env", b"A=\xff\n").contains("line 1"));
    assert!(refused("c.env", b"A=1\0\n").contains("line 1"));
    let missing = overrides
        .var_file(Path::new("/no/such/file.env"))
        .unwrap_err();
    assert!(matches!(missing, OverrideError::Unreadable { .. }));
    let folder = overrides.var_file(folder.path()).unwrap_err();
    assert!(matches!(folder, OverrideError::Unreadable { .. }));
    let endless = overrides.var_file(Path::new("/dev/zero")).unwrap_err();
    assert!(matches!(endless, OverrideError::TooLarge { .. }));
}

proptest! {
    #[test]
    fn any_text_is_a_variable_or_an_error(text in "\\PC*") {
        let mut overrides = Overrides::default();
        if overrides.var(&text).is_ok() {
            prop_assert!(text.contains('='));
            prop_assert_eq!(overrides.configuration.len(), 1);
        }
    }

    #[test]
    fn a_variable_without_a_type_is_its_text(name in "[a-z_]+", value in "\\PC*") {
        let mut overrides = Overrides::default();
        overrides.var(&format!("{name}={value}")).unwrap();
        prop_assert_eq!(&overrides.configuration[&name], &Value::from(value));
    }
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// Static resolution in the recorded environment; the problems' texts when it fails.
fn resolved(
    configuration: &Value,
    secrets: &Value,
    overrides: &Overrides,
) -> Result<Variables, String> {
    let all: Value = serde_json::from_str(RECORDED).unwrap();
    let environment = |name: &str| all["environment"][name].as_str().map(str::to_owned);
    let mut problems = Problems::new();
    let (configuration, secrets) = (map(configuration), map(secrets));
    let variables = resolve_static(
        &configuration,
        &secrets,
        overrides,
        &environment,
        &mut problems,
    );
    if problems.has_errors() {
        return Err(listed(&problems));
    }
    Ok(variables)
}

#[test]
fn configuration_is_resolved_as_the_reference_does() {
    for case in recorded("configurations") {
        let mut overrides = Overrides::default();
        overrides.configuration = map(&case["overrides"]);
        let resolved = resolved(&case["configuration"], &json!({}), &overrides);
        agree(
            &case,
            resolved.map(|variables| Value::Object(variables.configuration)),
        );
    }
}

#[test]
fn secrets_are_resolved_as_the_reference_does() {
    for case in recorded("secrets") {
        let mut overrides = Overrides::default();
        overrides.secrets = map(&case["overrides"]);
        let resolved = resolved(&json!({}), &case["secrets"], &overrides);
        agree(
            &case,
            resolved.map(|variables| Value::Object(variables.secrets)),
        );
    }
}

#[test]
fn every_missing_variable_is_named_with_its_place() {
    let configuration = json!({
        "a": {"type": "env", "key": "UNSET"},
        "b": {"type": "env", "key": "NO", "env_var_type": "int"},
        "c": {"type": "env", "key": "UNSET", "default": "x", "env_var_type": "int"},
        "d": {"type": "env", "key": "NO", "env_var_type": "date"},
    });
    let secrets = json!({"g": {"s": {"type": "env", "key": "GONE"}}});
    let error = resolved(&configuration, &secrets, &Overrides::default()).unwrap_err();
    for place in [
        "/configuration/a",
        "/configuration/b",
        "/configuration/c/default",
        "/configuration/d/env_var_type",
        "/secrets/g/s",
    ] {
        assert!(error.contains(&format!("(at {place})")), "{error}");
    }
}

#[test]
fn variables_of_files_are_in_the_environment() {
    let mut overrides = Overrides::default();
    overrides.environment.insert("UNSET".into(), "8".into());
    overrides.environment.insert("SET".into(), "over".into());
    let configuration = json!({
        "a": {"type": "env", "key": "UNSET", "env_var_type": "int"},
        "b": {"type": "env", "key": "SET"},
    });
    let secrets = json!({"g": {"s": {"type": "env", "key": "SET"}}});
    let variables = resolved(&configuration, &secrets, &overrides).unwrap();
    assert_eq!(
        Value::Object(variables.configuration),
        json!({"a": 8, "b": "over"})
    );
    assert_eq!(
        Value::Object(variables.secrets),
        json!({"g": {"s": "over"}})
    );
    assert_eq!(overrides.process_environment().len(), 2);
}

#[test]
fn a_variable_that_nobody_declared_is_warned_of() {
    let mut overrides = Overrides::default();
    overrides.var("prot=1").unwrap();
    overrides.configuration.insert("of_a_file".into(), json!(1));
    let mut problems = Problems::new();
    let declared = map(&json!({"port": 5}));
    resolve_static(&declared, &Map::new(), &overrides, &|_| None, &mut problems);
    let warnings: Vec<_> = problems.warnings().collect();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].message.contains("--var prot has no effect"));
    assert_eq!(warnings[0].hint.as_deref(), Some("did you mean 'port'?"));
}

#[test]
fn secret_values_are_all_leaves_and_a_vaults_credentials() {
    let variables = Variables {
        configuration: map(&json!({"vault_token": "t0k", "vault_addr": "http://v", "x": "y"})),
        secrets: map(
            &json!({"g": {"a": "one", "b": ["two", 3], "c": {"d": 4.5}, "e": true, "f": ""}}),
        ),
    };
    assert_eq!(secret_values(&variables), ["one", "two", "3", "4.5", "t0k"]);
}

#[test]
fn inline_secrets_are_masked_and_declarations_left() {
    let mut secrets = json!({
        "g": {"a": "one", "b": {"type": "env", "key": "K"}, "c": {"x": [1, "two", null]}},
        "h": {"d": {"type": "vault", "path": "p"}, "e": {"type": "other", "key": "k"}},
    });
    mask_inline_secrets(&mut secrets);
    assert_eq!(
        secrets,
        json!({
            "g": {"a": MASK, "b": {"type": "env", "key": "K"}, "c": {"x": [MASK, MASK, null]}},
            "h": {"d": {"type": "vault", "path": "p"}, "e": {"type": MASK, "key": MASK}},
        })
    );
}

/// The whole resolution of a document with these declarations.
async fn whole(configuration: Value, secrets: Value) -> Result<Variables, Unresolved> {
    let document = json!({
        "title": "t",
        "description": "d",
        "configuration": configuration,
        "secrets": secrets,
        "method": [],
    });
    let text = document.to_string();
    let document = Document::parse("test.json", text.as_bytes(), Format::Json).unwrap();
    let experiment = Experiment::read(&document).unwrap();
    let timeout = Duration::from_secs(20);
    resolve(
        &experiment,
        &Overrides::default(),
        timeout,
        &Redaction::default(),
        &Plugins::default(),
        None,
        &Ceilings::default(),
    )
    .await
}

fn shell(script: &str) -> Value {
    json!({
        "type": "probe",
        "name": "ask",
        "provider": {"type": "process", "path": "sh", "arguments": ["-c", script], "timeout": 0.5},
    })
}

#[tokio::test]
async fn probes_give_configuration_in_order() {
    let configuration = json!({
        "first": "1",
        "asked": shell("echo \"  ${first} ${secret} $later\"; echo"),
        "later": "2",
        "again": shell("echo ${asked} again"),
    });
    let secrets = json!({"g": {"secret": "s"}});
    let variables = whole(configuration, secrets).await.unwrap();
    assert_eq!(
        Value::Object(variables.configuration),
        json!({"first": "1", "asked": "1 s", "later": "2", "again": "1 s again"})
    );
}

#[tokio::test]
async fn a_probe_that_fails_leaves_its_key_out() {
    let configuration = json!({
        "bad": shell("echo x; exit 3"),
        "slow": shell("sleep 9"),
        "good": shell("echo ok"),
    });
    let variables = whole(configuration, json!({})).await.unwrap();
    assert_eq!(
        Value::Object(variables.configuration),
        json!({"good": "ok"})
    );
}

#[tokio::test]
async fn what_the_environment_gives_is_no_probe_whatever_it_looks_like() {
    let looks = shell("echo executed");
    let configuration = json!({"looks": {
        "type": "env", "key": "CHAOS_WASM_TEST_UNSET", "env_var_type": "json",
        "default": looks.to_string(),
    }});
    let variables = whole(configuration, json!({})).await.unwrap();
    assert_eq!(variables.configuration["looks"], looks);
}

#[tokio::test]
async fn what_cannot_be_resolved_is_an_error() {
    let configuration = json!({"a": {"type": "env", "key": "CHAOS_WASM_TEST_UNSET"}});
    let error = whole(configuration, json!({})).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Configuration makes reference to an environment key that does not exist: \
         CHAOS_WASM_TEST_UNSET (at /configuration/a)"
    );
}

#[tokio::test]
async fn a_vault_that_cannot_be_reached_is_an_error_that_shows_no_token() {
    let configuration = json!({"vault_addr": "http://127.0.0.1:1", "vault_token": "s3cret-token"});
    let secrets = json!({"g": {"s": {"type": "vault", "path": "app"}}});
    let error = whole(configuration, secrets).await.unwrap_err().to_string();
    assert!(error.contains("(at /secrets/g/s)"), "{error}");
    assert!(!error.contains("s3cret-token"), "{error}");
}
