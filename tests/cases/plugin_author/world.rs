//! Cases of a plugin that uses clusters, secrets and time.

use super::{build, test_case};
use chaos_tests::{Finished, Sandbox};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const MANIFEST: &str = r#"
[plugin]
name = "world"
version = "0.1.0"

[grants]
http = ["POST https://shop.test/orders"]
kubernetes = ["list,delete pods in shop"]
secrets = ["shop.token to https://shop.test/orders"]
"#;

const SOURCE: &str = r##"//! What the cases call.

/// What changes something.
#[chaos_plugin::actions]
pub mod actions {
    use chaos_plugin::clock::{self, Instant};
    use chaos_plugin::http::Request;
    use chaos_plugin::{kubernetes, secrets};
    use std::time::Duration;

    /// Deletes a pod; gives how many there were.
    pub fn delete_one(namespace: &str, pod: &str) -> Result<u32, kubernetes::Error> {
        let pods = kubernetes::list("pods").namespace(namespace).labels("app=cart").objects()?;
        kubernetes::delete("pods", Some(namespace), pod, Some(Duration::from_secs(5)))?;
        Ok(pods.len() as u32)
    }

    /// Orders something with the shop's token.
    pub fn order() -> Result<u16, String> {
        let token = secrets::placeholder("shop", "token").map_err(|error| error.to_string())?;
        let answer = Request::post("https://shop.test/orders")
            .header("Authorization", format!("Bearer {token}"))
            .header("Content-Type", "application/json")
            .body(r#"{"item": "book", "count": 1}"#)
            .send();
        answer.map(|answer| answer.status).map_err(|error| error.to_string())
    }

    /// Waits; gives the seconds that went by.
    pub fn wait(seconds: u32) -> u64 {
        let begun = Instant::now();
        clock::sleep(Duration::from_secs(seconds.into()));
        begun.elapsed().as_secs()
    }
}
"##;

fn run(case: Value) -> Finished {
    static BUILT: OnceLock<Vec<u8>> = OnceLock::new();
    let write = |folder: &Path| {
        fs::write(folder.join("plugin.toml"), MANIFEST).unwrap();
        fs::write(folder.join("src/lib.rs"), SOURCE).unwrap();
    };
    let component = BUILT.get_or_init(|| build("world", write));
    let sandbox = Sandbox::new().unwrap();
    sandbox.write("checkout/plugin.toml", MANIFEST).unwrap();
    sandbox.write("checkout/tests/none.json", "").unwrap();
    sandbox.write("checkout/world.wasm", component).unwrap();
    test_case(&sandbox, &case)
}

#[track_caller]
fn passes(case: Value) {
    let ended = run(case);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
}

#[track_caller]
fn fails(case: Value, why: &str) {
    let ended = run(case);
    assert_eq!(ended.code, 1, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains(why), "{why}: {}", ended.stdout);
}

/// `delete_one` of a pod, with these answers to the deletion.
fn deletion(namespace: &str, deleted: Value, expect: Value) -> Value {
    json!({
        "function": "delete_one",
        "arguments": {"namespace": namespace, "pod": "cart-0"},
        "kubernetes": [
            {
                "request": {
                    "method": "GET",
                    "url": "/api/v1/namespaces/shop/pods?limit=500&labelSelector=app%3Dcart",
                },
                "response": {"status": 200, "body": {"items": [
                    {"metadata": {"name": "cart-0", "namespace": "shop"}},
                    {"metadata": {"name": "cart-1", "namespace": "shop"}},
                ]}},
            },
            {
                "request": {
                    "method": "DELETE",
                    "url": "/api/v1/namespaces/shop/pods/cart-0",
                    "body": {"gracePeriodSeconds": 5},
                },
                "response": deleted,
            },
        ],
        "expect": expect,
    })
}

#[test]
fn a_cluster_can_be_recorded() {
    let deleted = || json!({"status": 200, "body": {"kind": "Status"}});
    passes(deletion("shop", deleted(), json!({"result": 2})));
    let gone = json!({"status": 404, "body": {"reason": "NotFound", "message": "no such pod"}});
    fails(deletion("shop", gone, json!({"result": 2})), "no such pod");
    let mut other = deletion("shop", deleted(), json!({"result": 2}));
    other["kubernetes"][1]["request"]["body"] = json!({"gracePeriodSeconds": 7});
    fails(
        other,
        "body /gracePeriodSeconds: 7\n          + body /gracePeriodSeconds: 5",
    );

    let mut elsewhere = deletion("bank", deleted(), json!({"denied": "kubernetes"}));
    elsewhere["kubernetes"] = json!([]);
    passes(elsewhere);
}

/// The secret is seen where it leaves, and there alone.
#[test]
fn a_secret_is_in_the_request_that_is_recorded() {
    let case = |secret: &str, grants: &[&str], expect: Value| {
        json!({
            "function": "order",
            "secrets": {"shop": {"token": secret}},
            "grants": grants,
            "http": [{
                "request": {
                    "method": "POST",
                    "url": "https://shop.test/orders",
                    "headers": {"Authorization": "Bearer opensesame"},
                    "body": {"count": 1, "item": "book"},
                },
                "response": {"status": 201},
            }],
            "expect": expect,
        })
    };
    let http = "http POST https://shop.test/orders";
    let grants = [http, "secrets shop.token to https://shop.test/orders"];
    passes(case("opensesame", &grants, json!({"result": 201})));
    fails(
        case("another-one", &grants, json!({"result": 201})),
        "- Authorization: Bearer opensesame\n          + Authorization: Bearer another-one",
    );
    let mut denied = case("opensesame", &[http], json!({"denied": "secrets"}));
    denied["http"] = json!([]);
    passes(denied);
}

#[test]
fn waiting_takes_no_time_and_counts_all_the_same() {
    let case = |seconds: u32, expect: Value| json!({"function": "wait", "arguments": {"seconds": seconds}, "expect": expect});
    let begun = Instant::now();
    passes(case(50, json!({"result": 50})));
    fails(
        case(70, json!({"result": 70})),
        "took longer than its timeout, 60 s",
    );
    assert!(begun.elapsed() < Duration::from_secs(50));
}
