//! Process activities.

use super::{Call, Failure};
use crate::document::{Pointer, Problems};
use serde_json::Value;

/// One such activity's provider, as read.
#[derive(Debug, Clone)]
pub struct Process {}

impl Process {
    /// Reads it; what is wrong goes to `problems`.
    pub fn parse(
        provider: &Value,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Process> {
        let _ = (provider, activity, at, problems);
        None
    }

    /// The `timeout` it asks for.
    pub fn timeout(&self) -> Option<std::time::Duration> {
        None
    }

    /// Does it.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn call(&self, call: &Call<'_>) -> Result<Value, Failure> {
        let _ = call;
        Err(Failure::Failed("not built yet".into()))
    }
}
