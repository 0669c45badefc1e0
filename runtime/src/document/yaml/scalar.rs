use super::{Wrong, timestamp};
use crate::document::text::shorten;
use crate::python;
use serde_json::{Number, Value};

/// What a plain scalar means (PyYAML's resolver and constructor).
pub(super) fn plain(text: &str) -> Result<Value, Wrong> {
    let first = text.bytes().next();
    if matches!(first, None | Some(b'~' | b'n' | b'N')) && is_null(text) {
        return Ok(Value::Null);
    }
    match first {
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => {
            if let Some(value) = boolean(text).filter(|_| cased(text)) {
                return Ok(Value::Bool(value));
            }
        }
        Some(b'-' | b'+' | b'.' | b'0'..=b'9') => {
            if is_float(text) {
                return number("float", text, float(text));
            }
            if is_integer(text) {
                return number("int", text, integer(text));
            }
            if timestamp::is_timestamp(text) {
                return date(text);
            }
        }
        _ => {}
    }
    Ok(Value::String(text.to_owned()))
}

/// What a scalar with a tag of the core schema means; `None` when no such tag is taken.
pub(super) fn tagged(kind: &str, text: &str) -> Option<Result<Value, Wrong>> {
    Some(match kind {
        "str" => Ok(Value::String(text.to_owned())),
        "null" => Ok(Value::Null),
        "bool" => boolean(text)
            .map(Value::Bool)
            .ok_or_else(|| not_a("bool", text)),
        "int" => number("int", text, integer(text)),
        "float" => number("float", text, float(text)),
        "timestamp" => date(text),
        _ => return None,
    })
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// `yes`, `Yes`, `YES`, but not `yES`.
fn cased(text: &str) -> bool {
    let rest = text.get(1..).unwrap_or_default();
    let upper = text.starts_with(|c: char| c.is_ascii_uppercase());
    rest.bytes().all(|b| b.is_ascii_lowercase())
        || upper && rest.bytes().all(|b| b.is_ascii_uppercase())
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(allowed)
}

fn is_digit_or_line(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'_'
}

/// `[0-9][0-9_]*`
fn is_digits(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && all(text, is_digit_or_line)
}

/// `[0-5]?[0-9]`, for each of the parts; at least one.
fn are_sixtieths<'t>(parts: impl Iterator<Item = &'t str>) -> bool {
    let mut any = false;
    for part in parts {
        any = true;
        match part.as_bytes() {
            [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'] => {}
            _ => return false,
        }
    }
    any
}

fn is_integer(text: &str) -> bool {
    let text = unsigned(text);
    if let Some(rest) = text.strip_prefix("0b") {
        return !rest.is_empty() && all(rest, |b| matches!(b, b'0' | b'1' | b'_'));
    }
    if let Some(rest) = text.strip_prefix("0x") {
        return !rest.is_empty() && all(rest, |b| b.is_ascii_hexdigit() || b == b'_');
    }
    if let Some(rest) = text.strip_prefix('0') {
        return all(rest, |b| matches!(b, b'0'..=b'7' | b'_'));
    }
    let mut parts = text.split(':');
    let whole = parts.next().unwrap_or_default();
    is_digits(whole) && (text.len() == whole.len() || are_sixtieths(parts))
}

fn is_float(text: &str) -> bool {
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let bare = unsigned(text);
    if matches!(bare, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let Some((whole, rest)) = bare.split_once('.') else {
        return false;
    };
    if whole.contains(':') {
        let mut parts = whole.split(':');
        return is_digits(parts.next().unwrap_or_default())
            && are_sixtieths(parts)
            && all(rest, is_digit_or_line);
    }
    let (fraction, exponent) = match rest.split_once(['e', 'E']) {
        Some((fraction, exponent)) => (fraction, Some(exponent)),
        None => (rest, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        exponent
            .strip_prefix(['-', '+'])
            .is_some_and(|digits| !digits.is_empty() && all(digits, |b| b.is_ascii_digit()))
    });
    exponent_fits
        && if whole.is_empty() {
            bare.len() == text.len() && is_digits(fraction)
        } else {
            is_digits(whole) && all(fraction, is_digit_or_line)
        }
}

/// PyYAML's constructor of integers; also of texts that only a tag makes one.
fn integer(text: &str) -> Option<Number> {
    let text = text.replace('_', "");
    let bare = unsigned(&text);
    let negative = text.starts_with('-');
    let signed = |digits: &str, radix: u32| -> Option<Number> {
        if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
            return None;
        }
        let size = digits.trim_start_matches('0');
        match u128::from_str_radix(if size.is_empty() { "0" } else { size }, radix) {
            Ok(size) => {
                let sign = if negative { "-" } else { "" };
                python::integer(&format!("{sign}{size}"))
            }
            // Beyond 128 bits: the nearest float, digit by digit.
            Err(_) => {
                let size = size.chars().filter_map(|c| c.to_digit(radix));
                let size = size.fold(0.0, |sum, digit| sum * f64::from(radix) + f64::from(digit));
                Number::from_f64(if negative { -size } else { size })
            }
        }
    };
    if let Some(digits) = bare.strip_prefix("0b") {
        return signed(digits, 2);
    }
    if let Some(digits) = bare.strip_prefix("0x") {
        return signed(digits, 16);
    }
    if bare.starts_with('0') {
        return signed(bare, 8);
    }
    if !bare.contains(':') {
        return signed(bare, 10);
    }
    let mut sum: i128 = 0;
    for part in bare.split(':') {
        let part: u64 = part.parse().ok()?;
        sum = sum.checked_mul(60)?.checked_add(i128::from(part))?;
    }
    python::integer(&(if negative { -sum } else { sum }).to_string())
}

/// PyYAML's constructor of floats; what JSON can't hold (infinite, not a number) is none.
fn float(text: &str) -> Option<Number> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let bare = unsigned(&text);
    let size = if bare.contains(':') {
        let mut sum = 0.0;
        let mut base = 1.0;
        for part in bare.rsplit(':') {
            sum += python::parse_float(part)? * base;
            base *= 60.0;
        }
        sum
    } else {
        python::parse_float(bare)?
    };
    Number::from_f64(if text.starts_with('-') { -size } else { size })
}

fn number(kind: &str, text: &str, number: Option<Number>) -> Result<Value, Wrong> {
    match number {
        Some(number) => Ok(Value::Number(number)),
        None if kind == "float" && is_float(text) => Err(Wrong {
            message: format!("`{}` is no number that JSON can hold", shorten(text)),
            hint: "what is read here is written as JSON, which has no infinity: quote it if it is text",
        }),
        None => Err(not_a(kind, text)),
    }
}

fn date(text: &str) -> Result<Value, Wrong> {
    timestamp::isoformat(text)
        .map(Value::String)
        .ok_or_else(|| not_a("timestamp", text))
}

fn not_a(kind: &str, text: &str) -> Wrong {
    Wrong {
        message: format!("`{}` is not a valid {kind}", shorten(text)),
        hint: "quote it if it is text",
    }
}
