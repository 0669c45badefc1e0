//! Prometheus's HTTP API.

use std::fmt::Write as _;

use chaos_plugin::http::{self, Request, Response};
use chaos_plugin::{Json, configuration, log};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::moment;

/// Where Prometheus is unless the configuration says otherwise.
const BASE_URL: &str = "http://localhost:9090";

/// Values in the window that a mean is of.
const STEPS: f64 = 300.0;

/// Why a probe failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A text that means no moment.
    #[error("failed to parse '{0}'")]
    Moment(String),
    /// Prometheus said no: what was asked, how, and its answer.
    #[error("{asked} {parameters} failed: {answer}")]
    Refused {
        /// What was asked.
        asked: &'static str,
        /// The request's parameters.
        parameters: String,
        /// The answer's body.
        answer: String,
    },
    /// As [`Self::Refused`], for means. The log has the details.
    #[error("Failed to run Prometheus query")]
    Failed,
    /// An answer that does not call itself a success. The log has the details.
    #[error("Prometheus query was not successful")]
    Unsuccessful,
    /// There is nothing to compute a mean of: the query and the window.
    #[error("Prometheus has no values of '{0}' since '{1}'")]
    NoValues(String, String),
    /// The window does not end now: the window.
    #[error("the window '{0}' must begin in the past")]
    Window(String),
    /// A value that such a mean cannot have: the mean's type, and what the value is.
    #[error("there is no {0} mean of values of which one is {1}")]
    Mean(&'static str, &'static str),
    /// The configuration cannot be read.
    #[error(transparent)]
    Configuration(#[from] configuration::Error),
    /// There was no connection, and the experiment hoped that certificates would not matter.
    #[error(
        "{0}; 'verify_tls: false' changes nothing, certificates are always verified: \
         let the system trust the server's"
    )]
    Verified(http::Error),
    /// There was no answer, or none that can be read.
    #[error(transparent)]
    Http(#[from] http::Error),
}

/// A request's parameters, in order.
pub(crate) struct Parameters(Vec<(&'static str, Parameter)>);

enum Parameter {
    Text(String),
    Number(f64),
}

impl Parameters {
    pub(crate) fn new(query: &str) -> Self {
        Self(vec![("query", Parameter::Text(query.to_owned()))])
    }

    pub(crate) fn text(&mut self, name: &'static str, text: String) {
        self.0.push((name, Parameter::Text(text)));
    }

    /// Adds a number, if there is one.
    pub(crate) fn number(&mut self, name: &'static str, number: Option<f64>) {
        self.0
            .extend(number.map(|number| (name, Parameter::Number(number))));
    }

    fn encoded(&self) -> String {
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        for (name, parameter) in &self.0 {
            match parameter {
                Parameter::Text(text) => encoded.append_pair(name, text),
                Parameter::Number(number) => encoded.append_pair(name, &number.to_string()),
            };
        }
        encoded.finish()
    }

    /// As Python writes a dictionary: so chaosprometheus names them when a query fails.
    fn written(&self) -> String {
        let written: Vec<String> = self
            .0
            .iter()
            .map(|(name, parameter)| match parameter {
                Parameter::Text(text) => format!("'{name}': {}", quoted(text)),
                Parameter::Number(number) => format!("'{name}': {number}"),
            })
            .collect();
        format!("{{{}}}", written.join(", "))
    }
}

/// As Python writes a text: in single quotes unless it holds some, and no double ones.
fn quoted(text: &str) -> String {
    let quote = match text.contains('\'') && !text.contains('"') {
        true => '"',
        false => '\'',
    };
    let mut quoted = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if letter == quote => quoted.extend(['\\', quote]),
            _ if letter.is_ascii_control() => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(letter));
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push(quote);
    quoted
}

/// The server.
pub(crate) struct Server {
    /// Without a slash at the end.
    url: String,
    verify: bool,
}

impl Server {
    /// The one that the configuration names.
    pub(crate) fn configured(verify_tls: Option<bool>) -> Result<Self, Failure> {
        let url = configuration::text("prometheus_base_url")?;
        let url = url.as_deref().unwrap_or(BASE_URL).trim_end_matches('/');
        let verify = verify_tls.unwrap_or(true) || !url.starts_with("https:");
        if !verify {
            log::warning("verify_tls is false, but certificates are always verified");
        }
        Ok(Self {
            url: url.to_owned(),
            verify,
        })
    }

    /// What an endpoint answers, as it is.
    pub(crate) fn ask(
        &self,
        endpoint: &str,
        asked: &'static str,
        parameters: &Parameters,
    ) -> Result<Json, Failure> {
        log::debug(format!("Querying with: {}", parameters.written()));
        let answer = self.get(endpoint, parameters)?;
        if answer.status != 200 {
            return Err(Failure::Refused {
                asked,
                parameters: parameters.written(),
                answer: answer.text().into_owned(),
            });
        }
        // It must be JSON, and stays as Prometheus wrote it.
        answer.json::<IgnoredAny>()?;
        Ok(Json::from_text(answer.text()))
    }

    /// The values of the first series that a query has had since a moment.
    pub(crate) fn values_since(&self, query: &str, window: &str) -> Result<Vec<f64>, Failure> {
        let (start, end) = (moment::parse(window)?, moment::parse("now")?);
        let seconds = end.duration_since(start).as_secs_f64();
        if seconds <= 0.0 {
            return Err(Failure::Window(window.to_owned()));
        }
        let mut parameters = Parameters::new(query);
        parameters.text("start", moment::rfc3339(start));
        parameters.text("end", moment::rfc3339(end));
        // In milliseconds, which are all that Prometheus counts.
        let step = (seconds / STEPS * 1000.0).round().max(1.0) / 1000.0;
        parameters.number("step", Some(step));
        let answer = self.get("query_range", &parameters)?;
        let text = answer.text();
        if answer.status > 399 {
            log::debug(format!(
                "Failed to perform Prometheus query '{query}': {text}"
            ));
            return Err(Failure::Failed);
        }
        let Matrix { status, data } = answer.json()?;
        let Some(data) = data.filter(|_| status == "success") else {
            log::debug(format!("Prometheus query '{query}' not successful: {text}"));
            return Err(Failure::Unsuccessful);
        };
        let series = data.result.into_iter().next();
        let values = series.map(|series| series.values).unwrap_or_default();
        match values.is_empty() {
            true => Err(Failure::NoValues(query.to_owned(), window.to_owned())),
            false => Ok(values.into_iter().map(|Value(_, value)| value).collect()),
        }
    }

    fn get(&self, endpoint: &str, parameters: &Parameters) -> Result<Response, Failure> {
        let url = format!("{}/api/v1/{endpoint}?{}", self.url, parameters.encoded());
        let request = Request::get(url).header("Accept", "application/json");
        request.send().map_err(|error| match error {
            http::Error::NotConnected(_) if !self.verify => Failure::Verified(error),
            other => Failure::Http(other),
        })
    }
}

/// The answer to a range query.
#[derive(Deserialize)]
struct Matrix {
    status: String,
    #[serde(default)]
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    result: Vec<Series>,
}

#[derive(Deserialize)]
struct Series {
    values: Vec<Value>,
}

/// A moment and the value that there was then.
#[derive(Deserialize)]
struct Value(IgnoredAny, #[serde(deserialize_with = "number")] f64);

/// A number that is written as a text, `+Inf` among them.
fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}
