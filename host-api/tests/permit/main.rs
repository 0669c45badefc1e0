//! Calls with a permit: what is not granted does not leave, and what was granted is counted.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod budget;
mod builtin;
mod http;
mod kubernetes;
mod usage;

use bytes::Bytes;
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::grant::Grant;
use chaos_host_api::http::{HttpError, HttpRequest, HttpResponse, Trust};
use chaos_host_api::kubernetes::{ClusterSettings, KubernetesCall, KubernetesError};
use chaos_host_api::ledger::{Done, Intent, Ledger, NotWritten};
use chaos_host_api::permit::{Layer, Permit};
use chaos_host_api::placeholder::{Placeholders, RANDOM_BYTES, Secret};
use chaos_host_api::{Door, Effect, Pass, Refusal};
use chaos_tests::scripted::Server;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Remembers what was written down.
#[derive(Debug, Default)]
struct Memory {
    intents: Mutex<Vec<Intent>>,
    done: Mutex<Vec<Done>>,
}

impl Ledger for Memory {
    fn intent(&self, intent: Intent) -> BoxFuture<'_, Result<(), NotWritten>> {
        self.intents.lock().unwrap().push(intent);
        Box::pin(async { Ok(()) })
    }
    fn done(&self, done: Done) {
        self.done.lock().unwrap().push(done);
    }
}

/// A door of the test's own, with nothing of the machine's proxies.
struct Bench {
    door: Door,
    memory: Arc<Memory>,
}

impl Bench {
    fn new() -> Bench {
        Bench::of(Ceilings::default(), &[])
    }

    fn of(ceilings: Ceilings, environment: &[(&str, &str)]) -> Bench {
        let memory = Arc::new(Memory::default());
        let isolated = [
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "ALL_PROXY",
            "all_proxy",
            "NO_PROXY",
            "no_proxy",
            "NETRC",
        ];
        let isolated = isolated.iter().map(|name| (*name, ""));
        let environment = isolated
            .chain(environment.iter().copied())
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect();
        let door = Door::new(Arc::clone(&memory) as Arc<dyn Ledger>, ceilings)
            .with_environment(environment);
        Bench { door, memory }
    }

    async fn send(&self, pass: &Pass, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.door.http(pass, request).await
    }

    async fn make(
        &self,
        pass: &Pass,
        server: &Server,
        call: &KubernetesCall,
    ) -> Result<Value, KubernetesError> {
        self.door.kubernetes(pass, &cluster(server), call).await
    }

    async fn bytes(&self, pass: &Pass, server: &Server, call: &KubernetesCall) -> Bytes {
        let cluster = cluster(server);
        let made = self.door.kubernetes_bytes(pass, &cluster, call);
        made.await.unwrap()
    }

    fn intents(&self) -> Vec<String> {
        let intents = self.memory.intents.lock().unwrap();
        intents.iter().map(|intent| intent.target.clone()).collect()
    }

    fn done(&self) -> Vec<Done> {
        self.memory.done.lock().unwrap().clone()
    }
}

/// One layer called `chaos-wasm.toml [plugins.x]`.
fn policy(lines: &[&str]) -> Arc<Permit> {
    layers(&[lines])
}

/// The last one is the policy, the one before it the manifest.
fn layers(layers: &[&[&str]]) -> Arc<Permit> {
    let names = ["plugin.toml", "chaos-wasm.toml [plugins.x]"];
    let names = &names[names.len() - layers.len()..];
    let layers = layers.iter().zip(names).map(|(lines, name)| Layer {
        name: (*name).to_owned(),
        grants: lines.iter().map(|l| l.parse::<Grant>().unwrap()).collect(),
    });
    Arc::new(Permit::new(layers))
}

fn pass(allowed: Effect, permit: &Arc<Permit>) -> Pass {
    let deadline = Deadline::after(Duration::from_secs(10));
    Pass::new("method/0", allowed, deadline).with_permit(Arc::clone(permit))
}

fn action(permit: &Arc<Permit>) -> Pass {
    pass(Effect::Mutate, permit)
}

fn probe(permit: &Arc<Permit>) -> Pass {
    pass(Effect::Read, permit)
}

/// A guest's word about the effect is always the most harmless one.
fn request(method: &str, url: &str) -> HttpRequest {
    HttpRequest {
        method: method.into(),
        url: url.into(),
        headers: Vec::new(),
        body: Bytes::new(),
        connect_timeout: None,
        answer_timeout: None,
        trust: Trust::System,
        retries: 0,
        body_limit: 1024 * 1024,
        effect: Effect::Read,
        redirects: None,
        allowance: None,
        placeholders: None,
    }
}

/// The request with a secret of the group `shop` in a header.
fn with_secret(key: &str, request: HttpRequest) -> HttpRequest {
    let secret = Secret {
        target: "shop".into(),
        key: key.into(),
        value: "s3cret".into(),
        sent: None,
    };
    let mut all = Placeholders::default();
    let placeholder = all.stand_for(secret, [7; RANDOM_BYTES]).unwrap();
    HttpRequest {
        headers: vec![("X-Token".into(), placeholder)],
        placeholders: Some(Arc::new(all)),
        ..request
    }
}

fn cluster(server: &Server) -> ClusterSettings {
    let secrets = json!({ "KUBERNETES_HOST": format!("http://{}", server.address) });
    ClusterSettings::find(secrets.as_object().unwrap(), &|_| None).unwrap()
}

fn denial(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Denied(denial) => denial.to_string(),
        other => panic!("another refusal: {other}"),
    }
}
