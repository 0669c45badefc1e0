//! Answers in the network's place.
//!
//! A call is checked, charged and written down as ever; only at the last step, where it would
//! leave, [`Answers`] are asked instead of the network: for tests of plugins.

use bytes::Bytes;
use std::fmt;
use std::time::Duration;

/// By what way a request would have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// To any server.
    Http,
    /// To the API server of a cluster.
    Kubernetes,
}

/// A request, as it would have left: with secrets in it. It is therefore not shown.
pub struct Asked {
    /// By what way.
    pub wire: Wire,
    /// Upper-case.
    pub method: String,
    /// The whole URL; of a Kubernetes call, path and query.
    pub url: String,
    /// All that would have been sent, names in lower case.
    pub headers: Vec<(String, String)>,
    /// As sent.
    pub body: Bytes,
}

impl fmt::Debug for Asked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Asked");
        shown
            .field("wire", &self.wire)
            .field("method", &self.method);
        shown.finish_non_exhaustive()
    }
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// As the server spelt them.
    pub headers: Vec<(String, String)>,
    /// Not compressed.
    pub body: Bytes,
    /// How long an HTTP exchange took. Nobody waits for that long, but an answer that took longer
    /// than was allowed comes too late. Of no account for Kubernetes.
    pub elapsed: Duration,
}

/// Who answers in the network's place.
pub trait Answers: Send + Sync {
    /// The answer to one request. Each redirect and each further try is a request.
    ///
    /// # Errors
    /// Why there is none; to the caller it is a connection that failed.
    fn answer(&self, asked: &Asked) -> Result<Answer, String>;
}

/// A request's parts.
pub(crate) fn asked(wire: Wire, head: &http::request::Parts, body: Bytes) -> Asked {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Asked {
        wire,
        method: head.method.to_string(),
        url: head.uri.to_string(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
            .collect(),
        body,
    }
}
