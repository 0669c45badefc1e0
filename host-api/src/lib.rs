//! The one door: what may touch the world, and how much.
//!
//! Every effect of a run (an HTTP exchange, a process, a Kubernetes call, a file) is a call on
//! [`Door`]. The door refuses it or charges the [`Budget`](budget::Budget), has the intent
//! written down when the call changes something, performs it under the [`Pass`]'s deadline and
//! reports what became of it to the [`Ledger`](ledger::Ledger). No other crate of the workspace
//! names `hyper`, `kube` or a process API.
#![forbid(unsafe_code)]

pub mod answers;
pub mod budget;
pub mod deadline;
mod door;
pub mod file;
pub mod grant;
pub mod http;
pub mod kubernetes;
pub mod ledger;
pub mod limits;
pub mod loopback;
mod pass;
pub mod permit;
pub mod placeholder;
pub mod policy;
pub mod process;
pub mod redact;
pub mod tool;
pub mod worker;

pub use door::{Door, Refusal};
pub use pass::{Effect, Pass};
