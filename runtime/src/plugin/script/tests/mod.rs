//! The engine, as built, with a host whose operations are simulated: what a script can do, and how
//! each way of going wrong ends.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod check;
mod errors;
mod hostile;
mod language;
mod modules;
mod operations;
mod real;
mod scope;
mod simulated;

use super::as_it_is;
use super::bindings::{
    Cause, EnginePre, Failure, Limits, ModuleFile, ModuleFunction, Scope, Script,
};
use crate::plugin::compile::Compiler;
use crate::plugin::engine::engine;
use crate::plugin::load::Loader;
use serde_json::Value;
use simulated::{Host, Settings};
use std::path::{Path, PathBuf};
use tokio::sync::OnceCell;
use wasmtime::Store;
use wasmtime::component::Linker;

/// Where `cargo xtask script-engine` puts the engine.
fn built() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map(|target| root.join(target));
    let target = target.unwrap_or_else(|| root.join("target"));
    target.join("script-engine")
}

/// The engine linked to the simulated host; compiled once for each of its states.
async fn linked() -> &'static EnginePre<Host> {
    static LINKED: OnceCell<EnginePre<Host>> = OnceCell::const_new();
    let link = || async {
        let file = built().join("engine.wasm");
        let Ok(bytes) = std::fs::read(&file) else {
            panic!(
                "there is no {}; type\n  cargo xtask script-engine",
                file.display()
            );
        };
        let loader = Loader::new(Some(&built().join("native")), Compiler::Here);
        let (_, _, component) = loader.component("engine", bytes, as_it_is).await.unwrap();
        let mut linker = Linker::new(engine().unwrap());
        simulated::add_to_linker(&mut linker).unwrap();
        EnginePre::new(linker.instantiate_pre(&component).unwrap()).unwrap()
    };
    LINKED.get_or_init(link).await
}

/// What a script is run with.
struct Given {
    script: Script,
    scope: Scope,
    limits: Limits,
    settings: Settings,
}

/// What came of it, and what the host saw.
struct Ran {
    result: wasmtime::Result<Result<String, Failure>>,
    host: Host,
}

impl Given {
    fn new(script: Script) -> Given {
        Given {
            script,
            scope: Scope {
                arguments: "{}".to_owned(),
                configuration: Vec::new(),
                value: None,
            },
            limits: Limits {
                memory_bytes: 48 << 20,
                result_bytes: 4 << 20,
            },
            settings: Settings::default(),
        }
    }

    fn inline(source: &str) -> Given {
        Given::new(Script::Inline(source.to_owned()))
    }

    fn function(files: &[(&str, &str)], name: &str) -> Given {
        Given::new(function(files, name))
    }

    fn arguments(mut self, json: &str) -> Given {
        self.scope.arguments = json.to_owned();
        self
    }

    async fn run(self) -> Ran {
        let pre = linked().await;
        let mut store = store(self.settings);
        let instance = pre.instantiate_async(&mut store).await.unwrap();
        let (scope, limits) = (&self.scope, self.limits);
        let result = instance
            .call_run(&mut store, &self.script, scope, limits)
            .await;
        Ran {
            result,
            host: store.into_data(),
        }
    }
}

/// A function of the first file.
fn function(files: &[(&str, &str)], name: &str) -> Script {
    let file = |(name, source): &(&str, &str)| ModuleFile {
        name: (*name).to_owned(),
        source: (*source).to_owned(),
    };
    Script::Function(ModuleFunction {
        files: files.iter().map(file).collect(),
        file: files.first().unwrap().0.to_owned(),
        name: name.to_owned(),
    })
}

fn store(settings: Settings) -> Store<Host> {
    let mut store = Store::new(engine().unwrap(), Host::new(settings));
    store.limiter(|host| &mut host.memory);
    // The simulated host counts how often it is asked to stop instead.
    store.set_epoch_deadline(u64::MAX / 2);
    store
}

impl Ran {
    fn value(&self) -> Value {
        match self.result.as_ref().unwrap() {
            Ok(text) => serde_json::from_str(text).unwrap(),
            Err(failure) => panic!("{failure:?}"),
        }
    }

    fn failure(&self) -> &Failure {
        match self.result.as_ref().unwrap() {
            Ok(text) => panic!("it gave {text:.200}"),
            Err(failure) => failure,
        }
    }
}

/// Runs an inline script; gives its value.
async fn value(source: &str) -> Value {
    Given::inline(source).run().await.value()
}

/// Runs an inline script; gives its failure.
async fn failure(source: &str) -> Failure {
    Given::inline(source).run().await.failure().clone()
}

/// What `check` says of a script.
async fn checked(script: &Script) -> Result<(), Failure> {
    let mut store = store(Settings::default());
    let instance = linked().await.instantiate_async(&mut store).await.unwrap();
    instance.call_check(&mut store, script).await.unwrap()
}

/// `script:3:28`, or nothing.
fn place(failure: &Failure) -> String {
    let place = failure.position.as_ref();
    place.map_or_else(String::new, |place| {
        format!("{}:{}:{}", place.file, place.line, place.column)
    })
}

/// `f script:3:3 / script script:5:1`
fn calls(failure: &Failure) -> String {
    let calls: Vec<String> = failure
        .stack
        .iter()
        .map(|frame| {
            let place = &frame.position;
            let name = frame.function.as_deref().unwrap_or("?");
            format!("{name} {}:{}:{}", place.file, place.line, place.column)
        })
        .collect();
    calls.join(" / ")
}

/// A cause by its name.
fn cause(failure: &Failure) -> &'static str {
    match failure.cause {
        Cause::Syntax => "syntax",
        Cause::Thrown(_) => "thrown",
        Cause::Stopped => "stopped",
        Cause::Memory => "memory",
        Cause::Stack => "stack",
        Cause::ResultSize => "result-size",
        Cause::ResultKind => "result-kind",
        Cause::Stuck => "stuck",
        Cause::MissingFile(_) => "missing-file",
        Cause::MissingFunction(_) => "missing-function",
    }
}
