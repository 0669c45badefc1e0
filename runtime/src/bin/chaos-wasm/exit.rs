//! How a command ended, as the process says it.

pub(crate) use chaos_wasm::log::with_causes as chain;

use chaos_wasm::run::NotRun;
use chaos_wasm::verdict::{INVALID, Verdict};
use std::process::ExitCode;

/// An exit code from the table in `docs/exit-codes.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Exit(u8);

impl Exit {
    /// Nothing to complain about.
    pub(crate) const OK: Exit = Exit(0);
    /// A settings file or key that is not there, as Chaos Toolkit's `settings` says it.
    pub(crate) const ABSENT: Exit = Exit(1);

    /// Something is not as it was expected to be: a plugin's case.
    pub(crate) const UNEXPECTED: Exit = Exit(1);

    /// The tool itself failed.
    pub(crate) fn failed() -> Exit {
        Exit(Verdict::Failed.exit_code())
    }

    /// A mistake on the command line: 2, in the reference too.
    pub(crate) fn usage() -> Exit {
        Exit(INVALID)
    }

    /// Nothing was run, because of what was asked for: 2, or the reference's 1 under `--compat`.
    pub(crate) fn invalid(compat: bool) -> Exit {
        Exit(if compat { 1 } else { INVALID })
    }

    /// There is nothing to discover: 1, or the reference's 0 under `--compat`.
    pub(crate) fn undiscovered(compat: bool) -> Exit {
        Exit(u8::from(!compat))
    }

    /// The run did not begin.
    pub(crate) fn not_run(reason: &NotRun, compat: bool) -> Exit {
        match reason {
            NotRun::Interrupted(_) if !compat => Exit(reason.exit_code()),
            _ => Exit::invalid(compat),
        }
    }

    /// The end of a run.
    pub(crate) fn code(code: u8) -> Exit {
        Exit(code)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.0)
    }
}
