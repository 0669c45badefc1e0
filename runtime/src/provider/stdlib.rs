//! Python standard-library functions that public experiments call.

use super::{Call, Failure};
use crate::document::{Pointer, Problems};
use serde_json::Value;

/// One such activity's provider, as read.
#[derive(Debug, Clone)]
pub struct Stdlib {}

impl Stdlib {
    /// Reads it; what is wrong goes to `problems`.
    pub fn parse(
        provider: &Value,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Stdlib> {
        let _ = (provider, activity, at, problems);
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

/// Whether the function is served here.
pub fn owns(_module: &str, _func: &str) -> bool {
    false
}
