//! What the reference did with the same answers, case by case.

use crate::server::{Asked, Server};
use crate::{Outcome, perform};
use serde_json::{Value, json};

const RECORDED: &str = include_str!("recorded.json");

fn cases() -> Vec<Value> {
    serde_json::from_str(RECORDED).unwrap()
}

#[tokio::test]
async fn every_recorded_case_goes_as_in_the_reference() {
    let running = cases().into_iter().map(|case| async move {
        let mut wrong = Vec::new();
        replay(&case, &mut wrong).await;
        let name = case["name"].as_str().unwrap_or_default().to_owned();
        wrong
            .into_iter()
            .map(move |text| format!("{name}: {text}"))
            .collect::<Vec<_>>()
    });
    let wrong: Vec<String> = crate::all(running).await.into_iter().flatten().collect();
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_function_has_a_case_that_succeeds_and_one_that_fails() {
    for function in chaos_wasm::provider::kubernetes::functions() {
        let of = |key: &str| {
            cases().iter().any(|case| {
                case["module"] == function.module
                    && case["func"] == function.name
                    && (!case["ours"][key].is_null() || case.get(key).is_some())
            })
        };
        assert!(of("output"), "{} never succeeds", function.name);
        assert!(
            of("failure") || NEVER_FAILS.contains(&function.name),
            "{} never fails",
            function.name
        );
    }
}

/// These give a number or a boolean, whatever they find.
const NEVER_FAILS: &[&str] = &["count_min_pods"];

async fn replay(case: &Value, wrong: &mut Vec<String>) {
    let answers = case["answers"].as_array().cloned().unwrap_or_default();
    let server = Server::start(answers);
    let provider = json!({
        "type": "python",
        "module": case["module"],
        "func": case["func"],
        "arguments": case["arguments"],
        "secrets": ["cluster"],
    });
    let outcome = perform(&provider, json!({"KUBERNETES_HOST": server.url})).await;
    let outcome = match outcome {
        Outcome::Output(output) => json!({"output": output}),
        Outcome::Failure(failure) => {
            json!({"failure": failure.to_string().replace(&server.url, "{host}")})
        }
    };
    let ours = &case["ours"];
    let expected = ["output", "failure"]
        .into_iter()
        .find_map(|key| Some(json!({key: ours.get(key)?})))
        .or_else(|| {
            ["output", "failure"]
                .into_iter()
                .find_map(|key| Some(json!({key: case.get(key)?})))
        });
    if expected.as_ref() != Some(&outcome) {
        wrong.push(format!("expected {expected:?}, got {outcome}"));
    }
    compare_calls(case, &server.asked(), wrong);
}

fn compare_calls(case: &Value, asked: &[Asked], wrong: &mut Vec<String>) {
    let recorded = case["calls"].as_array().cloned().unwrap_or_default();
    let expected: Vec<Value> = match case["ours"]["calls"].as_array() {
        Some(calls) => calls.clone(),
        None => recorded
            .iter()
            .map(|call| json!([call["method"], call["path"]]))
            .collect(),
    };
    let made: Vec<Value> = asked.iter().map(|a| json!([a.method, a.path])).collect();
    let (expected, made) = (without_repeats(expected), without_repeats(made));
    if expected != made {
        wrong.push(format!("expected calls {expected:?}, made {made:?}"));
    }
    for call in asked {
        let known: Vec<&Value> = recorded
            .iter()
            .filter(|known| known["method"] == *call.method && known["path"] == *call.path)
            .collect();
        let seen = observed(call, wrong);
        let alike = |known: &&Value| {
            let mut known = json!({
                "query": sorted(&known["query"]),
                "body": known["body"],
                "content_type": known["content_type"],
            });
            if let Some(query) = case["ours"]["queries"].get(&call.path) {
                known["query"] = sorted(query);
            }
            if case["ours"]["stamp"] == true {
                known["body"] = without_stamp(&known["body"]);
            }
            let mut seen = seen.clone();
            if case["ours"]["stamp"] == true {
                seen["body"] = without_stamp(&seen["body"]);
            }
            known == seen
        };
        if !known.is_empty() && !known.iter().any(alike) {
            wrong.push(format!(
                "{} {}: {seen} is none of {known:?}",
                call.method, call.path
            ));
        }
    }
}

/// A call without what is deliberately different everywhere: lists are asked for in pages, a pod's
/// deletion is bound to the very pod that was selected, an eviction says its version.
fn observed(call: &Asked, wrong: &mut Vec<String>) -> Value {
    let mut body = call.body.clone().unwrap_or_default();
    if let Some(preconditions) = body.as_object_mut().and_then(|b| b.remove("preconditions")) {
        let name = call.path.rsplit('/').next().unwrap_or_default();
        if call.method != "DELETE" || preconditions != json!({"uid": format!("uid-{name}")}) {
            wrong.push(format!("{name} is deleted as {preconditions}"));
        }
    } else if call.method == "DELETE" {
        wrong.push("a deletion without its pod's uid".into());
    }
    if body["kind"] == "Eviction" {
        for key in ["apiVersion", "kind"] {
            body.as_object_mut().and_then(|body| body.remove(key));
        }
    }
    let is_list = call.method == "GET" && call.parameter("limit").is_some();
    let query: Vec<Value> = call
        .query
        .iter()
        .filter(|(key, value)| !(is_list && key == "limit" && value == "500"))
        .map(|(key, value)| json!([key, value]))
        .collect();
    let content_type = match call.method.as_str() {
        "PATCH" => json!(call.header("content-type")),
        _ => Value::Null,
    };
    json!({"query": sorted(&json!(query)), "body": body, "content_type": content_type})
}

fn sorted(query: &Value) -> Value {
    let mut pairs = query.as_array().cloned().unwrap_or_default();
    pairs.sort_by_key(ToString::to_string);
    json!(pairs)
}

/// How often something is polled is nobody's promise.
fn without_repeats(mut calls: Vec<Value>) -> Vec<Value> {
    calls.dedup();
    calls
}

fn without_stamp(body: &Value) -> Value {
    const STAMP: &str = "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt";
    let mut body = body.clone();
    if let Some(stamp) = body.pointer_mut(STAMP) {
        let text = stamp.as_str().unwrap_or_default();
        *stamp = json!(text.starts_with("20") && text.ends_with('Z'));
    }
    body
}
