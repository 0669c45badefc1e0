//! Who writes down what passes the door.

use crate::Effect;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is about to be done. Written down, and on disk, before a mutating call leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// Number of the call within the run, from 1.
    pub call: u64,
    /// The step's id.
    pub step: String,
    /// `http`, `process`, `kubernetes` or `file`.
    pub kind: String,
    /// What is called, for people: `DELETE http://127.0.0.1:8080/x`, `/bin/kill -9 12`.
    pub target: String,
    /// How to undo it; `None` where nobody knows how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Value>,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// [`Intent::call`].
    pub call: u64,
    /// The step's id.
    pub step: String,
    /// [`Intent::kind`].
    pub kind: String,
    /// [`Intent::target`].
    pub target: String,
    /// Whether it could change something.
    pub effect: Effect,
    /// Whether a guest made it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guest: bool,
    /// Seconds it took.
    pub seconds: f64,
    /// `None` when it was performed, otherwise why not: the refusal or the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The intent could not be written, so the call was not made.
#[derive(Debug, thiserror::Error)]
#[error("the call was not made because its intent could not be written down: {0}")]
pub struct NotWritten(pub String);

/// Where intents and results go. The runner's is its write-ahead log.
pub trait Ledger: Send + Sync {
    /// Returns once the intent is on disk.
    fn intent(&self, intent: Intent) -> BoxFuture<'_, Result<(), NotWritten>>;
    /// Notes a result; does not wait for the disk.
    fn done(&self, done: Done);
}

/// A ledger that keeps nothing: for calls outside a run (fetching a document, discovery).
#[derive(Debug, Default)]
pub struct NoLedger;

impl Ledger for NoLedger {
    fn intent(&self, _: Intent) -> BoxFuture<'_, Result<(), NotWritten>> {
        Box::pin(async { Ok(()) })
    }
    fn done(&self, _: Done) {}
}
