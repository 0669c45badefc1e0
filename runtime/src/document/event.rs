use super::{DocumentError, Location};
use serde_json::Value;

/// A place in the text, cheap to note for every value; [`Events::location`] makes sense of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark {
    /// Line, from 1.
    pub(super) line: usize,
    /// Where the line begins, in the notation's own unit.
    pub(super) line_start: usize,
    /// Where the value begins, in the same unit.
    pub(super) offset: usize,
}

/// What a notation consists of.
#[derive(Debug)]
pub(super) enum Event {
    /// A value without parts, or a key.
    Scalar(Value),
    /// YAML's `<<`, written plainly.
    Merge,
    /// A list begins.
    List,
    /// A map begins; keys and values follow in turn.
    Map,
    /// The list or map begun last ends.
    Close,
    /// The value with this anchor again.
    Alias(usize),
}

/// An event, where it stands, and the anchor that names it (0: none).
#[derive(Debug)]
pub(super) struct Item {
    pub(super) event: Event,
    pub(super) anchor: usize,
    pub(super) mark: Mark,
}

/// A notation, read from the front.
pub(super) trait Events {
    /// The next event; `None` after the document's end. Every `List` and `Map` is closed.
    fn next(&mut self) -> Result<Option<Item>, DocumentError>;

    /// The line and column of a mark that this reader gave out.
    fn location(&self, mark: Mark) -> Location;

    /// An error at a mark.
    fn error(&self, mark: Mark, message: String, hint: &str) -> DocumentError {
        DocumentError::at(self.location(mark), message).hint(hint)
    }
}
