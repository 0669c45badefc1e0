//! Python's regular expressions, searched within bounds.

mod emit;
mod escape;
mod parse;
mod source;
mod syntax;

use emit::Texts;

/// Steps back that one search may take, and further ones for each byte of the text: well below a
/// second of work on an ordinary text. Python has no limit, and may never end.
const MAX_BACKTRACKS: usize = 2_000_000;
const BACKTRACKS_PER_BYTE: usize = 8;
/// Up to this many bytes the further steps do not matter.
const LONG_TEXT: usize = 100_000;
/// Longer patterns are nobody's; the limit keeps compiling cheap.
const MAX_LENGTH: usize = 100_000;

/// A pattern with the meaning that Python's `re` (3.11) gives it, for text.
///
/// Not supported: `\N{name}`, groups nested more than 30 deep, and patterns that the engine
/// finds too large.
#[derive(Debug, Clone)]
pub struct PythonRegex {
    general: Engine,
    /// Quicker, for ASCII texts that are not empty.
    ascii: Option<Engine>,
}

/// A pattern in the engine's syntax.
#[derive(Debug, Clone)]
struct Engine {
    written: String,
    compiled: fancy_regex::Regex,
}

/// Not a pattern of Python's `re`, or beyond what can be searched here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidPattern(pub(super) String);

/// The search was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the pattern is too expensive for this text: it makes the search try too many ways; avoid \
     repetitions within repetitions, such as (a+)+"
)]
pub struct TooExpensive;

impl PythonRegex {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When Python would reject it, and for what is not supported.
    pub fn new(pattern: &str) -> Result<PythonRegex, InvalidPattern> {
        if pattern.len() > MAX_LENGTH {
            return Err(InvalidPattern(format!(
                "it is longer than {MAX_LENGTH} bytes"
            )));
        }
        let parsed = parse::parse(pattern)?;
        let compile = |texts: Texts| Engine::new(emit::write(&parsed.node, parsed.flags, texts));
        Ok(PythonRegex {
            general: compile(Texts::All)?,
            ascii: if emit::has_boundary(&parsed.node) {
                Some(compile(Texts::Ascii)?)
            } else {
                None
            },
        })
    }

    /// Whether the pattern matches anywhere in `text`, as `re.search` does.
    ///
    /// # Errors
    /// When the search takes too many steps.
    pub fn search(&self, text: &str) -> Result<bool, TooExpensive> {
        let engine = match &self.ascii {
            Some(ascii) if text.is_ascii() && !text.is_empty() => ascii,
            _ => &self.general,
        };
        engine.search(text)
    }
}

impl Engine {
    fn new(written: String) -> Result<Engine, InvalidPattern> {
        let compiled = Engine::compile(&written, MAX_BACKTRACKS).map_err(|error| {
            InvalidPattern(format!("valid in Python, but not supported here: {error}"))
        })?;
        Ok(Engine { written, compiled })
    }

    fn compile(written: &str, backtracks: usize) -> fancy_regex::Result<fancy_regex::Regex> {
        fancy_regex::RegexBuilder::new(written)
            .backtrack_limit(backtracks)
            .build()
    }

    fn search(&self, text: &str) -> Result<bool, TooExpensive> {
        let found = if text.len() > LONG_TEXT {
            // The limit is a property of the compiled pattern.
            let backtracks = text.len().saturating_mul(BACKTRACKS_PER_BYTE);
            Engine::compile(&self.written, MAX_BACKTRACKS.saturating_add(backtracks))
                .and_then(|compiled| compiled.is_match(text))
        } else {
            self.compiled.is_match(text)
        };
        found.map_err(|_| TooExpensive)
    }
}
