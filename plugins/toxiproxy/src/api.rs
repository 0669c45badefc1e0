//! Toxiproxy's HTTP API.

use chaos_plugin::http::{self, Request, Response};
use chaos_plugin::{configuration, log};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Map, Value};

/// The port that Toxiproxy listens at unless it is told otherwise.
const PORT: &str = "8474";

/// All but what a path has as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Why a function failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The server said no: what was wanted of it, its status, and its answer.
    #[error("Unable to {0}, response code {1} with {2}")]
    Refused(String, u16, String),
    /// The server's answer has no such member, or none that makes sense.
    #[error("Unable to {0}: the server's answer has no {1}")]
    Answer(String, &'static str),
    /// The experiment does not say where the server is.
    #[error(
        "where is Toxiproxy? The experiment's configuration has neither 'toxiproxy_url' nor \
         'toxiproxy_host'"
    )]
    Nowhere,
    /// The configuration has something else there: the name, and what it must be.
    #[error("the configuration's '{0}' must be {1}")]
    Configuration(&'static str, &'static str),
    /// An argument names an environment variable: the argument, and the variable.
    #[error(
        "the argument '{0}' asks for the environment variable {1}, which a plugin does not see: \
         put {{\"type\": \"env\", \"key\": \"{1}\"}} into the experiment's configuration and pass that"
    )]
    Environment(&'static str, String),
    /// A name that no path can have.
    #[error("'{0}' is no name of a proxy or a toxic")]
    Name(String),
    /// A toxic's attributes are something else.
    #[error("the argument 'attributes' must be an object")]
    NoObject,
    /// A proxy has no such attribute: the proxy, the attribute, and those that it has.
    #[error("the proxy '{0}' has no attribute '{1}'; it has {2}")]
    NoAttribute(String, String, String),
    /// The configuration cannot be read.
    #[error(transparent)]
    Denied(#[from] configuration::Error),
    /// There was no answer, or none that can be read.
    #[error(transparent)]
    Http(#[from] http::Error),
}

impl Failure {
    pub(crate) fn no_attribute(proxy: &str, attribute: &str, has: &Map<String, Value>) -> Self {
        let names: Vec<&str> = has.keys().map(String::as_str).collect();
        Self::NoAttribute(proxy.to_owned(), attribute.to_owned(), names.join(", "))
    }
}

/// What is sent for a new proxy.
#[derive(Serialize)]
pub(crate) struct NewProxy<'a> {
    pub(crate) name: &'a str,
    pub(crate) listen: String,
    pub(crate) upstream: String,
    pub(crate) enabled: bool,
}

/// What is sent to change a proxy.
#[derive(Serialize)]
pub(crate) struct Change<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) listen: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) enabled: Option<bool>,
}

/// What is sent for a new toxic.
#[derive(Serialize)]
pub(crate) struct NewToxic<'a> {
    pub(crate) name: &'a str,
    #[serde(rename = "type")]
    pub(crate) type_: &'a str,
    pub(crate) stream: &'a str,
    pub(crate) toxicity: f64,
    pub(crate) attributes: Value,
}

/// A text that chaostoxi would look up in the environment when it begins with `env:`.
pub(crate) fn resolved<'a>(argument: &'static str, text: &'a str) -> Result<&'a str, Failure> {
    match text.strip_prefix("env:") {
        Some(variable) => Err(Failure::Environment(argument, variable.to_owned())),
        None => Ok(text),
    }
}

/// The server.
pub(crate) struct Toxiproxy {
    /// Without a slash at the end.
    url: String,
}

impl Toxiproxy {
    /// The one that the configuration names.
    pub(crate) fn configured() -> Result<Self, Failure> {
        let url = match text("toxiproxy_url")? {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => {
                let host = text("toxiproxy_host")?.ok_or(Failure::Nowhere)?;
                let port = text("toxiproxy_port")?;
                format!("http://{host}:{}", port.as_deref().unwrap_or(PORT))
            }
        };
        log::debug(format!("Toxiproxy is at {url}"));
        Ok(Self { url })
    }

    /// A proxy as the server describes it, if there is one.
    pub(crate) fn proxy(&self, name: &str) -> Result<Option<Map<String, Value>>, Failure> {
        let answer = Request::get(self.of_proxy(name)?).send()?;
        match is_ok(&answer) {
            true => Ok(Some(answer.json()?)),
            false => Ok(None),
        }
    }

    pub(crate) fn create_proxy(&self, proxy: &NewProxy<'_>) -> Result<(), Failure> {
        let answer = Request::post(format!("{}/proxies", self.url))
            .json(proxy)?
            .send()?;
        listening(&answer, format!("create proxy {}", proxy.name))
    }

    pub(crate) fn modify_proxy(&self, name: &str, change: &Change<'_>) -> Result<(), Failure> {
        let answer = Request::post(self.of_proxy(name)?).json(change)?.send()?;
        listening(&answer, format!("modify proxy {name}"))
    }

    pub(crate) fn delete_proxy(&self, name: &str) -> Result<(), Failure> {
        let url = self.of_proxy(name)?;
        let missing = match Request::delete(&url).send() {
            Ok(answer) if is_ok(&answer) => return Ok(()),
            Ok(answer) => format!("status {}", answer.status),
            Err(denied @ http::Error::Denied(_)) => return Err(denied.into()),
            Err(other) => other.to_string(),
        };
        log::warning(format!("Unable to remove proxy with {url}: {missing}"));
        Ok(())
    }

    pub(crate) fn reset(&self) -> Result<bool, Failure> {
        let answer = Request::post(format!("{}/reset", self.url)).send()?;
        Ok(is_ok(&answer))
    }

    /// Whether the toxic that was made is the one that was meant.
    pub(crate) fn create_toxic(&self, proxy: &str, toxic: &NewToxic<'_>) -> Result<bool, Failure> {
        let wanted = || format!("create toxic {} for proxy {proxy}", toxic.name);
        let url = format!("{}/toxics", self.of_proxy(proxy)?);
        let made = granted(&Request::post(url).json(toxic)?.send()?, wanted)?;
        match made.get("name") {
            Some(name) => Ok(name == toxic.name),
            None => Err(Failure::Answer(wanted(), "name")),
        }
    }

    pub(crate) fn delete_toxic(&self, proxy: &str, toxic: &str) -> Result<bool, Failure> {
        let url = format!("{}/toxics/{}", self.of_proxy(proxy)?, segment(toxic)?);
        Ok(is_ok(&Request::delete(url).send()?))
    }

    fn of_proxy(&self, name: &str) -> Result<String, Failure> {
        Ok(format!("{}/proxies/{}", self.url, segment(name)?))
    }
}

/// A name as one part of a path.
fn segment(name: &str) -> Result<String, Failure> {
    match name {
        "" | "." | ".." => Err(Failure::Name(name.to_owned())),
        _ => Ok(utf8_percent_encode(name, SEGMENT).to_string()),
    }
}

/// What Python's requests takes for success.
fn is_ok(answer: &Response) -> bool {
    answer.status < 400
}

/// The object that the server answers with.
fn granted(answer: &Response, wanted: impl Fn() -> String) -> Result<Map<String, Value>, Failure> {
    if !is_ok(answer) {
        let said = answer.text().trim().to_owned();
        return Err(Failure::Refused(wanted(), answer.status, said));
    }
    Ok(answer.json()?)
}

/// Logs where a proxy listens now.
fn listening(answer: &Response, wanted: String) -> Result<(), Failure> {
    let proxy = granted(answer, || wanted.clone())?;
    let listen = proxy.get("listen").and_then(Value::as_str);
    let port = listen.and_then(|listen| listen.rsplit(':').next());
    match port.filter(|port| port.parse::<u16>().is_ok()) {
        Some(port) => log::info(format!("{wanted}: it listens at port {port}")),
        None => return Err(Failure::Answer(wanted, "port in its 'listen'")),
    }
    Ok(())
}

/// A value of the configuration, if it is there and says something: a text, or a whole number.
fn text(name: &'static str) -> Result<Option<String>, Failure> {
    let Some(json) = configuration::get(name)? else {
        return Ok(None);
    };
    match json.parse::<Value>() {
        Ok(Value::Null) => Ok(None),
        Ok(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
        Ok(Value::Number(number)) => Ok(Some(number.to_string())),
        _ => Err(Failure::Configuration(name, "a text or a number")),
    }
}
