//! Failures in the words of the reference: the Python exception's name, a colon, its text.

use crate::provider::Failure;
use chaos_host_api::Refusal;
use chaos_host_api::kubernetes::{ApiAnswer, KubernetesError};
use std::fmt::Write;

/// What the extension itself raises.
pub(super) fn failed(text: impl AsRef<str>) -> Failure {
    Failure::Failed(format!(
        "chaoslib.exceptions.ActivityFailed: {}",
        text.as_ref().trim_end()
    ))
}

/// An argument of a wrong type.
pub(super) fn type_error(text: String) -> Failure {
    Failure::Failed(format!("TypeError: {text}"))
}

/// An argument of a right type that makes no sense.
pub(super) fn value_error(text: String) -> Failure {
    Failure::Failed(format!("ValueError: {text}"))
}

/// A call that failed and that the extension lets pass.
pub(super) fn unhandled(error: KubernetesError) -> Failure {
    match error {
        KubernetesError::Refused(refusal) if refusal.is_denial() => {
            Failure::Denied(refusal.to_string())
        }
        KubernetesError::Refused(refusal @ Refusal::TooLate) => {
            Failure::TimedOut(refusal.to_string())
        }
        error @ KubernetesError::TooSlow { .. } => Failure::TimedOut(error.to_string()),
        KubernetesError::Api { answer, .. } => Failure::Failed(format!(
            "kubernetes.client.exceptions.{}: {}",
            exception(answer.status),
            api_exception(&answer).trim_end()
        )),
        other => failed(other.to_string()),
    }
}

/// As [`unhandled`], but what the API server refused becomes the extension's own failure, its
/// text made from the answer.
pub(super) fn handled(error: KubernetesError, text: impl FnOnce(&ApiAnswer) -> String) -> Failure {
    match error {
        KubernetesError::Api { answer, .. } => failed(text(&answer)),
        other => unhandled(other),
    }
}

/// The text of the reference's client for an answer that is an error.
pub(super) fn api_exception(answer: &ApiAnswer) -> String {
    let mut text = format!("({})\nReason: {}\n", answer.status, answer.phrase);
    if !answer.headers.is_empty() {
        let headers: Vec<String> = answer
            .headers
            .iter()
            .map(|(name, value)| format!("'{}': '{value}'", title_case(name)))
            .collect();
        let _ = writeln!(
            text,
            "HTTP response headers: HTTPHeaderDict({{{}}})",
            headers.join(", ")
        );
    }
    if !answer.body.is_empty() {
        let _ = writeln!(text, "HTTP response body: {}", answer.body);
    }
    text
}

fn exception(status: u16) -> &'static str {
    match status {
        400 => "BadRequestException",
        401 => "UnauthorizedException",
        403 => "ForbiddenException",
        404 => "NotFoundException",
        409 => "ConflictException",
        422 => "UnprocessableEntityException",
        500..=599 => "ServiceException",
        _ => "ApiException",
    }
}

/// `content-type` as servers write it: `Content-Type`.
fn title_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}
