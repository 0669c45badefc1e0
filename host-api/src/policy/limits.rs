use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A plugin's limits for one call, as its manifest or the operator's policy gives them. What is
/// missing stays at the default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LimitsPolicy {
    /// Seconds of wall time, waiting included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_seconds: Option<Seconds>,
    /// Seconds of the guest's own computing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_seconds: Option<Seconds>,
    /// Bytes of memories and tables, all together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Calls of the host's functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_calls: Option<u64>,
    /// Bytes that go through the host's functions, both ways.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_bytes: Option<u64>,
    /// Bytes of the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_bytes: Option<u64>,
    /// Lines of log, those on standard output and error included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_lines: Option<u64>,
    /// Resources of the host that are open at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handles: Option<u64>,
}

impl LimitsPolicy {
    /// The keys.
    pub const KEYS: [&'static str; 8] = [
        "wall-seconds",
        "cpu-seconds",
        "memory-bytes",
        "host-calls",
        "host-bytes",
        "result-bytes",
        "log-lines",
        "handles",
    ];

    /// Those that are set, in words.
    pub fn explain(&self) -> Vec<String> {
        let seconds = [
            ("wall time", self.wall_seconds),
            ("CPU time", self.cpu_seconds),
        ];
        let counts = [
            ("bytes of memory", self.memory_bytes),
            ("host calls", self.host_calls),
            ("bytes through the host", self.host_bytes),
            ("bytes of result", self.result_bytes),
            ("lines of log", self.log_lines),
            ("handles", self.handles),
        ];
        let seconds = seconds.into_iter().filter_map(|(what, limit)| {
            let limit = Duration::from(limit?).as_secs_f64();
            Some(format!("{limit} s of {what}"))
        });
        let counts = counts
            .into_iter()
            .filter_map(|(what, limit)| Some(format!("{} {what}", limit?)));
        seconds.chain(counts).collect()
    }
}

/// Seconds, with fractions, more than none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(Duration);

impl From<Seconds> for Duration {
    fn from(seconds: Seconds) -> Duration {
        seconds.0
    }
}

impl Serialize for Seconds {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.as_secs_f64())
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Seconds, D::Error> {
        let seconds = f64::deserialize(from)?;
        let duration = Duration::try_from_secs_f64(seconds).ok();
        duration
            .filter(|duration| !duration.is_zero())
            .map(Seconds)
            .ok_or_else(|| {
                let wrong = format!("{seconds} is no time limit: write more than 0 seconds");
                serde::de::Error::custom(wrong)
            })
    }
}
