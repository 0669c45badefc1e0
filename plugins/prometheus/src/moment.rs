//! Moments as people write them.

use std::time::SystemTime;

use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp};

use crate::server::Failure;

/// The moment that a text means now.
pub(crate) fn parse(text: &str) -> Result<Timestamp, Failure> {
    let since = chaos_plugin::clock::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    SignedDuration::try_from(since)
        .and_then(Timestamp::from_duration)
        .ok()
        .and_then(|now| at(text, now))
        .ok_or_else(|| Failure::Moment(text.to_owned()))
}

/// In UTC, with tenths of a second that are cut off, not rounded.
pub(crate) fn rfc3339(moment: Timestamp) -> String {
    let at = Offset::UTC.to_datetime(moment);
    let tenth = at.subsec_nanosecond() / 100_000_000;
    format!("{}.{tenth}Z", at.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// The moment that a text means at another one; none if it means none.
pub(crate) fn at(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    absolute(text).or_else(|| relative(&text.to_lowercase(), now))
}

fn absolute(text: &str) -> Option<Timestamp> {
    if let Some(moment) = since_1970(text) {
        return Some(moment);
    }
    // With an offset, which may stand apart.
    if let Ok(moment) = text
        .replace(" +", "+")
        .replace(" -", "-")
        .parse::<Timestamp>()
    {
        return Some(moment);
    }
    // Without an offset or with a name for none: UTC.
    let plain = text.trim_end_matches("UTC").trim_end();
    if let Ok(at) = plain.parse::<DateTime>() {
        return Offset::UTC.to_timestamp(at).ok();
    }
    rfc2822::parse(text).ok().map(|moment| moment.timestamp())
}

/// Ten digits are seconds, thirteen are milliseconds. Part of a second is cut off.
fn since_1970(text: &str) -> Option<Timestamp> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if !whole
        .bytes()
        .chain(part.bytes())
        .all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let number = whole.parse().ok()?;
    match whole.len() {
        10 => Timestamp::from_second(number).ok(),
        13 => Timestamp::from_millisecond(number).ok(),
        _ => None,
    }
}

/// Which way from now.
#[derive(Clone, Copy)]
enum Direction {
    Past,
    Future,
}

/// `now`, `yesterday`, or one amount of time away. Without a word that says so it is in the past.
fn relative(text: &str, now: Timestamp) -> Option<Timestamp> {
    use Direction::{Future, Past};
    match text {
        "now" | "just now" | "today" => return Some(now),
        "yesterday" => return moved(now, Span::new().days(1), Past),
        "tomorrow" => return moved(now, Span::new().days(1), Future),
        _ => {}
    }
    let text = text.strip_prefix("now").unwrap_or(text);
    let (direction, amount) = if let Some(amount) = text.strip_suffix(" ago") {
        (Past, amount)
    } else if let Some(amount) = text.strip_prefix('-') {
        (Past, amount)
    } else if let Some(amount) = text.strip_prefix('+') {
        (Future, amount)
    } else if let Some(amount) = text.strip_prefix("in ") {
        (Future, amount)
    } else if let Some(amount) = text.strip_suffix(" from now") {
        (Future, amount)
    } else if let Some(amount) = text.strip_suffix(" later") {
        (Future, amount)
    } else if let Some(unit) = text.strip_prefix("last ") {
        return moved(now, span(1.0, unit.trim())?, Past);
    } else if let Some(unit) = text.strip_prefix("next ") {
        return moved(now, span(1.0, unit.trim())?, Future);
    } else {
        (Past, text)
    };
    let mut moment = now;
    let mut rest = amount.trim();
    loop {
        let (part, after) = first(rest)?;
        moment = moved(moment, part, direction)?;
        let after = after.trim_start();
        let after = after.strip_prefix(',').unwrap_or(after).trim_start();
        rest = after.strip_prefix("and ").unwrap_or(after).trim_start();
        if rest.is_empty() {
            return Some(moment);
        }
    }
}

/// By the calendar: a month before March 31 is the last of February.
fn moved(from: Timestamp, by: Span, direction: Direction) -> Option<Timestamp> {
    let from = Offset::UTC.to_datetime(from);
    let to = match direction {
        Direction::Past => from.checked_sub(by),
        Direction::Future => from.checked_add(by),
    };
    Offset::UTC.to_timestamp(to.ok()?).ok()
}

/// The number and the unit at the beginning, and what follows.
fn first(text: &str) -> Option<(Span, &str)> {
    let is_of_number = |letter: char| letter.is_ascii_digit() || letter == '.';
    let (number, rest) = match text.starts_with(is_of_number) {
        true => {
            let end = text.find(|letter| !is_of_number(letter))?;
            let (number, rest) = text.split_at(end);
            (number.parse().ok()?, rest.trim_start())
        }
        false => {
            let (word, rest) = text.split_once(' ')?;
            (word_number(word)?, rest.trim_start())
        }
    };
    let end = rest
        .find(|letter: char| !letter.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    let (unit, after) = rest.split_at(end);
    Some((span(number, unit)?, after))
}

fn word_number(word: &str) -> Option<f64> {
    const WORDS: [&str; 10] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    if word == "a" || word == "an" {
        return Some(1.0);
    }
    let before = WORDS.iter().position(|known| *known == word)?;
    Some(before as f64 + 1.0)
}

/// So much of a unit. Months and years are whole.
fn span(number: f64, unit: &str) -> Option<Span> {
    let seconds = match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 7.0 * 86_400.0,
        "fortnight" | "fortnights" => 14.0 * 86_400.0,
        "mo" | "month" | "months" => return months(number, 1),
        "y" | "yr" | "yrs" | "year" | "years" => return months(number, 12),
        _ => return None,
    };
    Span::new()
        .try_milliseconds((number * seconds * 1000.0).round() as i64)
        .ok()
}

fn months(number: f64, each: i64) -> Option<Span> {
    if number.fract() != 0.0 {
        return None;
    }
    Span::new()
        .try_months((number as i64).checked_mul(each)?)
        .ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    /// What the Python library dateparser makes of the same texts, at the same moment in UTC.
    const KNOWN: &[(&str, Option<&str>)] = &[
        ("now", Some("2026-01-31T12:30:45.678901Z")),
        ("today", Some("2026-01-31T12:30:45.678901Z")),
        ("just now", Some("2026-01-31T12:30:45.678901Z")),
        ("yesterday", Some("2026-01-30T12:30:45.678901Z")),
        ("tomorrow", Some("2026-02-01T12:30:45.678901Z")),
        ("2 minutes ago", Some("2026-01-31T12:28:45.678901Z")),
        ("5 Minutes Ago", Some("2026-01-31T12:25:45.678901Z")),
        ("0 minutes ago", Some("2026-01-31T12:30:45.678901Z")),
        ("1d", Some("2026-01-30T12:30:45.678901Z")),
        ("1h", Some("2026-01-31T11:30:45.678901Z")),
        ("5m", Some("2026-01-31T12:25:45.678901Z")),
        ("30s", Some("2026-01-31T12:30:15.678901Z")),
        ("1w", Some("2026-01-24T12:30:45.678901Z")),
        ("90m", Some("2026-01-31T11:00:45.678901Z")),
        ("2 days", Some("2026-01-29T12:30:45.678901Z")),
        ("1h30m", Some("2026-01-31T11:00:45.678901Z")),
        ("1h 30m ago", Some("2026-01-31T11:00:45.678901Z")),
        ("1d12h", Some("2026-01-30T00:30:45.678901Z")),
        ("1hour ago", Some("2026-01-31T11:30:45.678901Z")),
        ("1 hour 30 minutes ago", Some("2026-01-31T11:00:45.678901Z")),
        (
            "1 hour, 30 minutes ago",
            Some("2026-01-31T11:00:45.678901Z"),
        ),
        (
            "1 hour and 5 minutes ago",
            Some("2026-01-31T11:25:45.678901Z"),
        ),
        ("an hour ago", Some("2026-01-31T11:30:45.678901Z")),
        ("a minute ago", Some("2026-01-31T12:29:45.678901Z")),
        ("five minutes ago", Some("2026-01-31T12:25:45.678901Z")),
        ("1.5 hours ago", Some("2026-01-31T11:00:45.678901Z")),
        ("10 secs ago", Some("2026-01-31T12:30:35.678901Z")),
        ("2 hrs ago", Some("2026-01-31T10:30:45.678901Z")),
        ("1 month ago", Some("2025-12-31T12:30:45.678901Z")),
        ("3 months ago", Some("2025-10-31T12:30:45.678901Z")),
        ("1 year ago", Some("2025-01-31T12:30:45.678901Z")),
        ("1 fortnight ago", Some("2026-01-17T12:30:45.678901Z")),
        ("last week", Some("2026-01-24T12:30:45.678901Z")),
        ("in 5 minutes", Some("2026-01-31T12:35:45.678901Z")),
        ("30 minutes from now", Some("2026-01-31T13:00:45.678901Z")),
        ("5 minutes later", Some("2026-01-31T12:35:45.678901Z")),
        ("-1h", Some("2026-01-31T11:30:45.678901Z")),
        ("- 5 minutes", Some("2026-01-31T12:25:45.678901Z")),
        ("+5m", Some("2026-01-31T12:35:45.678901Z")),
        ("now-5m", Some("2026-01-31T12:25:45.678901Z")),
        ("2026-01-01", Some("2026-01-01T00:00:00Z")),
        ("2026-01-01T10:00:00Z", Some("2026-01-01T10:00:00Z")),
        (
            "2026-01-01T10:00:00.123456Z",
            Some("2026-01-01T10:00:00.123456Z"),
        ),
        ("2026-01-01T10:00:00+02:00", Some("2026-01-01T08:00:00Z")),
        ("2026-01-01 10:00 +0200", Some("2026-01-01T08:00:00Z")),
        ("2026-01-01 10:00", Some("2026-01-01T10:00:00Z")),
        ("2026-01-01 10:00:00", Some("2026-01-01T10:00:00Z")),
        ("2026-01-01 10:00:00 UTC", Some("2026-01-01T10:00:00Z")),
        ("2026-01-01T10:00:00", Some("2026-01-01T10:00:00Z")),
        (
            "Thu, 01 Jan 2026 10:00:00 GMT",
            Some("2026-01-01T10:00:00Z"),
        ),
        ("1767225600", Some("2026-01-01T00:00:00Z")),
        ("1767225600.5", Some("2026-01-01T00:00:00Z")),
        ("1767225600123", Some("2026-01-01T00:00:00.123Z")),
        ("2 mns ago", None),
        ("abc", None),
        ("", None),
        ("   ", None),
        ("ago", None),
        ("decade ago", None),
        ("10 ms ago", None),
        ("2026-02-30", None),
        ("2026-01-01T25:00:00Z", None),
    ];

    #[test]
    fn moments_are_those_that_dateparser_finds() {
        let now = "2026-01-31T12:30:45.678901Z".parse().unwrap();
        for (text, expected) in KNOWN {
            let found = at(text, now).map(|moment| moment.to_string());
            assert_eq!(found.as_deref(), *expected, "{text:?}");
        }
    }

    #[test]
    fn what_no_calendar_holds_is_no_moment() {
        let now = "2026-01-31T12:30:45Z".parse().unwrap();
        for text in [
            "99999999999999999999 seconds ago",
            "999999999 months ago",
            "1.5 months ago",
            "1..5 hours ago",
            "9999999 years ago",
        ] {
            assert_eq!(at(text, now), None, "{text:?}");
        }
    }

    #[test]
    fn tenths_of_a_second_are_cut_off() {
        let moment = "2026-01-01T10:00:00.19Z".parse().unwrap();
        assert_eq!(rfc3339(moment), "2026-01-01T10:00:00.1Z");
    }
}
