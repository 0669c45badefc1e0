use super::Http;
use crate::document::{Pointer, Problems};
use chaos_host_api::http::Trust;
use serde_json::{Map, Value};

impl Http {
    /// Reads it; what is wrong goes to `problems`.
    ///
    /// The reference's `validate` looks at `url` and `headers` only. The other rules refuse what
    /// always ends a run of the reference with a Python exception.
    pub fn parse(
        provider: &Value,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Http> {
        let errors_before = problems.errors().count();
        let url = match provider.get("url") {
            Some(Value::String(url)) if !url.is_empty() => url.clone(),
            _ => {
                problems
                    .error(&at.key("url"), "a HTTP activity must have a URL")
                    .hint(format!(
                        "give '{activity}' a url such as \"http://localhost:8080/health\""
                    ));
                String::new()
            }
        };
        let headers = match provider.get("headers") {
            Some(Value::Object(headers)) => headers.clone(),
            Some(other) if crate::python::truthy(other) => {
                let message = "a HTTP activities expect headers as a mapping";
                problems.error(&at.key("headers"), message);
                Map::new()
            }
            _ => Map::new(),
        };
        let method = match provider.get("method") {
            None => "GET".to_owned(),
            Some(Value::String(method)) if is_token(method) => method.to_uppercase(),
            Some(_) => {
                let message = "the method of a HTTP activity must be the name of a HTTP method";
                problems
                    .error(&at.key("method"), message)
                    .hint("write \"GET\", \"POST\" or another method in quotes");
                String::new()
            }
        };
        let trust = match provider.get("verify_tls") {
            None | Some(Value::Null | Value::Bool(true)) => Trust::System,
            Some(Value::Bool(false)) => Trust::Anyone,
            Some(Value::String(path)) if !path.is_empty() => Trust::Bundle(path.into()),
            Some(_) => {
                let message =
                    "verify_tls must be true, false or the path of a bundle of certificates";
                problems.error(&at.key("verify_tls"), message);
                Trust::System
            }
        };
        let retries = match provider.get("max_retries") {
            None => 0,
            Some(Value::Number(number)) if !number.is_f64() => number
                .as_u64()
                .map_or(0, |retries| u32::try_from(retries).unwrap_or(u32::MAX)),
            Some(_) => {
                problems.error(&at.key("max_retries"), "max_retries must be a whole number");
                0
            }
        };
        let timeout = provider.get("timeout").cloned().unwrap_or(Value::Null);
        if !may_be_timeout(&timeout) {
            problems
                .error(
                    &at.key("timeout"),
                    "the timeout of a HTTP activity must be a positive number of seconds or a \
                     pair of them",
                )
                .hint("write a number, or [connect, answer]");
        }
        // Absent, or what the reference takes for absent except where a body of JSON is sent.
        let arguments = provider.get("arguments").cloned().filter(|a| !a.is_null());
        (problems.errors().count() == errors_before).then_some(Http {
            url,
            method,
            headers,
            arguments,
            timeout,
            trust,
            retries,
        })
    }
}

/// Whether it can come to a timeout once `${}` is resolved.
fn may_be_timeout(value: &Value) -> bool {
    let part = |value: &Value| match value {
        Value::Null => true,
        Value::Number(number) => number.as_f64().is_some_and(|seconds| seconds > 0.0),
        Value::String(text) => text.contains("${"),
        _ => false,
    };
    match value {
        Value::Array(parts) => parts.len() == 2 && parts.iter().all(part),
        single => part(single),
    }
}

fn is_token(method: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !method.is_empty() && method.bytes().all(allowed)
}
