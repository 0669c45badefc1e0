//! Plugins: probes, actions and controls as WebAssembly components.
//!
//! A plugin is a component and its manifest. What it offers is read from its own type
//! ([`inspect`](mod@inspect)), never by running it; what it may do is the [`Permit`](chaos_host_api::permit)
//! of its pass; how much it may use are its [`Limits`]. Each call has a fresh instance, which ends
//! with the call.
//!
//! Nothing else in this workspace names `wasmtime`.

pub mod build;
mod cache;
mod call;
pub mod case;
pub mod compile;
pub mod component;
mod control;
mod engaged;
mod engine;
mod failure;
#[cfg(test)]
mod fixture;
mod gather;
mod go;
mod host;
pub mod inspect;
pub mod limits;
pub mod link;
pub mod load;
pub mod manifest;
pub mod meter;
pub mod name;
mod native;
mod result;
pub mod scaffold;
pub mod script;
pub mod sealed;
pub mod selftest;
pub mod signature;
mod state;
mod stdio;
#[cfg(test)]
mod tests;
mod usage;
pub mod value;

pub use call::Called;
pub use compile::{CompileLimits, Compiler};
pub use control::ControlEnd;
pub use engaged::{Engaged, Places, Plugins, Rights};
pub use inspect::{NotAPlugin, digest, inspect};
pub use limits::Limits;
pub use load::{LoadError, Loader, Plugin};
pub use manifest::Manifest;
pub use meter::Usage;
pub use name::Name;
pub use signature::{Kind, Signature};
pub use state::Guest;
pub use usage::{GuestUse, Guests, RightsUse};
