//! Reads a regular expression as Python 3.11's `re` does, and rejects what it rejects.

mod flags;

use super::InvalidPattern;
use super::escape::{self, Escape};
use super::source::{Source, Token};
use super::syntax::{Flags, Greed, Item, Node, Place, Width};

/// Groups within each other. Python's own limit is higher, the engine's is not.
const MAX_DEPTH: usize = 30;
/// Repetition counts of Python end here.
const MAX_REPEAT: u64 = 4_294_967_295;

/// A parsed pattern.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) node: Node,
    /// The flags of the whole pattern.
    pub(super) flags: Flags,
}

/// Reads `pattern`.
///
/// # Errors
/// What Python would say, in other words.
pub(super) fn parse(pattern: &str) -> Result<Parsed, InvalidPattern> {
    let mut parser = Parser {
        source: Source::new(pattern)?,
        flags: Flags::default(),
        unicode: false,
        groups: vec![None],
        names: Vec::new(),
        conditions: Vec::new(),
        lookbehind_groups: None,
        look_behinds: Vec::new(),
        depth: 0,
    };
    let node = parser.alternatives(false, true)?;
    if parser.source.peek().is_some() {
        return Err(parser.error("unbalanced parenthesis"));
    }
    if parser.flags.ascii && parser.unicode {
        return Err(parser.error("flags 'a' and 'u' are incompatible"));
    }
    if let Some(group) = parser
        .conditions
        .iter()
        .find(|group| **group >= parser.groups.len())
    {
        return Err(InvalidPattern(format!("invalid group reference {group}")));
    }
    if parser.look_behinds.iter().any(|(low, high)| low != high) {
        return Err(InvalidPattern(
            "look-behind requires fixed-width pattern".to_owned(),
        ));
    }
    Ok(Parsed {
        node,
        flags: parser.flags,
    })
}

struct Parser<'p> {
    source: Source<'p>,
    flags: Flags,
    /// `(?u)` was given.
    unicode: bool,
    /// The width of each capturing group; none while it is open. The first is the whole match.
    groups: Vec<Option<Width>>,
    names: Vec<(String, usize)>,
    /// Groups that conditions name by number: they may come later.
    conditions: Vec<usize>,
    /// How many groups there were when the outermost look-behind began.
    lookbehind_groups: Option<usize>,
    look_behinds: Vec<Width>,
    depth: usize,
}

impl Parser<'_> {
    fn error(&self, message: impl std::fmt::Display) -> InvalidPattern {
        InvalidPattern(format!("{message} at position {}", self.source.position()))
    }

    fn alternatives(&mut self, verbose: bool, top: bool) -> Result<Node, InvalidPattern> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error(format!("groups nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let mut verbose = verbose;
        let mut branches = Vec::new();
        loop {
            branches.push(self.sequence(verbose, top && branches.is_empty())?);
            if !self.source.take('|') {
                break;
            }
            if top {
                verbose = self.flags.verbose;
            }
        }
        self.depth -= 1;
        Ok(if branches.len() == 1 {
            branches.pop().unwrap_or(Node::Sequence(Vec::new()))
        } else {
            Node::Branch(branches)
        })
    }

    /// `first`: global flags may stand at its beginning.
    fn sequence(&mut self, verbose: bool, first: bool) -> Result<Node, InvalidPattern> {
        let mut verbose = verbose;
        let mut nodes: Vec<Node> = Vec::new();
        while let Some(token) = self.source.peek() {
            if token == Token::Plain('|') || token == Token::Plain(')') {
                break;
            }
            self.source.advance();
            match token {
                Token::Plain(' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c') if verbose => {}
                Token::Plain('#') if verbose => loop {
                    match self.source.next() {
                        None | Some(Token::Plain('\n')) => break,
                        Some(_) => {}
                    }
                },
                Token::Escaped(escaped) => {
                    let node = match escape::in_pattern(&mut self.source, escaped)? {
                        Escape::Node(node) => node,
                        Escape::Group(group) => {
                            self.reference(group)?;
                            Node::Back(group)
                        }
                    };
                    nodes.push(node);
                }
                Token::Plain('[') => nodes.push(self.set()?),
                Token::Plain('*' | '+' | '?' | '{') => {
                    let Token::Plain(quantifier) = token else {
                        continue;
                    };
                    match self.counts(quantifier)? {
                        None => nodes.push(Node::Literal('{'.into())),
                        Some(counts) => self.quantify(&mut nodes, counts)?,
                    }
                }
                Token::Plain('.') => nodes.push(Node::Any),
                Token::Plain('^') => nodes.push(Node::At(Place::Start)),
                Token::Plain('$') => nodes.push(Node::At(Place::End)),
                Token::Plain('(') => match self.group(verbose, first && nodes.is_empty())? {
                    Group::Node(node) => nodes.push(node),
                    Group::Comment => {}
                    Group::GlobalFlags => verbose = self.flags.verbose,
                },
                Token::Plain(character) => nodes.push(Node::Literal(character.into())),
            }
        }
        Ok(Node::Sequence(nodes))
    }

    fn set(&mut self) -> Result<Node, InvalidPattern> {
        let negated = self.source.take('^');
        let mut items = Vec::new();
        loop {
            let token = self.set_token()?;
            if token == Token::Plain(']') && !items.is_empty() {
                break;
            }
            let low = self.set_item(token)?;
            if !self.source.take('-') {
                items.push(low);
                continue;
            }
            let token = self.set_token()?;
            if token == Token::Plain(']') {
                items.push(low);
                items.push(Item::Literal('-'.into()));
                break;
            }
            let high = self.set_item(token)?;
            match (low, high) {
                (Item::Literal(low), Item::Literal(high)) if low <= high => {
                    items.push(Item::Range(low, high));
                }
                _ => return Err(self.error("bad character range")),
            }
        }
        Ok(Node::Set { negated, items })
    }

    fn set_token(&mut self) -> Result<Token, InvalidPattern> {
        self.source
            .next()
            .ok_or_else(|| self.error("unterminated character set"))
    }

    fn set_item(&mut self, token: Token) -> Result<Item, InvalidPattern> {
        match token {
            Token::Plain(character) => Ok(Item::Literal(character.into())),
            Token::Escaped(escaped) => escape::in_set(&mut self.source, escaped),
        }
    }

    /// The bounds of a quantifier, or nothing when `{` stands for itself.
    fn counts(&mut self, quantifier: char) -> Result<Option<(u32, Option<u32>)>, InvalidPattern> {
        match quantifier {
            '?' => return Ok(Some((0, Some(1)))),
            '*' => return Ok(Some((0, None))),
            '+' => return Ok(Some((1, None))),
            _ => {}
        }
        if self.source.peek() == Some(Token::Plain('}')) {
            return Ok(None);
        }
        let start = self.source.clone();
        let low = self.source.digits();
        let high = if self.source.take(',') {
            self.source.digits()
        } else {
            low.clone()
        };
        if !self.source.take('}') {
            self.source = start;
            return Ok(None);
        }
        let least = self.count(&low)?.unwrap_or(0);
        let most = self.count(&high)?;
        if most.is_some_and(|most| most < least) {
            return Err(self.error("min repeat greater than max repeat"));
        }
        Ok(Some((least, most)))
    }

    fn count(&self, digits: &str) -> Result<Option<u32>, InvalidPattern> {
        if digits.is_empty() {
            return Ok(None);
        }
        match digits.parse::<u64>() {
            Ok(count) if count < MAX_REPEAT => Ok(u32::try_from(count).ok()),
            _ => Err(self.error("the repetition number is too large")),
        }
    }

    fn quantify(
        &mut self,
        nodes: &mut Vec<Node>,
        (least, most): (u32, Option<u32>),
    ) -> Result<(), InvalidPattern> {
        match nodes.last() {
            None | Some(Node::At(_)) => return Err(self.error("nothing to repeat")),
            Some(Node::Repeat { .. }) => return Err(self.error("multiple repeat")),
            Some(_) => {}
        }
        let greed = if self.source.take('?') {
            Greed::Lazy
        } else if self.source.take('+') {
            Greed::Possessive
        } else {
            Greed::Greedy
        };
        if let Some(of) = nodes.pop() {
            nodes.push(Node::Repeat {
                least,
                most,
                greed,
                of: Box::new(of),
            });
        }
        Ok(())
    }

    /// What follows `(`.
    fn group(&mut self, verbose: bool, flags_allowed: bool) -> Result<Group, InvalidPattern> {
        if !self.source.take('?') {
            return self.capture(None, verbose);
        }
        let kind = self
            .source
            .next()
            .ok_or_else(|| self.error("unexpected end of pattern"))?;
        match kind {
            Token::Plain('P') if self.source.take('<') => {
                let name = self.name('>')?;
                self.capture(Some(name), verbose)
            }
            Token::Plain('P') if self.source.take('=') => {
                let name = self.name(')')?;
                let group = self
                    .named(&name)
                    .ok_or_else(|| self.error(format!("unknown group name '{name}'")))?;
                self.reference(group)?;
                Ok(Group::Node(Node::Back(group)))
            }
            Token::Plain('P') => Err(self.error("unknown extension ?P")),
            Token::Plain(':') => {
                let of = self.closed(verbose)?;
                Ok(Group::Node(Node::Group(Box::new(of))))
            }
            Token::Plain('>') => {
                let of = self.closed(verbose)?;
                Ok(Group::Node(Node::Atomic(Box::new(of))))
            }
            Token::Plain('#') => loop {
                match self.source.next() {
                    None => return Err(self.error("missing ), unterminated comment")),
                    Some(Token::Plain(')')) => return Ok(Group::Comment),
                    Some(_) => {}
                }
            },
            Token::Plain('=') => self.look(false, false, verbose),
            Token::Plain('!') => self.look(false, true, verbose),
            Token::Plain('<') if self.source.take('=') => self.look(true, false, verbose),
            Token::Plain('<') if self.source.take('!') => self.look(true, true, verbose),
            Token::Plain('<') => {
                Err(self.error("unknown extension ?< (a named group is written (?P<name>...))"))
            }
            Token::Plain('(') => self.conditional(verbose),
            Token::Plain(flag) if flags::may_begin(flag) => {
                self.flagged(flag, verbose, flags_allowed)
            }
            Token::Plain(other) => Err(self.error(format!("unknown extension ?{other}"))),
            Token::Escaped(other) => Err(self.error(format!("unknown extension ?\\{other}"))),
        }
    }

    /// A group's content and its `)`.
    fn closed(&mut self, verbose: bool) -> Result<Node, InvalidPattern> {
        let node = self.alternatives(verbose, false)?;
        if self.source.take(')') {
            Ok(node)
        } else {
            Err(self.error("missing ), unterminated subpattern"))
        }
    }

    fn capture(&mut self, name: Option<String>, verbose: bool) -> Result<Group, InvalidPattern> {
        let group = self.groups.len();
        self.groups.push(None);
        if let Some(name) = name {
            if self.named(&name).is_some() {
                return Err(self.error(format!("redefinition of group name '{name}'")));
            }
            self.names.push((name, group));
        }
        let of = self.closed(verbose)?;
        let width = of.width(&self.groups);
        if let Some(known) = self.groups.get_mut(group) {
            *known = Some(width);
        }
        Ok(Group::Node(Node::Capture(group, Box::new(of))))
    }

    fn look(
        &mut self,
        behind: bool,
        negated: bool,
        verbose: bool,
    ) -> Result<Group, InvalidPattern> {
        let outer = self.lookbehind_groups;
        if behind && outer.is_none() {
            self.lookbehind_groups = Some(self.groups.len());
        }
        let of = self.closed(verbose)?;
        if behind {
            self.lookbehind_groups = outer;
            self.look_behinds.push(of.width(&self.groups));
        }
        Ok(Group::Node(Node::Look {
            behind,
            negated,
            of: Box::new(of),
        }))
    }

    fn conditional(&mut self, verbose: bool) -> Result<Group, InvalidPattern> {
        let name = self.source.until(')')?;
        let group = if is_identifier(&name) {
            self.named(&name)
                .ok_or_else(|| self.error(format!("unknown group name '{name}'")))?
        } else {
            let group: usize = name
                .trim()
                .parse()
                .map_err(|_| self.error(format!("bad character in group name '{name}'")))?;
            if group == 0 {
                return Err(self.error("bad group number"));
            }
            self.conditions.push(group);
            group
        };
        self.lookbehind_reference(group)?;
        let yes = self.branch(verbose)?;
        let no = if self.source.take('|') {
            let no = self.branch(verbose)?;
            if self.source.peek() == Some(Token::Plain('|')) {
                return Err(self.error("conditional backref with more than two branches"));
            }
            Some(Box::new(no))
        } else {
            None
        };
        if !self.source.take(')') {
            return Err(self.error("missing ), unterminated subpattern"));
        }
        Ok(Group::Node(Node::Conditional {
            group,
            yes: Box::new(yes),
            no,
        }))
    }

    /// One branch of a condition.
    fn branch(&mut self, verbose: bool) -> Result<Node, InvalidPattern> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error(format!("groups nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let node = self.sequence(verbose, false);
        self.depth -= 1;
        node
    }

    fn name(&mut self, end: char) -> Result<String, InvalidPattern> {
        let name = self.source.until(end)?;
        if is_identifier(&name) {
            Ok(name)
        } else {
            Err(self.error(format!("bad character in group name '{name}'")))
        }
    }

    fn named(&self, name: &str) -> Option<usize> {
        self.names
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, group)| *group)
    }

    fn is_closed(&self, group: usize) -> bool {
        self.groups.get(group).is_some_and(Option::is_some)
    }

    fn reference(&self, group: usize) -> Result<(), InvalidPattern> {
        if group >= self.groups.len() {
            return Err(self.error(format!("invalid group reference {group}")));
        }
        if !self.is_closed(group) {
            return Err(self.error("cannot refer to an open group"));
        }
        self.lookbehind_reference(group)
    }

    fn lookbehind_reference(&self, group: usize) -> Result<(), InvalidPattern> {
        let Some(before) = self.lookbehind_groups else {
            return Ok(());
        };
        if !self.is_closed(group) {
            return Err(self.error("cannot refer to an open group"));
        }
        if group >= before {
            return Err(
                self.error("cannot refer to group defined in the same lookbehind subpattern")
            );
        }
        Ok(())
    }
}

/// What a parenthesis turned out to be.
enum Group {
    Node(Node),
    Comment,
    GlobalFlags,
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|next| next == '_' || next.is_alphanumeric())
}
