//! YAML 1.1 as PyYAML's `safe_load` reads it.

mod scalar;
mod timestamp;

use super::event::{Event, Events, Item, Mark};
use super::text::shorten;
use super::{DocumentError, Location};
use saphyr_parser::{Event as Syntax, Marker, Parser, ScalarStyle, ScanError, StrInput, Tag};
use serde_json::Value;
use std::borrow::Cow;

/// The syntax is `saphyr_parser`'s (YAML 1.2); what its scalars mean is ours (YAML 1.1).
pub(super) struct Yaml<'t> {
    parser: Parser<'t, StrInput<'t>>,
    started: bool,
}

impl<'t> Yaml<'t> {
    pub(super) fn new(text: &'t str) -> Yaml<'t> {
        Yaml {
            parser: Parser::new_from_str(text),
            started: false,
        }
    }

    fn scalar(
        &self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        mark: Mark,
    ) -> Result<Event, DocumentError> {
        let plain = style == ScalarStyle::Plain;
        let tag = tag.map(full_tag);
        let meaning = match tag.as_deref() {
            None if plain && text == "<<" => return Ok(Event::Merge),
            None if plain => scalar::plain(&text),
            None => Ok(Value::String(text.into_owned())),
            Some("!") => scalar::plain(&text),
            Some(tag) => match tag.strip_prefix(CORE) {
                Some("merge") => return Ok(Event::Merge),
                Some(kind) => scalar::tagged(kind, &text).unwrap_or_else(|| Err(refused(tag))),
                None => Err(refused(tag)),
            },
        };
        match meaning {
            Ok(value) => Ok(Event::Scalar(value)),
            Err(wrong) => Err(self.error(mark, wrong.message, wrong.hint)),
        }
    }

    /// A list or map takes its own tag only.
    fn collection(&self, tag: Option<&Tag>, own: &str, mark: Mark) -> Result<(), DocumentError> {
        let Some(tag) = tag.map(full_tag) else {
            return Ok(());
        };
        if tag == "!" || tag.strip_prefix(CORE) == Some(own) {
            return Ok(());
        }
        let wrong = refused(&tag);
        Err(self.error(mark, wrong.message, wrong.hint))
    }
}

const CORE: &str = "tag:yaml.org,2002:";

/// Why a scalar has no meaning here.
#[derive(Debug, Clone, PartialEq)]
struct Wrong {
    message: String,
    hint: &'static str,
}

fn full_tag(tag: &Tag) -> String {
    format!("{}{}", tag.handle, tag.suffix)
}

fn refused(tag: &str) -> Wrong {
    let shown = match tag.strip_prefix(CORE) {
        Some(kind) => shorten(&format!("!!{kind}")),
        None => shorten(tag),
    };
    Wrong {
        message: format!("the tag `{shown}` is not known here"),
        hint: "only `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!timestamp`, `!!seq` and `!!map` are known",
    }
}

impl Events for Yaml<'_> {
    fn next(&mut self) -> Result<Option<Item>, DocumentError> {
        while let Some(next) = self.parser.next_event() {
            let (syntax, span) = next.map_err(|error| syntax_error(&error))?;
            let mark = mark(span.start);
            let (event, anchor) = match syntax {
                Syntax::Scalar(text, style, anchor, tag) => {
                    (self.scalar(text, style, tag.as_deref(), mark)?, anchor)
                }
                Syntax::SequenceStart(anchor, tag) => {
                    self.collection(tag.as_deref(), "seq", mark)?;
                    (Event::List, anchor)
                }
                Syntax::MappingStart(anchor, tag) => {
                    self.collection(tag.as_deref(), "map", mark)?;
                    (Event::Map, anchor)
                }
                Syntax::SequenceEnd | Syntax::MappingEnd => (Event::Close, 0),
                Syntax::Alias(id) => (Event::Alias(id), 0),
                Syntax::DocumentStart(_) if self.started => {
                    return Err(self.error(
                        mark,
                        "the file holds more than one YAML document".to_owned(),
                        "keep one experiment per file: remove what follows this `---`",
                    ));
                }
                Syntax::DocumentStart(_) => {
                    self.started = true;
                    continue;
                }
                Syntax::StreamEnd => return Ok(None),
                Syntax::DocumentEnd | Syntax::StreamStart | Syntax::Nothing => continue,
            };
            return Ok(Some(Item {
                event,
                anchor,
                mark,
            }));
        }
        Ok(None)
    }

    /// Its marks count characters.
    fn location(&self, mark: Mark) -> Location {
        Location {
            line: mark.line,
            column: mark.offset.saturating_sub(mark.line_start) + 1,
        }
    }
}

fn mark(marker: Marker) -> Mark {
    Mark {
        line: marker.line(),
        line_start: 0,
        offset: marker.col(),
    }
}

fn syntax_error(error: &ScanError) -> DocumentError {
    let marker = error.marker();
    let location = Location {
        line: marker.line(),
        column: marker.col() + 1,
    };
    let info = error.info();
    // The scanner reads ahead of what is built, and counts brackets too.
    if info.contains("recursion limit") {
        return DocumentError::too_deep(location);
    }
    let hint = if info.contains("tab") {
        "indent with spaces"
    } else if info.contains("unknown anchor") {
        "define it with `&name` before this line, or quote the text if it only begins with `*`"
    } else if info.contains("mapping values are not allowed") {
        "quote the text if it holds `: `"
    } else if info.contains("start any token") || info.contains("while scanning a") {
        "quote the text if it begins with a special character"
    } else {
        "check the indentation, and quote texts with special characters"
    };
    DocumentError::at(location, format!("this is not valid YAML: {info}")).hint(hint)
}
