//! How much one call of a guest may use. A limit is always on.

use std::time::Duration;

/// Upper bounds for one call. The operator's policy sets them for a plugin; a manifest and an
/// experiment can only lower them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Time that the guest itself computes, waiting in the host left out. Default: 5 s; real
    /// probes need milliseconds.
    pub cpu: Duration,
    /// Time that a call may take at most, waiting included, whatever timeout the experiment asks
    /// for. Default: none, the activity's timeout alone counts (600 s unless it says otherwise).
    pub wall: Option<Duration>,
    /// Bytes of all memories and tables together. Default: 64 MiB: Python and JavaScript guests
    /// need 13.
    pub memory_bytes: u64,
    /// Calls of `chaos:host` and `wasi:http`. WASI's clocks, streams and random numbers are bounded
    /// by CPU time, handles and output bytes instead. Default: 10,000.
    pub host_calls: u64,
    /// Bytes that pass between guest and host, both ways, during all its host calls. Default:
    /// 128 MiB.
    pub host_bytes: u64,
    /// Bytes of its result as JSON. Default: 8 MiB.
    pub result_bytes: u64,
    /// Bytes of one answer's body (HTTP, Kubernetes). Default: 16 MiB.
    pub answer_bytes: u64,
    /// Lines that it may log. Default: 1,000; what is more is counted and dropped.
    pub log_lines: u64,
    /// Bytes kept of each of standard output and standard error. Default: 64 KiB.
    pub output_bytes: u64,
    /// Exchanges and other handles open at once. Default: 1,000.
    pub handles: u64,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        Limits {
            cpu: Duration::from_secs(5),
            wall: None,
            memory_bytes: 64 * MIB,
            host_calls: 10_000,
            host_bytes: 128 * MIB,
            result_bytes: 8 * MIB,
            answer_bytes: 16 * MIB,
            log_lines: 1_000,
            output_bytes: 64 * 1024,
            handles: 1_000,
        }
    }
}

impl Limits {
    /// The lower of the two, field by field.
    #[must_use]
    pub fn lowered_by(&self, other: &Limits) -> Limits {
        Limits {
            cpu: self.cpu.min(other.cpu),
            wall: match (self.wall, other.wall) {
                (Some(own), Some(other)) => Some(own.min(other)),
                (own, other) => own.or(other),
            },
            memory_bytes: self.memory_bytes.min(other.memory_bytes),
            host_calls: self.host_calls.min(other.host_calls),
            host_bytes: self.host_bytes.min(other.host_bytes),
            result_bytes: self.result_bytes.min(other.result_bytes),
            answer_bytes: self.answer_bytes.min(other.answer_bytes),
            log_lines: self.log_lines.min(other.log_lines),
            output_bytes: self.output_bytes.min(other.output_bytes),
            handles: self.handles.min(other.handles),
        }
    }
}
