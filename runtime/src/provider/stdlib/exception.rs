//! What Python would raise.

use crate::provider::{Failure, TOO_LONG};
use crate::python;
use chaos_host_api::Refusal;
use chaos_host_api::file::FileError;
use chaos_host_api::process::SignalError;
use rustix::io::Errno;
use serde_json::Value;
use std::fmt;
use std::io;
use std::path::Path;

/// An exception, shown as Python shows one: `FileNotFoundError: [Errno 2] ...`.
#[derive(Debug)]
pub(super) struct Exception {
    class: &'static str,
    text: String,
}

impl Exception {
    pub(super) fn value(text: String) -> Exception {
        let class = "ValueError";
        Exception { class, text }
    }

    pub(super) fn wrong_type(text: String) -> Exception {
        let class = "TypeError";
        Exception { class, text }
    }

    fn of_system(error: &io::Error, paths: &[&Path]) -> Exception {
        let quoted = paths
            .iter()
            .map(|path| python::repr(&Value::from(path.to_string_lossy())));
        let paths = quoted.collect::<Vec<_>>().join(" -> ");
        let colon = if paths.is_empty() { "" } else { ": " };
        let Some(number) = error.raw_os_error() else {
            return Exception::value(format!("{error}{colon}{paths}"));
        };
        let system = error.to_string();
        let suffix = format!(" (os error {number})");
        let words = system.strip_suffix(&suffix).unwrap_or(&system);
        Exception {
            class: class_of(number),
            text: format!("[Errno {number}] {words}{colon}{paths}"),
        }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.class, self.text)
    }
}

fn class_of(number: i32) -> &'static str {
    match Errno::from_raw_os_error(number) {
        Errno::NOENT => "FileNotFoundError",
        Errno::EXIST => "FileExistsError",
        Errno::ACCESS | Errno::PERM => "PermissionError",
        Errno::ISDIR => "IsADirectoryError",
        Errno::NOTDIR => "NotADirectoryError",
        Errno::SRCH => "ProcessLookupError",
        Errno::INTR => "InterruptedError",
        Errno::TIMEDOUT => "TimeoutError",
        _ => "OSError",
    }
}

/// A file operation's failure.
pub(super) fn of_file(error: FileError) -> Failure {
    match error {
        FileError::Refused(refusal) => of_refusal(refusal),
        FileError::System {
            path,
            other,
            source,
        } => {
            let paths: Vec<&Path> = [Some(&path), other.as_ref()]
                .into_iter()
                .flatten()
                .map(AsRef::as_ref)
                .collect();
            Exception::of_system(&source, &paths).into()
        }
        FileError::Unfit(text) => Failure::Failed(format!("shutil.Error: {text}")),
        FileError::TooSlow { .. } => too_long(),
    }
}

/// A signal's failure.
pub(super) fn of_signal(error: SignalError) -> Failure {
    let text = error.to_string();
    match error {
        SignalError::Refused(refusal) => of_refusal(refusal),
        SignalError::System { source, .. } => Exception::of_system(&source, &[]).into(),
        SignalError::Aim(_) | SignalError::Number(_) => Exception::value(text).into(),
    }
}

fn of_refusal(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::TooLate => too_long(),
        refusal => refusal.into(),
    }
}

fn too_long() -> Failure {
    Failure::TimedOut(TOO_LONG.into())
}
