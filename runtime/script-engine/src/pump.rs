//! The loop: jobs of settled promises, then the next answer of the host, until a promise is
//! settled.

use crate::bindings::chaos::script::operations;
use crate::bindings::{Cause, Failure};
use crate::failure;
use crate::machine::Machine;
use crate::native::answer;
use crate::source::Sources;
use rquickjs::promise::PromiseState;
use rquickjs::{Ctx, Promise, Value, qjs};
use std::ptr;

/// Drives the script until the promise is settled; gives its value.
pub(crate) fn settle<'js>(
    machine: &Machine,
    sources: &Sources<'_>,
    ctx: &Ctx<'js>,
    promise: &Promise<'js>,
) -> Result<Value<'js>, Failure> {
    loop {
        jobs(machine, sources, ctx)?;
        match promise.state() {
            PromiseState::Pending => {
                if !next(machine, sources, ctx)? {
                    return Err(failure::plain(
                        Cause::Stuck,
                        "waits for a promise that nothing can settle",
                    ));
                }
            }
            PromiseState::Resolved | PromiseState::Rejected => break,
        }
    }
    match promise.result::<Value<'_>>() {
        Some(Ok(value)) => Ok(value),
        _ => Err(failure::of_exception(machine, sources, ctx, ctx.catch())),
    }
}

/// Waits for changes that the script began and does not wait for itself; then tells of errors that
/// nobody looked at.
pub(crate) fn finish(
    machine: &Machine,
    sources: &Sources<'_>,
    ctx: &Ctx<'_>,
) -> Result<(), Failure> {
    let exception = |_| failure::of_exception(machine, sources, ctx, ctx.catch());
    loop {
        jobs(machine, sources, ctx)?;
        let changes = machine.own(ctx, "changes").map_err(exception)?;
        let under_way: u32 = changes.call(()).map_err(exception)?;
        if under_way == 0 || !next(machine, sources, ctx)? {
            break;
        }
    }
    let unseen = machine.rejected.borrow_mut().pop();
    match unseen.map(|rejected| rejected.reason.restore(ctx)) {
        Some(Ok(reason)) => Err(failure::of_exception(machine, sources, ctx, reason)),
        _ => Ok(()),
    }
}

/// Runs what is ready to run. An exception here is one that no promise caught.
pub(crate) fn jobs(machine: &Machine, sources: &Sources<'_>, ctx: &Ctx<'_>) -> Result<(), Failure> {
    let mut context = ptr::null_mut();
    loop {
        // SAFETY: the runtime is that of a live context; the context given back is borrowed.
        let ran = unsafe {
            let runtime = qjs::JS_GetRuntime(ctx.as_raw().as_ptr());
            qjs::JS_ExecutePendingJob(runtime, &raw mut context)
        };
        match ran {
            0 => return Ok(()),
            1.. => {}
            _ => return Err(failure::of_exception(machine, sources, ctx, ctx.catch())),
        }
    }
}

/// Waits for the host's next answer; whether there was one.
fn next(machine: &Machine, sources: &Sources<'_>, ctx: &Ctx<'_>) -> Result<bool, Failure> {
    let completion = operations::wait();
    // Nobody would ask while the script does nothing.
    if operations::stop() {
        return Err(failure::stopped(sources));
    }
    let Some(completion) = completion else {
        return Ok(false);
    };
    let told = machine.own(ctx, "settle").and_then(|settle| {
        let (is_well, value) = answer(ctx, completion.answer)?;
        settle.call::<_, ()>((completion.id, is_well, value))
    });
    match told {
        Ok(()) => Ok(true),
        Err(_) => Err(failure::of_exception(machine, sources, ctx, ctx.catch())),
    }
}
