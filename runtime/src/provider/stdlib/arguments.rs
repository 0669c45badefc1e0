//! Arguments taken as the types that a function needs.

use super::exception::Exception;
use crate::python;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::time::Duration;

/// A call's arguments: substituted, defaults filled in.
pub(super) struct Arguments(pub(super) Map<String, Value>);

impl Arguments {
    pub(super) fn value(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    pub(super) fn text(&self, name: &str) -> Result<&str, Exception> {
        let value = self.value(name);
        value
            .as_str()
            .ok_or_else(|| wrong_type(name, "a string", value))
    }

    pub(super) fn path(&self, name: &str) -> Result<PathBuf, Exception> {
        self.text(name).map(PathBuf::from)
    }

    pub(super) fn integer(&self, name: &str) -> Result<i64, Exception> {
        let value = self.value(name);
        value
            .as_i64()
            .or_else(|| value.as_bool().map(i64::from))
            .ok_or_else(|| wrong_type(name, "an integer", value))
    }

    /// Permission bits.
    pub(super) fn mode(&self, name: &str) -> Result<u32, Exception> {
        let bits = self.integer(name)?;
        u32::try_from(bits).map_err(|_| Exception::value(format!("{name} {bits} is no file mode")))
    }

    pub(super) fn truth(&self, name: &str) -> bool {
        python::truthy(self.value(name))
    }

    pub(super) fn seconds(&self, name: &str) -> Result<Duration, Exception> {
        let value = self.value(name);
        let seconds = value
            .as_f64()
            .or_else(|| value.as_bool().map(|one| f64::from(u8::from(one))))
            .ok_or_else(|| wrong_type(name, "a number", value))?;
        if seconds < 0.0 {
            return Err(Exception::value("sleep length must be non-negative".into()));
        }
        Ok(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    }
}

fn wrong_type(name: &str, wanted: &str, value: &Value) -> Exception {
    Exception::wrong_type(format!(
        "{name} must be {wanted}, not {}",
        python::repr(value)
    ))
}
