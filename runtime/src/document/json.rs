use super::event::{Event, Events, Item, Mark};
use super::text::{EMPTY, shorten};
use super::{DocumentError, Location};
use crate::python;
use serde_json::{Number, Value};

/// JSON as Python's `json.load` reads it, `NaN` and `Infinity` excepted.
///
/// Own, since the reference's rules differ from `serde_json`'s (`-0` is an integer), every value's
/// place is needed, and a person who wrote a comment or a trailing comma should be told so.
pub(super) struct Json<'t> {
    text: &'t str,
    offset: usize,
    line: usize,
    line_start: usize,
    open: Vec<(Container, Mark)>,
    expect: Expect,
}

#[derive(Clone, Copy, PartialEq)]
enum Container {
    List,
    Map,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    /// After `[`.
    ValueOrClose,
    /// After `{`.
    KeyOrClose,
    /// After `,` in a map.
    Key,
    Colon,
    CommaOrClose,
    End,
}

impl<'t> Json<'t> {
    pub(super) fn new(text: &'t str) -> Json<'t> {
        Json {
            text,
            offset: 0,
            line: 1,
            line_start: 0,
            open: Vec::new(),
            expect: Expect::Value,
        }
    }

    fn mark(&self) -> Mark {
        Mark {
            line: self.line,
            line_start: self.line_start,
            offset: self.offset,
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    /// Only white space holds line breaks: elsewhere they are errors.
    fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.line_start = self.offset + 1;
                }
                b' ' | b'\t' | b'\r' => {}
                _ => return,
            }
            self.offset += 1;
        }
    }

    fn item(&self, event: Event, mark: Mark) -> Item {
        let anchor = 0;
        Item {
            event,
            anchor,
            mark,
        }
    }

    fn after_value(&mut self) {
        self.expect = if self.open.is_empty() {
            Expect::End
        } else {
            Expect::CommaOrClose
        };
    }

    fn close(&mut self, mark: Mark) -> Item {
        self.open.pop();
        self.offset += 1;
        self.after_value();
        self.item(Event::Close, mark)
    }

    fn inside(&self) -> Option<Container> {
        self.open.last().map(|(container, _)| *container)
    }

    fn value(&mut self, byte: u8, mark: Mark) -> Result<Item, DocumentError> {
        let value = match byte {
            b'{' | b'[' => {
                self.offset += 1;
                let (container, event, expect) = if byte == b'{' {
                    (Container::Map, Event::Map, Expect::KeyOrClose)
                } else {
                    (Container::List, Event::List, Expect::ValueOrClose)
                };
                self.open.push((container, mark));
                self.expect = expect;
                return Ok(self.item(event, mark));
            }
            b'"' => Value::String(self.string(mark)?),
            b'-' | b'0'..=b'9' => Value::Number(self.number(mark)?),
            _ => self.word(mark)?,
        };
        self.after_value();
        Ok(self.item(Event::Scalar(value), mark))
    }

    fn word(&mut self, mark: Mark) -> Result<Value, DocumentError> {
        let word = word(self.rest());
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ => return Err(self.unexpected(mark)),
        };
        self.offset += word.len();
        Ok(value)
    }

    fn number(&mut self, mark: Mark) -> Result<Number, DocumentError> {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| {
            let rest = bytes.get(from..).unwrap_or_default();
            rest.iter().take_while(|b| b.is_ascii_digit()).count()
        };
        let sign = usize::from(bytes.first() == Some(&b'-'));
        let whole = match bytes.get(sign) {
            Some(b'0') => 1,
            _ => digits(sign),
        };
        if whole == 0 {
            return Err(self.unexpected(mark));
        }
        let mut end = sign + whole;
        let mut integer = true;
        if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
            integer = false;
            end += 1 + digits(end + 1);
        }
        if let Some(b'e' | b'E') = bytes.get(end) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent > 0 {
                integer = false;
                end += 1 + sign + exponent;
            }
        }
        let text = self.rest().get(..end).unwrap_or_default();
        if let Some(b'0'..=b'9' | b'.' | b'a'..=b'z' | b'A'..=b'Z' | b'_') = bytes.get(end) {
            let whole = number_like(self.rest());
            return Err(self.error(
                mark,
                format!("`{whole}` is not a JSON number"),
                "numbers are decimal: no leading zeros, no underscores, digits on both sides of the point; quote it if it is text",
            ));
        }
        self.offset += end;
        let number = if integer {
            python::integer(text)
        } else {
            text.parse().ok().and_then(Number::from_f64)
        };
        number.ok_or_else(|| {
            self.error(
                mark,
                format!("the number `{}` is too large", shorten(text)),
                "quote it if it is text",
            )
        })
    }

    /// The string whose opening quote is next.
    fn string(&mut self, mark: Mark) -> Result<String, DocumentError> {
        self.offset += 1;
        let mut content = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .bytes()
                .position(|byte| byte == b'"' || byte == b'\\' || byte < b' ')
                .unwrap_or(rest.len());
            content.push_str(rest.get(..plain).unwrap_or_default());
            self.offset += plain;
            match self.peek() {
                Some(b'"') => {
                    self.offset += 1;
                    return Ok(content);
                }
                Some(b'\\') => content.push(self.escape()?),
                Some(b'\n' | b'\r') => {
                    return Err(self.error(
                        mark,
                        "this string does not end on its line".to_owned(),
                        "close it with `\"`; a line break within a string is written `\\n`",
                    ));
                }
                Some(byte) => {
                    return Err(self.error(
                        self.mark(),
                        format!("a string holds the control character U+{byte:04X}"),
                        &match byte {
                            b'\t' => "a tab within a string is written `\\t`".to_owned(),
                            _ => format!("write it `\\u{byte:04x}`"),
                        },
                    ));
                }
                None => {
                    return Err(self.error(
                        mark,
                        "the document ends within this string".to_owned(),
                        "close it with `\"`; was the file cut off?",
                    ));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, DocumentError> {
        let mark = self.mark();
        let code = self.text.as_bytes().get(self.offset + 1).copied();
        let plain = match code {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(mark),
            _ => {
                let shown: String = self.rest().chars().take(2).collect();
                return Err(self.error(
                    mark,
                    format!("`{shown}` is not an escape that JSON knows"),
                    "a backslash itself is written `\\\\`",
                ));
            }
        };
        self.offset += 2;
        Ok(plain)
    }

    fn unicode_escape(&mut self, mark: Mark) -> Result<char, DocumentError> {
        let wrong = |json: &Self, message: &str| {
            json.error(
                mark,
                message.to_owned(),
                "`\\u` takes four hexadecimal digits; characters beyond U+FFFF take two such escapes, or can be written as themselves",
            )
        };
        let Some(first) = self.hex4() else {
            return Err(wrong(self, "this `\\u` escape is incomplete"));
        };
        let code = match first {
            0xD800..=0xDBFF => match self.hex4() {
                Some(second @ 0xDC00..=0xDFFF) => {
                    0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
                }
                _ => first,
            },
            _ => first,
        };
        char::from_u32(code)
            .ok_or_else(|| wrong(self, "this `\\u` escape is half of a surrogate pair"))
    }

    /// `\uXXXX`, taken when it is there.
    fn hex4(&mut self) -> Option<u32> {
        let digits = self.rest().strip_prefix("\\u")?.get(..4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.offset += 6;
        u32::from_str_radix(digits, 16).ok()
    }

    /// The error for text that can't stand at `mark`.
    fn unexpected(&self, mark: Mark) -> DocumentError {
        let rest = self.rest();
        let shown = match rest.chars().next() {
            Some(c) if is_word(c) => shorten(word(rest)),
            Some(c) if c.is_control() => format!("U+{:04X}", u32::from(c)),
            Some(c) => c.to_string(),
            None => return self.unexpected_end(mark),
        };
        let expected = match self.expect {
            Expect::Value => "a value",
            Expect::ValueOrClose => "a value or `]`",
            Expect::KeyOrClose => "a key in double quotes or `}`",
            Expect::Key => "a key in double quotes",
            Expect::Colon => "`:` after the key",
            Expect::CommaOrClose if self.inside() == Some(Container::Map) => "`,` or `}`",
            Expect::CommaOrClose => "`,` or `]`",
            Expect::End => "nothing more after the end of the document",
        };
        let message = format!("expected {expected}, found `{shown}`");
        self.error(mark, message, self.remedy())
    }

    /// What the author of unexpected text probably meant.
    fn remedy(&self) -> &'static str {
        const NO_NUMBER: &str = "JSON has no number for it: use `null`, or a string";
        let rest = self.rest();
        let in_map = self.inside() == Some(Container::Map);
        match (rest.as_bytes(), self.expect) {
            ([b'/', b'/' | b'*', ..] | [b'#', ..], _) => {
                "JSON has no comments: remove it, or write the experiment in YAML"
            }
            ([b'\'', ..], _) => "JSON strings are put in double quotes",
            ([b'}' | b']', ..], Expect::Value) if in_map => "a value is missing after the `:`",
            ([b'}' | b']', ..], Expect::Value | Expect::Key) => "remove the comma before it",
            ([b'}' | b']', ..], _) => {
                "brackets must be closed in the order in which they were opened"
            }
            (_, Expect::KeyOrClose | Expect::Key) => "keys are put in double quotes",
            (_, Expect::CommaOrClose) => "is a comma missing before it?",
            (_, Expect::Colon) => "a key and its value are separated by `:`",
            (_, Expect::End) => "a document holds exactly one value",
            (_, Expect::Value | Expect::ValueOrClose) => match word(rest) {
                "True" | "TRUE" => "JSON writes `true`",
                "False" | "FALSE" => "JSON writes `false`",
                "None" | "NULL" | "Null" | "undefined" => "JSON writes `null`",
                "NaN" | "nan" | "Infinity" | "inf" => NO_NUMBER,
                _ if rest.starts_with("-Infinity") => NO_NUMBER,
                _ => "text is put in double quotes",
            },
        }
    }

    fn unexpected_end(&self, mark: Mark) -> DocumentError {
        let message = match self.open.last() {
            Some((container, start)) => format!(
                "the document ends within the {} that begins on line {}",
                match container {
                    Container::List => "list",
                    Container::Map => "object",
                },
                start.line
            ),
            None => EMPTY.to_owned(),
        };
        self.error(mark, message, "was the file cut off?")
    }
}

impl Events for Json<'_> {
    fn next(&mut self) -> Result<Option<Item>, DocumentError> {
        loop {
            self.skip_space();
            let mark = self.mark();
            let Some(byte) = self.peek() else {
                return match self.expect {
                    Expect::End => Ok(None),
                    _ => Err(self.unexpected_end(mark)),
                };
            };
            match (self.expect, byte) {
                (Expect::ValueOrClose, b']') | (Expect::KeyOrClose, b'}') => {
                    return Ok(Some(self.close(mark)));
                }
                (Expect::Value | Expect::ValueOrClose, _) => {
                    return self.value(byte, mark).map(Some);
                }
                (Expect::KeyOrClose | Expect::Key, b'"') => {
                    let key = self.string(mark)?;
                    self.expect = Expect::Colon;
                    return Ok(Some(self.item(Event::Scalar(Value::String(key)), mark)));
                }
                (Expect::Colon, b':') => self.expect = Expect::Value,
                (Expect::CommaOrClose, b',') => {
                    self.expect = match self.inside() {
                        Some(Container::Map) => Expect::Key,
                        _ => Expect::Value,
                    };
                }
                (Expect::CommaOrClose, b'}') if self.inside() == Some(Container::Map) => {
                    return Ok(Some(self.close(mark)));
                }
                (Expect::CommaOrClose, b']') if self.inside() == Some(Container::List) => {
                    return Ok(Some(self.close(mark)));
                }
                _ => return Err(self.unexpected(mark)),
            }
            self.offset += 1;
        }
    }

    /// Its marks count bytes.
    fn location(&self, mark: Mark) -> Location {
        let before = self.text.get(mark.line_start..mark.offset);
        Location {
            line: mark.line,
            column: before.map_or(0, |text| text.chars().count()) + 1,
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn word(text: &str) -> &str {
    text.split(|c| !is_word(c)).next().unwrap_or_default()
}

fn number_like(text: &str) -> String {
    let end = text.find(|c: char| !(is_word(c) || matches!(c, '.' | '-' | '+')));
    shorten(text.get(..end.unwrap_or(text.len())).unwrap_or_default())
}
