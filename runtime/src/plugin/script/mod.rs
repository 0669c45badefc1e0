//! Scripts: JavaScript, run by an engine that is itself a component in the sandbox
//! (`runtime/script-engine`).
//!
//! The engine imports `chaos:host` like any plugin, and one interface more, `chaos:script/operations`,
//! so that several calls of a script can be under way at once. Each ends at the same door.

mod operations;

pub(super) use operations::Operations;

pub use bindings::{
    Cause, Failure, Frame, Limits, ModuleFile, ModuleFunction, Position, Scope, Script,
};

use super::call::store;
use super::engine::{engine, start_clock};
use super::load::{Loader, Unusable};
use super::signature::{Form, Signature};
use super::state::{Guest, State};
use super::stdio::Output;
use bindings::EnginePre;
use bytes::Bytes;
use std::fmt;
use tokio::runtime::Handle;
use wasmtime::component::{HasSelf, Linker};

pub(super) mod bindings {
    wasmtime::component::bindgen!({
        path: ["../host-api/wit", "script-engine/wit"],
        world: "chaos:script/engine",
        imports: {
            // Asked every few thousand steps, and never waits.
            "chaos:script/operations@0.1.0.stop": trappable,
            default: async | trappable,
        },
        exports: { default: async },
        require_store_data_send: true,
        with: { "chaos:host": crate::plugin::host::bindings::chaos::host },
    });
}

/// The engine, compiled and linked. Each call has a fresh instance.
pub struct ScriptEngine {
    /// Of its component: `sha256:` and 64 digits.
    pub digest: String,
    instance: EnginePre<State>,
}

impl fmt::Debug for ScriptEngine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("ScriptEngine");
        shown.field("digest", &self.digest).finish_non_exhaustive()
    }
}

impl ScriptEngine {
    /// From the bytes of its component: native code from the cache, or compiled and kept there.
    ///
    /// # Errors
    /// The bytes are not this engine.
    pub async fn load(loader: &Loader, bytes: Vec<u8>) -> Result<ScriptEngine, Unusable> {
        let (digest, _, component) = loader.component("scripts", bytes, as_it_is).await?;
        let unfit = |error: wasmtime::Error| Unusable::Engine(format!("{error:#}"));
        let mut linker = Linker::new(engine().map_err(Unusable::Engine)?);
        super::host::add_to_linker(&mut linker).map_err(unfit)?;
        add_to_linker(&mut linker).map_err(unfit)?;
        let instance = linker.instantiate_pre(&component).map_err(unfit)?;
        Ok(ScriptEngine {
            digest,
            instance: EnginePre::new(instance).map_err(unfit)?,
        })
    }

    /// Compiles a script with what it imports, and runs nothing of it.
    ///
    /// # Errors
    /// The engine itself ended before it could tell: by a limit of `guest`, or its deadline.
    pub async fn check(
        &self,
        script: Script,
        guest: Guest,
    ) -> Result<Result<(), Failure>, wasmtime::Error> {
        let instance = self.instance.clone();
        start_clock(instance.engine()).map_err(wasmtime::Error::msg)?;
        let runtime = Handle::current();
        // Its CPU time is that of a thread.
        let checked = tokio::task::spawn_blocking(move || {
            runtime.block_on(async {
                let unused = Output::new(0);
                let state = State::new(guest, Bytes::new(), &unused, &unused);
                let mut store = store(instance.engine(), state);
                let instance = instance.instantiate_async(&mut store).await?;
                instance.call_check(&mut store, &script).await
            })
        });
        checked.await.map_err(wasmtime::Error::new)?
    }
}

/// The engine is ours: nothing is read out of its type.
fn as_it_is(bytes: Vec<u8>) -> Result<(Vec<u8>, Signature), Unusable> {
    let signature = Signature {
        form: Form::Typed,
        functions: Vec::new(),
        imports: Vec::new(),
        entry: None,
        refused: Vec::new(),
        manifest: None,
    };
    Ok((bytes, signature))
}

/// Puts what the engine imports beyond `chaos:host` into a linker.
///
/// # Errors
/// The linker has it already.
fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    bindings::chaos::script::operations::add_to_linker::<State, HasSelf<State>>(linker, |s| s)
}

#[cfg(test)]
mod tests;
