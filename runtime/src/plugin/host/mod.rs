//! What guests may import: `chaos:host`, one file an interface. Each function counts itself, asks
//! the door with the guest's pass, and gives a typed error.

mod clock;
mod random;

use super::state::State;
use wasmtime::component::{HasSelf, Linker};

pub(super) mod bindings {
    wasmtime::component::bindgen!({
        path: "../host-api/wit",
        world: "host",
        imports: { default: async | trappable },
        require_store_data_send: true,
    });
}

/// Puts all of `chaos:host` into a linker.
///
/// # Errors
/// The linker has one of them already.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    use bindings::chaos::host;
    host::clock::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    host::random::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    Ok(())
}
