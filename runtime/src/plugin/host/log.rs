//! `chaos:host/log`: lines for the run's log.

use super::State;
use super::bindings::chaos::host::log::{Host, Level};
use crate::plugin::stdio::printable;
use std::sync::Arc;

/// Bytes of one line; the rest is cut off.
const LINE: usize = 8 * 1024;

impl Host for State {
    async fn write(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        self.meter.host_call(message.len())?;
        if !self.meter.log_line() {
            self.dropped.lines += 1;
            return Ok(());
        }
        let plugin = &self.guest.plugin;
        let line = line(&message);
        match level {
            Level::Debug => tracing::debug!("{plugin}: {line}"),
            Level::Info => tracing::info!("{plugin}: {line}"),
            Level::Warning => tracing::warn!("{plugin}: {line}"),
            Level::Error => tracing::error!("{plugin}: {line}"),
        }
        Ok(())
    }
}

/// One line of bounded length, however many the guest made of it.
fn line(message: &str) -> String {
    let end = message.floor_char_boundary(LINE);
    let (shown, rest) = message.split_at_checked(end).unwrap_or((message, ""));
    let one = shown
        .trim_end()
        .replace(['\n', '\r', '\u{2028}', '\u{2029}'], " ");
    let mut line = printable(&one);
    if !rest.is_empty() {
        line.push_str(&format!(" [{} more bytes]", rest.len()));
    }
    line
}

/// Says once, when the call ends, how many lines were too many.
#[derive(Debug)]
pub(in crate::plugin) struct DroppedLines {
    plugin: Arc<str>,
    pub(in crate::plugin) lines: u64,
}

impl DroppedLines {
    /// None so far.
    pub(in crate::plugin) fn of(plugin: &Arc<str>) -> DroppedLines {
        DroppedLines {
            plugin: Arc::clone(plugin),
            lines: 0,
        }
    }
}

impl Drop for DroppedLines {
    fn drop(&mut self) {
        if self.lines > 0 {
            tracing::warn!(
                "{}: {} more lines dropped (limit log-lines)",
                self.plugin,
                self.lines
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_one_printable_line() {
        assert_eq!(
            line("a\r\nb\u{1b}[31m\u{202e}c\u{2028}d\0\n"),
            "a  b[31mc d"
        );
        let long = line(&"\u{e9}".repeat(LINE));
        assert!(
            long.ends_with(&format!(" [{LINE} more bytes]")),
            "{}",
            long.len()
        );
    }

    proptest! {
        #[test]
        fn any_message_becomes_one_bounded_line(message in any::<String>()) {
            let line = line(&message);
            prop_assert!(!line.chars().any(char::is_control));
            prop_assert!(line.len() < LINE + 100);
        }
    }
}
