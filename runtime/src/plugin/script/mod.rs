//! Scripts: JavaScript, run by an engine that is itself a component in the sandbox
//! (`runtime/script-engine`).
//!
//! The engine imports `chaos:host` like any plugin, and one interface more, `chaos:script/operations`,
//! so that several calls of a script can be under way at once. Each ends at the same door.

mod operations;

pub(super) use operations::Operations;

use super::state::State;
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

/// Puts what the engine imports beyond `chaos:host` into a linker.
///
/// # Errors
/// The linker has it already.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    bindings::chaos::script::operations::add_to_linker::<State, HasSelf<State>>(linker, |s| s)
}

#[cfg(test)]
mod tests;
