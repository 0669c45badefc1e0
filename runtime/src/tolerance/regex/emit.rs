//! Writes a parsed pattern in the engine's syntax, so that it means what it means in Python.

use super::syntax::{Class, Flags, Greed, Item, Node, Place};
use std::fmt::Write as _;

/// Which texts the written pattern is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// Any text.
    All,
    /// ASCII texts that are not empty: there the engine's own word boundary is Python's, and
    /// the engine need not backtrack for it.
    Ascii,
}

/// Python's `\s`: `str.isspace`.
const SPACE: &str = r"\x09-\x0d\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}";
/// Python's `\w`: `str.isalnum` and the underscore. (The engine's own has marks and
/// connectors, and lacks most numbers.)
const WORD: &str = r"\p{L}\p{N}_";

/// Writes `node`.
pub(super) fn write(node: &Node, flags: Flags, texts: Texts) -> String {
    let mut writer = Writer {
        out: String::new(),
        texts,
    };
    writer.node(node, flags, true);
    writer.out
}

struct Writer {
    out: String,
    texts: Texts,
}

impl Writer {
    /// `last`: nothing of the pattern follows, so that it does not matter what is consumed.
    fn node(&mut self, node: &Node, flags: Flags, last: bool) {
        match node {
            Node::Literal(code) => self.items(&[Item::Literal(*code)], false, flags),
            Node::Set { negated, items } => self.items(items, *negated, flags),
            Node::Any if flags.dot_all => self.out.push_str("(?s:.)"),
            Node::Any => self.out.push_str(r"[^\n]"),
            Node::At(place) => self.place(*place, flags, last),
            Node::Repeat {
                least,
                most,
                greed,
                of,
            } => self.repeat(*least, *most, *greed, of, flags),
            Node::Capture(_, of) => self.wrapped("(", of, flags, last),
            Node::Group(of) => self.wrapped("(?:", of, flags, last),
            Node::Flagged {
                on,
                off,
                unicode,
                of,
            } => {
                let flags = Flags {
                    ascii: (flags.ascii || on.ascii) && !unicode,
                    ignore_case: (flags.ignore_case || on.ignore_case) && !off.ignore_case,
                    multiline: (flags.multiline || on.multiline) && !off.multiline,
                    dot_all: (flags.dot_all || on.dot_all) && !off.dot_all,
                    verbose: false,
                };
                self.wrapped("(?:", of, flags, last);
            }
            Node::Atomic(of) => self.wrapped("(?>", of, flags, false),
            Node::Look {
                behind,
                negated,
                of,
            } => {
                let open = match (behind, negated) {
                    (false, false) => "(?=",
                    (false, true) => "(?!",
                    (true, false) => "(?<=",
                    (true, true) => "(?<!",
                };
                self.wrapped(open, of, flags, false);
            }
            Node::Back(group) if flags.ignore_case => {
                let _ = write!(self.out, r"(?i:\{group})");
            }
            Node::Back(group) => {
                let _ = write!(self.out, r"(?:\{group})");
            }
            Node::Conditional { group, yes, no } => {
                // The engine takes two empty branches for a mere test of the group.
                if is_empty(yes) && no.as_deref().is_none_or(is_empty) {
                    return;
                }
                let _ = write!(self.out, "(?({group})");
                self.wrapped("(?:", yes, flags, false);
                self.out.push('|');
                if let Some(no) = no {
                    self.wrapped("(?:", no, flags, false);
                }
                self.out.push(')');
            }
            Node::Branch(branches) => {
                // At the top, and within every group, alternatives stand alone.
                for (index, branch) in branches.iter().enumerate() {
                    if index > 0 {
                        self.out.push('|');
                    }
                    self.node(branch, flags, last);
                }
            }
            Node::Sequence(nodes) => {
                for (index, node) in nodes.iter().enumerate() {
                    self.node(node, flags, last && index + 1 == nodes.len());
                }
            }
        }
    }

    fn wrapped(&mut self, open: &str, of: &Node, flags: Flags, last: bool) {
        self.out.push_str(open);
        self.node(of, flags, last);
        self.out.push(')');
    }

    fn place(&mut self, place: Place, flags: Flags, last: bool) {
        let word = if flags.ascii { "0-9A-Za-z_" } else { WORD };
        match place {
            Place::TextStart => self.out.push_str(r"\A"),
            Place::TextEnd => self.out.push_str(r"\z"),
            Place::Start if flags.multiline => self.out.push_str("(?m:^)"),
            Place::Start => self.out.push_str(r"\A"),
            Place::End if flags.multiline => self.out.push_str("(?m:$)"),
            Place::End if last => self.out.push_str(r"\n?\z"),
            Place::End => self.out.push_str(r"(?=\n?\z)"),
            Place::Boundary if self.texts == Texts::Ascii => self.out.push_str(r"\b"),
            Place::NoBoundary if self.texts == Texts::Ascii => self.out.push_str(r"\B"),
            Place::Boundary => {
                let _ = write!(
                    self.out,
                    "(?:(?<=[{word}])(?![{word}])|(?<![{word}])(?=[{word}]))"
                );
            }
            // Python finds neither kind of place in an empty text.
            Place::NoBoundary => {
                let _ = write!(
                    self.out,
                    r"(?:(?<=[{word}])(?=[{word}])|(?<![{word}])(?![{word}])(?!\A\z))"
                );
            }
        }
    }

    fn repeat(&mut self, least: u32, most: Option<u32>, greed: Greed, of: &Node, flags: Flags) {
        if most == Some(0) && !captures(of) {
            return;
        }
        if is_place(of) {
            // The engine repeats nothing that has no width: once is as good as often.
            self.once_or_never(least, greed, of, flags);
            return;
        }
        let bare = matches!(
            of,
            Node::Literal(_) | Node::Set { .. } | Node::Capture(..) | Node::Group(_)
        );
        if greed == Greed::Possessive {
            self.out.push_str("(?>");
        }
        if bare {
            self.node(of, flags, false);
        } else {
            self.wrapped("(?:", of, flags, false);
        }
        let _ = match (least, most) {
            (0, None) => write!(self.out, "*"),
            (1, None) => write!(self.out, "+"),
            (0, Some(1)) => write!(self.out, "?"),
            (least, None) => write!(self.out, "{{{least},}}"),
            (least, Some(most)) if least == most => write!(self.out, "{{{least}}}"),
            (least, Some(most)) => write!(self.out, "{{{least},{most}}}"),
        };
        match greed {
            Greed::Greedy => {}
            Greed::Lazy => self.out.push('?'),
            Greed::Possessive => self.out.push(')'),
        }
    }

    fn once_or_never(&mut self, least: u32, greed: Greed, of: &Node, flags: Flags) {
        let (before, after) = match (least, greed) {
            (0, Greed::Greedy) => ("(?:", "|)"),
            (0, Greed::Lazy) => ("(?:|", ")"),
            (0, Greed::Possessive) => ("(?>", "|)"),
            (_, Greed::Possessive) => ("(?>", ")"),
            _ => ("(?:", ")"),
        };
        self.out.push_str(before);
        // Alternatives within must not join ours.
        self.wrapped("(?:", of, flags, false);
        self.out.push_str(after);
    }

    fn items(&mut self, items: &[Item], negated: bool, flags: Flags) {
        let mut set = String::new();
        for item in items {
            self.item(&mut set, *item, flags);
        }
        if set.is_empty() {
            // Only lone surrogates, which no text has.
            set.push_str(r"[^\x{0}-\x{10ffff}]");
        }
        let is_one = matches!(items, [Item::Literal(_)]) && !flags.ignore_case;
        let by_case = flags.ignore_case && !flags.ascii;
        let negation = if negated { "^" } else { "" };
        let _ = if by_case {
            write!(self.out, "(?i:[{negation}{set}])")
        } else if is_one && !negated {
            write!(self.out, "{set}")
        } else {
            write!(self.out, "[{negation}{set}]")
        };
    }

    fn item(&self, set: &mut String, item: Item, flags: Flags) {
        let (low, high) = match item {
            Item::Literal(code) => (code, code),
            Item::Range(low, high) => (low, high),
            Item::Class { class, negated } => {
                let ascii = flags.ascii || self.texts == Texts::Ascii;
                let members = match (class, ascii) {
                    (Class::Digit, false) => r"\p{Nd}",
                    (Class::Digit, true) => "0-9",
                    (Class::Space, false) => SPACE,
                    (Class::Space, true) if flags.ascii => r"\x09-\x0d\x20",
                    (Class::Space, true) => r"\x09-\x0d\x1c-\x20",
                    (Class::Word, false) => WORD,
                    (Class::Word, true) => "0-9A-Za-z_",
                };
                let _ = if negated {
                    write!(set, "[^{members}]")
                } else {
                    write!(set, "{members}")
                };
                return;
            }
        };
        range(set, low, high);
        if !flags.ignore_case {
            return;
        }
        if flags.ascii {
            // The engine folds more than ASCII, so the other case is written out.
            for (first, last, other) in [('a', 'z', 'A'), ('A', 'Z', 'a')] {
                let (first, last) = (u32::from(first), u32::from(last));
                let (from, to) = (low.max(first), high.min(last));
                if from <= to {
                    let shifted = |code: u32| code - first + u32::from(other);
                    range(set, shifted(from), shifted(to));
                }
            }
        } else if [0x49, 0x69, 0x130, 0x131]
            .iter()
            .any(|code| (low..=high).contains(code))
        {
            // To Python the dotted and the dotless i are one letter in four forms.
            set.push_str(r"Ii\x{130}\x{131}");
        }
    }
}

/// Writes a range without the surrogates, which the engine does not know.
fn range(set: &mut String, low: u32, high: u32) {
    let surrogates = 0xD800..=0xDFFF;
    let low = if surrogates.contains(&low) {
        0xE000
    } else {
        low
    };
    let high = if surrogates.contains(&high) {
        0xD7FF
    } else {
        high
    };
    let _ = if low > high {
        Ok(())
    } else if low == high {
        write!(set, r"\x{{{low:x}}}")
    } else {
        write!(set, r"\x{{{low:x}}}-\x{{{high:x}}}")
    };
}

/// Whether nothing is to be matched.
fn is_empty(node: &Node) -> bool {
    match node {
        Node::Flagged { of, .. } | Node::Group(of) | Node::Atomic(of) => is_empty(of),
        Node::Repeat { of, most, .. } => is_empty(of) || *most == Some(0) && !captures(of),
        Node::Conditional { yes, no, .. } => is_empty(yes) && no.as_deref().is_none_or(is_empty),
        Node::Sequence(nodes) | Node::Branch(nodes) => nodes.iter().all(is_empty),
        Node::Capture(..)
        | Node::Look { .. }
        | Node::At(_)
        | Node::Literal(_)
        | Node::Any
        | Node::Set { .. }
        | Node::Back(_) => false,
    }
}

/// Whether it is made only of what matches no character.
fn is_place(node: &Node) -> bool {
    match node {
        Node::At(_) | Node::Look { .. } => true,
        Node::Capture(_, of)
        | Node::Repeat { of, .. }
        | Node::Flagged { of, .. }
        | Node::Group(of)
        | Node::Atomic(of) => is_place(of),
        Node::Conditional { yes, no, .. } => is_place(yes) && no.as_deref().is_none_or(is_place),
        Node::Branch(nodes) | Node::Sequence(nodes) => nodes.iter().all(is_place),
        Node::Literal(_) | Node::Any | Node::Set { .. } | Node::Back(_) => false,
    }
}

/// Whether a capturing group is within, whose number must not get lost.
fn captures(node: &Node) -> bool {
    node.contains(|part| matches!(part, Node::Capture(..)))
}

/// Whether a word boundary is within.
pub(super) fn has_boundary(node: &Node) -> bool {
    node.contains(|part| matches!(part, Node::At(Place::Boundary | Place::NoBoundary)))
}
