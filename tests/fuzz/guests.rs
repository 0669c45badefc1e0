//! What a guest hands to the host's functions, through the guests of the hostile kit.

use super::door::Recorder;
use chaos_host_api::answers::{Answers, Asked, Wire};
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::grant::{Grant, Grants};
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::permit::{Layer, Permit};
use chaos_host_api::{Door, Effect, Pass};
use chaos_wasm::plugin::Called;
use chaos_wasm::plugin::load::{Loader, Plugin};
use chaos_wasm::plugin::{Compiler, Guest, Kind, Limits, selftest};
use chaos_wasm::substitution::Variables;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

const GUESTS: [&str; 6] = [
    "http",
    "kubernetes",
    "log",
    "random",
    "secrets",
    "wasi-http",
];

const GRANTS: [&str; 7] = [
    "http GET,PATCH http://shop.test/allowed/* as read",
    "http POST http://shop.test/allowed/*",
    "secrets shop.token to http://shop.test/allowed/secret/*",
    "kubernetes get,list,create,patch,delete pods in shop",
    "kubernetes get pods/log in shop",
    "kubernetes create pods/eviction in shop",
    "kubernetes get,patch deployments.apps/scale in shop",
];

const SECRET: &str = "t0p-s3cret-of-the-shop";

struct Bench {
    runtime: tokio::runtime::Runtime,
    plugins: HashMap<&'static str, Plugin>,
}

/// Loading takes longer than a thousand calls.
static BENCH: LazyLock<Bench> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.unwrap_or_else(|why| panic!("{why}"));
    let loader = Loader::new(None, Compiler::Here);
    let load = |name| {
        let bytes = selftest::guest(name).unwrap_or_else(|why| panic!("{why}"));
        let plugin = runtime.block_on(loader.load_bytes(name, bytes));
        (name, plugin.unwrap_or_else(|why| panic!("{name}: {why}")))
    };
    let plugins = GUESTS.into_iter().map(load).collect();
    Bench { runtime, plugins }
});

/// The input's first line names a guest and its function, the rest is its arguments, in JSON.
pub(crate) fn host(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (name, arguments) = text.split_once('\n').unwrap_or((&text, "{}"));
    let (guest, function) = name.split_once(' ').unwrap_or((name, ""));
    let bench = &*BENCH;
    let Some(plugin) = bench.plugins.get(guest) else {
        return;
    };
    let Ok(function) = plugin.signature.find(None, function) else {
        return;
    };
    let Ok(Value::Object(arguments)) = serde_json::from_str(arguments) else {
        return;
    };
    let recorder = Arc::new(Recorder::default());
    let allowed = match function.kind {
        Kind::Action => Effect::Mutate,
        Kind::Probe | Kind::Control => Effect::Read,
    };
    let calling = plugin.call(function, &arguments, given(&recorder, allowed));
    let Called { result, .. } = bench.runtime.block_on(calling);
    let told = match result {
        Ok(value) => value.to_string(),
        Err(failure) => failure.to_string(),
    };
    assert!(!told.contains("s3cret"), "{told}");
    assert!(!told.contains("the runner itself failed"), "{told}");
    for asked in recorder.taken() {
        within(&asked, allowed);
    }
}

fn given(recorder: &Arc<Recorder>, allowed: Effect) -> Guest {
    let grants = GRANTS.map(|line| line.parse::<Grant>().unwrap_or_else(|why| panic!("{why}")));
    let layer = Layer {
        name: "plugin.toml".to_owned(),
        grants: grants.into_iter().collect::<Grants>(),
    };
    let deadline = Deadline::after(Duration::from_secs(5));
    let answers: Arc<dyn Answers> = Arc::clone(recorder) as Arc<dyn Answers>;
    let door = Door::new(Arc::new(NoLedger), Ceilings::default())
        .with_environment(vec![("NETRC".into(), "".into())])
        .with_answers(answers);
    Guest {
        plugin: "fuzz".into(),
        door: Arc::new(door),
        pass: Pass::new("fuzz", allowed, deadline).with_permit(Arc::new(Permit::new([layer]))),
        variables: Arc::new(Variables {
            configuration: Map::new(),
            secrets: object(json!({"shop": {"token": SECRET}})),
        }),
        cluster: object(json!({"KUBERNETES_HOST": "http://cluster.test"})),
        limits: Limits {
            cpu: Duration::from_secs(1),
            host_calls: 100,
            handles: 50,
            ..Limits::default()
        },
    }
}

/// Whether what would have left is what was granted.
fn within(asked: &Asked, allowed: Effect) {
    let Asked { method, url, .. } = asked;
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let says = |word: &str| path.to_ascii_lowercase().contains(word);
    assert!(
        !["/..", "%2e", "%2f", "%5c", "\\", "@"]
            .into_iter()
            .any(says),
        "{url}"
    );
    for (name, value) in &asked.headers {
        let text = format!("{name}{value}");
        assert!(!text.contains(['\r', '\n', '\0']), "{text:?}");
    }
    match asked.wire {
        Wire::Http => {
            assert!(path.starts_with("http://shop.test/allowed/"), "{url}");
            let methods: &[&str] = match allowed {
                Effect::Read => &["GET", "PATCH"],
                Effect::Mutate => &["GET", "PATCH", "POST"],
            };
            assert!(methods.contains(&method.as_str()), "{method}");
            let hosts = asked.headers.iter().filter(|(name, _)| name == "host");
            let hosts: Vec<&str> = hosts.map(|(_, value)| value.as_str()).collect();
            assert_eq!(hosts, ["shop.test"]);
            let mut parts = vec![url.as_str()];
            parts.extend(asked.headers.iter().map(|(_, value)| value.as_str()));
            let body = String::from_utf8_lossy(&asked.body);
            parts.push(&body);
            assert!(
                path.starts_with("http://shop.test/allowed/secret/")
                    || !parts.iter().any(|part| part.contains("s3cret")),
                "the secret went to {url}"
            );
        }
        Wire::Kubernetes => {
            let pods = path.starts_with("/api/v1/namespaces/shop/pods");
            let scale = path.starts_with("/apis/apps/v1/namespaces/shop/deployments/")
                && path.ends_with("/scale");
            assert!(pods || scale, "{url}");
            assert!(
                allowed == Effect::Mutate || method == "GET",
                "{method} {url}"
            );
            let collection = path.ends_with("/pods");
            assert!(!(collection && method == "DELETE"), "{url}");
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
