//! One case of the kit: a guest, what it is given, and how it has to end.

use crate::plugin::limits::Limits;
use crate::provider::Failure;
use chaos_host_api::budget::Ceilings;
use serde_json::{Value, json};
use std::time::Duration;

/// A guest's call. In its texts, `{open}` and `{closed}` stand for the addresses (`127.0.0.1:PORT`)
/// of two servers, of which the second one must never be asked anything; `{port}` and
/// `{closed-port}` for their ports alone.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) tries: String,
    pub(super) guest: &'static str,
    pub(super) function: &'static str,
    pub(super) arguments: Value,
    pub(super) grants: Vec<String>,
    pub(super) limits: Limits,
    pub(super) ceilings: Ceilings,
    pub(super) time: Duration,
    /// What a name resolves to: one answer a look-up, addresses with spaces between; the last one
    /// stays.
    pub(super) names: &'static [&'static str],
    pub(super) expected: End,
    /// How many requests the open server has to get; none: any number.
    pub(super) reached: Option<usize>,
    /// What the line of each of them has to hold.
    pub(super) asking: &'static str,
}

/// How a case has to end.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// The file is not even loaded; why.
    Refused(&'static str),
    /// The guest is told that something is denied to it.
    Denied(&'static str),
    /// The guest gets one of these errors of the host's.
    Error(&'static [&'static str]),
    /// A limit ends it.
    Limit(&'static str),
    /// Its time is over.
    TimedOut,
    /// It fails by itself.
    Crash(&'static str),
    /// It gives a value that does no harm.
    Gives(Value),
    /// It gets an answer of this status.
    Status(u64),
    /// It gets an answer whose body holds this, and no secret.
    Masked(&'static str),
    /// All that it logged is this.
    Logged(Vec<String>),
}

/// A secret that no guest may see.
pub(super) const SECRET: &str = "t0p/s3cret-of-the-shop";

/// Limits that are met soon.
pub(super) fn small() -> Limits {
    Limits {
        cpu: Duration::from_secs(2),
        memory_bytes: 20 * 1024 * 1024,
        result_bytes: 10_000,
        answer_bytes: 10_000,
        log_lines: 5,
        output_bytes: 1_000,
        handles: 50,
        ..Limits::default()
    }
}

impl Case {
    /// With small limits, no grants, no arguments, and time enough.
    pub(super) fn new(
        name: impl Into<String>,
        tries: impl Into<String>,
        guest: &'static str,
        function: &'static str,
        expected: End,
    ) -> Case {
        let reached = match &expected {
            End::Denied(_) | End::Error(["invalid"]) => Some(0),
            _ => None,
        };
        Case {
            name: name.into(),
            tries: tries.into(),
            guest,
            function,
            arguments: json!({}),
            grants: Vec::new(),
            limits: small(),
            ceilings: Ceilings::default(),
            time: Duration::from_secs(20),
            // The servers' own: whatever gets past the grants is noticed.
            names: &["127.0.0.1"],
            expected,
            reached,
            asking: "",
        }
    }

    pub(super) fn with(self, arguments: Value) -> Case {
        Case { arguments, ..self }
    }

    pub(super) fn calling(self, function: &'static str) -> Case {
        Case { function, ..self }
    }

    pub(super) fn granted(self, grants: &[&str]) -> Case {
        let grants = grants.iter().map(|grant| (*grant).to_owned()).collect();
        Case { grants, ..self }
    }

    pub(super) fn limited(mut self, change: impl FnOnce(&mut Limits)) -> Case {
        change(&mut self.limits);
        self
    }

    pub(super) fn budget(mut self, change: impl FnOnce(&mut Ceilings)) -> Case {
        change(&mut self.ceilings);
        self
    }

    pub(super) fn within(self, time: Duration) -> Case {
        Case { time, ..self }
    }

    pub(super) fn resolving(self, names: &'static [&'static str]) -> Case {
        Case { names, ..self }
    }

    pub(super) fn reaching(self, requests: usize) -> Case {
        Case {
            reached: Some(requests),
            ..self
        }
    }

    pub(super) fn asking(self, asking: &'static str) -> Case {
        Case { asking, ..self }
    }
}

impl End {
    /// In words.
    pub(super) fn words(&self) -> String {
        match self {
            End::Refused(why) => format!("refused: {why}"),
            End::Denied(what) => format!("denied: {what}"),
            End::Error(kinds) => format!("error: {}", kinds.join(" or ")),
            End::Limit(limit) => format!("limit: {limit}"),
            End::TimedOut => "timed out".to_owned(),
            End::Crash(how) => format!("fails: {how}"),
            End::Gives(value) => format!("gives {value}"),
            End::Status(status) => format!("answer {status}"),
            End::Masked(text) => format!("answer with {text}"),
            End::Logged(lines) => format!("logs {}, all harmless", lines.len()),
        }
    }

    /// Whether a call that went this way ended so.
    pub(super) fn fits(&self, result: &Result<Value, Failure>, logged: &[String]) -> bool {
        let failed = match result {
            Err(Failure::Failed(text)) => text.as_str(),
            _ => "",
        };
        match self {
            End::Refused(_) => false,
            End::Denied(what) => is_error(failed, "denied") && failed.contains(what),
            End::Error(kinds) => kinds.iter().any(|kind| is_error(failed, kind)),
            End::Limit(limit) => failed.contains(&format!("(limit {limit})")),
            End::TimedOut => matches!(result, Err(Failure::TimedOut(_))),
            End::Crash(how) => !failed.is_empty() && failed.contains(how),
            End::Gives(value) => result.as_ref() == Ok(value),
            End::Status(status) => {
                matches!(result, Ok(answer) if answer["status"] == json!(status))
            }
            End::Masked(text) => match result {
                Ok(answer) => {
                    let shown = format!("{answer}{}", body(answer));
                    shown.contains(text) && !shown.contains("s3cret")
                }
                Err(_) => false,
            },
            End::Logged(lines) => result.is_ok() && lines == logged,
        }
    }
}

/// Whether a guest's failure is an error of the host's of this kind, handed on.
fn is_error(failed: &str, kind: &str) -> bool {
    failed.starts_with(&format!("{{\"{kind}\":"))
}

/// The body of an answer, as a text.
fn body(answer: &Value) -> String {
    let bytes = answer["body"].as_array().into_iter().flatten();
    let bytes: Vec<u8> = bytes
        .filter_map(|byte| u8::try_from(byte.as_u64()?).ok())
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
