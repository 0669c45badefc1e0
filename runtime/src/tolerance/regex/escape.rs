//! `\`-escapes of Python's `re`.

use super::InvalidPattern;
use super::source::{Source, Token};
use super::syntax::{Class, Item, Node, Place};

/// What an escape in a pattern is.
pub(super) enum Escape {
    Node(Node),
    /// A reference to this group.
    Group(usize),
}

fn bad(escaped: char) -> InvalidPattern {
    InvalidPattern(format!("bad escape \\{escaped}"))
}

fn class(escaped: char) -> Option<Item> {
    let (class, negated) = match escaped {
        'd' => (Class::Digit, false),
        'D' => (Class::Digit, true),
        's' => (Class::Space, false),
        'S' => (Class::Space, true),
        'w' => (Class::Word, false),
        'W' => (Class::Word, true),
        _ => return None,
    };
    Some(Item::Class { class, negated })
}

/// `\x` has just been read, outside of a set.
pub(super) fn in_pattern(source: &mut Source<'_>, escaped: char) -> Result<Escape, InvalidPattern> {
    if let Some(item) = class(escaped) {
        return Ok(Escape::Node(Node::Set {
            negated: false,
            items: vec![item],
        }));
    }
    let place = match escaped {
        'A' => Some(Place::TextStart),
        'Z' => Some(Place::TextEnd),
        'b' => Some(Place::Boundary),
        'B' => Some(Place::NoBoundary),
        _ => None,
    };
    if let Some(place) = place {
        return Ok(Escape::Node(Node::At(place)));
    }
    if matches!(escaped, '1'..='9') {
        return group_or_octal(source, escaped);
    }
    let code = if escaped == '0' {
        octal(&source.take_while(2, is_octal))?
    } else {
        literal(source, escaped)?
    };
    Ok(Escape::Node(Node::Literal(code)))
}

/// `\x` has just been read, within a set.
pub(super) fn in_set(source: &mut Source<'_>, escaped: char) -> Result<Item, InvalidPattern> {
    if let Some(item) = class(escaped) {
        return Ok(item);
    }
    let code = match escaped {
        'b' => 8,
        '0'..='7' => octal(&format!("{escaped}{}", source.take_while(2, is_octal)))?,
        '8' | '9' => return Err(bad(escaped)),
        _ => literal(source, escaped)?,
    };
    Ok(Item::Literal(code))
}

fn is_octal(character: char) -> bool {
    matches!(character, '0'..='7')
}

fn octal(digits: &str) -> Result<u32, InvalidPattern> {
    if digits.is_empty() {
        return Ok(0);
    }
    match u32::from_str_radix(digits, 8) {
        Ok(code) if code <= 0o377 => Ok(code),
        _ => Err(InvalidPattern(format!(
            "octal escape value \\{digits} outside of range 0-0o377"
        ))),
    }
}

/// Three octal digits are a character, one or two digits a group.
fn group_or_octal(source: &mut Source<'_>, first: char) -> Result<Escape, InvalidPattern> {
    let mut digits = String::from(first);
    if let Some(Token::Plain(second @ '0'..='9')) = source.peek() {
        source.advance();
        digits.push(second);
        if let Some(Token::Plain(third @ '0'..='7')) = source.peek()
            && is_octal(first)
            && is_octal(second)
        {
            source.advance();
            digits.push(third);
            return Ok(Escape::Node(Node::Literal(octal(&digits)?)));
        }
    }
    digits
        .parse()
        .map(Escape::Group)
        .map_err(|_| InvalidPattern(format!("invalid group reference {digits}")))
}

fn literal(source: &mut Source<'_>, escaped: char) -> Result<u32, InvalidPattern> {
    Ok(match escaped {
        'a' => 7,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        'x' => hexadecimal(source, escaped, 2)?,
        'u' => hexadecimal(source, escaped, 4)?,
        'U' => hexadecimal(source, escaped, 8)?,
        'N' => {
            return Err(InvalidPattern(
                "characters by name, \\N{...}, are not supported: write the character itself, \
                 or \\uXXXX"
                    .to_owned(),
            ));
        }
        letter if letter.is_ascii_alphabetic() => return Err(bad(letter)),
        other => other.into(),
    })
}

fn hexadecimal(
    source: &mut Source<'_>,
    escaped: char,
    length: usize,
) -> Result<u32, InvalidPattern> {
    let digits = source.take_while(length, |character| character.is_ascii_hexdigit());
    match u32::from_str_radix(&digits, 16) {
        Ok(code) if digits.len() == length && code <= 0x10_FFFF => Ok(code),
        _ => Err(InvalidPattern(format!(
            "incomplete or impossible escape \\{escaped}{digits}"
        ))),
    }
}
