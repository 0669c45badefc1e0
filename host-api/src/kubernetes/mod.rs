//! Kubernetes calls.

/// Connections to clusters, made when first needed, kept for the run.
#[derive(Default)]
pub(crate) struct Clients {}
