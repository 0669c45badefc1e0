//! Plugins: probes, actions and controls as WebAssembly components.
//!
//! A plugin is a component and its manifest. What it offers is read from its own type
//! ([`inspect`]), never by running it; what it may do is the [`Permit`](chaos_host_api::permit)
//! of its pass; how much it may use are its [`Limits`]. Each call has a fresh instance, which ends
//! with the call.
//!
//! Nothing else in this workspace names `wasmtime`.

mod cache;
mod call;
pub mod compile;
pub mod component;
mod engine;
mod failure;
#[cfg(test)]
mod fixture;
mod host;
pub mod inspect;
pub mod limits;
pub mod link;
pub mod load;
pub mod meter;
mod native;
mod result;
pub mod signature;
mod state;
mod stdio;
pub mod value;

pub use compile::{CompileLimits, Compiler};
pub use inspect::{NotAPlugin, digest, inspect};
pub use limits::Limits;
pub use load::{Called, LoadError, Loader, Plugin};
pub use meter::Usage;
pub use signature::Signature;
pub use state::Guest;

#[cfg(test)]
mod tests;
