//! Numbers compared exactly, as the reference does with Python's `Decimal`.

use crate::python;
use serde_json::{Number, Value};
use std::cmp::Ordering;

/// The largest exponent that Python's `Decimal` takes.
const MAX_EXPONENT: i64 = 999_999_999_999_999_999;

/// An exact number: of a float, its exact binary value (`0.1` is a little more than a tenth).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exact {
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: Vec<u8>,
    /// How many of the digits stand before the decimal point; `i64::MAX` for infinity.
    point: i64,
}

/// What a text stands for, when not a finite or infinite number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoNumber {
    /// No number at all.
    Text,
    /// `nan`, which compares with nothing.
    NotANumber,
}

impl Exact {
    /// The number that Python sees in a JSON value: bools are 0 and 1.
    pub(super) fn of(value: &Value) -> Option<Exact> {
        match value {
            Value::Bool(flag) => Exact::finite(false, if *flag { "1" } else { "" }, "", 0),
            Value::Number(number) => Exact::of_number(number),
            _ => None,
        }
    }

    fn of_number(number: &Number) -> Option<Exact> {
        if number.is_f64() {
            // 767 digits are enough for every double, so nothing is rounded.
            Exact::of_text(&format!("{:.770e}", number.as_f64()?)).ok()
        } else {
            Exact::of_text(&number.to_string()).ok()
        }
    }

    /// As `Decimal(text)` reads it, except that digits are ASCII's.
    ///
    /// # Errors
    /// See [`NoNumber`].
    pub(super) fn of_text(text: &str) -> Result<Exact, NoNumber> {
        let text: String = python::strip(text)
            .chars()
            .filter(|character| *character != '_')
            .collect();
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(&text)),
        };
        let lower = unsigned.to_ascii_lowercase();
        if lower == "inf" || lower == "infinity" {
            return Ok(Exact {
                negative,
                digits: vec![1],
                point: i64::MAX,
            });
        }
        if let Some(payload) = lower
            .strip_prefix("snan")
            .or_else(|| lower.strip_prefix("nan"))
        {
            return Err(if payload.bytes().all(|byte| byte.is_ascii_digit()) {
                NoNumber::NotANumber
            } else {
                NoNumber::Text
            });
        }
        let (mantissa, exponent) = match lower.split_once('e') {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
            None => (lower.as_str(), 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(NoNumber::Text);
        }
        Exact::finite(negative, whole, fraction, exponent).ok_or(NoNumber::Text)
    }

    /// `whole.fraction` times ten to the `exponent`; nothing when `Decimal` has no room for it.
    fn finite(negative: bool, whole: &str, fraction: &str, exponent: i64) -> Option<Exact> {
        let digits: Vec<u8> = whole
            .bytes()
            .chain(fraction.bytes())
            .map(|byte| byte - b'0')
            .collect();
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        if leading == digits.len() {
            return Some(Exact {
                negative: false,
                digits: Vec::new(),
                point: 0,
            });
        }
        let trailing = digits.iter().rev().take_while(|digit| **digit == 0).count();
        let point = exponent
            .checked_add(i64::try_from(whole.len()).ok()?)?
            .checked_sub(i64::try_from(leading).ok()?)?;
        if point - 1 > MAX_EXPONENT || point < -2 * MAX_EXPONENT {
            return None;
        }
        Some(Exact {
            negative,
            digits: digits.get(leading..digits.len() - trailing)?.to_vec(),
            point,
        })
    }
}

fn exponent_of(text: &str) -> Result<i64, NoNumber> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NoNumber::Text);
    }
    let exponent: i64 = text.parse().map_err(|_| NoNumber::Text)?;
    if exponent.unsigned_abs() > 2 * MAX_EXPONENT.unsigned_abs() {
        return Err(NoNumber::Text);
    }
    Ok(exponent)
}

impl Ord for Exact {
    fn cmp(&self, other: &Exact) -> Ordering {
        let sign = |number: &Exact| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let magnitude = || {
            self.point
                .cmp(&other.point)
                .then_with(|| self.digits.cmp(&other.digits))
        };
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            0 => Ordering::Equal,
            1 => magnitude(),
            _ => magnitude().reverse(),
        })
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Exact) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
