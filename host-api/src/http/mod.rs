//! HTTP exchanges.
//!
//! Built on hyper's connections rather than on a client: each exchange has a fresh connection,
//! its own bounds on connecting and on answering, and shows the headers as the server spelled
//! them. Each redirect is a call of its own at the door.

mod allowance;
mod call;
mod connect;
mod decode;
mod exchange;
mod head;
mod netrc;
mod redirect;
mod target;
mod tls;

pub use allowance::Allowance;
pub use target::without_userinfo;

use crate::placeholder::Placeholders;
use crate::{Door, Effect, Refusal};
use bytes::Bytes;
use hyper_util::client::proxy::matcher::Matcher;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What exchanges share, made when first needed, kept for the run. Nothing of it is made for
/// plain HTTP except the environment's proxies and netrc.
#[derive(Default)]
pub(crate) struct Clients {
    tls: tokio::sync::Mutex<HashMap<Trust, Arc<rustls::ClientConfig>>>,
    proxies: OnceLock<Matcher>,
    netrc: OnceLock<netrc::Netrc>,
    /// In place of the system's name service.
    names: Option<Box<Names>>,
}

type Names = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

impl Door {
    /// The same door, with the hosts of HTTP exchanges looked up here instead of by the system's
    /// name service: for tests of what names may resolve to. Whatever comes back is checked, and
    /// connected to, as ever.
    #[must_use]
    pub fn with_names(
        mut self,
        names: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static,
    ) -> Door {
        self.http.names = Some(Box::new(names));
        self
    }

    /// `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, lower-case ones first.
    fn proxies(&self) -> &Matcher {
        self.http.proxies.get_or_init(|| {
            let of = |name: &str| {
                [name.to_ascii_lowercase().as_str(), name]
                    .into_iter()
                    .filter_map(|name| self.variable(name)?.into_string().ok())
                    .find(|value| !value.is_empty())
                    .unwrap_or_default()
            };
            Matcher::builder()
                .http(of("HTTP_PROXY"))
                .https(of("HTTPS_PROXY"))
                .all(of("ALL_PROXY"))
                .no(of("NO_PROXY"))
                .build()
        })
    }

    fn netrc(&self) -> &netrc::Netrc {
        let variable = |name: &str| self.variable(name);
        self.http
            .netrc
            .get_or_init(|| netrc::Netrc::from_environment(&variable))
    }
}

/// Whose certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Trust {
    /// The system's authorities, or those of `REQUESTS_CA_BUNDLE` / `CURL_CA_BUNDLE`.
    #[default]
    System,
    /// The authorities in this PEM file (or folder of them).
    Bundle(PathBuf),
    /// Anybody's: `verify_tls: false`.
    Anyone,
}

/// One request.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// Upper-case method.
    pub method: String,
    /// Absolute URL, query included.
    pub url: String,
    /// In the order to send.
    pub headers: Vec<(String, String)>,
    /// The body as sent.
    pub body: Bytes,
    /// How long connecting may take, each try.
    pub connect_timeout: Option<Duration>,
    /// How long the answer may take, from the connection to the last byte of the body; what
    /// redirects take counts together.
    pub answer_timeout: Option<Duration>,
    /// TLS verification.
    pub trust: Trust,
    /// Further tries: when no connection came about; for methods that may be repeated (not `POST`
    /// and `PATCH`) also when no answer came, or one that names a time to come again. As in the
    /// reference, whose HTTP client does the same with its `max_retries`.
    pub retries: u32,
    /// Bytes of body accepted (after decompression); see [`crate::limits::HTTP_BODY_BYTES`].
    pub body_limit: usize,
    /// What the bodies of several answers may hold together, if that is bounded.
    pub allowance: Option<Allowance>,
    /// What the caller says that it does. Where a guest's permit decides, it counts for nothing.
    pub effect: Effect,
    /// Redirects to follow; the next one is the answer. `None`: [`crate::limits::HTTP_REDIRECTS`],
    /// and one more is an error.
    pub redirects: Option<u8>,
    /// Secrets whose placeholders may stand in its URL, headers or body. With a permit, it goes
    /// only where each of those may be sent to, redirects included; they are taken out of the
    /// answer.
    pub placeholders: Option<Arc<Placeholders>>,
}

/// The answer, body read to its end.
#[derive(Debug, Clone)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Names in the server's own case; repeated ones repeated.
    pub headers: Vec<(String, String)>,
    /// Decompressed.
    pub body: Bytes,
    /// From sending the request to the last byte of the body, connecting left out; together with
    /// the redirects that led to it.
    pub elapsed: Duration,
    /// Where it came from, after the redirects that were followed.
    pub url: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The door said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No answer began: refused, DNS, TLS, proxy, reset, connect timeout, not HTTP.
    #[error("failed to connect to {url}: {reason}")]
    Connect {
        /// The URL.
        url: String,
        /// The innermost cause.
        reason: String,
    },
    /// The answer did not come in time.
    #[error("no complete answer from {url} within {seconds} s")]
    TooSlow {
        /// The URL.
        url: String,
        /// Time that was allowed.
        seconds: f64,
    },
    /// The request itself is wrong: URL, header, method.
    #[error("cannot send this request: {0}")]
    Invalid(String),
    /// The answer broke off, or redirected without end.
    #[error("broken answer from {url}: {reason}")]
    Broken {
        /// The URL.
        url: String,
        /// What was wrong.
        reason: String,
    },
    /// The body exceeds the limit.
    #[error("the answer of {url} is larger than {limit} bytes")]
    TooLarge {
        /// The URL.
        url: String,
        /// The limit.
        limit: usize,
    },
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
    use super::*;
    use crate::Pass;
    use crate::budget::Ceilings;
    use crate::deadline::Deadline;
    use crate::ledger::NoLedger;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Loading the system's authorities would take most of a short run's time.
    #[tokio::test]
    async fn plain_http_sets_up_no_tls() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let door = Door::new(Arc::new(NoLedger), Ceilings::default())
            .with_environment(vec![("NO_PROXY".into(), "*".into())]);
        let pass = Pass::new("t", Effect::Read, Deadline::after(Duration::from_secs(5)));
        let request = HttpRequest {
            method: "GET".into(),
            url,
            headers: Vec::new(),
            body: Bytes::new(),
            connect_timeout: None,
            answer_timeout: None,
            trust: Trust::System,
            retries: 0,
            body_limit: 100,
            allowance: None,
            effect: Effect::Read,
            redirects: None,
            placeholders: None,
        };
        let serving = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_u8().await.unwrap();
            let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
            stream.write_all(answer).await.unwrap();
            stream
        };
        let (answer, _stream) = tokio::join!(door.http(&pass, request), serving);
        assert_eq!(answer.unwrap().status, 204);
        assert!(door.http.tls.lock().await.is_empty());
    }
}
