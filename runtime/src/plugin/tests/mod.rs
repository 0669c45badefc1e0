//! Guests that misbehave, and the three forms, at the level of [`Plugin`].
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod composed;
mod forms;
mod kept;
mod limits;
mod panics;

use super::Limits;
use super::call::Called;
use super::compile::Compiler;
use super::load::{Loader, Plugin, Unusable};
use super::state::Guest;
use crate::provider::Failure;
use crate::substitution::Variables;
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::{Door, Effect, Pass};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A core module of this text, with the types of a world that imports all of `chaos:host` and
/// exports an interface `probes` with these functions.
pub(super) fn typed(functions: &str, module: &str) -> Vec<u8> {
    let world = "world guest { include chaos:host/host@0.1.0; export probes; }";
    let wit = format!("package test:guest; interface probes {{ {functions} }} {world}");
    with_types(&wit, module)
}

/// A core module of this text, with the types of the last world of a WIT package.
pub(super) fn with_types(wit: &str, module: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let contract = concat!(env!("CARGO_MANIFEST_DIR"), "/../host-api/wit");
    resolve.push_dir(contract).unwrap();
    let package = resolve.push_str("guest.wit", wit).unwrap();
    let world = *resolve.packages[package].worlds.values().last().unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}

pub(super) async fn load(bytes: Vec<u8>) -> Result<Plugin, Unusable> {
    Loader::new(None, Compiler::Here)
        .load_bytes("guest", bytes)
        .await
}

pub(super) fn guest(limits: Limits, timeout: Duration) -> Guest {
    Guest {
        plugin: "guest".into(),
        door: Arc::new(Door::new(Arc::new(NoLedger), Ceilings::default())),
        pass: Pass::new("method/0", Effect::Mutate, Deadline::after(timeout)),
        variables: Arc::new(Variables::default()),
        cluster: Map::new(),
        limits,
    }
}

/// Limits that tests meet soon.
fn small() -> Limits {
    Limits {
        cpu: Duration::from_millis(50),
        wall: None,
        memory_bytes: 4 * 65_536,
        host_calls: 10,
        host_bytes: 1_000,
        result_bytes: 1_000,
        answer_bytes: 1_000,
        log_lines: 5,
        output_bytes: 100,
        handles: 10,
    }
}

const LONG: Duration = Duration::from_secs(20);

/// Calls the only function, without arguments.
async fn call(plugin: &Plugin, limits: Limits, timeout: Duration) -> Called {
    let function = plugin.signature.functions.first().unwrap();
    let guest = guest(limits, timeout);
    plugin.call(function, &Map::new(), guest).await
}

/// Loads a guest and calls its only function.
async fn run(functions: &str, module: &str, limits: Limits, timeout: Duration) -> Called {
    let plugin = load(typed(functions, module)).await.unwrap();
    call(&plugin, limits, timeout).await
}

fn failed(called: &Called) -> &str {
    match called.result.as_ref().unwrap_err() {
        Failure::Failed(text) => text,
        other => panic!("{other:?}"),
    }
}

fn timed_out(called: &Called) -> &str {
    match called.result.as_ref().unwrap_err() {
        Failure::TimedOut(text) => text,
        other => panic!("{other:?}"),
    }
}

fn object(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap()
}
