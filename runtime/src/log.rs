//! The run's log: what the runner says while it works.
//!
//! The library speaks through `tracing`; how a line looks is the command line's business. Two
//! things `tracing` has no word for are carried by an event's target.

use chaos_host_api::redact::Redactor;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::{Arc, RwLock};

/// Target of an `error!` that the reference logs as CRITICAL.
pub const CRITICAL: &str = "chaos_wasm::critical";

/// Target of `trace!` events about waiting, for a live progress line: fields `label` (text),
/// `seconds` (how long at most; absent when unknown); `label` empty means that the wait is over.
pub const PROGRESS: &str = "chaos_wasm::progress";

/// The secrets known so far, shared by everything that writes.
///
/// Empty until the run has resolved its secrets; nothing can leak before that.
#[derive(Debug, Clone, Default)]
pub struct Redaction(Arc<RwLock<Redactor>>);

impl Redaction {
    /// From now on these are masked.
    pub fn learn(&self, redactor: Redactor) {
        match self.0.write() {
            Ok(mut current) => *current = redactor,
            Err(poisoned) => *poisoned.into_inner() = redactor,
        }
    }

    /// The text without secrets.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.0.read() {
            Ok(redactor) => redactor.text(text),
            Err(poisoned) => poisoned.into_inner().text(text),
        }
    }

    /// Masks every string within `value`.
    pub fn value(&self, value: &mut Value) {
        match self.0.read() {
            Ok(redactor) => redactor.value(value),
            Err(poisoned) => poisoned.into_inner().value(value),
        }
    }
}

/// An error with its causes, on one line.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
