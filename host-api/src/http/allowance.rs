use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Bytes that the bodies of several answers may hold together. Taken as they arrive and never
/// given back: many answers at the same time need no more memory than one after the other.
#[derive(Debug, Clone)]
pub struct Allowance(Arc<Left>);

#[derive(Debug)]
struct Left {
    bytes: AtomicU64,
    exceeded: AtomicBool,
}

impl Allowance {
    /// This many bytes.
    pub fn new(bytes: u64) -> Allowance {
        Allowance(Arc::new(Left {
            bytes: AtomicU64::new(bytes),
            exceeded: AtomicBool::new(false),
        }))
    }

    /// Takes bytes, if that many are left.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let taken = self
            .0
            .bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(bytes)
            });
        if taken.is_err() {
            self.0.exceeded.store(true, Ordering::Relaxed);
        }
        taken.is_ok()
    }

    /// Whether an answer was dropped because it was more than was left.
    pub fn is_exceeded(&self) -> bool {
        self.0.exceeded.load(Ordering::Relaxed)
    }
}

/// How long one body may become.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    limit: usize,
    allowance: Option<Allowance>,
}

impl Bound {
    pub(super) fn new(limit: usize, allowance: Option<Allowance>) -> Bound {
        Bound { limit, allowance }
    }

    /// Whether a body of `length` bytes may grow by `more`.
    pub(super) fn admits(&self, length: usize, more: usize) -> bool {
        let fits = length
            .checked_add(more)
            .is_some_and(|whole| whole <= self.limit);
        fits && self
            .allowance
            .as_ref()
            .is_none_or(|allowance| allowance.take(more))
    }
}
