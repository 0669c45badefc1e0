//! What the prelude is made from: the host's functions and Rust's, as functions of JavaScript.
//!
//! None throws: what went wrong is a value, of which the prelude makes the error that is wanted,
//! with the stack of who called it. Texts come well-formed from there.

mod answer;
mod operation;
mod url;

pub(crate) use answer::answer;

use crate::bindings::chaos::host::{clock, configuration, log, random, secrets};
use crate::bindings::chaos::script::operations;
use rquickjs::{Ctx, Function, Object, TypedArray};

/// An object with all of them.
pub(crate) fn functions<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let native = Object::new(ctx.clone())?;
    let new = || ctx.clone();
    native.set("startHttp", Function::new(new(), operation::start_http)?)?;
    native.set("startSleep", Function::new(new(), operation::start_sleep)?)?;
    native.set(
        "startKubernetes",
        Function::new(new(), operation::start_kubernetes)?,
    )?;
    native.set("cancel", Function::new(new(), operations::cancel)?)?;
    native.set("configuration", Function::new(new(), configured)?)?;
    native.set("placeholder", Function::new(new(), placeholder)?)?;
    native.set("basicAuthorization", Function::new(new(), basic)?)?;
    native.set("log", Function::new(new(), write)?)?;
    native.set("elapsedMs", Function::new(new(), elapsed_ms)?)?;
    native.set("randomBytes", Function::new(new(), random_bytes)?)?;
    native.set("encode", Function::new(new(), encode)?)?;
    native.set("decode", Function::new(new(), decode)?)?;
    native.set("url", Function::new(new(), url::parse)?)?;
    native.set("changeUrl", Function::new(new(), url::change)?)?;
    native.set("readForm", Function::new(new(), url::read_form)?)?;
    native.set("writeForm", Function::new(new(), url::write_form)?)?;
    Ok(native)
}

/// JSON text of a value in the experiment's configuration; no text when there is none.
fn configured(name: String) -> Vec<Option<String>> {
    match configuration::get(&name) {
        Ok(value) => vec![value, None],
        Err(configuration::Error::Denied(why)) => vec![None, Some(why)],
    }
}

fn placeholder(target: String, key: String) -> Vec<Option<String>> {
    told(secrets::placeholder(&target, &key))
}

fn basic(user: String, target: String, key: String) -> Vec<Option<String>> {
    told(secrets::basic_authorization(&user, &target, &key))
}

fn told(placeholder: Result<String, secrets::Error>) -> Vec<Option<String>> {
    match placeholder {
        Ok(text) => vec![Some(text), None],
        Err(secrets::Error::Denied(why) | secrets::Error::Unknown(why)) => vec![None, Some(why)],
    }
}

fn write(level: String, message: String) {
    let level = match level.as_str() {
        "debug" => log::Level::Debug,
        "warn" => log::Level::Warning,
        "error" => log::Level::Error,
        _ => log::Level::Info,
    };
    log::write(level, &message);
}

fn elapsed_ms() -> f64 {
    clock::monotonic() as f64 / 1e6
}

fn random_bytes<'js>(ctx: Ctx<'js>, count: u32) -> rquickjs::Result<TypedArray<'js, u8>> {
    TypedArray::new(ctx, random::bytes(count))
}

fn encode<'js>(ctx: Ctx<'js>, text: String) -> rquickjs::Result<TypedArray<'js, u8>> {
    TypedArray::new(ctx, text.into_bytes())
}

/// The text of bytes in UTF-8; none when they are not, and that matters.
fn decode(bytes: TypedArray<'_, u8>, is_strict: bool) -> Option<String> {
    let bytes = bytes_of(&bytes);
    match is_strict {
        true => String::from_utf8(bytes).ok(),
        false => Some(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// A copy of the bytes.
fn bytes_of(array: &TypedArray<'_, u8>) -> Vec<u8> {
    // SAFETY: nothing of JavaScript runs while they are copied.
    let bytes = unsafe { array.as_bytes() };
    bytes.map(<[u8]>::to_vec).unwrap_or_default()
}
