//! Processes: own group, whole group ended at the deadline, output capped.

use crate::{Door, Effect, Pass, Refusal};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// One process to run. Environment and working directory are inherited; stdin is empty.
#[derive(Debug, Clone)]
pub struct ProcessCommand {
    /// The executable.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// What the caller says that it does.
    pub effect: Effect,
}

/// One output stream.
#[derive(Debug, Clone, Default)]
pub struct Captured {
    /// At most [`crate::limits::PROCESS_OUTPUT_BYTES`].
    pub bytes: Vec<u8>,
    /// Bytes that were dropped.
    pub dropped: u64,
}

/// How it ended.
#[derive(Debug, Clone)]
pub struct ProcessOutput {
    /// Exit code, or minus the signal's number.
    pub status: i32,
    /// Standard output.
    pub stdout: Captured,
    /// Standard error.
    pub stderr: Captured,
}

/// Why there is no status.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The door said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be started.
    #[error("cannot start {program}: {source}")]
    Start {
        /// The executable.
        program: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The deadline passed; the whole process group was killed.
    #[error("{program} and its children were killed after {seconds} s")]
    TooSlow {
        /// The executable.
        program: PathBuf,
        /// Time that was allowed.
        seconds: f64,
    },
}

/// The executable that `name` means: `~` expanded, looked up on `PATH` when it has no slash.
/// `None` when there is none that may be executed.
pub fn find_program(_name: &str) -> Option<PathBuf> {
    None
}

/// `path` with a leading `~` or `~user` expanded.
pub fn expand_home(path: &str) -> PathBuf {
    Path::new(path).to_owned()
}

impl Door {
    /// Runs a process to its end.
    ///
    /// Dropping the future kills the whole process group.
    ///
    /// # Errors
    /// See [`ProcessError`].
    pub async fn process(
        &self,
        _pass: &Pass,
        command: ProcessCommand,
    ) -> Result<ProcessOutput, ProcessError> {
        Err(ProcessError::Start {
            program: command.program,
            source: std::io::Error::other("not built yet"),
        })
    }
}
