//! What guests may import: `chaos:host`, one file an interface. Each function counts itself, asks
//! the door with the guest's pass, and gives a typed error.

mod clock;
mod configuration;
mod http;
mod kubernetes;
mod log;
mod random;
mod secrets;
mod wasi_http;

pub(super) use clock::Clock;
pub(super) use http::{Sent, send};
pub(super) use kubernetes::Api;
pub(super) use log::DroppedLines;
pub(super) use wasi_http::Hooks;

use super::state::State;
use wasmtime::component::{HasSelf, Linker};

pub(super) mod bindings {
    wasmtime::component::bindgen!({
        path: "../host-api/wit",
        world: "host",
        imports: { default: async | trappable },
        require_store_data_send: true,
        with: { "chaos:host/http.exchange": super::http::Exchange },
    });
}

/// Puts all of `chaos:host` into a linker.
///
/// # Errors
/// The linker has one of them already.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    use bindings::chaos::host;
    host::clock::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    host::configuration::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    host::http::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    host::kubernetes_types::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    host::kubernetes_read::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    host::kubernetes_write::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    host::log::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    host::random::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    host::secrets::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    Ok(())
}

#[cfg(test)]
mod tests;
