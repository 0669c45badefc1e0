//! The engine: one a process, its settings, and its clock.

use std::sync::{LazyLock, OnceLock};
use std::time::Duration;
use wasmtime::{Config, Engine, ModuleVersionStrategy};

/// How often a computing guest is looked at: its CPU time and its deadline are kept to within
/// this.
const TICK: Duration = Duration::from_millis(10);

/// Bytes of a guest's stack of calls. The engine of scripts bounds its own calls by what they take in
/// its memory, and needs up to 4 MiB of this for them: with less, a script that recurses ends by a
/// trap, without a word of its own.
pub(super) const STACK: usize = 4 * 1024 * 1024;

/// Bytes of stack for the host's functions, above a guest's.
const HOST_STACK: usize = 1024 * 1024;

/// What compiled code is valid for: wasmtime's full version (its own check ignores patch releases,
/// so code compiled wrongly would outlive the release that repairs the compiler) and ours.
pub(super) const VERSION: &str = concat!("48.0.8+chaos-wasm-", env!("CARGO_PKG_VERSION"));

/// The one engine: types of different engines must never meet.
pub(super) fn engine() -> Result<&'static Engine, String> {
    static ENGINE: LazyLock<Result<Engine, String>> = LazyLock::new(|| {
        let made = config().and_then(|config| Engine::new(&config));
        made.map_err(|error| format!("cannot start the WebAssembly engine: {error:#}"))
    });
    ENGINE.as_ref().map_err(Clone::clone)
}

/// Proposals that plugins do not need are off: each had its share of escapes. Several memories in a
/// module are on for the engine's own sake, whose copies between the components of a component are
/// such modules; a plugin that brings one is refused before it is compiled (see `inspect`).
fn config() -> wasmtime::Result<Config> {
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .wasm_gc(false)
        .wasm_exceptions(false)
        .wasm_memory64(false)
        .wasm_multi_memory(true)
        .wasm_tail_call(false)
        .wasm_relaxed_simd(false)
        .epoch_interruption(true)
        .max_wasm_stack(STACK)
        .async_stack_size(STACK + HOST_STACK)
        .async_stack_zeroing(true)
        .module_version(ModuleVersionStrategy::Custom(VERSION.to_owned()))?;
    Ok(config)
}

/// Starts the clock that ends computing guests. It runs from the first call to the process's end,
/// whatever limits are set.
pub(super) fn start_clock(engine: &Engine) -> Result<(), String> {
    static STARTED: OnceLock<Result<(), String>> = OnceLock::new();
    let start = || {
        let engine = engine.weak();
        let clock = std::thread::Builder::new().name("guest-clock".to_owned());
        let started = clock.spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                std::thread::sleep(TICK);
            }
        });
        started
            .map(drop)
            .map_err(|error| format!("cannot start the clock of the guests: {error}"))
    };
    STARTED.get_or_init(start).clone()
}
