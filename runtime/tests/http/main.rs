//! Everything of the runner that speaks HTTP, against real servers.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
#![expect(missing_docs, reason = "tests")]

mod activities;
mod notifications;
mod server;
mod sources;
mod vaults;
