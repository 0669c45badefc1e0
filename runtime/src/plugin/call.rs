//! One call of a guest: a fresh instance, bounded in everything, on a thread of its own.

use super::engine::start_clock;
use super::failure::{exited_well, failure, limit_met};
use super::limits::Limits;
use super::meter::{Exceeded, Usage};
use super::result::Size;
use super::state::{Guest, State};
use super::stdio::{Output, lines};
use crate::provider::Failure;
use bytes::Bytes;
use futures_util::FutureExt;
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use wasmtime::component::{ComponentExportIndex, InstancePre, Val};
use wasmtime::{Store, UpdateDeadline};

/// What a call came to, and what it used.
#[derive(Debug)]
pub struct Called {
    /// Its value, or how it failed.
    pub result: Result<Value, Failure>,
    /// It returned by itself: a failure is an error that it gave.
    pub returned: bool,
    /// For the record; also of a call that failed.
    pub usage: Usage,
}

/// Where a guest is entered.
pub(super) struct Entry {
    pub(super) export: ComponentExportIndex,
    /// Of the right types.
    pub(super) arguments: Vec<Val>,
    /// How many values it returns: one or none.
    pub(super) results: usize,
    /// Its standard input.
    pub(super) input: Bytes,
    /// Its standard output is its result, and bounded as such.
    pub(super) output_is_result: bool,
    /// How its result is read.
    pub(super) read: fn(Returned, Size) -> Result<Value, Failure>,
}

/// What a guest left behind.
pub(super) struct Returned {
    pub(super) value: Option<Val>,
    /// Empty unless it is the result.
    pub(super) stdout: Vec<u8>,
    /// The end of what it said.
    pub(super) stderr: Vec<String>,
}

/// Calls one export.
///
/// The guest computes, and its result is read, on a thread of its own, so that the run goes on
/// meanwhile. Dropping the future ends the guest within a tick of its clock.
pub(super) async fn call(instance: InstancePre<State>, entry: Entry, guest: Guest) -> Called {
    let begun = Instant::now();
    let unexpected = |text: String| Called {
        result: Err(Failure::Unexpected(text)),
        returned: false,
        usage: Usage::default(),
    };
    if let Err(error) = start_clock(instance.engine()) {
        return unexpected(error);
    }
    let runtime = Handle::current();
    let deadline = guest.pass.deadline();
    let (waiting, nobody_waits) = oneshot::channel();
    let (read, size) = (entry.read, Size::new(guest.limits.result_bytes));
    let mut thread = tokio::task::spawn_blocking(move || {
        let performing = perform(&instance, entry, guest, nobody_waits);
        let Performed { result, usage } = runtime.block_on(performing);
        Called {
            returned: result.is_ok(),
            result: result.and_then(|returned| read(returned, size)),
            usage,
        }
    });
    // Timed here, on the thread that drives timers: from the guest's own, setting one would wake
    // this one each time.
    let ended = tokio::select! {
        biased;
        ended = &mut thread => ended,
        () = tokio::time::sleep_until((deadline.instant() + GRACE).into()) => {
            // When it has just ended, its own look at the deadline says the same.
            let _ = waiting.send(TimeIsOver);
            thread.await
        }
    };
    let mut called = ended.unwrap_or_else(|_| unexpected(OUR_FAULT.to_owned()));
    called.usage.wall_seconds = begun.elapsed().as_secs_f64();
    called
}

/// Said to a guest's thread at the deadline. When it is dropped unsaid, the caller has gone.
struct TimeIsOver;

/// A panic of a host function.
const OUR_FAULT: &str =
    "the runner itself failed while the plugin ran; the run goes on, but please report it";

/// A call of the host that is under way at the deadline ends by itself, since it has the same one,
/// and is recorded as what it was. Only then the guest is ended that waits for something else.
const GRACE: Duration = Duration::from_millis(50);

/// How many of the last lines of standard error are quoted.
const QUOTED: usize = 10;

/// What a guest did.
struct Performed {
    result: Result<Returned, Failure>,
    usage: Usage,
}

async fn perform(
    instance: &InstancePre<State>,
    entry: Entry,
    guest: Guest,
    nobody_waits: oneshot::Receiver<TimeIsOver>,
) -> Performed {
    let begun = Instant::now();
    let deadline = guest.pass.deadline();
    let limits = guest.limits.clone();
    let plugin = Arc::clone(&guest.plugin);
    let output_is_result = entry.output_is_result;
    let stdout = Output::new(if output_is_result {
        limits.result_bytes
    } else {
        limits.output_bytes
    });
    let stderr = Output::new(limits.output_bytes);
    let state = State::new(guest, entry.input.clone(), &stdout, &stderr);
    let mut store = store(instance.engine(), state);

    let entered = AssertUnwindSafe(enter(instance, &mut store, entry)).catch_unwind();
    // In this order: nobody who was told that time is over hears of a result.
    let ended = tokio::select! {
        biased;
        said = nobody_waits => said.map_or(Ended::Abandoned, |TimeIsOver| Ended::Late),
        ended = entered => ended.map_or(Ended::Panicked, Ended::ByItself),
    };
    let ended = match ended {
        Ended::ByItself(_) if deadline.passed() => Ended::Late,
        ended => ended,
    };

    let State {
        meter,
        dropped: dropped_lines,
        ..
    } = store.data_mut();
    // It may have ended before its clock could end it.
    let mut exceeded = meter.tick().err();
    let mut dropped = 0;
    let mut log = |output: &Output| {
        let (kept, more) = output.take();
        dropped += more;
        let lines = lines(&kept);
        for line in &lines {
            if meter.log_line() {
                tracing::info!("{plugin}: {line}");
            } else {
                dropped_lines.lines += 1;
            }
        }
        lines
    };
    let mut stdout_bytes = Vec::new();
    if output_is_result {
        let (kept, more) = stdout.take();
        stdout_bytes = kept;
        if more > 0 {
            exceeded = Some(Exceeded::Result(limits.result_bytes));
        }
    } else {
        log(&stdout);
    }
    let mut said = log(&stderr);
    said.drain(..said.len().saturating_sub(QUOTED));
    let mut usage = meter.usage(begun.elapsed());
    usage.output_bytes_dropped = dropped;

    let returned = |value| Returned {
        value,
        stdout: stdout_bytes,
        stderr: said.clone(),
    };
    let result = match ended {
        Ended::Abandoned => Err(Failure::TimedOut(
            "the plugin was ended with its activity".to_owned(),
        )),
        Ended::Late => Err(limit_met(&Exceeded::Wall(deadline.asked()))),
        Ended::Panicked => Err(Failure::Unexpected(OUR_FAULT.to_owned())),
        Ended::ByItself(Err(error)) if !(output_is_result && exited_well(&error)) => {
            Err(failure(&error, meter, &said))
        }
        Ended::ByItself(ended) => match exceeded {
            Some(exceeded) => Err(limit_met(&exceeded)),
            None => Ok(returned(ended.ok().flatten())),
        },
    };
    Performed { result, usage }
}

/// How a guest ended.
enum Ended {
    /// Nobody waits for it any longer.
    Abandoned,
    /// Its deadline passed.
    Late,
    /// A host function panicked.
    Panicked,
    /// It returned, crashed, or met a limit.
    ByItself(wasmtime::Result<Option<Val>>),
}

/// Instantiates and calls. Everything that the guest does, it does in here.
async fn enter(
    instance: &InstancePre<State>,
    store: &mut Store<State>,
    entry: Entry,
) -> wasmtime::Result<Option<Val>> {
    let instance = instance.instantiate_async(&mut *store).await?;
    let function = instance
        .get_func(&mut *store, entry.export)
        .ok_or_else(|| wasmtime::format_err!("the export is not a function"))?;
    let mut values = vec![Val::Bool(false); entry.results];
    function
        .call_async(&mut *store, &entry.arguments, &mut values)
        .await?;
    Ok(values.pop())
}

/// A store in which every bound is set before anything of the guest's runs.
pub(super) fn store(engine: &wasmtime::Engine, state: State) -> Store<State> {
    let deadline = state.guest.pass.deadline();
    let limits = state.guest.limits.clone();
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.meter);
    store.set_hostcall_fuel(copied_at_once(&limits));
    store.set_max_component_handles(usize::try_from(limits.handles).unwrap_or(usize::MAX));
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |mut context| {
        if deadline.passed() {
            return Err(Exceeded::Wall(deadline.asked()).into());
        }
        context.data_mut().meter.tick()?;
        // Back to the thread's own loop, which looks whether anybody still waits for this call.
        Ok(UpdateDeadline::Yield(1))
    });
    store
}

/// How many bytes of a result, or of one host call's arguments, are taken out of a guest. The
/// engine counts a value of any type as 40 bytes and a text as its length, and in JSON a small
/// value takes two bytes or more, so this bounds what is held while the exact bound is found out.
pub(super) fn copied_at_once(limits: &Limits) -> usize {
    const AN_ORDINARY_REQUEST: u64 = 16 * 1024 * 1024;
    let bytes = limits
        .result_bytes
        .saturating_mul(20)
        .max(AN_ORDINARY_REQUEST);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
