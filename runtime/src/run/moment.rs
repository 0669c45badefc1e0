//! Points in time, and the run's clock.

use jiff::Timestamp;
use jiff::fmt::StdFmtWrite;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::time::Instant;

/// A point in time, to the microsecond, written as the reference writes it:
/// `2026-11-22T11:26:21.767473+00:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Timestamp);

impl Moment {
    /// No finer than it is written, so that a record read from a log is the record written.
    fn of(at: Timestamp) -> Moment {
        Moment(Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));
        PRINTER
            .print_timestamp_with_offset(&self.0, Offset::UTC, StdFmtWrite(formatter))
            .map_err(|_| fmt::Error)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
        String::deserialize(deserializer)?
            .parse::<Timestamp>()
            .map(Moment::of)
            .map_err(de::Error::custom)
    }
}

/// The run's clock: read once from the system, then driven by the monotonic clock, so that a
/// system clock that jumps in the middle of a run cannot reorder its records.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Timestamp,
    origin: Instant,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Clock {
        Clock {
            start: Timestamp::now(),
            origin: Instant::now(),
        }
    }

    /// Now.
    pub fn now(&self) -> Moment {
        let elapsed = jiff::SignedDuration::try_from(self.origin.elapsed());
        let now = elapsed
            .ok()
            .and_then(|elapsed| self.start.checked_add(elapsed).ok());
        Moment::of(now.unwrap_or(self.start))
    }

    /// Seconds since it started.
    pub fn seconds(&self) -> f64 {
        self.origin.elapsed().as_secs_f64()
    }
}
