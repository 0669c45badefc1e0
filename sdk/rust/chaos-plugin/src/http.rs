//! HTTP exchanges, made by the host: it checks each against the grants, counts and records it.
//!
//! ```
//! # use chaos_plugin::mock::{Host, Response};
//! # let host = Host::new();
//! # host.answer("GET", "http://shop.test/*", Response::new(200).body("[]"));
//! # host.answer("POST", "http://shop.test/orders", Response::new(201));
//! use std::time::Duration;
//! use chaos_plugin::http::{self, Request};
//!
//! let orders = http::get("http://shop.test/orders")?.success()?.text();
//!
//! let made = Request::post("http://shop.test/orders")
//!     .header("Content-Type", "application/json")
//!     .body(r#"{"item": 7}"#)
//!     .timeout(Duration::from_secs(2))
//!     .send()?;
//! assert_eq!(made.status, 201);
//!
//! // Several at once:
//! let begun: Vec<_> = (0..10).map(|_| Request::get("http://shop.test/").begin()).collect();
//! for exchange in begun {
//!     println!("{:?}", exchange.wait()?.elapsed);
//! }
//! # Ok::<(), http::Error>(())
//! ```

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::host;

/// How many redirects are followed unless [`Request::redirects`] says something else.
pub const REDIRECTS: u8 = 10;

/// Asks for a URL and waits for the answer, whatever its status.
///
/// # Errors
/// Any of [`Error`].
pub fn get(url: impl Into<String>) -> Result<Response, Error> {
    Request::get(url).send()
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "nothing is sent before `send` or `begin`"]
pub struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) redirects: u8,
}

impl Request {
    /// A request without headers or body.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout: None,
            redirects: REDIRECTS,
        }
    }

    /// A `GET`.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    /// A `HEAD`.
    pub fn head(url: impl Into<String>) -> Self {
        Self::new("HEAD", url)
    }

    /// A `POST`.
    pub fn post(url: impl Into<String>) -> Self {
        Self::new("POST", url)
    }

    /// A `PUT`.
    pub fn put(url: impl Into<String>) -> Self {
        Self::new("PUT", url)
    }

    /// A `PATCH`.
    pub fn patch(url: impl Into<String>) -> Self {
        Self::new("PATCH", url)
    }

    /// A `DELETE`.
    pub fn delete(url: impl Into<String>) -> Self {
        Self::new("DELETE", url)
    }

    /// Adds a header. Those of one name are all sent, in this order. A value may hold a
    /// [placeholder](crate::secrets::placeholder).
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body. It may hold a [placeholder](crate::secrets::placeholder).
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the body to the JSON of a value, and `Content-Type` to `application/json`.
    ///
    /// # Errors
    /// [`Error::Invalid`]: a map's keys are not texts, or the value's own `Serialize` fails.
    #[cfg(feature = "json")]
    pub fn json(self, value: &impl serde::Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(value)
            .map_err(|error| Error::Invalid(format!("no JSON for a body: {error}")))?;
        Ok(self.header("Content-Type", "application/json").body(body))
    }

    /// Sets how long the whole exchange may take, counted in milliseconds and at least one.
    /// Without: as long as the activity may.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets how many redirects are followed, each of which must be granted, too. With 0 the
    /// redirect is the answer. Without: [`REDIRECTS`].
    pub fn redirects(mut self, most: u8) -> Self {
        self.redirects = most;
        self
    }

    /// Sends it and waits for the answer, whatever its status.
    ///
    /// # Errors
    /// Any of [`Error`].
    pub fn send(self) -> Result<Response, Error> {
        host::http::send(self)
    }

    /// Sends it and does not wait.
    pub fn begin(self) -> Exchange {
        Exchange(host::http::Exchange::begin(self))
    }

    /// Whole milliseconds, at least one.
    pub(crate) fn timeout_ms(&self) -> Option<u32> {
        let timeout = self.timeout?;
        Some(
            u32::try_from(timeout.as_millis())
                .unwrap_or(u32::MAX)
                .max(1),
        )
    }
}

/// A request that is under way.
pub struct Exchange(host::http::Exchange);

impl Exchange {
    /// Whether [`Self::wait`] would return at once.
    pub fn ready(&self) -> bool {
        self.0.ready()
    }

    /// Waits for the answer.
    ///
    /// # Errors
    /// Any of [`Error`].
    pub fn wait(self) -> Result<Response, Error> {
        self.0.wait()
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case; repeated ones repeated.
    pub headers: Vec<(String, String)>,
    /// Decompressed.
    pub body: Vec<u8>,
    /// From sending the request to the last byte of the body.
    pub elapsed: Duration,
    /// What it answers: method and URL, for errors.
    pub(crate) request: String,
}

impl Response {
    /// The first header of a name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }

    /// The body as text; what is not UTF-8 in it is replaced by `U+FFFD`.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`Error::Broken`]: it is not the JSON of such a value.
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Error::Broken(format!(
                "{} was answered with JSON of another shape: {error}",
                self.request
            ))
        })
    }

    /// Whether the status is one of 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Itself, if [`Self::is_success`].
    ///
    /// # Errors
    /// [`Error::Status`] otherwise.
    pub fn success(self) -> Result<Self, Error> {
        if self.is_success() {
            return Ok(self);
        }
        let Self {
            request, status, ..
        } = &self;
        Err(Error::Status(
            *status,
            format!("{request} was answered with status {status}"),
        ))
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Grants, budget, or the effect of the activity forbid it. The text says what would allow it.
    Denied(String),
    /// No answer in time.
    TimedOut(String),
    /// No connection came about: refused, name unknown, TLS.
    NotConnected(String),
    /// The request cannot be sent.
    Invalid(String),
    /// The answer broke off, or is larger than the limit.
    Broken(String),
    /// There is an answer, but [no success](Response::success): its status, and a text that says
    /// to what.
    Status(u16, String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(text)
            | Self::TimedOut(text)
            | Self::NotConnected(text)
            | Self::Invalid(text)
            | Self::Broken(text)
            | Self::Status(_, text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}
