//! The log as people and programs see it: lines on standard error and in the log file.

use crate::cli::{FileLevel, Global, LogFormat};
use crate::progress::Progress;
use chaos_wasm::log::{CRITICAL, PROGRESS, Redaction};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::Serialize;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber, span};

/// Crates whose events are ours; what libraries say about themselves stays out of the log.
const OURS: [&str; 2] = ["chaos_wasm", "chaos_host_api"];

/// Starts logging for the rest of the process. What cannot be opened is warned about.
pub(crate) fn start(global: &Global, redaction: &Redaction) {
    let (file, trouble) = if global.no_log_file {
        (None, None)
    } else {
        match open(&global.log_file) {
            Ok(file) => (
                Some((Mutex::new(file), threshold(global.log_file_level))),
                None,
            ),
            Err(error) => (None, Some(error)),
        }
    };
    let json = global.log_format == LogFormat::Json;
    let log = Log {
        console: Console {
            verbose: global.verbose,
            coloured: !json
                && coloured(io::stderr().is_terminal(), |name| std::env::var(name).ok()),
            context: json.then(context_id),
        },
        file,
        progress: Progress::new(!json),
        redaction: redaction.clone(),
        zone: std::sync::OnceLock::new(),
    };
    // Only a second start could fail, and there is one in main alone.
    let _ = tracing::subscriber::set_global_default(log);
    if let Some(error) = trouble {
        let path = global.log_file.display();
        tracing::warn!("Cannot write the log file '{path}' ({error}); going on without one");
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

fn threshold(level: FileLevel) -> Level {
    match level {
        FileLevel::Debug => Level::DEBUG,
        FileLevel::Info => Level::INFO,
        FileLevel::Warning => Level::WARN,
        FileLevel::Error => Level::ERROR,
    }
}

/// Whether to colour: <https://no-color.org>, <https://bixense.com/clicolors>, `TERM`.
///
/// The reference colours pipes too, which only spoils what reads them.
fn coloured(terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return false;
    }
    if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return true;
    }
    terminal && set("TERM").is_some_and(|term| term != "dumb")
}

/// One id for all lines of an invocation.
fn context_id() -> String {
    crate::identity::uuid4()
}

struct Console {
    verbose: bool,
    coloured: bool,
    /// JSON lines, with this id.
    context: Option<String>,
}

struct Log {
    console: Console,
    file: Option<(Mutex<File>, Level)>,
    progress: Progress,
    redaction: Redaction,
    /// Read once, and only if something is logged at all.
    zone: std::sync::OnceLock<TimeZone>,
}

impl Log {
    fn console_level(&self) -> Level {
        if self.console.verbose {
            Level::DEBUG
        } else {
            Level::INFO
        }
    }

    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        if metadata.is_span() {
            return false;
        }
        if metadata.target() == PROGRESS {
            return self.progress.visible();
        }
        let ours = metadata
            .target()
            .split("::")
            .next()
            .is_some_and(|name| OURS.contains(&name));
        ours && *metadata.level() <= self.lowest()
    }

    /// The chattiest level that anybody reads.
    fn lowest(&self) -> Level {
        let console = self.console_level();
        self.file
            .as_ref()
            .map_or(console, |(_, level)| console.max(*level))
    }

    fn write(&self, line: &Line<'_>) {
        if line.severity.level <= self.console_level() {
            let text = match &self.console.context {
                Some(context) => line.json(context),
                None => line.text(self.console.coloured, self.console.verbose),
            };
            self.progress.suspend(|| crate::stderr::write(&text));
        }
        if let Some((file, level)) = &self.file
            && line.severity.level <= *level
        {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // A full disk must not end an experiment half-way; the console still says everything.
            let _ = file.write_all(line.text(false, true).as_bytes());
        }
    }
}

/// Events only: what spans would add, every line says for itself.
impl Subscriber for Log {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(if self.progress.visible() {
            LevelFilter::TRACE
        } else {
            LevelFilter::from_level(self.lowest())
        })
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        if metadata.target() == PROGRESS {
            let label = harmless(&self.redaction.text(&fields.label));
            self.progress.show(&label, fields.seconds);
            return;
        }
        let zone = self.zone.get_or_init(local_zone).clone();
        self.write(&Line {
            at: Timestamp::now().to_zoned(zone),
            severity: Severity::of(metadata),
            module: module(metadata),
            line: metadata.line().unwrap_or(0),
            message: &self.redaction.text(&fields.message),
        });
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1) // all the same
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The last part of the module's path, as the reference names its modules.
fn module<'m>(metadata: &Metadata<'m>) -> &'m str {
    metadata
        .module_path()
        .and_then(|path| path.rsplit("::").next())
        .unwrap_or("chaos_wasm")
}

#[derive(Debug, Clone, Copy)]
struct Severity {
    level: Level,
    name: &'static str,
    colour: &'static str,
}

impl Severity {
    fn of(metadata: &Metadata<'_>) -> Severity {
        let level = *metadata.level();
        let (name, colour) = match level {
            Level::ERROR if metadata.target() == CRITICAL => ("CRITICAL", "\x1b[31m"),
            Level::ERROR => ("ERROR", "\x1b[31m"),
            Level::WARN => ("WARNING", "\x1b[33m"),
            Level::INFO => ("INFO", "\x1b[32m"),
            _ => ("DEBUG", "\x1b[36m"),
        };
        Severity {
            level,
            name,
            colour,
        }
    }
}

struct Line<'l> {
    at: Zoned,
    severity: Severity,
    module: &'l str,
    line: u32,
    /// Without secrets.
    message: &'l str,
}

/// Names and order as the reference's JSON log has them.
#[derive(Serialize)]
struct JsonLine<'l> {
    process: u32,
    asctime: String,
    levelname: &'l str,
    module: &'l str,
    lineno: u32,
    message: &'l str,
    context_id: &'l str,
    timestamp: String,
}

impl Line<'_> {
    fn text(&self, coloured: bool, verbose: bool) -> String {
        let (colour, reset) = if coloured {
            (self.severity.colour, "\x1b[39m")
        } else {
            ("", "")
        };
        let at = self.at.strftime("%Y-%m-%d %H:%M:%S");
        let level = self.severity.name;
        let place = if verbose {
            format!(" [{}:{}]", self.module, self.line)
        } else {
            String::new()
        };
        let message = harmless(self.message).replace('\n', "\n    ");
        format!("{colour}[{at} {level}]{place}{reset} {message}\n")
    }

    fn json(&self, context_id: &str) -> String {
        let line = JsonLine {
            process: std::process::id(),
            asctime: self.at.strftime("%Y-%m-%d %H:%M:%S,%3f").to_string(),
            levelname: self.severity.name,
            module: self.module,
            lineno: self.line,
            message: self.message,
            context_id,
            timestamp: self
                .at
                .with_time_zone(TimeZone::UTC)
                .strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00")
                .to_string(),
        };
        let mut text = serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// Text that cannot steer a terminal or forge a line: what an activity printed ends up here.
///
/// Line feeds and tabs stay; other control characters, and those that reorder text, are written
/// out as Rust writes them.
pub(crate) fn harmless(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.replace("\r\n", "\n").chars() {
        let reorders = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match character {
            '\n' | '\t' => clean.push(character),
            _ if character.is_control() || reorders => clean.extend(character.escape_default()),
            _ => clean.push(character),
        }
    }
    clean
}

#[derive(Default)]
struct Fields {
    message: String,
    label: String,
    seconds: Option<f64>,
}

impl Fields {
    /// Fields beside the message follow it, so that none is lost.
    fn append(&mut self, name: &str, value: fmt::Arguments<'_>) {
        use fmt::Write as _;
        // Writing to a String cannot fail.
        let _ = write!(self.message, " {name}={value}");
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        match field.name() {
            "seconds" => self.seconds = Some(value),
            name => self.append(name, format_args!("{value}")),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message.insert_str(0, value),
            "label" => value.clone_into(&mut self.label),
            name => self.append(name, format_args!("{value}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message.insert_str(0, &format!("{value:?}")),
            "label" => self.label = format!("{value:?}"),
            name => self.append(name, format_args!("{value:?}")),
        }
    }
}

/// The machine's time zone. Without `TZ`, `/etc/localtime` says it all: looking it up by name
/// would list the whole time zone database first.
fn local_zone() -> TimeZone {
    let named = std::env::var_os("TZ").is_some_and(|name| !name.is_empty());
    let read = || TimeZone::tzif("Local", &std::fs::read("/etc/localtime").ok()?).ok();
    match read().filter(|_| !named) {
        Some(zone) => zone,
        None => TimeZone::system(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colours(terminal: bool, variables: &[(&str, &str)]) -> bool {
        coloured(terminal, |name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn colours_are_for_capable_terminals_unless_the_user_says_otherwise() {
        assert!(colours(true, &[("TERM", "xterm")]));
        assert!(!colours(true, &[("TERM", "dumb")]));
        assert!(!colours(true, &[]));
        assert!(!colours(false, &[("TERM", "xterm")]));
        assert!(!colours(true, &[("TERM", "xterm"), ("NO_COLOR", "1")]));
        assert!(colours(true, &[("TERM", "xterm"), ("NO_COLOR", "")]));
        assert!(colours(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!colours(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!colours(
            false,
            &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]
        ));
    }

    #[test]
    fn control_characters_are_spelt_out() {
        assert_eq!(harmless("a\r\nb\tc"), "a\nb\tc");
        assert_eq!(harmless("\x1b[2Jx\rforged"), "\\u{1b}[2Jx\\rforged");
        assert_eq!(harmless("\u{202e}abc é ✅"), "\\u{202e}abc é ✅");
    }
}
