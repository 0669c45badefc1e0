use super::{RunFolder, private_folder, reader};
use crate::run::record::{Beginning, Outcome, Record};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A run's id is far shorter; whatever else stands in a lease is junk.
const LONGEST_HOLDER: u64 = 64;

/// The right to run an experiment, held by one process at a time.
///
/// A file for each experiment, locked while it runs, holds the id of its run; an orderly end
/// empties it. So finding a run under way, or one whose runner died, costs one open file,
/// however many runs there were.
#[derive(Debug)]
pub struct Lease {
    file: File,
}

/// Why an experiment cannot be run now.
#[derive(Debug, thiserror::Error)]
pub enum Occupied {
    /// Another process runs it.
    #[error("this experiment is being run already (run {0}); wait for it, or stop it first")]
    UnderWay(String),
    /// Its last run's process died.
    #[error("{0}")]
    Abandoned(Box<Abandoned>),
    /// The state folder is unusable.
    #[error("cannot use the state folder {path}: {source}; choose another with --state-dir")]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
}

/// A run whose process died before its end.
#[derive(Debug, Clone)]
pub struct Abandoned {
    /// Its id.
    pub run: String,
    /// Where its log is.
    pub log: PathBuf,
    /// How it began, if that much was written.
    pub beginning: Option<Beginning>,
    /// Actions and calls that were begun and may have happened, for people.
    pub begun: Vec<String>,
    /// What is wrong with its log, if something is.
    pub damage: Option<String>,
}

impl std::fmt::Display for Abandoned {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "run {} of this experiment", self.run)?;
        if let Some(beginning) = &self.beginning {
            write!(
                formatter,
                " (process {}, begun {})",
                beginning.pid, beginning.at
            )?;
        }
        writeln!(
            formatter,
            " was abandoned: its process ended without cleaning up."
        )?;
        if let Some(damage) = &self.damage {
            writeln!(formatter, "Its log is damaged: {damage}")?;
        }
        if self.begun.is_empty() {
            writeln!(formatter, "It had not begun to change anything.")?;
        } else {
            writeln!(formatter, "It had begun, so these may have happened:")?;
            for begun in &self.begun {
                writeln!(formatter, "  {begun}")?;
            }
        }
        write!(
            formatter,
            "Put back what has to be put back, then run again with --force. Its log: {}",
            self.log.display()
        )
    }
}

impl Lease {
    /// Takes the right to run the experiment called `source` (a canonical path, or a URL), as run
    /// `run`. With `force`, an abandoned run is put aside; one under way never is.
    ///
    /// # Errors
    /// See [`Occupied`].
    pub fn take(state_dir: &Path, source: &str, run: &str, force: bool) -> Result<Lease, Occupied> {
        let unusable = |source: io::Error| Occupied::Unusable {
            path: state_dir.to_owned(),
            source,
        };
        let folder = state_dir.join("experiments");
        private_folder(&folder).map_err(unusable)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.join(key(source)))
            .map_err(unusable)?;
        let locked = file.try_lock();
        let mut holder = Vec::new();
        let mut bounded = (&mut file).take(LONGEST_HOLDER);
        bounded.read_to_end(&mut holder).map_err(unusable)?;
        let holder = String::from_utf8_lossy(&holder).into_owned();
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Occupied::UnderWay(holder)),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        if !holder.is_empty() && !force {
            return Err(Occupied::Abandoned(Box::new(inspect(state_dir, holder))));
        }
        let lease = Lease { file };
        lease.write(run).map_err(unusable)?;
        Ok(lease)
    }

    /// The run came to an orderly end.
    pub fn release(self) {
        // Left as it is, the next run would take this one for abandoned: safe, if wrong.
        let _ = self.write("");
    }

    fn write(&self, run: &str) -> io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(run.as_bytes())
    }
}

fn key(source: &str) -> String {
    let digest = Sha256::digest(source.as_bytes());
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn inspect(state_dir: &Path, run: String) -> Abandoned {
    // The id comes from a file; it must not lead out of the state folder.
    let safe = !run.is_empty() && run.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let folder = RunFolder::of(state_dir, if safe { &run } else { "unknown" });
    let mut abandoned = Abandoned {
        run,
        log: folder.log(),
        beginning: None,
        begun: Vec::new(),
        damage: None,
    };
    match reader::read(&folder) {
        Ok(log) => {
            abandoned.damage = log.damage.map(|damage| damage.to_string());
            abandoned.take_in(&log.records);
        }
        Err(error) => abandoned.damage = Some(error.to_string()),
    }
    abandoned
}

impl Abandoned {
    fn take_in(&mut self, records: &[Record]) {
        for record in records {
            match record {
                Record::RunBegan(beginning) => self.beginning = Some((**beginning).clone()),
                Record::Intent(intent) => self.begun.push(format!(
                    "{}: {} {}",
                    intent.step, intent.kind, intent.target
                )),
                Record::ActivityEnded {
                    step,
                    outcome: Outcome::Failed { .. },
                    ..
                } => self.begun.push(format!("{step} failed")),
                _ => {}
            }
        }
    }
}
