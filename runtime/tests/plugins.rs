//! Plugins and the compiler that the program starts as a process of its own.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::{Door, Effect, Pass};
use chaos_wasm::plugin::compile::CompileError;
use chaos_wasm::plugin::load::Unusable;
use chaos_wasm::plugin::{CompileLimits, Compiler, Guest, Limits, Loader};
use chaos_wasm::substitution::Variables;
use serde_json::{Map, json};
use std::sync::Arc;
use std::time::Duration;

fn loader(limits: CompileLimits) -> Loader {
    let program = env!("CARGO_BIN_EXE_chaos-wasm").into();
    Loader::new(None, Compiler::Apart { program, limits })
}

fn guest() -> Guest {
    let deadline = Deadline::after(Duration::from_secs(20));
    Guest {
        plugin: "guest".into(),
        door: Arc::new(Door::new(Arc::new(NoLedger), Ceilings::default())),
        pass: Pass::new("method/0", Effect::Read, deadline),
        variables: Arc::new(Variables::default()),
        cluster: Map::new(),
        limits: Limits::default(),
    }
}

/// A component with one probe that gives 7, and `more` in its core module.
fn component(more: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $m (func (export "go") (result i32) (i32.const 7)) {more})
            (core instance $i (instantiate $m))
            (func $go (result u32) (canon lift (core func $i "go")))
            (instance $probes (export "go" (func $go)))
            (export "probes" (instance $probes)))"#
    );
    wat::parse_str(text).unwrap()
}

/// Many copies of one function, each small for its file and dear to its compiler.
fn bomb() -> Vec<u8> {
    let steps = "(local.set 0 (i64.mul (i64.add (local.get 0) (local.get 1)) (local.get 0)))
        (local.set 1 (i64.rotl (local.get 1) (local.get 0)))";
    let function = format!("(func (param i64 i64) {})", steps.repeat(20));
    component(&function.repeat(3_000))
}

#[tokio::test]
async fn the_program_compiles_in_a_process_of_its_own() {
    let loader = loader(CompileLimits::default());
    let plugin = loader.load_bytes("guest", component("")).await.unwrap();
    let function = plugin.signature.functions.first().unwrap();
    let called = plugin.call(function, &Map::new(), guest()).await;
    assert_eq!(called.result, Ok(json!(7)));
}

async fn refusal(bytes: Vec<u8>, limits: CompileLimits) -> CompileError {
    match loader(limits).load_bytes("guest", bytes).await.err() {
        Some(Unusable::Compile(error)) => error,
        Some(error) => panic!("{error}"),
        None => panic!("it was compiled"),
    }
}

#[tokio::test]
async fn a_component_that_takes_too_much_cpu_time_is_refused() {
    let limits = CompileLimits {
        cpu: Duration::from_secs(1),
        ..CompileLimits::default()
    };
    let error = refusal(bomb(), limits).await;
    assert_eq!(
        error.to_string(),
        "it is too expensive to compile: the compiler used more than 1 s of CPU time"
    );
}

#[tokio::test]
async fn a_component_that_takes_too_long_is_refused() {
    let limits = CompileLimits {
        wall: Duration::from_millis(300),
        ..CompileLimits::default()
    };
    let error = refusal(bomb(), limits).await;
    assert_eq!(
        error.to_string(),
        "it is too expensive to compile: the compiler took longer than 0.3 s"
    );
}

#[tokio::test]
async fn a_component_that_takes_too_much_memory_is_refused() {
    let limits = CompileLimits {
        memory_bytes: 100 * 1024 * 1024,
        ..CompileLimits::default()
    };
    let error = refusal(bomb(), limits).await;
    assert_eq!(
        error.to_string(),
        "it is too expensive to compile: the compiler needed more than 104857600 bytes of memory"
    );
}

#[tokio::test]
async fn a_component_that_becomes_too_much_code_is_refused() {
    let limits = CompileLimits {
        code_bytes: 1_000,
        ..CompileLimits::default()
    };
    let error = refusal(component(""), limits).await;
    assert_eq!(
        error.to_string(),
        "it is too expensive to compile: the compiler wrote more than 1000 bytes"
    );
}

#[tokio::test]
async fn a_component_that_the_compiler_refuses_says_why() {
    // The body of a function is looked at by the compiler alone.
    let error = refusal(
        component("(func (result i32) i64.const 0)"),
        CompileLimits::default(),
    );
    let text = error.await.to_string();
    assert!(text.starts_with("it cannot be compiled: "), "{text}");
    assert!(text.contains("type mismatch"), "{text}");
}
