//! Kubernetes activities chaosk8s functions.

use super::{Call, Failure};
use crate::document::{Pointer, Problems};
use serde_json::Value;

/// One such activity's provider, as read.
#[derive(Debug, Clone)]
pub struct Kubernetes {}

impl Kubernetes {
    /// Reads it; what is wrong goes to `problems`.
    pub fn parse(
        provider: &Value,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Kubernetes> {
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

/// Whether a Python module is one of chaosk8s.
pub fn owns(module: &str) -> bool {
    module == "chaosk8s" || module.starts_with("chaosk8s.")
}
