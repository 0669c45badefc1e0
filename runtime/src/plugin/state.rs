//! What belongs to one call of a guest, dropped with it.

use super::limits::Limits;
use super::meter::Meter;
use crate::substitution::Variables;
use chaos_host_api::{Door, Pass};
use std::sync::Arc;
use std::time::Instant;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::WasiHttpCtx;

/// On whose behalf a guest runs, and how it reaches the world.
#[derive(Clone)]
pub struct Guest {
    /// The plugin's name, for the log.
    pub plugin: Arc<str>,
    /// The only way out.
    pub door: Arc<Door>,
    /// Who calls, what it may do, until when.
    pub pass: Pass,
    /// Configuration and secrets, of which the guest gets what it was granted.
    pub variables: Arc<Variables>,
    /// How much it may use.
    pub limits: Limits,
}

/// A store's data.
pub(super) struct State {
    pub(super) guest: Guest,
    pub(super) meter: Meter,
    pub(super) table: ResourceTable,
    pub(super) wasi: WasiCtx,
    pub(super) wasi_http: WasiHttpCtx,
    /// The zero of `clock.monotonic`.
    pub(super) started: Instant,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}
