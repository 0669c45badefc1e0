//! What belongs to one call of a guest, dropped with it.

use super::host::{Clock, DroppedLines, Hooks};
use super::limits::Limits;
use super::meter::Meter;
use super::script::Operations;
use super::stdio::Output;
use crate::substitution::Variables;
use bytes::Bytes;
use chaos_host_api::http::Allowance;
use chaos_host_api::permit::Permit;
use chaos_host_api::placeholder::Placeholders;
use chaos_host_api::{Door, Pass};
use serde_json::{Map, Value};
use std::sync::Arc;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
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
    /// `KUBERNETES_*` secrets that say which cluster is meant; what they do not say, the
    /// environment does. See [`ClusterSettings::find`](chaos_host_api::kubernetes::ClusterSettings::find).
    pub cluster: Map<String, Value>,
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
    /// Its time.
    pub(super) clock: Clock,
    /// Secrets that it may send and not see.
    pub(super) placeholders: Arc<Placeholders>,
    /// Bytes that its answers may hold together.
    pub(super) allowance: Allowance,
    /// What `wasi:http` is bound to.
    pub(super) hooks: Hooks,
    /// A script's calls that are under way.
    pub(super) operations: Operations,
    /// Lines that were too many, told when the call ends.
    pub(super) dropped: DroppedLines,
}

impl State {
    /// What a call begins with. To be made on the thread that the guest will compute on.
    pub(super) fn new(guest: Guest, input: Bytes, stdout: &Output, stderr: &Output) -> State {
        let mut table = ResourceTable::new();
        table.set_max_capacity(usize::try_from(guest.limits.handles).unwrap_or(usize::MAX));
        // Without a permit the door would take it for an activity whose author is trusted.
        let mut guest = guest;
        if guest.pass.permit().is_none() {
            guest.pass = guest.pass.with_permit(Arc::new(Permit::new([])));
        }
        // No environment, no arguments, no files, no names looked up.
        let wasi = WasiCtx::builder()
            .stdin(MemoryInputPipe::new(input))
            .stdout(stdout.clone())
            .stderr(stderr.clone())
            .allow_tcp(false)
            .allow_udp(false)
            .max_random_size(MOST_RANDOM)
            .build();
        State {
            meter: Meter::new(guest.limits.clone()),
            table,
            wasi,
            wasi_http: WasiHttpCtx::new(),
            clock: Clock::of(&guest.door),
            placeholders: Arc::default(),
            allowance: Allowance::new(guest.limits.host_bytes),
            hooks: Hooks::default(),
            operations: Operations::default(),
            dropped: DroppedLines::of(&guest.plugin),
            guest,
        }
    }
}

/// Bytes that WASI's random functions give at once.
const MOST_RANDOM: u64 = 1024 * 1024;

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}
