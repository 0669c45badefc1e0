use serde_json::Number;

/// `int(text)`: white space around it, a sign, underscores between digits. `None` where Python
/// raises `ValueError`. Beyond 64 bits it is the nearest float, the most that a JSON value holds.
///
/// Only ASCII digits are read; Python takes those of all scripts. The white space is narrower than
/// that of [`super::strip`]: no information separators.
pub fn parse_int(text: &str) -> Option<Number> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.get(..1)?, digits),
        None => ("", text),
    };
    let digits = without_underscores(digits)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = match digits.trim_start_matches('0') {
        "" => "0",
        significant => significant,
    };
    let text = match sign {
        "-" if digits != "0" => format!("-{digits}"),
        _ => digits.to_owned(),
    };
    integer(&text)
}

/// Decimal digits, perhaps after a `-`, as exactly as a JSON value holds them: beyond 64 bits, the
/// nearest float. `None` when that is infinite.
pub(crate) fn integer(text: &str) -> Option<Number> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number.into());
    }
    match text.parse::<u64>() {
        Ok(number) => Some(number.into()),
        Err(_) => text.parse().ok().and_then(Number::from_f64),
    }
}

/// `float(text)`: as [`parse_int`], with a fraction, an exponent, `inf`, `infinity`, `nan` in any
/// case.
pub fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    let named = ["inf", "infinity", "nan"];
    if !named.iter().any(|name| bare.eq_ignore_ascii_case(name)) {
        let begins = bare.strip_prefix('.').unwrap_or(bare);
        if !begins.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
    }
    without_underscores(text)?.parse().ok()
}

/// Underscores stand between two digits only.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return None;
    }
    for (index, byte) in bytes.iter().enumerate() {
        let digit = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at))
                .is_some_and(u8::is_ascii_digit)
        };
        if *byte == b'_' && !(digit(index.checked_sub(1)) && digit(index.checked_add(1))) {
            return None;
        }
    }
    Some(text.replace('_', ""))
}
