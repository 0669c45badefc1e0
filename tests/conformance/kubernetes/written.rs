//! How activities are written, and what is said of those that are written wrong.

use chaos_wasm::document::{Pointer, Problems};
use chaos_wasm::provider::kubernetes::{Kubernetes, functions};
use serde_json::{Value, json};

/// Message and hint of the only problem, as one text.
fn problem(provider: &Value) -> String {
    let mut problems = Problems::new();
    let read = Kubernetes::parse(provider, "a", &Pointer::root(), &mut problems);
    assert!(read.is_none(), "{provider} was read");
    let all: Vec<_> = problems.iter().collect();
    let [problem] = all.as_slice() else {
        panic!("{provider}: {problems:?}")
    };
    format!(
        "{}: {} ({})",
        problem.pointer,
        problem.message,
        problem.hint.as_deref().unwrap_or("")
    )
}

fn is_read(provider: &Value) -> bool {
    let mut problems = Problems::new();
    Kubernetes::parse(provider, "a", &Pointer::root(), &mut problems).is_some()
}

#[test]
fn a_function_is_found_by_all_spellings() {
    let arguments = json!({"label_selector": "a=b"});
    for (module, func) in [
        (json!("chaosk8s.pod.probes"), "pods_in_phase"),
        (json!("pod.probes"), "pods_in_phase"),
        (Value::Null, "pods_in_phase"),
        (json!("chaosk8s.probes"), "read_pod_logs"),
        (json!("chaosk8s.actions"), "delete_pods"),
        (Value::Null, "read_microservices_logs"),
    ] {
        for kind in ["python", "kubernetes", "k8s"] {
            let provider =
                json!({"type": kind, "module": module, "func": func, "arguments": arguments});
            assert!(is_read(&provider), "{provider}");
        }
    }
}

#[test]
fn every_function_is_served_under_its_module_and_by_its_name() {
    assert_eq!(functions().count(), 29);
    for function in functions() {
        let mut arguments = json!({});
        for argument in function.arguments {
            if argument.presence == chaos_wasm::provider::signature::Presence::Required {
                arguments[argument.name] = json!("${x}");
            }
        }
        for module in [json!(function.module), Value::Null] {
            let provider = json!({"module": module, "func": function.name, "arguments": arguments});
            assert!(is_read(&provider), "{provider}");
        }
    }
}

#[test]
fn what_is_wrong_is_said_with_what_was_probably_meant() {
    let with = |module: &str, func: &str, arguments: Value| {
        problem(&json!({"module": module, "func": func, "arguments": arguments}))
    };
    let text = with(
        "chaosk8s.pod.actions",
        "terminate_pods",
        json!({"count": 1}),
    );
    assert!(
        text.contains("argument 'count' is not part of the function signature"),
        "{text}"
    );
    let text = with("chaosk8s.pod.probes", "pods_in_phase", json!({}));
    assert!(
        text.contains("required argument 'label_selector' is missing"),
        "{text}"
    );
    let text = with("chaosk8s.pod.actions", "terminate_pod", json!({}));
    assert!(text.starts_with("/func: "), "{text}");
    assert!(
        text.contains("does not expose a function called 'terminate_pod'"),
        "{text}"
    );
    assert!(text.contains("did you mean 'terminate_pods'?"), "{text}");
    let text = with("chaosk8s.probes", "pods_in_phase", json!({}));
    assert!(
        text.contains("did you mean 'chaosk8s.pod.probes.pods_in_phase'?"),
        "{text}"
    );
    let text = with("chaosk8s.pods.probes", "pods_in_phase", json!({}));
    assert!(
        text.contains("could not find Python module 'chaosk8s.pods.probes'"),
        "{text}"
    );
    assert!(
        text.contains("did you mean 'chaosk8s.pod.probes'?"),
        "{text}"
    );
    let text = with("chaosk8s.pod.actions", "exec_in_pods", json!({}));
    assert!(
        text.contains("chaosk8s.pod.actions.exec_in_pods is not served natively yet"),
        "{text}"
    );
    let text = with("chaosk8s.actions", "delete_service", json!({}));
    assert!(
        text.contains("chaosk8s.service.actions.delete_service is not"),
        "{text}"
    );
}

#[test]
fn wrong_shapes_are_errors_not_crashes() {
    for provider in [
        json!({}),
        json!({"func": ""}),
        json!({"func": 3}),
        json!({"func": null}),
        json!({"func": "count_pods", "module": 3, "arguments": {"label_selector": ""}}),
        json!({"func": "count_pods", "arguments": []}),
        json!({"func": "count_pods", "arguments": {"label_selector": ""}, "secrets": "k8s"}),
        json!({"func": "count_pods", "arguments": {"label_selector": ""}, "secrets": [1]}),
    ] {
        problem(&provider);
    }
}

#[test]
fn only_an_action_without_a_target_touched_nothing() {
    let read = |func: &str, arguments: Value| {
        let provider = json!({"func": func, "arguments": arguments});
        Kubernetes::parse(&provider, "a", &Pointer::root(), &mut Problems::new()).unwrap()
    };
    assert!(read("terminate_pods", json!({})).touched_nothing(&json!([])));
    assert!(!read("terminate_pods", json!({})).touched_nothing(&json!(["a"])));
    assert!(!read("rollout_deployment", json!({"name": "a"})).touched_nothing(&Value::Null));
    assert!(!read("count_pods", json!({"label_selector": ""})).touched_nothing(&json!([])));
}
