//! One call of a guest: a fresh instance, bounded in everything, on a thread of its own.

use super::meter::{Exceeded, Meter};
use super::state::{Guest, State};
use crate::provider::Failure;
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};
use wasmtime::component::{ComponentExportIndex, InstancePre, ResourceTable, Val};
use wasmtime::{CallHook, Store, UpdateDeadline};
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi_http::WasiHttpCtx;

/// What a call came to, and what it used.
pub(super) struct Called {
    pub(super) result: Result<Option<Val>, Failure>,
    pub(super) meter: Meter,
    pub(super) wall: Duration,
}

/// Calls one export with values of the right types.
///
/// The guest computes on a thread of its own, so that the run goes on meanwhile.
pub(super) async fn call(
    instance: InstancePre<State>,
    export: ComponentExportIndex,
    arguments: Vec<Val>,
    results: usize,
    guest: Guest,
) -> Called {
    let begun = Instant::now();
    let limits = guest.limits.clone();
    let runtime = tokio::runtime::Handle::current();
    let thread = tokio::task::spawn_blocking(move || {
        runtime.block_on(perform(instance, export, arguments, results, guest))
    });
    let (result, meter) = match thread.await {
        Ok(ended) => ended,
        Err(_) => (
            Err(Failure::Unexpected(
                "the runner itself failed while the plugin ran; please report it".to_owned(),
            )),
            Meter::new(limits),
        ),
    };
    Called {
        result,
        meter,
        wall: begun.elapsed(),
    }
}

async fn perform(
    instance: InstancePre<State>,
    export: ComponentExportIndex,
    arguments: Vec<Val>,
    results: usize,
    guest: Guest,
) -> (Result<Option<Val>, Failure>, Meter) {
    let deadline = guest.pass.deadline();
    let mut store = store(instance.engine(), guest);
    let call = async {
        let instance = instance.instantiate_async(&mut store).await?;
        let function = instance
            .get_func(&mut store, export)
            .ok_or_else(|| wasmtime::format_err!("the export is not a function"))?;
        let mut values = vec![Val::Bool(false); results];
        function
            .call_async(&mut store, &arguments, &mut values)
            .await?;
        Ok::<_, wasmtime::Error>(values.pop())
    };
    let ended = tokio::time::timeout_at(deadline.instant().into(), call).await;
    let result = match ended {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(failure(&error)),
        Err(_) => Err(Failure::TimedOut(
            Exceeded::Wall(deadline.asked()).to_string(),
        )),
    };
    (result, store.into_data().meter)
}

fn store(engine: &wasmtime::Engine, guest: Guest) -> Store<State> {
    let limits = guest.limits.clone();
    let deadline = guest.pass.deadline();
    let state = State {
        meter: Meter::new(limits.clone()),
        table: ResourceTable::new(),
        wasi: WasiCtx::builder().build(),
        wasi_http: WasiHttpCtx::new(),
        started: Instant::now(),
        guest,
    };
    let mut store = Store::new(engine, state);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |mut context| {
        if deadline.passed() {
            return Err(Exceeded::Wall(deadline.asked()).into());
        }
        context.data_mut().meter.tick(now())?;
        Ok(UpdateDeadline::Continue(1))
    });
    store.call_hook(|mut context, hook| {
        let meter = &mut context.data_mut().meter;
        match hook {
            CallHook::CallingWasm | CallHook::ReturningFromHost => meter.enter(now()),
            CallHook::CallingHost | CallHook::ReturningFromWasm => meter.leave(now()),
        }
        Ok(())
    });
    store
}

/// CPU time of this thread.
fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

fn failure(error: &wasmtime::Error) -> Failure {
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        let text = format!("the plugin {exceeded}");
        return match exceeded {
            Exceeded::Wall(_) => Failure::TimedOut(text),
            _ => Failure::Failed(text),
        };
    }
    Failure::Failed(format!("the plugin failed: {error:#}"))
}
