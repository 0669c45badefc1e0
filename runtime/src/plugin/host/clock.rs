//! `chaos:host/clock`.

use super::State;
use super::bindings::chaos::host::clock::Host;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

impl Host for State {
    async fn now(&mut self) -> wasmtime::Result<u64> {
        self.meter.host_call(0)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_nanos();
        Ok(u64::try_from(now).unwrap_or(u64::MAX))
    }

    async fn monotonic(&mut self) -> wasmtime::Result<u64> {
        self.meter.host_call(0)?;
        let since = self.started.elapsed().as_nanos();
        Ok(u64::try_from(since).unwrap_or(u64::MAX))
    }

    async fn sleep(&mut self, nanoseconds: u64) -> wasmtime::Result<()> {
        self.meter.host_call(0)?;
        // The call's deadline bounds it.
        tokio::time::sleep(Duration::from_nanos(nanoseconds)).await;
        Ok(())
    }
}
