//! Time. `std::time`'s own clocks do not work in a plugin.
//!
//! ```
//! # let _host = chaos_plugin::mock::Host::new();
//! use std::time::Duration;
//! use chaos_plugin::clock;
//!
//! let start = clock::Instant::now();
//! clock::sleep(Duration::from_millis(20));
//! assert!(start.elapsed() >= Duration::from_millis(20));
//! ```

use std::ops::{Add, Sub};
use std::time::{Duration, SystemTime};

use crate::host;

/// What the wall clock says.
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(host::clock::now())
}

/// Waits. That counts against the activity's timeout, not against its CPU time.
pub fn sleep(duration: Duration) {
    host::clock::sleep(nanoseconds(duration));
}

/// Nanoseconds; what is more than 584 years is 584 years.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A point on a clock that never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Duration);

impl Instant {
    /// This moment.
    pub fn now() -> Self {
        Self(Duration::from_nanos(host::clock::monotonic()))
    }

    /// How long ago it was.
    pub fn elapsed(self) -> Duration {
        Self::now() - self
    }

    /// Waits until then; not at all if that is past.
    pub fn wait(self) {
        let left = self - Self::now();
        if !left.is_zero() {
            sleep(left);
        }
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

impl Sub for Instant {
    type Output = Duration;

    /// Zero if the other is later.
    fn sub(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}
