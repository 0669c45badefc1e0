#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod http;
mod kubernetes;
mod linked;
mod secrets;
mod server;
mod texts;
mod wasi_http;

use super::super::limits::Limits;
use super::super::state::{Guest, State};
use super::super::stdio::Output;
use crate::substitution::Variables;
use bytes::Bytes;
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::grant::Grant;
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::permit::{Layer, Permit};
use chaos_host_api::{Door, Effect, Pass};
use serde_json::json;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

/// What a guest of a test is given.
struct Given {
    grants: Vec<String>,
    allowed: Effect,
    ceilings: Ceilings,
    limits: Limits,
    seconds: f64,
    cluster: String,
}

impl Given {
    fn grants<T: AsRef<str>>(grants: impl IntoIterator<Item = T>) -> Given {
        Given {
            grants: grants
                .into_iter()
                .map(|grant| grant.as_ref().to_owned())
                .collect(),
            allowed: Effect::Mutate,
            ceilings: Ceilings::default(),
            limits: Limits::default(),
            seconds: 10.0,
            cluster: String::new(),
        }
    }

    fn guest(self) -> Guest {
        let isolated = [
            "HTTP_PROXY",
            "http_proxy",
            "ALL_PROXY",
            "all_proxy",
            "NETRC",
        ];
        let mut environment: Vec<(OsString, OsString)> = isolated
            .map(|name| (OsString::from(name), OsString::new()))
            .into();
        environment.push(("KUBECONFIG".into(), "/does/not/exist".into()));
        let door = Door::new(Arc::new(NoLedger), self.ceilings).with_environment(environment);
        let grants = self
            .grants
            .iter()
            .map(|grant| grant.parse::<Grant>().unwrap());
        let layer = Layer {
            name: "plugin.toml".into(),
            grants: grants.collect(),
        };
        let deadline = Deadline::after(Duration::from_secs_f64(self.seconds));
        let pass = Pass::new("method/0", self.allowed, deadline);
        let variables = Variables {
            configuration: object(json!({"base": "http://shop", "count": 3, "nothing": null})),
            secrets: object(json!({
                "shop": {"token": "t0p/s3cret", "pin": "12", "number": 1234567, "flag": true},
                "other": {"key": "0ther-s3cret"},
            })),
        };
        let mut cluster = serde_json::Map::new();
        if !self.cluster.is_empty() {
            cluster.insert("KUBERNETES_HOST".into(), self.cluster.into());
        }
        Guest {
            plugin: "tester".into(),
            door: Arc::new(door),
            pass: pass.with_permit(Arc::new(Permit::new([layer]))),
            variables: Arc::new(variables),
            cluster,
            limits: self.limits,
        }
    }

    fn state(self) -> State {
        let output = Output::new(1000);
        State::new(self.guest(), Bytes::new(), &output, &output)
    }
}

fn object(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    value.as_object().unwrap().clone()
}

/// What a host function raises, in words.
fn raised<T>(result: wasmtime::Result<T>) -> String {
    match result {
        Ok(_) => String::new(),
        Err(error) => format!("{error:#}"),
    }
}
