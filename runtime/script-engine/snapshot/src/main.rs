//! `chaos-script-snapshot CORE COMPONENT`: makes a component of the compiled engine.
//!
//! The engine's own initialisation is run once, here, and what it left in memory becomes the memory
//! that each instance starts with. The same input gives the same bytes.
#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};
use wasmi::{Engine, Extern, Func, Instance, Linker, Module, Store, Val};
use wasmtime_wizer::{InstanceState, SnapshotVal, ValType, Wizer};
use wit_component::ComponentEncoder;

/// What the engine exports for this program, and no component has.
const INITIALIZE: &str = "wizer-initialize";

/// Gives the address of a text when that failed.
const PROBLEM: &str = "wizer-problem";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [core, component] = arguments.as_slice() else {
        eprintln!("usage: chaos-script-snapshot CORE COMPONENT");
        return ExitCode::from(2);
    };
    match make(core, component) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chaos-script-snapshot: {core}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn make(core: &str, component: &str) -> Result<(), Box<dyn Error>> {
    let core = fs::read(core)?;
    let mut wizer = Wizer::new();
    wizer.init_func(INITIALIZE);
    let (context, instrumented) = wizer.instrument(&core)?;
    let mut state = initialized(&instrumented)?;
    let snapshot = at_once(wizer.snapshot(&context, &mut state))??;
    let mut encoder = ComponentEncoder::default();
    let encoder = encoder.validate(true).module(&snapshot)?;
    fs::write(component, encoder.encode()?)?;
    Ok(())
}

/// An instance after its initialisation.
fn initialized(wasm: &[u8]) -> Result<State, Box<dyn Error>> {
    let engine = Engine::default();
    let module = Module::new(&engine, wasm)?;
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    for import in module.imports() {
        let ty = import.ty().func().ok_or("it imports what is no function")?;
        let name = format!("{}/{}", import.module(), import.name());
        let refuse = move |_: wasmi::Caller<'_, ()>, _: &[Val], _: &mut [Val]| {
            Err(wasmi::Error::new(format!(
                "its initialisation calls {name}, and there is no host yet"
            )))
        };
        let refused = Func::new(&mut store, ty.clone(), refuse);
        linker.define(import.module(), import.name(), refused)?;
    }
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let initialize = instance.get_typed_func::<(), ()>(&store, INITIALIZE)?;
    initialize.call(&mut store, ())?;
    match problem(&mut store, instance)? {
        Some(problem) => Err(problem.into()),
        None => Ok(State { store, instance }),
    }
}

/// Why the initialisation failed.
fn problem(store: &mut Store<()>, instance: Instance) -> Result<Option<String>, Box<dyn Error>> {
    let problem = instance.get_typed_func::<(), u32>(&*store, PROBLEM)?;
    let address = usize::try_from(problem.call(&mut *store, ())?)?;
    let memory = instance.get_memory(&*store, "memory");
    let memory = memory.ok_or("it has no memory")?.data(&*store);
    let text = memory.get(address..).filter(|_| address != 0);
    let text = text.and_then(|text| text.split(|byte| *byte == 0).next());
    Ok(text.map(|text| String::from_utf8_lossy(text).into_owned()))
}

struct State {
    store: Store<()>,
    instance: Instance,
}

impl InstanceState for State {
    async fn global_get(&mut self, name: &str, _: ValType) -> SnapshotVal {
        let global = self.instance.get_export(&self.store, name);
        match global
            .and_then(Extern::into_global)
            .map(|global| global.get(&self.store))
        {
            Some(Val::I32(value)) => SnapshotVal::I32(value),
            Some(Val::I64(value)) => SnapshotVal::I64(value),
            Some(Val::F32(value)) => SnapshotVal::F32(value.to_bits()),
            Some(Val::F64(value)) => SnapshotVal::F64(value.to_bits()),
            // The names are those that the instrumentation gave.
            _ => panic!("the instance has no global of numbers called {name}"),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        match self.instance.get_memory(&self.store, name) {
            Some(memory) => contents(memory.data(&self.store)),
            None => panic!("the instance has no memory called {name}"),
        }
    }
}

/// What a future gives that never waits.
fn at_once<T>(future: impl Future<Output = T>) -> Result<T, &'static str> {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err("the snapshot waits for something"),
    }
}
