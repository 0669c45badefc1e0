use std::time::Duration;

/// 2026-01-01 00:00 UTC.
const START: Duration = Duration::from_secs(1_767_225_600);

/// A clock that only goes when somebody waits.
pub(crate) struct Clock {
    /// The wall clock's time when the other one was at 0, in nanoseconds since 1970.
    origin: u64,
    passed: u64,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            origin: nanoseconds(START),
            passed: 0,
        }
    }
}

impl Clock {
    pub(crate) fn now(&self) -> u64 {
        self.origin.saturating_add(self.passed)
    }

    pub(crate) fn monotonic(&self) -> u64 {
        self.passed
    }

    pub(crate) fn set(&mut self, since_1970: Duration) {
        self.origin = nanoseconds(since_1970).saturating_sub(self.passed);
    }

    pub(crate) fn pass(&mut self, nanoseconds: u64) {
        self.passed = self.passed.saturating_add(nanoseconds);
    }

    pub(crate) fn pass_until(&mut self, moment: u64) {
        self.passed = self.passed.max(moment);
    }
}

pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
