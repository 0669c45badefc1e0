//! A point in time after which nobody waits any longer.

use std::time::{Duration, Instant};

/// When waiting ends, and how much time was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Instant,
    asked: Duration,
}

impl Deadline {
    /// A deadline `asked` from now. A duration too long for the clock counts as ten years.
    pub fn after(asked: Duration) -> Deadline {
        let now = Instant::now();
        let far = Duration::from_secs(10 * 365 * 24 * 3600);
        let at = now
            .checked_add(asked.min(far))
            .unwrap_or_else(|| now + Duration::from_secs(3600));
        Deadline { at, asked }
    }

    /// The time that was asked for.
    pub fn asked(&self) -> Duration {
        self.asked
    }

    /// What is left of it; zero when it has passed.
    pub fn remaining(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    pub fn passed(&self) -> bool {
        self.remaining().is_zero()
    }

    /// The instant itself, for timers.
    pub fn instant(&self) -> Instant {
        self.at
    }

    /// This deadline or one `asked` from now, whichever comes first.
    pub fn sooner(&self, asked: Duration) -> Deadline {
        let other = Deadline::after(asked);
        if other.at < self.at { other } else { *self }
    }
}
