//! The experiment's secrets, which no plugin sees.
//!
//! A plugin gets a placeholder and puts it into a URL, a header or a body. The host puts the
//! secret there when the request leaves, if it was granted to go to that address.
//!
//! ```
//! # use chaos_plugin::mock::{Host, Response};
//! # let host = Host::new();
//! # host.secret("shop", "token");
//! # host.answer("GET", "https://shop.test/orders", Response::new(200));
//! use chaos_plugin::{http, secrets};
//!
//! let token = secrets::placeholder("shop", "token").unwrap();
//! http::Request::get("https://shop.test/orders")
//!     .header("Authorization", format!("Bearer {token}"))
//!     .send()?;
//! # Ok::<(), http::Error>(())
//! ```

use std::fmt;

use crate::host;

/// Why there is no placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Not granted. The text says what would allow it.
    Denied(String),
    /// The experiment has no such secret.
    Unknown(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(text) | Self::Unknown(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}

/// Stands for a secret in headers, bodies and URLs.
///
/// `target` and `key` are as in the experiment: `{"secrets": {target: {key: ..}}}`.
///
/// # Errors
/// Any of [`Error`].
pub fn placeholder(target: &str, key: &str) -> Result<String, Error> {
    host::secrets::placeholder(target, key)
}

/// Stands for the value of an `Authorization` header: basic authentication, the secret being the
/// password.
///
/// # Errors
/// Any of [`Error`].
pub fn basic_authorization(user: &str, target: &str, key: &str) -> Result<String, Error> {
    host::secrets::basic_authorization(user, target, key)
}
