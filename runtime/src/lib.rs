//! The runner: document -> experiment -> plan -> records -> journal.
//!
//! What touches the world is `chaos_host_api`'s; what decides is here and pure, except for
//! [`run`] (the driver), [`wal`] (the crash log), [`configuration`] and [`provider`], which ask
//! the door.

pub mod configuration;
pub mod document;
pub mod experiment;
pub mod journal;
pub mod log;
pub mod notification;
pub mod plan;
pub mod plugin;
pub mod preflight;
pub mod provider;
pub mod python;
pub mod run;
pub mod settings;
pub mod source;
pub mod substitution;
pub mod tolerance;
pub mod verdict;
pub mod wal;

/// What the program calls itself towards servers.
pub(crate) const USER_AGENT: &str = concat!("chaos-wasm/", env!("CARGO_PKG_VERSION"));
