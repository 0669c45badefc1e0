//! Why a guest ended, in words for the experiment's author.

use super::call::copied_at_once;
use super::engine::STACK;
use super::meter::{Exceeded, Meter};
use super::stdio::printable;
use crate::provider::Failure;
use wasmtime::component::ResourceTableError;
use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

/// What an error of a call means. `said` is the end of the guest's standard error.
pub(super) fn failure(error: &wasmtime::Error, meter: &Meter, said: &[String]) -> Failure {
    if let Some(exceeded) = exceeded(error, meter) {
        return limit_met(&exceeded);
    }
    if let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() {
        for line in backtrace.to_string().lines() {
            tracing::debug!("{}", printable(line));
        }
    }
    let text = match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => {
            format!("the plugin's calls nest too deeply: its stack has {STACK} bytes")
        }
        Some(Trap::UnreachableCodeReached) => {
            "the plugin crashed (it panicked, or reached an `unreachable` instruction)".to_owned()
        }
        Some(trap) => format!("the plugin crashed: {trap}"),
        None => match error.downcast_ref::<I32Exit>() {
            Some(I32Exit(0)) => "the plugin ended itself and gave no result".to_owned(),
            Some(I32Exit(status)) => format!("the plugin ended with exit status {status}"),
            None => {
                let cause = error.root_cause().to_string();
                format!("the plugin failed: {}", printable(&cause))
            }
        },
    };
    Failure::Failed(match said.is_empty() {
        true => text,
        false => format!("{text}: {}", said.join("\n")),
    })
}

/// A limit's end.
pub(super) fn limit_met(exceeded: &Exceeded) -> Failure {
    let text = format!("the plugin {exceeded}");
    match exceeded {
        Exceeded::Wall(_) => Failure::TimedOut(text),
        _ => Failure::Failed(text),
    }
}

/// Whether an error is a command's ordinary end.
pub(super) fn exited_well(error: &wasmtime::Error) -> bool {
    matches!(error.downcast_ref(), Some(I32Exit(0)))
}

fn exceeded(error: &wasmtime::Error, meter: &Meter) -> Option<Exceeded> {
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return Some(exceeded.clone());
    }
    let limits = meter.limits();
    // The engine has no types for these two.
    let cause = error.root_cause().to_string();
    if cause.contains("fuel allocated for hostcalls has been exhausted") {
        let is_result = error.downcast_ref::<WasmBacktrace>().is_none();
        return Some(if is_result {
            Exceeded::Result(limits.result_bytes)
        } else {
            Exceeded::Argument(copied_at_once(limits) as u64)
        });
    }
    if cause.contains("store handle limit exceeded")
        || matches!(error.downcast_ref(), Some(ResourceTableError::Full))
    {
        return Some(Exceeded::Handles(limits.handles));
    }
    // A guest that gets no memory mostly crashes by an instruction that says nothing of it.
    meter.starved()
}
