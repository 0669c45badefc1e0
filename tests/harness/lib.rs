//! What the suites stand on: a real HTTP service to experiment on, a server that does what it is
//! told, the real binary in a place of its own, and the comparison with recorded results of Chaos
//! Toolkit.
#![forbid(unsafe_code)]

pub mod conformance;
pub mod experiment;
pub mod sandbox;
pub mod scripted;
pub mod service;

pub use sandbox::{Finished, Running, Sandbox};
pub use service::Service;
