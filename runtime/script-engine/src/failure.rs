//! Why a script has no value.

use crate::bindings::{Cause, Failure};
use crate::machine::Machine;
use crate::source::Sources;
use crate::{interrupt, memory};
use rquickjs::{Ctx, Value};

/// The most characters of a message: it is for people.
const MESSAGE: usize = 16 * 1024;

/// What an exception means.
pub(crate) fn of_exception<'js>(
    machine: &Machine,
    sources: &Sources<'_>,
    ctx: &Ctx<'js>,
    exception: Value<'js>,
) -> Failure {
    if interrupt::is_stopped() {
        return stopped(sources);
    }
    let is_null = exception.is_null();
    let (name, message, stack) = describe(machine, ctx, exception);
    // Telling of it may have taken too long itself.
    if interrupt::is_stopped() {
        return stopped(sources);
    }
    let missing = machine.files.missing();
    if let Some(missing) = missing.filter(|missing| missing.message == message) {
        let position = sources.import(&missing.base, &missing.specifier);
        return Failure {
            cause: Cause::MissingFile(missing.name),
            message,
            position,
            stack: Vec::new(),
        };
    }
    let is = |error: &str, text: &str| name.as_deref() == Some(error) && message == text;
    // Where not even the error had room, it is another or none.
    let was_refused = memory::was_refused();
    let out_of_memory = is("InternalError", "out of memory")
        || (was_refused && (is_null || is("InternalError", "Invalid error message")));
    let cause = match name.as_deref() {
        _ if out_of_memory => Cause::Memory,
        _ if is("RangeError", "Maximum call stack size exceeded") => Cause::Stack,
        _ => Cause::Thrown(name.clone()),
    };
    let message = match cause {
        Cause::Memory => format!("out of memory: {} bytes are allowed", memory::most()),
        Cause::Stack => "calls nest too deeply".to_owned(),
        _ => message,
    };
    let stack = sources.frames(&stack);
    Failure {
        cause,
        message,
        position: stack.first().map(|frame| frame.position.clone()),
        stack,
    }
}

/// What kept a text from being compiled.
pub(crate) fn of_compilation(
    machine: &Machine,
    sources: &Sources<'_>,
    ctx: &Ctx<'_>,
    error: &rquickjs::Error,
) -> Failure {
    if let rquickjs::Error::InvalidString(_) = error {
        return plain(Cause::Syntax, "it holds a NUL character");
    }
    let failure = of_exception(machine, sources, ctx, ctx.catch());
    match &failure.cause {
        Cause::Thrown(Some(name)) if name == "SyntaxError" => Failure {
            cause: Cause::Syntax,
            stack: Vec::new(),
            ..failure
        },
        _ => failure,
    }
}

/// The host ended it.
pub(crate) fn stopped(sources: &Sources<'_>) -> Failure {
    let stack = sources.frames(&interrupt::place());
    Failure {
        cause: Cause::Stopped,
        message: "stopped by its host".to_owned(),
        position: stack.first().map(|frame| frame.position.clone()),
        stack,
    }
}

/// A failure without a place.
pub(crate) fn plain(cause: Cause, message: impl Into<String>) -> Failure {
    Failure {
        cause,
        message: message.into(),
        position: None,
        stack: Vec::new(),
    }
}

/// An error's name, message and stack; of anything else a text.
fn describe<'js>(
    machine: &Machine,
    ctx: &Ctx<'js>,
    exception: Value<'js>,
) -> (Option<String>, String, String) {
    let described = machine
        .own(ctx, "describe")
        .and_then(|describe| describe.call::<_, Vec<Option<String>>>((exception,)));
    match described {
        Ok(parts) => {
            let mut parts = parts.into_iter();
            let mut next = || parts.next().flatten();
            let name = next();
            let mut message = next().unwrap_or_default();
            message.truncate(message.floor_char_boundary(MESSAGE));
            (name, message, next().unwrap_or_default())
        }
        // Out of memory, mostly: even this needs some.
        Err(_) => {
            ctx.catch();
            let refused = memory::was_refused();
            let name = refused.then(|| "InternalError".to_owned());
            let text = if refused {
                "out of memory"
            } else {
                "(an error that cannot be told)"
            };
            (name, text.to_owned(), String::new())
        }
    }
}
