use crate::run::record::Record;
use serde::Deserialize;
use serde_json::value::RawValue;

/// One line: the number of the record, the checksum of its text, the record.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'l> {
    n: u64,
    crc: u32,
    #[serde(borrow)]
    record: &'l RawValue,
}

/// How deep a record may nest: far more than any that is written, far less than the stack bears.
const DEPTH: usize = 256;

/// Why a line is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadLine {
    #[error("it is not a record: {0}")]
    Unreadable(String),
    #[error("its checksum is wrong")]
    Checksum,
    #[error("it nests deeper than {DEPTH} levels")]
    TooDeep,
    #[error("it is record {found}, where record {expected} belongs")]
    Order { found: u64, expected: u64 },
}

/// The line of a record, line feed included.
pub(super) fn encode(n: u64, record: &Record) -> serde_json::Result<String> {
    let record = serde_json::to_string(record)?;
    let crc = checksum(n, &record);
    // A `Line`, written by hand: serde would read the whole record once more to believe that it
    // is JSON.
    Ok(format!("{{\"n\":{n},\"crc\":{crc},\"record\":{record}}}\n"))
}

/// The record of a line, which must be the `expected`-th.
pub(super) fn decode(line: &[u8], expected: u64) -> Result<Record, BadLine> {
    let unreadable = |error: serde_json::Error| BadLine::Unreadable(error.to_string());
    let line: Line<'_> = serde_json::from_slice(line).map_err(unreadable)?;
    if checksum(line.n, line.record.get()) != line.crc {
        return Err(BadLine::Checksum);
    }
    if line.n != expected {
        return Err(BadLine::Order {
            found: line.n,
            expected,
        });
    }
    let text = line.record.get();
    if depth(text) > DEPTH {
        return Err(BadLine::TooDeep);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // Its own limit, 128, is that of the values that a record wraps.
    deserializer.disable_recursion_limit();
    let record = Record::deserialize(&mut deserializer).map_err(unreadable)?;
    deserializer.end().map_err(unreadable)?;
    Ok(record)
}

/// How deep the lists and maps of a JSON text nest.
fn depth(text: &str) -> usize {
    let (mut open, mut deepest): (usize, usize) = (0, 0);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' if !quoted => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn checksum(n: u64, text: &str) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&n.to_le_bytes());
    hasher.update(text.as_bytes());
    hasher.finalize()
}
