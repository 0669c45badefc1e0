//! Names as guests write them. What is let through is one segment of a path, whoever reads it.

use super::Error;

/// The longest name of an object, as Kubernetes has it.
const NAME: usize = 253;

/// The longest label, and so the longest namespace.
const LABEL: usize = 63;

/// The longest selector: far more than any that was ever written.
const SELECTOR: usize = 4096;

/// The name of an object: whatever Kubernetes takes as part of a path, `system:node` too.
pub(super) fn object(name: &str) -> Result<&str, Error> {
    let fits = (1..=NAME).contains(&name.len());
    let is_path = name == "." || name == "..";
    let outside = |c: char| !c.is_ascii_graphic() || "/%?#\\".contains(c);
    match fits && !is_path && !name.contains(outside) {
        true => Ok(name),
        false => Err(not("name of an object", name)),
    }
}

/// The name of a namespace.
pub(super) fn namespace(name: &str) -> Result<&str, Error> {
    label("namespace", name)
}

/// A name of lower-case letters, digits and hyphens (RFC 1123).
pub(super) fn label<'n>(what: &str, name: &'n str) -> Result<&'n str, Error> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (1..=LABEL).contains(&name.len());
    match fits && name.bytes().all(inner) && !name.starts_with('-') && !name.ends_with('-') {
        true => Ok(name),
        false => Err(not(what, name)),
    }
}

/// A selector, which the API server reads.
pub(super) fn selector<'s>(what: &str, text: &'s str) -> Result<&'s str, Error> {
    if text.len() > SELECTOR || text.contains(char::is_control) {
        let text = format!("the {what} selector is too long, or holds a control character");
        return Err(Error::Invalid(text));
    }
    Ok(text)
}

fn not(what: &str, name: &str) -> Error {
    let shown: String = name.chars().take(NAME).collect();
    Error::Invalid(format!("'{}' is no {what}", shown.escape_debug()))
}
