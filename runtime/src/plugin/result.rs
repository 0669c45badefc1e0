//! What a guest returned, as JSON of a bounded size.

use super::call::Returned;
use super::failure::limit_met;
use super::meter::Exceeded;
use super::value::{NotJson, into_json, outcome};
use crate::provider::Failure;
use serde_json::Value;
use wasmtime::component::Val;

/// How many bytes a result's JSON may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    most: u64,
}

impl Size {
    pub(super) fn new(most: u64) -> Size {
        Size { most }
    }

    fn check(self, bytes: usize) -> Result<(), Failure> {
        match bytes as u64 <= self.most {
            true => Ok(()),
            false => Err(limit_met(&Exceeded::Result(self.most))),
        }
    }
}

/// What a typed function gave, as JSON; null when it gave nothing.
pub(super) fn of_function(returned: Returned, size: Size) -> Result<Value, Failure> {
    let value = outcome(returned.value).map_err(|text| failed(text, size))?;
    let Some(value) = value else {
        return Ok(Value::Null);
    };
    into_json(value, size.most).map_err(|error| match error {
        NotJson::TooLarge(most) => limit_met(&Exceeded::Result(most)),
        NotJson::Other(error) => {
            Failure::Failed(format!("the plugin's result is not JSON: {error}"))
        }
    })
}

/// The guest's own error, as it is.
fn failed(text: String, size: Size) -> Failure {
    match size.check(text.len()) {
        Ok(()) => Failure::Failed(text),
        Err(limit) => limit,
    }
}

/// What `invoke` gave: a JSON text, or an error's.
pub(super) fn of_invoke(returned: Returned, size: Size) -> Result<Value, Failure> {
    let text = match outcome(returned.value).map_err(|text| failed(text, size))? {
        Some(Val::String(text)) => text,
        _ => String::new(),
    };
    size.check(text.len())?;
    parse(text.as_bytes())
}

/// What a command wrote: a JSON text; nothing means null. An exit status other than zero is a
/// failure, explained by what it wrote to standard error.
pub(super) fn of_command(returned: Returned, size: Size) -> Result<Value, Failure> {
    if let Some(Val::Result(Err(_))) = returned.value {
        return Err(Failure::Failed(match returned.stderr.is_empty() {
            true => "the plugin ended with exit status 1".to_owned(),
            false => returned.stderr.join("\n"),
        }));
    }
    size.check(returned.stdout.len())?;
    match returned.stdout.trim_ascii() {
        [] => Ok(Value::Null),
        text => parse(text),
    }
}

fn parse(text: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(text)
        .map_err(|error| Failure::Failed(format!("the plugin's result is not JSON: {error}")))
}
