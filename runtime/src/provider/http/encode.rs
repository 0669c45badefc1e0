//! Arguments as `requests` encodes them.

use crate::python;
use serde_json::Value;

/// What becomes of an activity's `arguments`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Arguments {
    /// To append to the URL's query; empty for none.
    pub(super) query: String,
    /// The body.
    pub(super) body: String,
    /// For the `Content-Type` header where the activity sets none.
    pub(super) content_type: Option<&'static str>,
}

impl Arguments {
    /// For `GET`.
    ///
    /// # Errors
    /// They are no pairs.
    pub(super) fn query(arguments: &Value) -> Result<Arguments, String> {
        Ok(Arguments {
            query: urlencoded(arguments)?,
            ..Arguments::default()
        })
    }

    /// For any other method, when the request says that it is JSON.
    pub(super) fn json(arguments: &Value) -> Arguments {
        let mut body = String::new();
        write_json(arguments, &mut body);
        Arguments {
            body,
            content_type: Some("application/json"),
            ..Arguments::default()
        }
    }

    /// For any other method: a form, or a text as it is.
    ///
    /// # Errors
    /// They are no pairs.
    pub(super) fn form(arguments: &Value) -> Result<Arguments, String> {
        let body = urlencoded(arguments)?;
        let is_text = arguments.is_string() || body.is_empty() && !python::truthy(arguments);
        Ok(Arguments {
            content_type: (!is_text).then_some("application/x-www-form-urlencoded"),
            body,
            ..Arguments::default()
        })
    }
}

/// Appends `query` to the query of `url`, before its fragment.
pub(super) fn with_query(url: &str, query: &str) -> String {
    if query.is_empty() {
        return url.to_owned();
    }
    let (place, fragment) = match url.find('#') {
        Some(hash) => url.split_at(hash),
        None => (url, ""),
    };
    let joint = match place.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{place}{joint}{query}{fragment}")
}

/// A text is left as it is; a map, or a list of pairs, becomes `name=value&...`.
fn urlencoded(arguments: &Value) -> Result<String, String> {
    let no_pairs = || "the arguments must be a map, a list of pairs or a text".to_owned();
    let pairs: Vec<(String, &Value)> = match arguments {
        Value::String(text) => return Ok(text.clone()),
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| match item.as_array().map(Vec::as_slice) {
                Some([name, value]) => Ok((python::str(name), value)),
                _ => Err(no_pairs()),
            })
            .collect::<Result<_, String>>()?,
        falsy if !python::truthy(falsy) => return Ok(String::new()),
        Value::Null | Value::Bool(_) | Value::Number(_) => return Err(no_pairs()),
    };
    let mut encoded = String::new();
    let mut add = |name: &str, value: &str| {
        if !encoded.is_empty() {
            encoded.push('&');
        }
        quote_plus(name, &mut encoded);
        encoded.push('=');
        quote_plus(value, &mut encoded);
    };
    for (name, value) in pairs {
        match value {
            Value::Null => {}
            // A name again for each item, and again for each item of an item.
            Value::Array(items) => {
                for item in items {
                    match item {
                        Value::Null => {}
                        Value::Array(inner) => {
                            inner.iter().for_each(|item| add(&name, &python::str(item)));
                        }
                        Value::Object(inner) => inner.keys().for_each(|key| add(&name, key)),
                        item => add(&name, &python::str(item)),
                    }
                }
            }
            // Python iterates over a map's keys.
            Value::Object(map) => map.keys().for_each(|key| add(&name, key)),
            value => add(&name, &python::str(value)),
        }
    }
    Ok(encoded)
}

/// Python's `quote_plus`.
fn quote_plus(text: &str, into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b' ' => into.push('+'),
            b'-' | b'.' | b'_' | b'~' => into.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => into.push(char::from(byte)),
            byte => into.push_str(&format!("%{byte:02X}")),
        }
    }
}

/// Python's `json.dumps`: a blank after `,` and `:`, nothing but ASCII.
fn write_json(value: &Value, into: &mut String) {
    match value {
        Value::Null | Value::Bool(_) => into.push_str(&value.to_string()),
        Value::Number(_) => into.push_str(&python::str(value)),
        Value::String(text) => write_json_string(text, into),
        Value::Array(items) => {
            into.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    into.push_str(", ");
                }
                write_json(item, into);
            }
            into.push(']');
        }
        Value::Object(map) => {
            into.push('{');
            for (index, (name, item)) in map.iter().enumerate() {
                if index > 0 {
                    into.push_str(", ");
                }
                write_json_string(name, into);
                into.push_str(": ");
                write_json(item, into);
            }
            into.push('}');
        }
    }
}

fn write_json_string(text: &str, into: &mut String) {
    into.push('"');
    for character in text.chars() {
        match character {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            '\u{8}' => into.push_str("\\b"),
            '\u{c}' => into.push_str("\\f"),
            ' '..='~' => into.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    into.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    into.push('"');
}
