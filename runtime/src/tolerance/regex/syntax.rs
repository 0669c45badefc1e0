//! What a Python regular expression is made of.

/// The flags that change what a part means. `x` is gone once parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags {
    pub(super) ascii: bool,
    pub(super) ignore_case: bool,
    pub(super) multiline: bool,
    pub(super) dot_all: bool,
    pub(super) verbose: bool,
}

/// One part of a regular expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// A code point; lone surrogates included, which no text holds.
    Literal(u32),
    /// `.`
    Any,
    /// `[...]`, `\d` and the like.
    Set { negated: bool, items: Vec<Item> },
    /// A place, no character.
    At(Place),
    /// `*`, `+`, `?`, `{m,n}`; no upper bound is none.
    Repeat {
        least: u32,
        most: Option<u32>,
        greed: Greed,
        of: Box<Node>,
    },
    /// `(...)`, with its number.
    Capture(usize, Box<Node>),
    /// `(?flags:...)`
    Flagged {
        on: Flags,
        off: Flags,
        /// `(?u:...)` ends an outer `a`.
        unicode: bool,
        of: Box<Node>,
    },
    /// `(?:...)` that must keep together, as a quantifier sees it.
    Group(Box<Node>),
    /// `(?>...)`
    Atomic(Box<Node>),
    /// `(?=...)`, `(?!...)`, `(?<=...)`, `(?<!...)`
    Look {
        behind: bool,
        negated: bool,
        of: Box<Node>,
    },
    /// `\1`, `(?P=name)`
    Back(usize),
    /// `(?(1)yes|no)`
    Conditional {
        group: usize,
        yes: Box<Node>,
        no: Option<Box<Node>>,
    },
    /// `a|b`
    Branch(Vec<Node>),
    /// One after the other.
    Sequence(Vec<Node>),
}

/// How a quantifier chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Greed {
    Greedy,
    Lazy,
    Possessive,
}

/// Something that matches no character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// `\A`
    TextStart,
    /// `^`
    Start,
    /// `$`
    End,
    /// `\Z`
    TextEnd,
    /// `\b`
    Boundary,
    /// `\B`
    NoBoundary,
}

/// One entry of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Literal(u32),
    Range(u32, u32),
    Class { class: Class, negated: bool },
}

/// `\d`, `\s`, `\w`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Digit,
    Space,
    Word,
}

/// The fewest and the most characters that something matches.
pub(super) type Width = (u64, u64);

/// Python's bound for a width; what is beyond counts as it.
const WIDEST: u64 = u64::MAX;
/// What Python counts for a repetition without an upper bound.
const UNBOUNDED: u64 = 4_294_967_295;

impl Node {
    /// Whether it is `wanted`, or a part of it is.
    pub(super) fn contains(&self, wanted: fn(&Node) -> bool) -> bool {
        wanted(self)
            || match self {
                Node::Capture(_, of)
                | Node::Repeat { of, .. }
                | Node::Flagged { of, .. }
                | Node::Group(of)
                | Node::Atomic(of)
                | Node::Look { of, .. } => of.contains(wanted),
                Node::Conditional { yes, no, .. } => {
                    yes.contains(wanted) || no.as_deref().is_some_and(|no| no.contains(wanted))
                }
                Node::Branch(nodes) | Node::Sequence(nodes) => {
                    nodes.iter().any(|node| node.contains(wanted))
                }
                Node::Literal(_) | Node::Any | Node::Set { .. } | Node::At(_) | Node::Back(_) => {
                    false
                }
            }
    }

    /// How many characters it matches, given the widths of the capturing groups.
    pub(super) fn width(&self, groups: &[Option<Width>]) -> Width {
        match self {
            Node::Literal(_) | Node::Any | Node::Set { .. } => (1, 1),
            Node::At(_) | Node::Look { .. } => (0, 0),
            Node::Repeat {
                least, most, of, ..
            } => {
                let (low, high) = of.width(groups);
                let most = most.map_or(UNBOUNDED, u64::from);
                (
                    low.saturating_mul(u64::from(*least)),
                    high.saturating_mul(most),
                )
            }
            Node::Capture(_, of)
            | Node::Flagged { of, .. }
            | Node::Group(of)
            | Node::Atomic(of) => of.width(groups),
            Node::Back(group) => groups.get(*group).copied().flatten().unwrap_or((0, WIDEST)),
            Node::Conditional { yes, no, .. } => {
                let (low, high) = yes.width(groups);
                match no {
                    Some(no) => {
                        let (other_low, other_high) = no.width(groups);
                        (low.min(other_low), high.max(other_high))
                    }
                    None => (0, high),
                }
            }
            Node::Branch(branches) => branches
                .iter()
                .map(|branch| branch.width(groups))
                .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
                .unwrap_or((0, 0)),
            Node::Sequence(nodes) => nodes
                .iter()
                .map(|node| node.width(groups))
                .fold((0, 0), |sum, width| {
                    (sum.0.saturating_add(width.0), sum.1.saturating_add(width.1))
                }),
        }
    }
}
