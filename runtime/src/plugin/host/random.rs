//! `chaos:host/random`: the operating system's.

use super::State;
use super::bindings::chaos::host::random::Host;
use rustix::rand::{GetRandomFlags, getrandom};

impl Host for State {
    async fn bytes(&mut self, count: u32) -> wasmtime::Result<Vec<u8>> {
        let count = usize::try_from(count)?;
        // Counted before anything is made for it.
        self.meter.host_call(count)?;
        let mut bytes = vec![0; count];
        fill(&mut bytes)?;
        Ok(bytes)
    }

    async fn number(&mut self) -> wasmtime::Result<u64> {
        self.meter.host_call(0)?;
        let mut bytes = [0; 8];
        fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
}

/// Fills `bytes`.
pub(super) fn fill(mut bytes: &mut [u8]) -> wasmtime::Result<()> {
    while !bytes.is_empty() {
        let filled = getrandom(&mut *bytes, GetRandomFlags::empty())?;
        bytes = &mut bytes[filled..];
    }
    Ok(())
}
