//! Everything of the runner that speaks HTTP, against real servers.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod activities;
mod notifications;
mod sources;
mod vaults;
