//! `(?flags)` and `(?flags:...)`.

use super::super::InvalidPattern;
use super::super::source::Token;
use super::super::syntax::{Flags, Node};
use super::{Group, Parser};

const FLAGS: &str = "iLmsxatu";

/// Whether flags are read from `character` on.
pub(super) fn may_begin(character: char) -> bool {
    character == '-' || FLAGS.contains(character)
}

impl Parser<'_> {
    /// What follows `(?` and begins with a flag or `-`.
    pub(super) fn flagged(
        &mut self,
        first: char,
        verbose: bool,
        global_allowed: bool,
    ) -> Result<Group, InvalidPattern> {
        let mut on = FlagSet::default();
        let mut off = FlagSet::default();
        let mut end = first;
        if first != '-' {
            end = self.flags_until(first, &mut on, &[')', '-', ':'])?;
        }
        if on.ascii && on.unicode {
            return Err(self.error("bad inline flags: flags 'a' and 'u' are incompatible"));
        }
        if end == ')' {
            if !global_allowed {
                return Err(self.error("global flags not at the start of the expression"));
            }
            self.flags = on.added_to(self.flags);
            self.unicode |= on.unicode;
            return Ok(Group::GlobalFlags);
        }
        if on.template {
            return Err(self.error("bad inline flags: cannot turn on global flag"));
        }
        if end == '-' {
            let first = match self.source.next() {
                Some(Token::Plain(flag)) if FLAGS.contains(flag) => flag,
                _ => return Err(self.error("missing or unknown flag")),
            };
            self.flags_until(first, &mut off, &[':'])?;
            if off.ascii || off.unicode {
                return Err(self.error("bad inline flags: cannot turn off flags 'a' and 'u'"));
            }
            if off.template {
                return Err(self.error("bad inline flags: cannot turn off global flag"));
            }
        }
        if on.intersects(off) {
            return Err(self.error("bad inline flags: flag turned on and off"));
        }
        let verbose = (verbose || on.verbose) && !off.verbose;
        let of = self.closed(verbose)?;
        Ok(Group::Node(Node::Flagged {
            on: on.added_to(Flags::default()),
            off: off.added_to(Flags::default()),
            unicode: on.unicode,
            of: Box::new(of),
        }))
    }

    /// Reads flags from `first` on; answers which of `ends` ended them.
    fn flags_until(
        &mut self,
        first: char,
        flags: &mut FlagSet,
        ends: &[char],
    ) -> Result<char, InvalidPattern> {
        let mut flag = first;
        loop {
            match flag {
                'i' => flags.ignore_case = true,
                'm' => flags.multiline = true,
                's' => flags.dot_all = true,
                'x' => flags.verbose = true,
                'a' => flags.ascii = true,
                'u' => flags.unicode = true,
                't' => flags.template = true,
                _ => {
                    return Err(
                        self.error("bad inline flags: cannot use 'L' flag with a str pattern")
                    );
                }
            }
            flag = match self.source.next() {
                Some(Token::Plain(end)) if ends.contains(&end) => return Ok(end),
                Some(Token::Plain(flag)) if FLAGS.contains(flag) => flag,
                Some(Token::Plain(other)) if other.is_alphabetic() => {
                    return Err(self.error(format!("unknown flag {other}")));
                }
                _ => return Err(self.error("missing -, : or )")),
            };
        }
    }
}

/// The flags of one `(?...)`.
#[derive(Debug, Clone, Copy, Default)]
struct FlagSet {
    ascii: bool,
    unicode: bool,
    ignore_case: bool,
    multiline: bool,
    dot_all: bool,
    verbose: bool,
    template: bool,
}

impl FlagSet {
    fn added_to(self, flags: Flags) -> Flags {
        Flags {
            ascii: flags.ascii || self.ascii,
            ignore_case: flags.ignore_case || self.ignore_case,
            multiline: flags.multiline || self.multiline,
            dot_all: flags.dot_all || self.dot_all,
            verbose: flags.verbose || self.verbose,
        }
    }

    fn intersects(self, other: FlagSet) -> bool {
        self.ignore_case && other.ignore_case
            || self.multiline && other.multiline
            || self.dot_all && other.dot_all
            || self.verbose && other.verbose
    }
}
