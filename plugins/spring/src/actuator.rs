//! The actuator's endpoint `chaosmonkey`.

use std::time::Duration;

use chaos_plugin::http::{self, Request, Response};
use chaos_plugin::{Json, log};
use serde_json::{Map, Value};

/// Why a function failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The service said no: what was wanted of it, and its answer.
    #[error("{0} failed: {1}")]
    Refused(&'static str, String),
    /// An argument is not what it must be: its name, and what it must be.
    #[error("the argument '{0}' must be {1}")]
    Argument(&'static str, &'static str),
    /// There was no connection, and the experiment hoped that certificates would not matter.
    #[error(
        "{0}; 'verify_ssl: false' changes nothing, certificates are always verified: \
         let the system trust the service's"
    )]
    Verified(http::Error),
    /// There was no answer, or none that can be read.
    #[error(transparent)]
    Http(#[from] http::Error),
}

impl Failure {
    pub(crate) fn refused(wanted: &'static str, answer: &Response) -> Self {
        Self::Refused(wanted, answer.text().into_owned())
    }
}

/// Where to ask, and how.
pub(crate) struct Actuator<'a> {
    base_url: &'a str,
    headers: Vec<(String, String)>,
    timeout: Option<Duration>,
    verify: bool,
}

impl<'a> Actuator<'a> {
    pub(crate) fn new(
        base_url: &'a str,
        headers: Option<Json>,
        timeout: Option<f64>,
        verify_ssl: Option<bool>,
    ) -> Result<Self, Failure> {
        let verify = verify_ssl.unwrap_or(true) || !base_url.starts_with("https:");
        if !verify {
            log::warning("verify_ssl is false, but certificates are always verified");
        }
        Ok(Self {
            base_url,
            headers: texts(headers)?,
            timeout: duration(timeout)?,
            verify,
        })
    }

    pub(crate) fn get(self, endpoint: &str) -> Result<Response, Failure> {
        self.send("GET", endpoint, None)
    }

    /// The JSON that an endpoint has.
    pub(crate) fn document(self, endpoint: &str, wanted: &'static str) -> Result<Json, Failure> {
        let answer = self.get(endpoint)?;
        if answer.status != 200 {
            return Err(Failure::refused(wanted, &answer));
        }
        Ok(answer.json::<Value>()?.into())
    }

    /// The text that an endpoint says to a change. An empty object is no body.
    pub(crate) fn post(
        self,
        endpoint: &str,
        change: Option<Json>,
        wanted: &'static str,
    ) -> Result<String, Failure> {
        let change = change
            .map(|change| object("assaults_configuration", &change))
            .transpose()?;
        let answer = self.send("POST", endpoint, change.filter(|change| !change.is_empty()))?;
        if answer.status != 200 {
            return Err(Failure::refused(wanted, &answer));
        }
        Ok(answer.text().into_owned())
    }

    fn send(
        self,
        method: &str,
        endpoint: &str,
        body: Option<Map<String, Value>>,
    ) -> Result<Response, Failure> {
        let mut headers = self.headers;
        if !has(&headers, "Accept") {
            headers.push(("Accept".to_owned(), "application/json".to_owned()));
        }
        if body.is_some() {
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("Content-Type"));
        }
        let url = format!("{}/chaosmonkey/{endpoint}", self.base_url);
        let mut request = Request::new(method, url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.json(&body)?;
        }
        if let Some(timeout) = self.timeout {
            request = request.timeout(timeout);
        }
        request.send().map_err(|error| match error {
            http::Error::NotConnected(_) if !self.verify => Failure::Verified(error),
            other => Failure::Http(other),
        })
    }
}

fn has(headers: &[(String, String)], name: &str) -> bool {
    headers
        .iter()
        .any(|(own, _)| own.eq_ignore_ascii_case(name))
}

/// Headers, of which those that are null are left out.
fn texts(headers: Option<Json>) -> Result<Vec<(String, String)>, Failure> {
    let Some(headers) = headers else {
        return Ok(Vec::new());
    };
    object("headers", &headers)?
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| match value {
            Value::String(text) => Ok((name, text)),
            _ => Err(Failure::Argument("headers", "an object of texts")),
        })
        .collect()
}

fn object(name: &'static str, json: &Json) -> Result<Map<String, Value>, Failure> {
    json.parse()
        .map_err(|_| Failure::Argument(name, "an object"))
}

/// A timeout; 0 is none.
fn duration(seconds: Option<f64>) -> Result<Option<Duration>, Failure> {
    let Some(seconds) = seconds.filter(|seconds| *seconds != 0.0) else {
        return Ok(None);
    };
    match Duration::try_from_secs_f64(seconds) {
        Ok(timeout) => Ok(Some(timeout)),
        Err(_) => Err(Failure::Argument("timeout", "a number of seconds")),
    }
}
