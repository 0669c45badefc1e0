//! Plugins: probes, actions and controls as WebAssembly components.
//!
//! A plugin is a component and its manifest. What it offers is read from its own type
//! ([`inspect`]), never by running it; what it may do is the [`Permit`](chaos_host_api::permit)
//! of its pass; how much it may use are its [`Limits`]. Each call has a fresh instance, which ends
//! with the call.
//!
//! Nothing else in this workspace names `wasmtime`.

mod call;
mod engine;
#[cfg(test)]
mod fixture;
mod host;
pub mod inspect;
pub mod limits;
mod meter;
pub mod signature;
mod state;
pub mod value;

pub use inspect::{NotAPlugin, digest, inspect};
pub use limits::Limits;
pub use signature::Signature;
