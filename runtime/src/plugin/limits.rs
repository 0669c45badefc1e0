//! How much one call of a guest may use. A limit is always on.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Upper bounds for one call. The operator's policy sets them for a plugin; a manifest and an
/// experiment can only lower them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Limits {
    /// Time that the guest itself computes, waiting in the host left out. Default: 5 s; real
    /// probes need milliseconds.
    #[serde(rename = "cpu-seconds", with = "seconds")]
    pub cpu: Duration,
    /// Bytes of all memories and tables together. Default: 64 MiB: Python and JavaScript guests
    /// need 13.
    pub memory_bytes: u64,
    /// Calls of the host, of any kind. Default: 10,000.
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

/// A duration as a number of seconds.
mod seconds {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(value.as_secs_f64())
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(from)?;
        Duration::try_from_secs_f64(seconds).map_err(D::Error::custom)
    }
}
