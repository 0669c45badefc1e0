//! Places in what the user wrote.

use crate::bindings::{Frame, Position};
use crate::machine::OWN;
use crate::modules::Files;

/// What an inline script's text is called.
pub(crate) const INLINE: &str = "script";

/// The texts that positions are in.
pub(crate) struct Sources<'f> {
    pub(crate) inline: Option<&'f str>,
    pub(crate) files: &'f Files,
}

impl Sources<'_> {
    fn with<T>(&self, file: &str, read: impl FnOnce(&str) -> T) -> Option<T> {
        match self.inline {
            Some(text) if file == INLINE => Some(read(text)),
            _ => self.files.source(file).as_deref().map(read),
        }
    }

    /// The calls in a stack as QuickJS writes it, those within the user's texts.
    pub(crate) fn frames(&self, stack: &str) -> Vec<Frame> {
        let lines = stack.lines().filter_map(parse);
        let own = lines.filter(|frame| !frame.position.file.starts_with(OWN));
        let known = own.filter_map(|frame| {
            let position = self.checked(frame.position)?;
            Some(Frame { position, ..frame })
        });
        known.collect()
    }

    /// A position as editors count it. QuickJS counts bytes, and finds the end of a text behind it.
    fn checked(&self, position: Position) -> Option<Position> {
        self.with(&position.file.clone(), |text| {
            let last = text.lines().count().max(1);
            let wanted = position.line as usize;
            let line = text.lines().nth(wanted.min(last).saturating_sub(1));
            let line = line.unwrap_or_default();
            let byte = match wanted <= last {
                true => (position.column as usize).saturating_sub(1),
                false => line.len(),
            };
            let before = line.get(..line.floor_char_boundary(byte));
            let characters = before.unwrap_or_default().chars().count();
            Position {
                line: wanted.min(last).max(1) as u32,
                column: characters as u32 + 1,
                ..position
            }
        })
    }

    /// Where a file imports something.
    pub(crate) fn import(&self, file: &str, specifier: &str) -> Option<Position> {
        let found = self.with(file, |text| {
            text.lines().enumerate().find_map(|(index, line)| {
                let quoted = ['\'', '"', '`'].map(|quote| format!("{quote}{specifier}{quote}"));
                let byte = quoted
                    .iter()
                    .find_map(|quoted| line.find(quoted.as_str()))?;
                let characters = line.get(..byte)?.chars().count();
                Some(Position {
                    file: file.to_owned(),
                    line: index as u32 + 1,
                    column: characters as u32 + 1,
                })
            })
        });
        found.flatten()
    }
}

/// Reads `at f (checkout.js:3:13)` or `at checkout.js:3:13`.
fn parse(line: &str) -> Option<Frame> {
    let call = line.trim().strip_prefix("at ")?;
    let (function, place) = match call
        .strip_suffix(')')
        .and_then(|call| call.rsplit_once(" ("))
    {
        Some((function, place)) => (Some(function), place),
        None => (None, call),
    };
    let (rest, column) = place.rsplit_once(':')?;
    let (file, number) = rest.rsplit_once(':')?;
    let function = function.filter(|name| !name.is_empty() && *name != "<anonymous>");
    Some(Frame {
        function: function.map(str::to_owned),
        position: Position {
            file: file.to_owned(),
            line: number.parse().ok()?,
            column: column.parse().ok()?,
        },
    })
}
