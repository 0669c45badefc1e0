//! The tokens of the reference's JSONPath dialect.

use super::query::Operator;

/// A token; white space between tokens is dropped.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// One of `@ $ . * { } [ ] : , ( ) ?`.
    Punctuation(char),
    /// `..`
    Descend,
    Comparison(Operator),
    And,
    Or,
    Not,
    True,
    False,
    Null,
    Name(String),
    /// The text between the quotes; escapes are checked but not decoded.
    Text(String),
    /// As written.
    Number(String),
}

/// Splits `path` into tokens.
///
/// # Errors
/// Says where (in characters, from 1) no token can begin.
pub(super) fn tokens(path: &str) -> Result<Vec<Token>, String> {
    let characters: Vec<char> = path.chars().collect();
    let mut lexer = Lexer {
        characters: &characters,
        at: 0,
    };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'c> {
    characters: &'c [char],
    at: usize,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Result<Option<Token>, String> {
        while matches!(self.peek(0), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
        let Some(first) = self.peek(0) else {
            return Ok(None);
        };
        let (token, length) = match (first, self.peek(1)) {
            ('.', Some('.')) => (Token::Descend, 2),
            ('>', Some('=')) => (Token::Comparison(Operator::GreaterOrEqual), 2),
            ('<', Some('=')) => (Token::Comparison(Operator::LessOrEqual), 2),
            ('!', Some('=')) => (Token::Comparison(Operator::NotEqual), 2),
            ('>', _) => (Token::Comparison(Operator::Greater), 1),
            ('<', _) => (Token::Comparison(Operator::Less), 1),
            ('=', _) => (Token::Comparison(Operator::Equal), 1),
            ('@' | '$' | '.' | '*' | '{' | '}' | '[' | ']' | ':' | ',' | '(' | ')' | '?', _) => {
                (Token::Punctuation(first), 1)
            }
            ('"', _) => return self.text().map(Some),
            ('_' | 'a'..='z' | 'A'..='Z', _) => return Ok(Some(self.word())),
            ('-', Some('0'..='9')) | ('0'..='9', _) => return Ok(Some(self.number())),
            _ => return Err(self.unexpected()),
        };
        self.at += length;
        Ok(Some(token))
    }

    fn unexpected(&self) -> String {
        match self.peek(0) {
            Some('\'') => format!(
                "character {}: text is written in double quotes",
                self.at + 1
            ),
            Some(character) => format!("character {}: {character:?} is unexpected", self.at + 1),
            None => "it ends too early".to_owned(),
        }
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        while matches!(self.peek(0), Some('_' | 'a'..='z' | 'A'..='Z' | '0'..='9')) {
            self.at += 1;
        }
        let word: String = self.characters[start..self.at].iter().collect();
        match word.as_str() {
            "and" => Token::And,
            "or" => Token::Or,
            "not" => Token::Not,
            "true" => Token::True,
            "false" => Token::False,
            "null" => Token::Null,
            _ => Token::Name(word),
        }
    }

    fn text(&mut self) -> Result<Token, String> {
        let start = self.at + 1;
        self.at = start;
        loop {
            match self.peek(0) {
                Some('"') => break,
                Some('\\') => {
                    let length = match self.peek(1) {
                        Some('"' | '/' | '\\' | 'b' | 'f' | 'n' | 'r' | 't') => 2,
                        Some('u')
                            if (2..6).all(|ahead| {
                                self.peek(ahead).is_some_and(|c| c.is_ascii_hexdigit())
                            }) =>
                        {
                            6
                        }
                        _ => {
                            return Err(format!(
                                "character {}: no such escape in text",
                                self.at + 1
                            ));
                        }
                    };
                    self.at += length;
                }
                Some(character) if character >= ' ' => self.at += 1,
                Some(_) => {
                    return Err(format!(
                        "character {}: a control character within text",
                        self.at + 1
                    ));
                }
                None => return Err(format!("character {start}: the text never ends")),
            }
        }
        let text = self.characters[start..self.at].iter().collect();
        self.at += 1;
        Ok(Token::Text(text))
    }

    /// `-?INT(.digits)?([eE][+-]?INT)?`, where INT has no leading zero: the longest prefix.
    fn number(&mut self) -> Token {
        let start = self.at;
        if self.peek(0) == Some('-') {
            self.at += 1;
        }
        self.integer();
        if self.peek(0) == Some('.') && self.peek(1).is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            self.digits();
        }
        if matches!(self.peek(0), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.peek(1), Some('+' | '-')));
            if self.peek(1 + sign).is_some_and(|c| c.is_ascii_digit()) {
                self.at += 1 + sign;
                self.integer();
            }
        }
        Token::Number(self.characters[start..self.at].iter().collect())
    }

    fn integer(&mut self) {
        if self.peek(0) == Some('0') {
            self.at += 1;
        } else {
            self.digits();
        }
    }

    fn digits(&mut self) {
        while self.peek(0).is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
    }
}
