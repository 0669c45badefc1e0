//! Problems as a person reads them.

use super::{Document, DocumentError, Location, Pointer, Problem, Problems, Severity};
use std::fmt::Write;

/// Characters shown of a source line; of a longer one, those around the column.
const WIDTH: usize = 100;

/// Every problem, in the order of the document, each with its place, its source line and its hint.
///
/// A source line that `holds_secret` is not shown: a part of it could be a part of the secret.
pub fn render(
    document: &Document,
    problems: &Problems,
    holds_secret: impl Fn(&str) -> bool,
) -> String {
    let pointers: Vec<&Pointer> = problems.iter().map(|problem| &problem.pointer).collect();
    let locations = document.locate_all(&pointers);
    let mut placed: Vec<(Option<Location>, &Problem)> =
        locations.into_iter().zip(problems.iter()).collect();
    placed.sort_by_key(|(location, _)| location.map(|at| (at.line, at.column)));
    let lines: Vec<&str> = document.text().lines().collect();
    let mut text = String::new();
    for (location, problem) in placed {
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let message = format!("{} (at {})", problem.message, problem.pointer);
        let excerpt = location.and_then(|at| {
            let line = lines.get(at.line.checked_sub(1)?)?;
            (!holds_secret(line)).then(|| excerpt(line, at))
        });
        let place = (location, excerpt.as_deref());
        entry(
            &mut text,
            document.name(),
            place,
            severity,
            &message,
            problem.hint.as_deref(),
        );
    }
    text
}

impl DocumentError {
    /// The error as a person reads it. `name` is what messages call the document.
    pub fn render(&self, name: &str) -> String {
        let mut text = String::new();
        let place = (self.location, self.excerpt.as_deref());
        entry(
            &mut text,
            name,
            place,
            "error",
            &self.message,
            self.hint.as_deref(),
        );
        text
    }

    /// Without the source line, for documents that hold credentials in any place.
    #[must_use]
    pub fn unquoted(mut self) -> DocumentError {
        self.excerpt = None;
        self
    }

    /// With the source line that it is about. What part of a broken text is a secret cannot be
    /// known, so one that speaks of secrets is not quoted at all.
    pub(super) fn quoting(mut self, text: &str) -> DocumentError {
        self.excerpt = self
            .location
            .filter(|_| !text.contains("secrets"))
            .and_then(|at| {
                let line = text.lines().nth(at.line.checked_sub(1)?)?;
                Some(excerpt(line, at))
            });
        self
    }
}

fn entry(
    text: &mut String,
    name: &str,
    (location, excerpt): (Option<Location>, Option<&str>),
    severity: &str,
    message: &str,
    hint: Option<&str>,
) {
    text.push_str(name);
    if let Some(Location { line, column }) = location {
        let _ = write!(text, ":{line}:{column}");
    }
    let _ = writeln!(text, ": {severity}: {message}");
    if let Some(excerpt) = excerpt {
        let _ = writeln!(text, "{excerpt}");
    }
    if let Some(hint) = hint {
        let _ = writeln!(text, "  hint: {hint}");
    }
}

/// The source line, with a caret below the column. Control characters could steer a terminal: each
/// is shown as one harmless character.
fn excerpt(line: &str, at: Location) -> String {
    let column = at.column.saturating_sub(1);
    let start = column.saturating_sub(WIDTH / 2);
    let shown: String = line
        .chars()
        .skip(start)
        .take(WIDTH)
        .map(|c| match c {
            '\t' => ' ',
            c if c.is_control() => '\u{FFFD}',
            c => c,
        })
        .collect();
    let indent = " ".repeat(column - start);
    format!("  | {}\n  | {indent}^", shown.trim_end())
}
