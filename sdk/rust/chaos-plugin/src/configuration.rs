//! The experiment's configuration, as far as it was granted.
//!
//! ```
//! # let host = chaos_plugin::mock::Host::new();
//! # host.configuration("base_url", "\"http://127.0.0.1:8080\"");
//! use chaos_plugin::configuration;
//!
//! let url = configuration::text("base_url")?;
//! assert_eq!(url.as_deref(), Some("http://127.0.0.1:8080"));
//! # Ok::<(), configuration::Error>(())
//! ```

use std::fmt;

use crate::{Json, host};

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Not granted. The text says what would allow it.
    Denied(String),
    /// Not of the type that was asked for: the name, and what it is instead.
    Unexpected(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(text) | Self::Unexpected(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}

/// The value of a name; none if the experiment has no such name.
///
/// # Errors
/// [`Error::Denied`].
pub fn get(name: &str) -> Result<Option<Json>, Error> {
    Ok(host::configuration::get(name)?.map(Json::from_text))
}

/// The value of a name, which is a text.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Unexpected`] if it is something else.
pub fn text(name: &str) -> Result<Option<String>, Error> {
    let Some(value) = get(name)? else {
        return Ok(None);
    };
    crate::json::text_of(value.text()).map(Some).ok_or_else(|| {
        Error::Unexpected(format!(
            "the configuration's `{name}` is not a text but {}",
            value.text()
        ))
    })
}
