//! Reads a path of the reference's dialect (jsonpath2 0.4.5).

use super::lex::{Token, tokens};
use super::query::{Expression, Function, Operand, Origin, Query, Selector, Step};
use serde_json::{Map, Value};

/// Brackets, parentheses and `not` within each other. The reference dies of its own recursion
/// limit somewhere near this.
const MAX_DEPTH: usize = 60;

/// Reads `path`, which must begin with `$`.
///
/// # Errors
/// Says what is wrong with it.
pub(super) fn parse(path: &str) -> Result<Query, String> {
    let tokens = tokens(path)?;
    let mut parser = Parser {
        tokens: tokens.into_iter().peekable(),
        depth: 0,
    };
    if parser.tokens.peek() != Some(&Token::Punctuation('$')) {
        return Err("it must begin with `$`".to_owned());
    }
    let query = parser.query()?;
    match parser.tokens.next() {
        None => Ok(query),
        Some(token) => Err(unexpected(&Some(token))),
    }
}

fn unexpected(token: &Option<Token>) -> String {
    match token {
        None => "it ends too early".to_owned(),
        Some(Token::Punctuation(character)) => format!("`{character}` is unexpected there"),
        Some(Token::Descend) => "`..` is unexpected there".to_owned(),
        Some(Token::Comparison(_)) => {
            "a comparison (`=`, `!=`, `<`, ...) is unexpected there".to_owned()
        }
        Some(Token::And | Token::Or | Token::Not | Token::True | Token::False | Token::Null) => {
            "a word of the language is unexpected there; as a name it is written [\"...\"]"
                .to_owned()
        }
        Some(Token::Name(word)) => format!("`{word}` is unexpected there"),
        Some(Token::Text(text)) => format!("`\"{text}\"` is unexpected there"),
        Some(Token::Number(number)) => format!("`{number}` is unexpected there"),
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    depth: usize,
}

impl Parser {
    fn at(&mut self, character: char) -> bool {
        self.tokens.peek() == Some(&Token::Punctuation(character))
    }

    fn take(&mut self, character: char) -> bool {
        let found = self.at(character);
        if found {
            self.tokens.next();
        }
        found
    }

    fn expect(&mut self, character: char) -> Result<(), String> {
        match self.tokens.next() {
            Some(Token::Punctuation(found)) if found == character => Ok(()),
            other => Err(format!(
                "{}: `{character}` should follow",
                unexpected(&other)
            )),
        }
    }

    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Parser) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.depth >= MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} deep"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn query(&mut self) -> Result<Query, String> {
        let origin = match self.tokens.next() {
            Some(Token::Punctuation('$')) => Origin::Root,
            Some(Token::Punctuation('@')) => Origin::Current,
            other => return Err(unexpected(&other)),
        };
        let mut steps = Vec::new();
        loop {
            let step = if self.take('.') {
                Step {
                    descend: false,
                    selectors: vec![self.bare_selector()?],
                }
            } else if self.at('[') {
                Step {
                    descend: false,
                    selectors: self.bracketed()?,
                }
            } else if self.tokens.peek() == Some(&Token::Descend) {
                self.tokens.next();
                let selectors = if self.at('[') {
                    self.bracketed()?
                } else {
                    vec![self.bare_selector()?]
                };
                Step {
                    descend: true,
                    selectors,
                }
            } else {
                return Ok(Query { origin, steps });
            };
            steps.push(step);
        }
    }

    /// What may follow a dot.
    fn bare_selector(&mut self) -> Result<Selector, String> {
        match self.tokens.next() {
            Some(Token::Punctuation('*')) => Ok(Selector::Wildcard),
            Some(Token::Name(name)) if self.at('(') => self.call(&name),
            Some(Token::Name(name)) => Ok(Selector::Key(name)),
            other => Err(unexpected(&other)),
        }
    }

    fn call(&mut self, name: &str) -> Result<Selector, String> {
        let function =
            Function::of_name(name).ok_or_else(|| format!("there is no function `{name}`"))?;
        self.expect('(')?;
        let arguments = self.nested(|parser| parser.list_until(')', Parser::operand))?;
        Ok(Selector::Call(function, arguments))
    }

    /// Entries separated by commas, possibly none, up to and with `end`.
    fn list_until<T>(
        &mut self,
        end: char,
        entry: fn(&mut Parser) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let mut entries = Vec::new();
        if self.take(end) {
            return Ok(entries);
        }
        loop {
            entries.push(entry(self)?);
            if !self.take(',') {
                self.expect(end)?;
                return Ok(entries);
            }
        }
    }

    fn bracketed(&mut self) -> Result<Vec<Selector>, String> {
        self.expect('[')?;
        if self.at(']') {
            return Err("nothing stands between `[` and `]`".to_owned());
        }
        self.nested(|parser| parser.list_until(']', Parser::selector))
    }

    fn selector(&mut self) -> Result<Selector, String> {
        match self.tokens.peek() {
            Some(Token::Punctuation('$' | '@')) => Ok(Selector::Computed(self.query()?)),
            Some(Token::Punctuation(':')) => self.slice(None),
            Some(Token::Number(_)) => {
                let number = self.optional_integer()?;
                if self.at(':') {
                    return self.slice(number);
                }
                number.map(Selector::Index).ok_or_else(|| unexpected(&None))
            }
            _ => match self.tokens.next() {
                Some(Token::Text(text)) => Ok(Selector::Key(text)),
                Some(Token::Punctuation('*')) => Ok(Selector::Wildcard),
                Some(Token::Name(name)) => self.call(&name),
                Some(Token::Punctuation('?')) => {
                    self.expect('(')?;
                    let expression = self.nested(Parser::expression)?;
                    self.expect(')')?;
                    Ok(Selector::Filter(expression))
                }
                other => Err(unexpected(&other)),
            },
        }
    }

    fn slice(&mut self, start: Option<i128>) -> Result<Selector, String> {
        self.expect(':')?;
        let end = self.optional_integer()?;
        let step = if self.take(':') {
            self.optional_integer()?
        } else {
            None
        };
        Ok(Selector::Slice { start, end, step })
    }

    fn optional_integer(&mut self) -> Result<Option<i128>, String> {
        let Some(Token::Number(text)) = self
            .tokens
            .next_if(|token| matches!(token, Token::Number(_)))
        else {
            return Ok(None);
        };
        if text.contains(['.', 'e', 'E']) {
            return Err(format!("`{text}` is no whole number"));
        }
        // Further than any array reaches, whatever the digits: no need to keep them.
        let furthest = i128::from(i64::MAX);
        let beyond = if text.starts_with('-') {
            -furthest
        } else {
            furthest
        };
        Ok(Some(text.parse().map_or(beyond, |number: i128| {
            number.clamp(-furthest, furthest)
        })))
    }

    /// `and` binds loosest: the reference's precedence, not everybody's.
    fn expression(&mut self) -> Result<Expression, String> {
        self.chain(Token::And, Parser::alternatives, Expression::All)
    }

    fn alternatives(&mut self) -> Result<Expression, String> {
        self.chain(Token::Or, Parser::negation, Expression::Any)
    }

    fn chain(
        &mut self,
        separator: Token,
        entry: fn(&mut Parser) -> Result<Expression, String>,
        join: fn(Vec<Expression>) -> Expression,
    ) -> Result<Expression, String> {
        let first = entry(self)?;
        let mut entries = vec![first];
        while self.tokens.next_if_eq(&separator).is_some() {
            entries.push(entry(self)?);
        }
        if entries.len() == 1 {
            entries.pop().ok_or_else(|| unexpected(&None))
        } else {
            Ok(join(entries))
        }
    }

    fn negation(&mut self) -> Result<Expression, String> {
        if self.tokens.next_if_eq(&Token::Not).is_some() {
            let inner = self.nested(Parser::negation)?;
            return Ok(Expression::Not(Box::new(inner)));
        }
        if self.take('(') {
            let inner = self.nested(Parser::expression)?;
            self.expect(')')?;
            return Ok(inner);
        }
        let left = self.operand()?;
        let Some(Token::Comparison(operator)) = self
            .tokens
            .next_if(|token| matches!(token, Token::Comparison(_)))
        else {
            return Ok(Expression::Some(left));
        };
        Ok(Expression::Compare(left, operator, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand, String> {
        if self.at('$') || self.at('@') {
            Ok(Operand::Query(self.query()?))
        } else {
            Ok(Operand::Literal(self.literal()?))
        }
    }

    fn literal(&mut self) -> Result<Value, String> {
        match self.tokens.next() {
            Some(Token::Text(text)) => Ok(Value::String(text)),
            Some(Token::Number(text)) => text
                .parse()
                .map(Value::Number)
                .map_err(|_| format!("`{text}` is too large a number")),
            Some(Token::True) => Ok(Value::Bool(true)),
            Some(Token::False) => Ok(Value::Bool(false)),
            Some(Token::Null) => Ok(Value::Null),
            Some(Token::Punctuation('[')) => self
                .nested(|parser| parser.list_until(']', Parser::literal))
                .map(Value::Array),
            Some(Token::Punctuation('{')) => self
                .nested(|parser| parser.list_until('}', Parser::pair))
                .map(|pairs| Value::Object(Map::from_iter(pairs))),
            other => Err(unexpected(&other)),
        }
    }

    fn pair(&mut self) -> Result<(String, Value), String> {
        match self.tokens.next() {
            Some(Token::Text(key)) => {
                self.expect(':')?;
                Ok((key, self.literal()?))
            }
            other => Err(unexpected(&other)),
        }
    }
}
