//! A script's value as JSON text.

use crate::bindings::{Cause, Failure};
use crate::failure;
use crate::machine::Machine;
use crate::source::Sources;
use rquickjs::{Ctx, Value};

/// A value as JSON text of at most `most` bytes. What has no text in JSON is null.
pub(crate) fn json<'js>(
    machine: &Machine,
    sources: &Sources<'_>,
    ctx: &Ctx<'js>,
    value: Value<'js>,
    most: usize,
) -> Result<String, Failure> {
    let too_large = || {
        let text = format!("its value has more than {most} bytes as JSON");
        failure::plain(Cause::ResultSize, text)
    };
    let length = |text: &rquickjs::String<'js>| {
        let length = machine.own(ctx, "length")?;
        length.call::<_, usize>((text.clone(),))
    };
    // Before it takes twice the memory.
    if let Some(text) = value.as_string()
        && length(text).is_ok_and(|length| length > most)
    {
        return Err(too_large());
    }
    let written = machine
        .own(ctx, "stringify")
        .and_then(|stringify| stringify.call::<_, Option<rquickjs::String<'_>>>((value,)));
    let text = match written {
        Ok(Some(text)) => text,
        Ok(None) => return Ok("null".to_owned()),
        Err(_) => {
            let failure = failure::of_exception(machine, sources, ctx, ctx.catch());
            return Err(match failure.cause {
                Cause::Thrown(_) => Failure {
                    cause: Cause::ResultKind,
                    ..failure
                },
                _ => failure,
            });
        }
    };
    // Looked at before it is copied: a character is a byte or more.
    if length(&text).is_ok_and(|length| length <= most) {
        match text.to_string() {
            Ok(text) if text.len() <= most => return Ok(well_formed(text)),
            Ok(_) => {}
            Err(_) => return Err(failure::of_exception(machine, sources, ctx, ctx.catch())),
        }
    }
    Err(too_large())
}

/// Half a surrogate pair has an escape in JSON, and is no character: the text gets U+FFFD instead,
/// as long as the escape was.
fn well_formed(mut text: String) -> String {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("\\")) {
        let at = from + found;
        let unit = |at: usize| {
            let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
            u16::from_str_radix(digits, 16).ok()
        };
        from = match unit(at) {
            None => at + 2,
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => at + 12,
            Some(0xD800..=0xDFFF) => {
                text.replace_range(at..at + 6, "\\ufffd");
                at + 6
            }
            Some(_) => at + 6,
        };
    }
    text
}
