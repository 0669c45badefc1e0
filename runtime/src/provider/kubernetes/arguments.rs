use super::failure::type_error;
use crate::provider::Failure;
use crate::provider::signature::Function;
use serde_json::{Map, Value};
use std::time::Duration;

/// An activity's arguments, substituted and with defaults. Types are checked as they are read:
/// only now is it known what a `${name}` stands for.
pub(super) struct Arguments {
    function: &'static Function,
    values: Map<String, Value>,
}

impl Arguments {
    pub(super) fn new(function: &'static Function, written: Map<String, Value>) -> Arguments {
        Arguments {
            function,
            values: function.with_defaults(written),
        }
    }

    pub(super) fn get(&self, name: &str) -> &Value {
        self.values.get(name).unwrap_or(&Value::Null)
    }

    /// As Python puts it into a message: `None` for null.
    pub(super) fn shown(&self, name: &str) -> String {
        match self.get(name) {
            Value::String(text) => text.clone(),
            other => crate::python::str(other),
        }
    }

    /// A text; `None` when it is null or empty, which mean "not given" throughout.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        match self.get(name) {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            other => Err(self.wrong(name, "a string", other)),
        }
    }

    /// A text that has to be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.text(name)?
            .ok_or_else(|| self.wrong(name, "a string", self.get(name)))
    }

    /// A boolean. The texts `true` and `false` of environment variables mean what they say.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Failure> {
        match self.get(name) {
            Value::Null => Ok(false),
            Value::Bool(flag) => Ok(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            other => Err(self.wrong(name, "a boolean", other)),
        }
    }

    /// Whether an unmet expectation is a failure rather than `false`: its flag's name differs
    /// from function to function, and the deprecated ones have none.
    pub(super) fn raises(&self) -> Result<bool, Failure> {
        let flag = self.values.keys().find(|name| name.starts_with("raise_"));
        flag.map_or(Ok(true), |name| self.flag(name))
    }

    /// A number that has to be there.
    pub(super) fn number(&self, name: &str) -> Result<f64, Failure> {
        let value = self.get(name);
        value
            .as_f64()
            .ok_or_else(|| self.wrong(name, "a number", value))
    }

    /// An integer that has to be there; `2.0` is one.
    pub(super) fn integer(&self, name: &str) -> Result<i64, Failure> {
        let value = self.get(name);
        let whole = || value.as_f64().filter(|number| number.fract() == 0.0);
        value
            .as_i64()
            // In range: a float that is not would have been written as such on purpose.
            .or_else(|| whole().map(|number| number as i64))
            .ok_or_else(|| self.wrong(name, "an integer", value))
    }

    /// A list that has to be there.
    pub(super) fn list(&self, name: &str) -> Result<&[Value], Failure> {
        match self.get(name) {
            Value::Array(items) => Ok(items),
            other => Err(self.wrong(name, "a list", other)),
        }
    }

    /// Seconds, as number or as the text of one.
    pub(super) fn seconds(&self, name: &str) -> Result<Duration, Failure> {
        let value = self.get(name);
        let number = match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        };
        number
            .and_then(|seconds: f64| Duration::try_from_secs_f64(seconds).ok())
            .ok_or_else(|| self.wrong(name, "a number of seconds", value))
    }

    fn wrong(&self, name: &str, wanted: &str, found: &Value) -> Failure {
        // Only the type of what was found: the value may be a secret.
        let found = match found {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(text) if text.is_empty() => "an empty string",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "a mapping",
        };
        type_error(format!(
            "argument '{name}' of {}() must be {wanted}, not {found}",
            self.function.name
        ))
    }
}
