//! A bare host: the engine, a fresh instance a call, typed values, and nothing else. No limits, no
//! rights, no record, no JSON. What plugins cost is measured against it.

use std::path::Path;
use wasmtime::component::{
    Component, ComponentNamedList, ComponentType, InstancePre, Lift, Linker, Lower,
};
use wasmtime::{Config, Engine, ModuleVersionStrategy, PoolingAllocationConfig, Result, Store};

/// `record sample` of the guest `measured`.
#[derive(Debug, Clone, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Sample {
    /// Whose answer.
    pub name: String,
    /// Where it came from.
    pub url: String,
    /// Its status.
    pub status: u16,
    /// How many were sent.
    pub requests: u32,
    /// How many failed.
    pub failures: u32,
    /// The median.
    #[component(name = "p50-ms")]
    pub p50_ms: f64,
    /// The slow ones.
    #[component(name = "p99-ms")]
    pub p99_ms: f64,
    /// Whether it is well.
    pub healthy: bool,
    /// Where it runs.
    pub zone: Option<String>,
    /// How it is.
    pub mood: Mood,
}

/// `enum mood` of the guest `measured`.
#[derive(Debug, Clone, Copy, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum Mood {
    /// Little to do.
    #[component(name = "calm")]
    Calm,
    /// Much to do.
    #[component(name = "busy")]
    Busy,
    /// Too much to do.
    #[component(name = "overloaded")]
    Overloaded,
}

/// A component that was loaded.
pub struct Bare {
    engine: Engine,
    instance: InstancePre<()>,
}

/// Where the engine has memories and stacks from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memories {
    /// From the system, for each instance, as the product has them.
    OnDemand,
    /// From a pool of this many that is reserved at the start.
    Pooled(u32),
}

/// The engine with the product's settings: native code made for others is refused at
/// [`Bare::load`], so these cannot drift from them unseen.
///
/// # Errors
/// The engine does not start.
pub fn engine(memories: Memories) -> Result<Engine> {
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .wasm_gc(false)
        .wasm_exceptions(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_relaxed_simd(false)
        .epoch_interruption(true)
        .max_wasm_stack(512 * 1024)
        .module_version(ModuleVersionStrategy::None)?;
    if let Memories::Pooled(count) = memories {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(count)
            .total_core_instances(count * 4)
            .total_memories(count)
            .total_tables(count * 4)
            .total_stacks(count);
        config.allocation_strategy(pool);
    }
    Engine::new(&config)
}

impl Bare {
    /// From a file of native code. Whatever the component imports traps.
    ///
    /// # Errors
    /// The code is for another engine.
    #[expect(
        unsafe_code,
        reason = "native code is executed as it is; the bench compiled it a moment ago"
    )]
    pub fn load(engine: &Engine, native: &Path) -> Result<Bare> {
        // SAFETY: the file is the output of `precompile_component`, written by the bench itself
        // into a folder of its own just before.
        let component = unsafe { Component::deserialize_file(engine, native)? };
        let mut linker = Linker::new(engine);
        linker.define_unknown_imports_as_traps(&component)?;
        Ok(Bare {
            engine: engine.clone(),
            instance: linker.instantiate_pre(&component)?,
        })
    }

    /// Calls a function of `probes` in a fresh instance.
    ///
    /// # Errors
    /// There is no such function, or it trapped.
    pub fn call<P, R>(&self, function: &str, given: P) -> Result<R>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift + 'static,
    {
        let component = self.instance.component();
        let missing = || wasmtime::format_err!("there is no {function}");
        let interface = component.get_export_index(None, INTERFACE);
        let export = interface.and_then(|at| component.get_export_index(Some(&at), function));
        let mut store = Store::new(&self.engine, ());
        store.set_epoch_deadline(u64::MAX / 2);
        let instance = self.instance.instantiate(&mut store)?;
        let function = instance
            .get_func(&mut store, export.ok_or_else(missing)?)
            .ok_or_else(missing)?
            .typed::<P, R>(&store)?;
        function.call(&mut store, given)
    }
}

/// The interface of the guest `measured`.
const INTERFACE: &str = "local:measured/probes@0.1.0";
