use crate::run::record::Record;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One line: the number of the record, the checksum of its text, the record.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'l> {
    n: u64,
    crc: u32,
    #[serde(borrow)]
    record: &'l RawValue,
}

/// Why a line is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadLine {
    #[error("it is not a record: {0}")]
    Unreadable(String),
    #[error("its checksum is wrong")]
    Checksum,
    #[error("it is record {found}, where record {expected} belongs")]
    Order { found: u64, expected: u64 },
}

/// The line of a record, line feed included.
pub(super) fn encode(n: u64, record: &Record) -> serde_json::Result<String> {
    let text = serde_json::to_string(record)?;
    let crc = checksum(n, &text);
    let record = RawValue::from_string(text)?;
    let line = Line {
        n,
        crc,
        record: &record,
    };
    let mut line = serde_json::to_string(&line)?;
    line.push('\n');
    Ok(line)
}

/// The record of a line, which must be the `expected`-th.
pub(super) fn decode(line: &str, expected: u64) -> Result<Record, BadLine> {
    let unreadable = |error: serde_json::Error| BadLine::Unreadable(error.to_string());
    let line: Line<'_> = serde_json::from_str(line).map_err(unreadable)?;
    if checksum(line.n, line.record.get()) != line.crc {
        return Err(BadLine::Checksum);
    }
    if line.n != expected {
        return Err(BadLine::Order {
            found: line.n,
            expected,
        });
    }
    serde_json::from_str(line.record.get()).map_err(unreadable)
}

fn checksum(n: u64, text: &str) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&n.to_le_bytes());
    hasher.update(text.as_bytes());
    hasher.finalize()
}
