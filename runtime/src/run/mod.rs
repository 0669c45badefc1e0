//! A run: the plan executed, every step a record, the journal a fold over them.

mod controls;
mod driver;
mod journal_file;
pub mod machine;
pub mod moment;
mod prepare;
pub mod record;
mod signals;
mod step;
#[cfg(test)]
mod tests;
mod ticker;
mod under_way;

use crate::configuration::Overrides;
use crate::experiment::{Experiment, HypothesisStrategy, RollbackStrategy};
use crate::journal::Journal;
use crate::log::Redaction;
use crate::plugin::Plugins;
use crate::verdict::Verdict;
use chaos_host_api::policy::Policy;
use machine::{Machine, Status};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// `--dry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dry {
    /// Probes are not executed.
    Probes,
    /// Actions are not executed.
    Actions,
    /// Nothing is executed.
    Activities,
    /// Pauses are not slept.
    Pause,
}

impl Dry {
    /// As `--dry` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Dry::Probes => "probes",
            Dry::Actions => "actions",
            Dry::Activities => "activities",
            Dry::Pause => "pause",
        }
    }
}

/// How to run, with settings, environment and command line already weighed against each other
/// (but not against the experiment's own `runtime` block, which the command line beats and which
/// beats the settings).
#[derive(Debug, Clone)]
pub struct Options {
    /// `--hypothesis-strategy`.
    pub hypothesis_strategy: Option<HypothesisStrategy>,
    /// `--rollback-strategy`.
    pub rollback_strategy: Option<RollbackStrategy>,
    /// `runtime` of the settings file.
    pub settings_runtime: crate::experiment::RuntimeBlock,
    /// `--hypothesis-frequency`: time between the starts of two checks. Default: 1 s.
    pub frequency: Duration,
    /// `--fail-fast`; the percentage of failed checks above which the run ends (the reference's
    /// library default: 0, the first failed one).
    pub fail_fast: Option<f64>,
    /// `--dry`.
    pub dry: Option<Dry>,
    /// `--compat`.
    pub compat: bool,
    /// `--default-timeout`: for activities that name none.
    pub default_timeout: Duration,
    /// `--var`, `--var-file`.
    pub overrides: Overrides,
    /// `--journal-path`.
    pub journal_path: PathBuf,
    /// `--state-dir`: where write-ahead logs live. Default: `$XDG_STATE_HOME/chaos-wasm`.
    pub state_dir: PathBuf,
    /// `--force`: run although an abandoned run of the same experiment exists.
    pub force: bool,
    /// Shared with the log.
    pub redaction: Redaction,
    /// Those that the experiment names, loaded.
    pub plugins: Plugins,
    /// `--policy`: bounds built-in activities too, and sets the budget.
    pub policy: Option<Policy>,
    /// Path or URL of the experiment, for messages and for finding runs of the same experiment.
    pub source: String,
}

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Ended {
    journal: Journal,
    machine: Machine,
    /// Its verdict.
    pub verdict: Verdict,
    /// The reference's exit code for this run: 0 or 1.
    pub reference_code: u8,
    /// Why the journal could not be written in the end, although it could at the start. A copy is
    /// then in the run's state folder, if that could be written.
    pub journal_lost: Option<String>,
}

impl Ended {
    /// The journal as written.
    pub fn journal(&self) -> Value {
        self.journal.render(&self.machine, self.verdict)
    }

    /// The journal's status.
    pub fn status(&self) -> Status {
        self.machine.status()
    }

    /// Whether the check after the method was not met.
    pub fn deviated(&self) -> bool {
        self.machine.deviated()
    }

    /// The process's exit code: the verdict's, or the reference's 0 or 1 under `--compat`.
    pub fn exit_code(&self, compat: bool) -> u8 {
        if compat {
            self.reference_code
        } else {
            self.verdict.exit_code()
        }
    }
}

/// Why there was no run. Nothing was injected.
#[derive(Debug, thiserror::Error)]
pub enum NotRun {
    /// Configuration or secrets cannot be resolved, an override is unusable.
    #[error("{0}")]
    Invalid(String),
    /// The journal or the write-ahead log cannot be written.
    #[error("{0}")]
    Unwritable(String),
    /// Another run of the same experiment is under way, or was abandoned.
    #[error("{0}")]
    Occupied(String),
    /// A signal came before anything was done.
    #[error("interrupted before anything was done")]
    Interrupted(record::Signal),
}

impl NotRun {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            NotRun::Interrupted(record::Signal::Terminate | record::Signal::HangUp) => {
                Verdict::Terminated.exit_code()
            }
            NotRun::Interrupted(_) => Verdict::Interrupted.exit_code(),
            NotRun::Invalid(_) | NotRun::Unwritable(_) | NotRun::Occupied(_) => {
                crate::verdict::INVALID
            }
        }
    }
}

/// Runs an experiment to its end, journal written.
///
/// # Errors
/// Everything that is found out before the first activity; afterwards there is always a journal.
pub async fn run(experiment: Experiment, options: Options) -> Result<Ended, NotRun> {
    let prepared = prepare::prepare(experiment, options).await?;
    Ok(prepared.run().await)
}
