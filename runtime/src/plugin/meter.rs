//! What one call of a guest has used, and the end when it is too much.

use super::limits::Limits;
use std::time::Duration;

/// A limit that ended a guest. Raised as the error of a host function, a memory's growth or a
/// tick, so it ends the call whatever the guest does about it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Exceeded {
    /// It computed too long.
    #[error("used more than {} s of CPU time (limit cpu-seconds)", .0.as_secs_f64())]
    Cpu(Duration),
    /// Its deadline passed.
    #[error("took longer than its timeout, {} s", .0.as_secs_f64())]
    Wall(Duration),
    /// It called the host too often.
    #[error("called the host more than {0} times (limit host-calls)")]
    HostCalls(u64),
    /// Too much passed between guest and host.
    #[error("exchanged more than {0} bytes with the host (limit host-bytes)")]
    HostBytes(u64),
    /// Its result is too large.
    #[error("gave a result of more than {0} bytes (limit result-bytes)")]
    Result(u64),
    /// It wanted more memory, and ended because it did not get it.
    #[error("needed more than {0} bytes of memory (limit memory-bytes)")]
    Memory(u64),
    /// It opened too many exchanges and other handles.
    #[error("held more than {0} handles (limit handles)")]
    Handles(u64),
}

/// What one call has used so far.
#[derive(Debug, Clone)]
pub struct Meter {
    limits: Limits,
    /// Calls of the host.
    pub host_calls: u64,
    /// Bytes between guest and host.
    pub host_bytes: u64,
    /// Lines logged.
    pub log_lines: u64,
    /// Lines dropped.
    pub log_lines_dropped: u64,
    /// Time that the guest computed.
    pub cpu: Duration,
    /// The most bytes of memories and tables at once.
    pub memory_peak: u64,
    /// Thread's CPU time when the guest began to compute; `None` while the host works for it.
    entered: Option<Duration>,
}

impl Meter {
    /// Nothing used.
    pub fn new(limits: Limits) -> Meter {
        Meter {
            limits,
            host_calls: 0,
            host_bytes: 0,
            log_lines: 0,
            log_lines_dropped: 0,
            cpu: Duration::ZERO,
            memory_peak: 0,
            entered: None,
        }
    }

    /// Counts a call of the host that brings `bytes`. Each host function begins with this.
    ///
    /// # Errors
    /// It is one too many.
    pub fn host_call(&mut self, bytes: usize) -> Result<(), Exceeded> {
        if self.host_calls >= self.limits.host_calls {
            return Err(Exceeded::HostCalls(self.limits.host_calls));
        }
        self.host_calls += 1;
        self.pass_bytes(bytes)
    }

    /// Counts bytes of an answer to the guest.
    ///
    /// # Errors
    /// They are too many.
    pub fn pass_bytes(&mut self, bytes: usize) -> Result<(), Exceeded> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.host_bytes = self.host_bytes.saturating_add(bytes);
        if self.host_bytes > self.limits.host_bytes {
            return Err(Exceeded::HostBytes(self.limits.host_bytes));
        }
        Ok(())
    }

    /// Counts a line of log; whether it may be shown.
    pub fn log_line(&mut self) -> bool {
        let shown = self.log_lines < self.limits.log_lines;
        if shown {
            self.log_lines += 1;
        } else {
            self.log_lines_dropped += 1;
        }
        shown
    }

    /// The guest begins to compute; `now` is its thread's CPU time.
    pub fn enter(&mut self, now: Duration) {
        self.entered = Some(now);
    }

    /// It waits for the host, or is done.
    pub fn leave(&mut self, now: Duration) {
        if let Some(entered) = self.entered.take() {
            self.cpu += now.saturating_sub(entered);
        }
    }

    /// It is still computing.
    ///
    /// # Errors
    /// It has done so for too long.
    pub fn tick(&mut self, now: Duration) -> Result<(), Exceeded> {
        self.leave(now);
        self.enter(now);
        if self.cpu > self.limits.cpu {
            return Err(Exceeded::Cpu(self.limits.cpu));
        }
        Ok(())
    }

    /// The bounds in force.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}
