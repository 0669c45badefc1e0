//! A Kubernetes cluster, through the host, which holds the credentials.
//!
//! A resource is written as for kubectl's authorisation: `pods`, `deployments.apps`; with a version
//! where it matters: `deployments.v1.apps`. Objects are JSON texts.
//!
//! ```
//! # use chaos_plugin::mock::Host;
//! # let host = Host::new();
//! # host.lists("pods", ["{}"]);
//! # host.scales("deployments.apps", 3);
//! use chaos_plugin::kubernetes;
//!
//! let pods = kubernetes::list("pods").namespace("shop").labels("app=cart").objects()?;
//!
//! // What changes something is for actions:
//! let before = kubernetes::scale("deployments.apps", "shop", "cart", 0)?;
//! # assert_eq!((pods.len(), before), (1, 3));
//! # Ok::<(), kubernetes::Error>(())
//! ```

use std::fmt;
use std::time::Duration;

use crate::{Json, host};

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Grants, budget, or the effect of the activity forbid it. The text says what would allow it.
    Denied(String),
    /// No answer in time.
    TimedOut(String),
    /// The API server said no.
    Refused(Refusal),
    /// The call makes no sense: a name that is none, a selector that cannot be read.
    Invalid(String),
    /// No connection, no credentials, a broken answer.
    Failed(String),
}

/// An API server's answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status code.
    pub status: u16,
    /// `NotFound`, `Conflict`, ...; empty when it gave none.
    pub reason: String,
    /// Its explanation.
    pub message: String,
}

impl Error {
    /// Whether the API server has no such object.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status == 404)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(text)
            | Self::TimedOut(text)
            | Self::Invalid(text)
            | Self::Failed(text) => f.write_str(text),
            Self::Refused(Refusal {
                status,
                reason,
                message,
            }) => {
                let reason = if reason.is_empty() {
                    String::new()
                } else {
                    format!(" ({reason})")
                };
                write!(
                    f,
                    "the API server answered with status {status}{reason}: {message}"
                )
            }
        }
    }
}

impl std::error::Error for Error {}

/// Which objects of a resource are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "nothing is asked before `objects`"]
pub struct List {
    pub(crate) resource: String,
    pub(crate) namespace: Option<String>,
    pub(crate) labels: Option<String>,
    pub(crate) fields: Option<String>,
}

/// Asks for the objects of a resource, in all namespaces unless [`List::namespace`] names one.
pub fn list(resource: impl Into<String>) -> List {
    List {
        resource: resource.into(),
        namespace: None,
        labels: None,
        fields: None,
    }
}

impl List {
    /// Those in a namespace.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Those with labels, as kubectl's `--selector`.
    pub fn labels(mut self, selector: impl Into<String>) -> Self {
        self.labels = Some(selector.into());
        self
    }

    /// Those with values in fields, as kubectl's `--field-selector`.
    pub fn fields(mut self, selector: impl Into<String>) -> Self {
        self.fields = Some(selector.into());
        self
    }

    /// Asks.
    ///
    /// # Errors
    /// Any of [`Error`].
    pub fn objects(self) -> Result<Vec<Json>, Error> {
        Ok(host::kubernetes::list(self)?
            .into_iter()
            .map(Json::from_text)
            .collect())
    }
}

/// An object; `namespace` is none for resources without namespaces.
///
/// # Errors
/// Any of [`Error`].
pub fn get(resource: &str, namespace: Option<&str>, name: &str) -> Result<Json, Error> {
    host::kubernetes::get(resource, namespace, name).map(Json::from_text)
}

/// The last lines of a pod's log; `container` is none for its only one.
///
/// # Errors
/// Any of [`Error`].
pub fn log(
    namespace: &str,
    pod: &str,
    container: Option<&str>,
    lines: u32,
) -> Result<String, Error> {
    host::kubernetes::log(namespace, pod, container, lines)
}

/// Deletes an object. `grace`: how long it may take to end, in whole seconds; none: its own time.
///
/// # Errors
/// Any of [`Error`]; in a probe always [`Error::Denied`].
pub fn delete(
    resource: &str,
    namespace: Option<&str>,
    name: &str,
    grace: Option<Duration>,
) -> Result<(), Error> {
    host::kubernetes::delete(resource, namespace, name, seconds(grace))
}

/// Evicts a pod, as a drain does: disruption budgets are honoured.
///
/// # Errors
/// Any of [`Error`]; in a probe always [`Error::Denied`].
pub fn evict(namespace: &str, pod: &str, grace: Option<Duration>) -> Result<(), Error> {
    host::kubernetes::evict(namespace, pod, seconds(grace))
}

/// Merges a JSON patch document (RFC 7386) into an object; gives the object.
///
/// # Errors
/// Any of [`Error`]; in a probe always [`Error::Denied`].
pub fn patch(
    resource: &str,
    namespace: Option<&str>,
    name: &str,
    patch: &Json,
) -> Result<Json, Error> {
    host::kubernetes::patch(resource, namespace, name, patch.text()).map(Json::from_text)
}

/// Sets the number of replicas; gives the number there was.
///
/// # Errors
/// Any of [`Error`]; in a probe always [`Error::Denied`].
pub fn scale(resource: &str, namespace: &str, name: &str, replicas: u32) -> Result<u32, Error> {
    host::kubernetes::scale(resource, namespace, name, replicas)
}

/// Creates an object; gives it as it then is.
///
/// # Errors
/// Any of [`Error`]; in a probe always [`Error::Denied`].
pub fn create(resource: &str, namespace: Option<&str>, object: &Json) -> Result<Json, Error> {
    host::kubernetes::create(resource, namespace, object.text()).map(Json::from_text)
}

fn seconds(grace: Option<Duration>) -> Option<u32> {
    Some(u32::try_from(grace?.as_secs()).unwrap_or(u32::MAX))
}
