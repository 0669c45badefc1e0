use super::RunFolder;
use super::line::decode;
use crate::run::record::Record;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a log holds.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// Every undamaged record, in order.
    pub records: Vec<Record>,
    /// The last line was cut off while it was written, and was dropped.
    pub torn: bool,
    /// A damaged line before the last: nothing after it can be trusted.
    pub damage: Option<Damage>,
}

/// Where a log is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}, line {line}: {reason}", path.display())]
pub struct Damage {
    path: PathBuf,
    line: usize,
    reason: String,
}

/// Reads a run's log.
///
/// # Errors
/// When the file cannot be read. Damage is part of the answer, not an error.
pub fn read(folder: &RunFolder) -> io::Result<Log> {
    let path = folder.log();
    let bytes = fs::read(&path)?;
    Ok(Log::parse(&path, &bytes))
}

impl Log {
    /// Reads what the file `path` holds.
    pub fn parse(path: &Path, bytes: &[u8]) -> Log {
        let mut log = Log::default();
        for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            // Every line but the last ends with a line feed.
            let (line, torn) = match line.strip_suffix(b"\n") {
                Some(line) => (line, false),
                None => (line, true),
            };
            match decode(line, index as u64) {
                Ok(record) => log.records.push(record),
                Err(_) if torn => log.torn = true,
                Err(bad) => {
                    log.damage = Some(Damage {
                        path: path.to_owned(),
                        line: index + 1,
                        reason: bad.to_string(),
                    });
                    break;
                }
            }
        }
        log
    }
}
