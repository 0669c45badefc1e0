//! Values out of a plugin, turned into JSON: texts are moved, not copied, and the whole is never
//! larger than it may be.

use super::json_name;
use super::write::{Json, shortest};
use crate::plugin::signature::JSON_TEXT;
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io;
use wasmtime::component::Val;

/// Why a value does not become JSON.
#[derive(Debug, thiserror::Error)]
pub enum NotJson {
    /// Its JSON has more bytes than it may have.
    #[error("its JSON has more than {0} bytes")]
    TooLarge(u64),
    /// It is, or holds, no JSON.
    #[error(transparent)]
    Other(#[from] serde_json::Error),
}

/// The JSON of a value, if that has at most `most` bytes when it is written without spaces.
///
/// # Errors
/// See [`NotJson`].
pub fn into_json(value: Val, most: u64) -> Result<Value, NotJson> {
    let mut room = Room { left: most };
    room.value(value).map_err(|refused| match refused {
        Refused::Full => NotJson::TooLarge(most),
        Refused::Other(error) => NotJson::Other(error),
    })
}

/// How many bytes are left.
struct Room {
    left: u64,
}

enum Refused {
    Full,
    Other(serde_json::Error),
}

impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Refused {
        Refused::Other(error)
    }
}

impl Room {
    fn take(&mut self, bytes: usize) -> Result<(), Refused> {
        let left = u64::try_from(bytes)
            .ok()
            .and_then(|b| self.left.checked_sub(b));
        self.left = left.ok_or(Refused::Full)?;
        Ok(())
    }

    fn value(&mut self, value: Val) -> Result<Value, Refused> {
        Ok(match value {
            Val::Bool(value) => {
                self.take(if value { "true" } else { "false" }.len())?;
                Value::Bool(value)
            }
            Val::S8(value) => self.signed(value.into())?,
            Val::S16(value) => self.signed(value.into())?,
            Val::S32(value) => self.signed(value.into())?,
            Val::S64(value) => self.signed(value)?,
            Val::U8(value) => self.whole(value.into())?,
            Val::U16(value) => self.whole(value.into())?,
            Val::U32(value) => self.whole(value.into())?,
            Val::U64(value) => self.whole(value)?,
            Val::Float32(value) => self.float(shortest(value))?,
            Val::Float64(value) => self.float(value)?,
            Val::Char(value) => self.text(value.to_string())?,
            Val::String(value) => self.text(value)?,
            Val::List(items) | Val::Tuple(items) | Val::FixedLengthList(items) => {
                self.list(items)?
            }
            Val::Map(entries) => {
                let pairs = entries.into_iter();
                self.list(
                    pairs
                        .map(|(key, value)| Val::Tuple(vec![key, value]))
                        .collect(),
                )?
            }
            Val::Record(fields) => match <[_; 1]>::try_from(fields) {
                Ok([(name, Val::String(text))]) if name == JSON_TEXT => self.any(&text)?,
                Ok(only) => self.record(only.into())?,
                Err(fields) => self.record(fields)?,
            },
            Val::Variant(case, value) => self.case(case, value)?,
            Val::Enum(case) => self.case(case, None)?,
            Val::Option(None) => {
                self.take("null".len())?;
                Value::Null
            }
            Val::Option(Some(value)) => match *value {
                Val::Option(_) => self.case("some".to_owned(), Some(value))?,
                value => self.value(value)?,
            },
            Val::Result(Ok(value)) => self.case("ok".to_owned(), value)?,
            Val::Result(Err(error)) => self.case("err".to_owned(), error)?,
            Val::Flags(names) => self.list(names.into_iter().map(Val::Enum).collect())?,
            handle
            @ (Val::Resource(_) | Val::Future(_) | Val::Stream(_) | Val::ErrorContext(_)) => {
                serde_json::to_value(Json(&handle))?
            }
        })
    }

    fn signed(&mut self, value: i64) -> Result<Value, Refused> {
        self.take(usize::from(value < 0) + digits(value.unsigned_abs()))?;
        Ok(value.into())
    }

    fn whole(&mut self, value: u64) -> Result<Value, Refused> {
        self.take(digits(value))?;
        Ok(value.into())
    }

    fn float(&mut self, value: f64) -> Result<Value, Refused> {
        let Some(number) = Number::from_f64(value) else {
            let name = match (value.is_nan(), value > 0.0) {
                (true, _) => "NaN",
                (false, true) => "Infinity",
                (false, false) => "-Infinity",
            };
            return self.text(name.to_owned());
        };
        // No more than the room refuses.
        write!(self, "{number}").map_err(|_| Refused::Full)?;
        Ok(Value::Number(number))
    }

    fn text(&mut self, text: String) -> Result<Value, Refused> {
        self.quoted(&text)?;
        Ok(Value::String(text))
    }

    /// Takes the room of a text between quotes.
    fn quoted(&mut self, text: &str) -> Result<(), Refused> {
        let escapes: usize = text
            .bytes()
            .map(|byte| usize::from(ESCAPES[usize::from(byte)]))
            .sum();
        self.take(2 + text.len() + escapes)
    }

    /// Takes the room of brackets or braces and of what stands between `items`.
    fn enclose(&mut self, items: usize) -> Result<(), Refused> {
        self.take(2 + items.saturating_sub(1))
    }

    fn list(&mut self, items: Vec<Val>) -> Result<Value, Refused> {
        self.enclose(items.len())?;
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.value(item)?);
        }
        Ok(Value::Array(values))
    }

    fn record(&mut self, fields: Vec<(String, Val)>) -> Result<Value, Refused> {
        self.enclose(fields.len())?;
        let mut object = Map::with_capacity(fields.len());
        for (name, value) in fields {
            let name = renamed(name);
            self.quoted(&name)?;
            self.take(1)?;
            object.insert(name, self.value(value)?);
        }
        Ok(Value::Object(object))
    }

    fn case(&mut self, case: String, value: Option<Box<Val>>) -> Result<Value, Refused> {
        match value {
            None => self.text(renamed(case)),
            Some(value) => self.record(vec![(case, *value)]),
        }
    }

    /// A JSON text that a guest wrote. It is read, and its depth is bounded by that.
    fn any(&mut self, text: &str) -> Result<Value, Refused> {
        let value: Value = serde_json::from_str(text)?;
        match serde_json::to_writer(&mut *self, &value) {
            Err(error) if error.is_io() => Err(Refused::Full),
            written => Ok(written.map(|()| value)?),
        }
    }
}

/// Counts what is written and keeps nothing.
impl io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.take(bytes.len()) {
            Ok(()) => Ok(bytes.len()),
            Err(_) => Err(io::Error::other("too large")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Write for Room {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.take(text.len()).map_err(|_| fmt::Error)
    }
}

/// By how much a byte of a text grows in JSON.
const ESCAPES: [u8; 256] = {
    let mut more = [0; 256];
    let mut control = 0;
    while control < 0x20 {
        // `\u001f`
        more[control] = 5;
        control += 1;
    }
    let short = b"\x08\t\n\x0c\r\"\\";
    let mut index = 0;
    while index < short.len() {
        more[short[index] as usize] = 1;
        index += 1;
    }
    more
};

fn digits(value: u64) -> usize {
    value.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// A WIT name as it stands in JSON, in place where it is the same.
fn renamed(name: String) -> String {
    match json_name(&name) {
        Cow::Borrowed(_) => name,
        Cow::Owned(other) => other,
    }
}
