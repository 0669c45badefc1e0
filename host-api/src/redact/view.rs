use std::ops::Range;
use std::rc::Rc;

/// A text with its escapes undone, and where each part came from.
pub(super) struct View {
    bytes: Vec<u8>,
    /// In order; between them the view is the text itself.
    undone: Vec<Undone>,
    /// The view that this one reads, when it doesn't read the text itself.
    source: Option<Rc<View>>,
}

/// An escape, as a part of the view and of what the view reads.
struct Undone {
    view: Range<usize>,
    text: Range<usize>,
}

impl View {
    /// Shows every way to read the text that differs from reading it as it is.
    pub(super) fn each(text: &[u8], mut show: impl FnMut(&View)) {
        let (backslash, percent) = (text.contains(&b'\\'), text.contains(&b'%'));
        if backslash {
            let once = Rc::new(View::decode(text, unescape));
            show(&once);
            if once.bytes.contains(&b'\\') {
                show(&once.again(unescape));
            }
            if percent {
                show(&once.again(unpercent));
            }
        }
        if percent {
            show(&View::decode(text, unpercent));
        }
        if text.contains(&b'+') {
            show(&View::decode(text, unpercent_form));
        }
    }

    fn again(self: &Rc<View>, escape: Escape) -> View {
        let view = View::decode(&self.bytes, escape);
        View {
            source: Some(Rc::clone(self)),
            ..view
        }
    }

    fn decode(text: &[u8], escape: Escape) -> View {
        let mut bytes = Vec::with_capacity(text.len());
        let mut undone = Vec::new();
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            let rest = text.get(at..).unwrap_or_default();
            let Some((length, decoded)) = escape(rest) else {
                bytes.push(*byte);
                at += 1;
                continue;
            };
            let start = bytes.len();
            match decoded {
                Decoded::Byte(byte) => bytes.push(byte),
                Decoded::Char(c) => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            undone.push(Undone {
                view: start..bytes.len(),
                text: at..at + length,
            });
            at += length;
        }
        View {
            bytes,
            undone,
            source: None,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The part of the text that a part of the view was read from; escapes are never cut.
    pub(super) fn range(&self, part: Range<usize>) -> Range<usize> {
        let start = self.origin(part.start).start;
        let end = self.origin(part.end.saturating_sub(1)).end;
        match &self.source {
            Some(source) => source.range(start..end),
            None => start..end,
        }
    }

    /// What one byte of the view was read from.
    fn origin(&self, at: usize) -> Range<usize> {
        let before = self
            .undone
            .partition_point(|undone| undone.view.start <= at);
        match before.checked_sub(1).and_then(|last| self.undone.get(last)) {
            Some(last) if at < last.view.end => last.text.clone(),
            Some(last) => {
                let start = last.text.end + (at - last.view.end);
                start..start + 1
            }
            None => at..at + 1,
        }
    }
}

enum Decoded {
    Byte(u8),
    Char(char),
}

/// Reads the escape at the front: its length (never 0) and its meaning.
type Escape = fn(&[u8]) -> Option<(usize, Decoded)>;

fn unpercent(text: &[u8]) -> Option<(usize, Decoded)> {
    let digits = text.strip_prefix(b"%")?;
    Some((3, Decoded::Byte(u8::try_from(hex(digits, 2)?).ok()?)))
}

fn unpercent_form(text: &[u8]) -> Option<(usize, Decoded)> {
    match text.first()? {
        b'+' => Some((1, Decoded::Byte(b' '))),
        _ => unpercent(text),
    }
}

/// The escapes of JSON, Python and Rust texts.
fn unescape(text: &[u8]) -> Option<(usize, Decoded)> {
    let rest = text.strip_prefix(b"\\")?;
    let (kind, digits) = rest.split_first()?;
    let plain = match kind {
        b'"' | b'\'' | b'\\' | b'/' => *kind,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        b'x' => return Some((4, Decoded::Char(char::from_u32(hex(digits, 2)?)?))),
        b'U' => return Some((10, Decoded::Char(char::from_u32(hex(digits, 8)?)?))),
        b'u' if digits.starts_with(b"{") => {
            let digits = digits.get(1..)?;
            let count = digits.iter().take(7).position(|byte| *byte == b'}')?;
            let c = char::from_u32(hex(digits, count)?)?;
            return Some(("\\u{}".len() + count, Decoded::Char(c)));
        }
        b'u' => return unicode(digits),
        _ => return None,
    };
    Some((2, Decoded::Byte(plain)))
}

fn unicode(digits: &[u8]) -> Option<(usize, Decoded)> {
    let first = hex(digits, 4)?;
    if let Some(c) = char::from_u32(first) {
        return Some((6, Decoded::Char(c)));
    }
    let second = hex(digits.get(4..)?.strip_prefix(b"\\u")?, 4)?;
    let paired = (0xD800..0xDC00).contains(&first) && (0xDC00..0xE000).contains(&second);
    let code = paired.then(|| 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))?;
    Some((12, Decoded::Char(char::from_u32(code)?)))
}

/// A number of `count` hexadecimal digits at the front.
fn hex(text: &[u8], count: usize) -> Option<u32> {
    let digits = text.get(..count).filter(|digits| !digits.is_empty())?;
    digits.iter().try_fold(0_u32, |number, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        number.checked_mul(16)?.checked_add(digit)
    })
}
