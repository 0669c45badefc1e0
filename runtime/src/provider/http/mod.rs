//! HTTP activities, shaped as the reference shapes them.

mod encode;
mod parse;

use super::{Call, Failure};
use crate::substitution::Variables;
use chaos_host_api::http::{HttpError, HttpRequest, HttpResponse, Trust, without_userinfo};
use chaos_host_api::{Effect, Refusal, limits};
use encode::Arguments;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// One such activity's provider, as read. `${}` within it is resolved at each call.
#[derive(Debug, Clone)]
pub struct Http {
    url: String,
    method: String,
    headers: Map<String, Value>,
    arguments: Option<Value>,
    timeout: Value,
    trust: Trust,
    retries: u32,
}

/// `timeout`, resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Timeout {
    connect: Option<Duration>,
    answer: Option<Duration>,
    /// Both together.
    whole: Option<Duration>,
}

impl Http {
    /// The time that the whole call may take, every try included. `None` when the activity does
    /// not bound the answer, or in a way that the call will fail of.
    pub fn timeout(&self, variables: &Variables) -> Option<Duration> {
        let timeout = self.resolved_timeout(variables).ok()?;
        let tries = self.retries.saturating_add(1);
        Some(timeout.whole?.saturating_mul(tries))
    }

    /// Does it: `{"status": 200, "headers": {"Name": "value"}, "body": text or parsed JSON}`.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn call(&self, call: &Call<'_>) -> Result<Value, Failure> {
        let url = self.resolved_url(call.variables)?;
        let request = self.request(&url, call.variables, call.pass.allowed())?;
        let response = call
            .door
            .http(&call.pass, request)
            .await
            .map_err(|error| failure(&url, error))?;
        let output = output(&url, &response)?;
        if response.status > 399 && !call.has_tolerance {
            tracing::warn!(
                "This HTTP call returned a response with a HTTP status code above 400. This may \
                 indicate some error and not what you expected. Please have a look at the logs."
            );
        }
        Ok(output)
    }

    fn resolved_url(&self, variables: &Variables) -> Result<String, Failure> {
        match variables.substitute_text(&self.url) {
            Value::String(url) => Ok(url),
            _ => Err(Failure::Unexpected(format!(
                "the URL '{}' does not come to a text",
                without_userinfo(&self.url)
            ))),
        }
    }

    fn request(
        &self,
        url: &str,
        variables: &Variables,
        effect: Effect,
    ) -> Result<HttpRequest, Failure> {
        let mut headers = default_headers();
        let mut sends_json = false;
        for (name, value) in &self.headers {
            headers.retain(|(default, _)| !default.eq_ignore_ascii_case(name));
            match variables.substitute(value) {
                // Python's HTTP library says it when nobody else does.
                Value::Null if name.eq_ignore_ascii_case("accept-encoding") => {
                    headers.push((name.clone(), "identity".to_owned()));
                }
                Value::Null => {} // not sent, not even the default one
                Value::String(value) => {
                    sends_json |= name == "Content-Type" && value == "application/json";
                    headers.push((name.clone(), value));
                }
                _ => {
                    return Err(Failure::Unexpected(format!(
                        "the value of the header '{name}' must be a string"
                    )));
                }
            }
        }
        let arguments = self.arguments.as_ref().map(|arguments| {
            if variables.is_empty() {
                arguments.clone()
            } else {
                variables.substitute(arguments)
            }
        });
        let encoded = match arguments {
            None => Ok(Arguments::default()),
            Some(arguments) if self.method == "GET" => Arguments::query(&arguments),
            Some(arguments) if sends_json => Ok(Arguments::json(&arguments)),
            Some(arguments) => Arguments::form(&arguments),
        };
        let encoded = encoded.map_err(Failure::Unexpected)?;
        if let Some(content_type) = encoded.content_type
            && !headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        {
            headers.push(("Content-Type".to_owned(), content_type.to_owned()));
        }
        let timeout = self.resolved_timeout(variables)?;
        Ok(HttpRequest {
            method: self.method.clone(),
            url: encode::with_query(url, &encoded.query),
            headers,
            body: encoded.body.into(),
            connect_timeout: timeout.connect,
            answer_timeout: timeout.answer,
            trust: self.trust.clone(),
            retries: self.retries,
            body_limit: limits::HTTP_BODY_BYTES,
            allowance: None,
            placeholders: None,
            // What a method does, its author knows: a POST may be a query.
            effect,
            redirects: None,
        })
    }

    /// A number bounds the whole exchange; a pair bounds connecting and the answer apart.
    fn resolved_timeout(&self, variables: &Variables) -> Result<Timeout, Failure> {
        let resolved = variables.substitute(&self.timeout);
        let part = |value: &Value| match value {
            Value::Null => Ok(None),
            Value::Number(number) => number
                .as_f64()
                .filter(|seconds| *seconds > 0.0)
                .map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
                .map(Some)
                .ok_or(()),
            _ => Err(()),
        };
        match &resolved {
            Value::Array(parts) => match parts.as_slice() {
                [connect, answer] => part(connect).and_then(|connect| {
                    let answer = part(answer)?;
                    let whole =
                        answer.map(|answer| answer.saturating_add(connect.unwrap_or_default()));
                    Ok(Timeout {
                        connect,
                        answer,
                        whole,
                    })
                }),
                _ => Err(()),
            },
            single => part(single).map(|whole| Timeout {
                connect: whole,
                answer: whole,
                whole,
            }),
        }
        .map_err(|()| {
            Failure::Unexpected(format!(
                "the timeout {resolved} is neither a positive number of seconds nor a pair \
                 [connect, answer] of them"
            ))
        })
    }
}

fn default_headers() -> Vec<(String, String)> {
    [
        ("User-Agent", crate::USER_AGENT),
        ("Accept-Encoding", "gzip, deflate"),
        ("Accept", "*/*"),
        ("Connection", "keep-alive"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn output(url: &str, response: &HttpResponse) -> Result<Value, Failure> {
    let mut headers = Map::new();
    for (name, value) in &response.headers {
        let known = headers
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        match known {
            Some((_, Value::String(joined))) => {
                joined.push_str(", ");
                joined.push_str(value);
            }
            _ => {
                headers.insert(name.clone(), Value::String(value.clone()));
            }
        }
    }
    // Exactly this type and no parameter: the reference's rule.
    let is_json = response.header("content-type").as_deref() == Some("application/json");
    let text = response.text();
    let body = if is_json {
        serde_json::from_str(&text).map_err(|error| {
            Failure::Unexpected(format!(
                "the answer of {} says that it is application/json, and is not: {error}",
                without_userinfo(url)
            ))
        })?
    } else {
        Value::String(text)
    };
    Ok(json!({"status": response.status, "headers": headers, "body": body}))
}

fn failure(url: &str, error: HttpError) -> Failure {
    match error {
        HttpError::Connect { reason, .. } => Failure::Failed(format!(
            "failed to connect to {}: {reason}",
            without_userinfo(url)
        )),
        HttpError::TooSlow { .. } | HttpError::Refused(Refusal::TooLate) => {
            Failure::TimedOut("activity took too long to complete".to_owned())
        }
        HttpError::Refused(refusal) if refusal.is_denial() => Failure::Denied(refusal.to_string()),
        HttpError::Refused(refusal) => Failure::Failed(refusal.to_string()),
        error @ (HttpError::Invalid(_) | HttpError::Broken { .. } | HttpError::TooLarge { .. }) => {
            Failure::Unexpected(error.to_string())
        }
    }
}
