//! File descriptors enough for many processes at a time.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::sync::atomic::{AtomicU64, Ordering};

/// Two pipes (for a moment, both ends of each) and the handle to wait on.
const PER_PROCESS: u64 = 5;

/// For everything else that a run has open: sockets, the log, the journal.
const RESERVE: u64 = 256;

/// Never asked for more: some programs close every descriptor up to the limit that they inherit.
const ENOUGH: u64 = 65_536;

static RUNNING: AtomicU64 = AtomicU64::new(0);

/// One running process, for as long as this lives.
pub(super) struct Slot;

impl Slot {
    pub(super) fn taken() -> Slot {
        RUNNING.fetch_add(1, Ordering::Relaxed);
        Slot
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Raises the soft limit when one more process may not fit. A failure shows when it is started.
pub(super) fn make_room() {
    let running = RUNNING.load(Ordering::Relaxed);
    let needed = (running + 1).saturating_mul(PER_PROCESS) + RESERVE;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|soft| soft >= needed) {
        return;
    }
    let raised = Rlimit {
        current: Some(
            maximum
                .unwrap_or(ENOUGH)
                .min(ENOUGH)
                .max(needed.min(ENOUGH)),
        ),
        maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::debug!("cannot raise the limit of open files: {error}");
    }
}
