//! `chaos:host/clock`.

use super::State;
use super::bindings::chaos::host::clock::Host;
use crate::plugin::meter::Exceeded;
use chaos_host_api::Door;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A guest's time.
///
/// Where calls are answered in the network's place, waiting takes no time: the clock goes forward
/// by as much as would have been waited.
pub(in crate::plugin) struct Clock {
    /// The zero of `clock.monotonic`.
    started: Instant,
    leaps: bool,
    /// By how much it went forward.
    leapt: Duration,
}

impl Clock {
    /// Begins now.
    pub(in crate::plugin) fn of(door: &Door) -> Clock {
        Clock {
            started: Instant::now(),
            leaps: door.is_answered(),
            leapt: Duration::ZERO,
        }
    }

    /// Notes that something took this long, in a world where waiting takes no time.
    pub(in crate::plugin) fn took(&mut self, time: Duration) {
        if self.leaps {
            self.leapt = self.leapt.saturating_add(time);
        }
    }

    /// Whether waiting takes no time.
    pub(in crate::plugin) fn leaps(&self) -> bool {
        self.leaps
    }

    /// Goes forward to a time on the clock of [`Clock::elapsed`], unless it has passed.
    pub(in crate::plugin) fn leap_to(&mut self, time: Duration) {
        let left = time.saturating_sub(self.elapsed());
        self.took(left);
    }

    /// Time since it began, what was leapt over included.
    pub(in crate::plugin) fn elapsed(&self) -> Duration {
        self.started.elapsed().saturating_add(self.leapt)
    }
}

impl Host for State {
    async fn now(&mut self) -> wasmtime::Result<u64> {
        self.meter.host_call(0)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().saturating_add(self.clock.leapt);
        Ok(u64::try_from(now.as_nanos()).unwrap_or(u64::MAX))
    }

    async fn monotonic(&mut self) -> wasmtime::Result<u64> {
        self.meter.host_call(0)?;
        let since = self.clock.elapsed().as_nanos();
        Ok(u64::try_from(since).unwrap_or(u64::MAX))
    }

    async fn sleep(&mut self, nanoseconds: u64) -> wasmtime::Result<()> {
        self.meter.host_call(0)?;
        let time = Duration::from_nanos(nanoseconds);
        if !self.clock.leaps {
            // The call's deadline bounds it.
            tokio::time::sleep(time).await;
            return Ok(());
        }
        // A guest that waits for others that are under way lets them go on.
        tokio::task::yield_now().await;
        self.clock.took(time);
        let asked = self.guest.pass.deadline().asked();
        match self.clock.elapsed() >= asked {
            true => Err(Exceeded::Wall(asked).into()),
            false => Ok(()),
        }
    }
}
