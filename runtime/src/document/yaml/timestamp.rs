//! YAML 1.1 timestamps. An experiment holds no dates: they become the texts that the reference's
//! journal writes for them.

use jiff::civil::{Date, Time};
use std::fmt::Write;

/// Whether PyYAML takes a plain scalar for a timestamp. The date alone is stricter than within a
/// date and time.
pub(super) fn is_timestamp(text: &str) -> bool {
    let mut reader = Reader(text);
    match reader.fields() {
        Some(fields) if fields.time.is_none() => fields.two_digits,
        Some(_) => true,
        None => false,
    }
}

/// As Python's `isoformat()`; `None` when it is no timestamp, or no such day or time exists.
pub(super) fn isoformat(text: &str) -> Option<String> {
    let fields = Reader(text).fields()?;
    let date = Date::new(
        i16::try_from(fields.year).ok().filter(|year| *year >= 1)?,
        i8::try_from(fields.month).ok()?,
        i8::try_from(fields.day).ok()?,
    )
    .ok()?;
    let mut iso = format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
    let Some(time) = fields.time else {
        return Some(iso);
    };
    let valid = Time::new(
        i8::try_from(time.hour).ok()?,
        i8::try_from(time.minute).ok()?,
        i8::try_from(time.second).ok()?,
        0,
    )
    .ok()?;
    let (hour, minute, second) = (valid.hour(), valid.minute(), valid.second());
    write!(iso, "T{hour:02}:{minute:02}:{second:02}").ok()?;
    if time.microseconds > 0 {
        write!(iso, ".{:06}", time.microseconds).ok()?;
    }
    if let Some((sign, minutes)) = time.offset {
        const DAY: u32 = 24 * 60;
        if minutes >= DAY {
            return None;
        }
        let sign = if minutes == 0 { '+' } else { sign };
        write!(iso, "{sign}{:02}:{:02}", minutes / 60, minutes % 60).ok()?;
    }
    Some(iso)
}

struct Fields {
    year: u32,
    month: u32,
    day: u32,
    /// Whether month and day were written with two digits.
    two_digits: bool,
    time: Option<Clock>,
}

struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    microseconds: u32,
    /// Sign and minutes.
    offset: Option<(char, u32)>,
}

struct Reader<'t>(&'t str);

impl Reader<'_> {
    fn fields(&mut self) -> Option<Fields> {
        let year = self.digits(4, 4)?;
        self.take('-')?;
        let before = self.0.len();
        let month = self.digits(1, 2)?;
        self.take('-')?;
        let day = self.digits(1, 2)?;
        let two_digits = before - self.0.len() == "mm-dd".len();
        let time = if self.0.is_empty() {
            None
        } else {
            Some(self.clock()?)
        };
        Some(Fields {
            year,
            month,
            day,
            two_digits,
            time,
        })
    }

    fn clock(&mut self) -> Option<Clock> {
        if self.take('T').or_else(|| self.take('t')).is_none() {
            let space = self.space();
            if space == 0 {
                return None;
            }
        }
        let hour = self.digits(1, 2)?;
        self.take(':')?;
        let minute = self.digits(2, 2)?;
        self.take(':')?;
        let second = self.digits(2, 2)?;
        let microseconds = match self.take('.') {
            Some(()) => self.fraction(),
            None => 0,
        };
        let mut offset = None;
        if !self.0.is_empty() {
            self.space();
            offset = Some(self.offset()?);
        }
        self.0.is_empty().then_some(Clock {
            hour,
            minute,
            second,
            microseconds,
            offset,
        })
    }

    fn offset(&mut self) -> Option<(char, u32)> {
        if self.take('Z').is_some() {
            return Some(('+', 0));
        }
        let sign = self.0.chars().next()?;
        self.take('-').or_else(|| self.take('+'))?;
        let hours = self.digits(1, 2)?;
        let minutes = match self.take(':') {
            Some(()) => self.digits(2, 2)?,
            None => 0,
        };
        Some((sign, hours * 60 + minutes))
    }

    /// The first six digits count.
    fn fraction(&mut self) -> u32 {
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (fraction, rest) = self.0.split_at_checked(digits).unwrap_or((self.0, ""));
        self.0 = rest;
        let mut padded: String = fraction.chars().take(6).collect();
        while padded.len() < 6 {
            padded.push('0');
        }
        padded.parse().unwrap_or(0)
    }

    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let digits = self.0.bytes().take(most).take_while(u8::is_ascii_digit);
        let count = digits.count();
        if count < least {
            return None;
        }
        let (number, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        number.parse().ok()
    }

    fn take(&mut self, c: char) -> Option<()> {
        self.0 = self.0.strip_prefix(c)?;
        Some(())
    }

    fn space(&mut self) -> usize {
        let rest = self.0.trim_start_matches([' ', '\t']);
        let count = self.0.len() - rest.len();
        self.0 = rest;
        count
    }
}
