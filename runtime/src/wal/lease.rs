use super::{RunFolder, private_folder, reader};
use crate::run::record::{Beginning, Record};
use chaos_host_api::ledger::{Done, Intent};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A run's id is far shorter; whatever else stands in a lease is junk.
const LONGEST_HOLDER: u64 = 64;

/// How many begun calls are listed for people; the log has them all.
const LISTED: usize = 50;

/// The right to run an experiment, held by one process at a time.
///
/// A file for each experiment, locked while it runs, holds the id of its run; an orderly end
/// empties it. So finding a run under way, or one whose runner died, costs one open file,
/// however many runs there were.
#[derive(Debug)]
pub struct Lease {
    file: File,
    folder: PathBuf,
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
    /// Calls that were begun and may have happened, for people, in order.
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
            for begun in self.begun.iter().take(LISTED) {
                writeln!(formatter, "  {begun}")?;
            }
            let more = self.begun.len().saturating_sub(LISTED);
            if more > 0 {
                writeln!(formatter, "  and {more} more")?;
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
        if !holder.is_empty()
            && !force
            && let Some(abandoned) = inspect(state_dir, holder)
        {
            return Err(Occupied::Abandoned(Box::new(abandoned)));
        }
        let lease = Lease { file, folder };
        lease.write(run).map_err(unusable)?;
        Ok(lease)
    }

    /// What has to be on disk for this to be found after the machine itself went down.
    pub(super) fn anchors(&self) -> io::Result<Vec<File>> {
        Ok(vec![self.file.try_clone()?, File::open(&self.folder)?])
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

/// What is known of a run that still holds its lease; `None` when it had come to its end, and only
/// the lease was left.
fn inspect(state_dir: &Path, run: String) -> Option<Abandoned> {
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
        Ok(log) if matches!(log.records.last(), Some(Record::RunEnded { .. })) => return None,
        Ok(log) => {
            abandoned.damage = log.damage.map(|damage| damage.to_string());
            abandoned.take_in(&log.records);
        }
        Err(error) => abandoned.damage = Some(error.to_string()),
    }
    Some(abandoned)
}

impl Abandoned {
    fn take_in(&mut self, records: &[Record]) {
        let done: HashMap<u64, &Done> = records
            .iter()
            .filter_map(|record| match record {
                Record::Done(done) => Some((done.call, done)),
                _ => None,
            })
            .collect();
        for record in records {
            match record {
                Record::RunBegan(beginning) => self.beginning = Some((**beginning).clone()),
                Record::Intent(intent) => {
                    let begun = self.say(intent, done.get(&intent.call).copied());
                    self.begun.push(begun);
                }
                _ => {}
            }
        }
    }

    fn say(&self, intent: &Intent, done: Option<&Done>) -> String {
        let Intent {
            step, kind, target, ..
        } = intent;
        let name = self.name(step);
        let name = name.map_or_else(String::new, |name| format!(" '{name}'"));
        let what = match done.map(|done| done.error.as_deref()) {
            None => "under way",
            Some(None) => "done",
            Some(Some(reason)) => reason,
        };
        format!("{step}{name}: {kind} {target} ({what})")
    }

    /// The name of a step's activity.
    fn name(&self, step: &str) -> Option<&str> {
        let beginning = self.beginning.as_ref()?;
        let listed = beginning.outline.step(step.parse().ok()?)?;
        let activity = beginning.experiment.pointer(&listed.activity)?;
        activity.get("name")?.as_str()
    }
}
