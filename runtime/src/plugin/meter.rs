//! What one call of a guest has used, and the end when it is too much.

use super::limits::Limits;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wasmtime::ResourceLimiter;

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
    /// It passed too much to the host at once.
    #[error("passed more than {0} bytes to the host in one call (limit result-bytes)")]
    Argument(u64),
    /// It opened too many exchanges and other handles.
    #[error("held more than {0} handles (limit handles)")]
    Handles(u64),
}

/// What one call has used, for the record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Usage {
    /// CPU time of the guest and of the host's work on its thread.
    pub cpu_seconds: f64,
    /// From the call to its end.
    pub wall_seconds: f64,
    /// Calls of the host.
    pub host_calls: u64,
    /// Bytes that passed between guest and host.
    pub host_bytes: u64,
    /// Bytes of all memories and tables together.
    pub memory_bytes: u64,
    /// Lines that it logged.
    pub log_lines: u64,
    /// Lines that were too many.
    pub log_lines_dropped: u64,
    /// Bytes of standard output and standard error that were too many.
    pub output_bytes_dropped: u64,
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
    /// Time that the guest computed, the host's work for it on the guest's thread included:
    /// otherwise a guest could compute for free through cheap host functions.
    pub cpu: Duration,
    /// Bytes of all memories and tables together. They only ever grow.
    pub memory: u64,
    /// It was refused more.
    memory_refused: bool,
    /// A limit that was met where nothing could be raised.
    met: Option<Exceeded>,
    /// The thread's CPU time when the call began.
    cpu_begun: Duration,
}

impl Meter {
    /// Nothing used. Made on the thread that the guest will compute on.
    pub fn new(limits: Limits) -> Meter {
        Meter {
            limits,
            host_calls: 0,
            host_bytes: 0,
            log_lines: 0,
            log_lines_dropped: 0,
            cpu: Duration::ZERO,
            memory: 0,
            memory_refused: false,
            met: None,
            cpu_begun: thread_cpu(),
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

    /// As [`Meter::host_call`], for calls that cannot fail: the next tick raises what is exceeded.
    /// Whether it is not.
    pub fn note_host_call(&mut self, bytes: usize) -> bool {
        if let Err(exceeded) = self.host_call(bytes) {
            self.met.get_or_insert(exceeded);
        }
        self.met.is_none()
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

    /// Reads the thread's clock.
    ///
    /// # Errors
    /// The guest has computed for too long, or met a limit before.
    pub fn tick(&mut self) -> Result<(), Exceeded> {
        if let Some(met) = &self.met {
            return Err(met.clone());
        }
        self.cpu = thread_cpu().saturating_sub(self.cpu_begun);
        if self.cpu > self.limits.cpu {
            return Err(Exceeded::Cpu(self.limits.cpu));
        }
        Ok(())
    }

    /// The limit that a guest met which was refused memory. It need not end by that: an
    /// interpreter raises an error that its program may catch.
    pub fn starved(&self) -> Option<Exceeded> {
        self.memory_refused
            .then_some(Exceeded::Memory(self.limits.memory_bytes))
    }

    /// Counts bytes of memories and tables; whether the guest may have them.
    fn grow(&mut self, bytes: usize) -> bool {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let wanted = self.memory.saturating_add(bytes);
        let granted = wanted <= self.limits.memory_bytes;
        if granted {
            self.memory = wanted;
        } else {
            self.memory_refused = true;
        }
        granted
    }

    /// What has been used up to now.
    pub fn usage(&self, wall: Duration) -> Usage {
        Usage {
            cpu_seconds: self.cpu.as_secs_f64(),
            wall_seconds: wall.as_secs_f64(),
            host_calls: self.host_calls,
            host_bytes: self.host_bytes,
            memory_bytes: self.memory,
            log_lines: self.log_lines,
            log_lines_dropped: self.log_lines_dropped,
            output_bytes_dropped: 0,
        }
    }

    /// The bounds in force.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}

/// How many core instances, memories and tables one component may have. A component of Python's is
/// linked from some thirty core modules.
const PARTS: usize = 1_000;

/// One sum over all memories and tables of the store: a limit for each would be no limit.
impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(within(desired, maximum) && self.grow(desired.saturating_sub(current)))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let elements = desired.saturating_sub(current);
        let bytes = elements.saturating_mul(size_of::<usize>());
        Ok(within(desired, maximum) && self.grow(bytes))
    }

    fn instances(&self) -> usize {
        PARTS
    }

    fn tables(&self) -> usize {
        PARTS
    }

    fn memories(&self) -> usize {
        PARTS
    }
}

/// What its own type forbids a guest is no matter of limits.
fn within(desired: usize, maximum: Option<usize>) -> bool {
    maximum.is_none_or(|maximum| desired <= maximum)
}

/// CPU time of this thread.
fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}
