//! A pattern, one token at a time.

use super::InvalidPattern;

/// A character, or a backslash with the character after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Plain(char),
    Escaped(char),
}

/// What is left of a pattern. Cloning it remembers the place.
#[derive(Debug, Clone)]
pub(super) struct Source<'p> {
    rest: std::str::Chars<'p>,
    /// Characters before `rest`.
    read: usize,
    next: Option<Token>,
}

impl<'p> Source<'p> {
    /// # Errors
    /// When the pattern ends with a backslash that escapes nothing.
    pub(super) fn new(pattern: &'p str) -> Result<Source<'p>, InvalidPattern> {
        let closing_backslashes = pattern.bytes().rev().take_while(|byte| *byte == b'\\');
        if closing_backslashes.count() % 2 == 1 {
            return Err(InvalidPattern("bad escape (end of pattern)".to_owned()));
        }
        let mut source = Source {
            rest: pattern.chars(),
            read: 0,
            next: None,
        };
        source.advance();
        Ok(source)
    }

    /// The token that comes next.
    pub(super) fn peek(&self) -> Option<Token> {
        self.next
    }

    pub(super) fn advance(&mut self) {
        self.next = match self.character() {
            Some('\\') => self.character().map(Token::Escaped),
            other => other.map(Token::Plain),
        };
    }

    fn character(&mut self) -> Option<char> {
        let character = self.rest.next()?;
        self.read += 1;
        Some(character)
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        let token = self.next;
        self.advance();
        token
    }

    /// Takes `character` if it comes next.
    pub(super) fn take(&mut self, character: char) -> bool {
        let found = self.next == Some(Token::Plain(character));
        if found {
            self.advance();
        }
        found
    }

    /// Takes up to `most` characters that `accept` accepts.
    pub(super) fn take_while(&mut self, most: usize, accept: fn(char) -> bool) -> String {
        let mut taken = String::new();
        for _ in 0..most {
            match self.next {
                Some(Token::Plain(character)) if accept(character) => {
                    taken.push(character);
                    self.advance();
                }
                _ => break,
            }
        }
        taken
    }

    /// Takes ASCII digits.
    pub(super) fn digits(&mut self) -> String {
        self.take_while(usize::MAX, |character| character.is_ascii_digit())
    }

    /// The text before `end`, which is taken too.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn until(&mut self, end: char) -> Result<String, InvalidPattern> {
        let mut text = String::new();
        loop {
            match self.next() {
                Some(Token::Plain(character)) if character == end => break,
                Some(Token::Plain(character)) => text.push(character),
                Some(Token::Escaped(character)) => {
                    text.push('\\');
                    text.push(character);
                }
                None => {
                    return Err(InvalidPattern(format!("missing {end}, unterminated name")));
                }
            }
        }
        if text.is_empty() {
            return Err(InvalidPattern("missing group name".to_owned()));
        }
        Ok(text)
    }

    /// In characters, where the next token begins.
    pub(super) fn position(&self) -> usize {
        self.read
            - match self.next {
                None => 0,
                Some(Token::Plain(_)) => 1,
                Some(Token::Escaped(_)) => 2,
            }
    }
}
