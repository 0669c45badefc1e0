//! The write-ahead log: what a run was about to do, on disk before it did it.
//!
//! `<state dir>/runs/<run id>/wal.jsonl` holds one checksummed record a line. The state folder and
//! everything below it is the user's own (0700).

mod lease;
mod line;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use lease::{Abandoned, Lease, Occupied};
pub use reader::{Damage, Log, read};
pub use writer::{Durable, Wal};

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// How many finished runs are kept at least; the oldest go first.
const FINISHED_RUNS_KEPT: usize = 50;

/// From how many runs on the oldest are removed: not at each run, as looking at all takes time.
const RUNS_BEFORE_PRUNING: usize = 100;

/// Name of the log in its run's folder.
const LOG: &str = "wal.jsonl";

/// Name of the copy of the journal in its run's folder; a run that has one is finished.
const JOURNAL: &str = "journal.json";

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct RunFolder(PathBuf);

impl RunFolder {
    /// Makes the folder for a new run.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(state_dir: &Path, run: &str) -> io::Result<RunFolder> {
        let folder = RunFolder::of(state_dir, run);
        private_folder(&folder.0)?;
        Ok(folder)
    }

    /// The folder of an existing run.
    pub fn of(state_dir: &Path, run: &str) -> RunFolder {
        RunFolder(state_dir.join("runs").join(run))
    }

    /// Removes it, of a run that did not begin. What cannot be removed stays: it is in nobody's way.
    pub fn remove(&self) {
        let _ = fs::remove_dir_all(&self.0);
    }

    /// Its log.
    pub fn log(&self) -> PathBuf {
        self.0.join(LOG)
    }

    /// Its copy of the journal.
    pub fn journal(&self) -> PathBuf {
        self.0.join(JOURNAL)
    }
}

/// Removes the oldest finished runs beyond [`FINISHED_RUNS_KEPT`]. Unfinished ones stay.
///
/// # Errors
/// When the folder cannot be read; a run that cannot be removed stays.
pub fn prune(state_dir: &Path) -> io::Result<()> {
    let runs: Vec<fs::DirEntry> = fs::read_dir(state_dir.join("runs"))?
        .filter_map(Result::ok)
        .collect();
    if runs.len() < RUNS_BEFORE_PRUNING {
        return Ok(());
    }
    let mut finished: Vec<PathBuf> = runs.iter().map(fs::DirEntry::path).collect();
    finished.retain(|folder| folder.join(JOURNAL).exists());
    // Names are ULIDs: in the order of their time.
    finished.sort();
    let surplus = finished.len().saturating_sub(FINISHED_RUNS_KEPT);
    for folder in &finished[..surplus] {
        let _ = fs::remove_dir_all(folder);
    }
    Ok(())
}

fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}
