//! Values written as YAML that YAML 1.1 and 1.2 readers understand alike.

use serde_json::Value;

/// A document in block style, final newline included.
pub(crate) fn render(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => block(value, 0, &mut text),
        Value::Array(items) if !items.is_empty() => block(value, 0, &mut text),
        scalar => text.push_str(&inline(scalar)),
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// A map or list that is not empty, one member a line.
fn block(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(map) => {
            for (key, member) in map {
                pad(indent, text);
                text.push_str(&scalar(key));
                text.push(':');
                nested(member, indent, text);
            }
        }
        Value::Array(items) => {
            for item in items {
                pad(indent, text);
                text.push('-');
                match item {
                    Value::Object(_) | Value::Array(_) if !is_empty(item) => {
                        // The first member stands behind the dash.
                        let mut inner = String::new();
                        block(item, indent + 2, &mut inner);
                        text.push(' ');
                        text.push_str(inner.trim_start_matches(' '));
                    }
                    item => nested(item, indent, text),
                }
            }
        }
        _ => {}
    }
}

fn nested(value: &Value, indent: usize, text: &mut String) {
    if (value.is_object() || value.is_array()) && !is_empty(value) {
        text.push('\n');
        block(value, indent + 2, text);
    } else {
        text.push(' ');
        text.push_str(&inline(value));
        text.push('\n');
    }
}

fn pad(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Number(number) => float(&number.to_string()),
        other => other.to_string(),
    }
}

/// YAML 1.1 takes `1e6` for text: an exponent needs a point before it and a sign.
fn float(number: &str) -> String {
    let Some((mantissa, exponent)) = number.split_once(['e', 'E']) else {
        return number.to_owned();
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['+', '-']) {
        ""
    } else {
        "+"
    };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// Plain where nobody can mistake it for something else, otherwise quoted as JSON does, which is
/// YAML too.
fn scalar(text: &str) -> String {
    if plain(text) {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

fn plain(text: &str) -> bool {
    const TAKEN: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let harmless =
        |character: char| character.is_ascii_alphanumeric() || "_-./ ".contains(character);
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(harmless)
        && !text.ends_with(' ')
        && !TAKEN.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_values_are_written_in_blocks() {
        let value = json!({
            "a": {"b": [1, {"c": "x y", "d": []}, ["z"]]},
            "e": {}, "yes": "no", "date": "2020-01-01", "t": "12:30", "n": null, "f": 1e300,
        });
        let expected = "a:\n  b:\n    - 1\n    - c: x y\n      d: []\n    - - z\ne: {}\n\
                        \"yes\": \"no\"\ndate: \"2020-01-01\"\nt: \"12:30\"\n\"n\": null\n\
                        f: 1.0e+300\n";
        assert_eq!(render(&value), expected);
        assert_eq!(render(&json!("text")), "text\n");
        assert_eq!(render(&json!([])), "[]\n");
    }
}
