//! Process activities.

use super::{Call, Failure};
use crate::document::{Pointer, Problems};
use crate::python;
use crate::substitution::Variables;
use chaos_host_api::Refusal;
use chaos_host_api::process::{Captured, ProcessCommand, ProcessError, expand_home};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// What the reference warns of when nobody holds the status to anything.
const NON_ZERO: &str = "This process returned a non-zero exit code. This may indicate some error \
     and not what you expected. Please have a look at the logs.";

/// One such activity's provider, as read.
#[derive(Debug, Clone)]
pub struct Process {
    activity: String,
    path: String,
    arguments: Value,
    timeout: Option<Duration>,
}

/// What is started.
#[derive(Debug, PartialEq, Eq)]
enum Command {
    /// A program with its arguments.
    Direct(Vec<String>),
    /// A line for the shell, the program's name in front.
    Shell(String),
}

impl Process {
    /// Reads it; what is wrong goes to `problems`. Whether the executable exists is not asked
    /// here: see [`Process::path`].
    pub fn parse(
        provider: &Value,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Process> {
        let path = match provider.get("path") {
            Some(Value::String(path)) if !path.is_empty() => Some(path.clone()),
            Some(written) if python::truthy(written) => {
                let message = "the path of a process activity must be a string";
                problems.error(&at.key("path"), message);
                None
            }
            _ => {
                let hint = "set `path` to an executable: a path, or a name looked up on PATH";
                let message = "a process activity must have a path";
                problems.error(at, message).hint(hint);
                None
            }
        };
        let arguments = match provider.get("arguments") {
            None | Some(Value::Null) => Some(json!([])),
            Some(arguments @ (Value::Array(_) | Value::Object(_) | Value::String(_))) => {
                Some(arguments.clone())
            }
            Some(_) => {
                let message = "process arguments must be a list, a string or a mapping";
                let hint = "a list gives each argument as it is; a string goes through the shell";
                problems.error(&at.key("arguments"), message).hint(hint);
                None
            }
        };
        let timeout = match provider.get("timeout") {
            None | Some(Value::Null) => Some(None),
            Some(written) => {
                let seconds = seconds(written);
                if seconds.is_none() {
                    let message = "process timeout must be a number";
                    let hint = "write seconds, such as 2.5; `${}` is not substituted here";
                    problems.error(&at.key("timeout"), message).hint(hint);
                }
                seconds.map(Some)
            }
        };
        Some(Process {
            activity: activity.to_owned(),
            path: path?,
            arguments: arguments?,
            timeout: timeout?,
        })
    }

    /// The executable, as written: a path, or a name to look up on `PATH`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The `timeout` it asks for.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Runs it. Gives `{"status", "stdout", "stderr"}`.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn call(&self, call: &Call<'_>) -> Result<Value, Failure> {
        let program = call.door.find_program(&self.path);
        let command = match (self.command(program.as_ref(), call.variables)?, program) {
            (Command::Shell(line), _) => ProcessCommand {
                program: PathBuf::from("/bin/sh"),
                arguments: vec!["-c".into(), line.into()],
                effect: call.pass.allowed(),
            },
            (Command::Direct(arguments), Some(program)) => ProcessCommand {
                program,
                arguments: arguments.into_iter().map(Into::into).collect(),
                effect: call.pass.allowed(),
            },
            (Command::Direct(_), None) => {
                return Err(Failure::Unexpected(format!(
                    "path '{}' cannot be found, in activity '{}'",
                    self.path, self.activity
                )));
            }
        };
        tracing::debug!("Running: {:?} {:?}", command.program, command.arguments);
        let output = call.door.process(&call.pass, command).await?;
        if output.status > 0 && !call.has_tolerance {
            tracing::warn!("{NON_ZERO}");
        }
        Ok(json!({
            "status": output.status,
            "stdout": self.text("stdout", output.stdout),
            "stderr": self.text("stderr", output.stderr),
        }))
    }

    fn command(
        &self,
        program: Option<&PathBuf>,
        variables: &Variables,
    ) -> Result<Command, Failure> {
        let arguments = if variables.is_empty() {
            self.arguments.clone()
        } else {
            variables.substitute(&self.arguments)
        };
        let written = |value: &Value| (!is_empty(value)).then(|| python::str(value));
        match &arguments {
            Value::String(line) => {
                // Not found: the shell says so, as the reference has it.
                let path = program.map_or_else(
                    || expand_home(&self.path).to_string_lossy().into_owned(),
                    |program| program.to_string_lossy().into_owned(),
                );
                Ok(Command::Shell(format!("{} {line}", shell_word(&path))))
            }
            Value::Array(items) => Ok(Command::Direct(items.iter().filter_map(written).collect())),
            Value::Object(map) => Ok(Command::Direct(
                map.iter()
                    .flat_map(|(key, value)| {
                        [Value::String(key.clone()), value.clone()]
                            .iter()
                            .filter_map(written)
                            .collect::<Vec<_>>()
                    })
                    .collect(),
            )),
            other => Err(Failure::Unexpected(format!(
                "the arguments of '{}' came out as {}, which is no list, string or mapping",
                self.activity,
                python::str(other)
            ))),
        }
    }

    fn text(&self, stream: &str, captured: Captured) -> String {
        let Captured { mut bytes, dropped } = captured;
        if dropped == 0 {
            return decode(&bytes);
        }
        tracing::warn!(
            "The {stream} of '{}' is longer than {} bytes; the rest was dropped.",
            self.activity,
            bytes.len()
        );
        // The cut may have gone through a character.
        if let Err(error) = std::str::from_utf8(&bytes)
            && error.error_len().is_none()
        {
            bytes.truncate(error.valid_up_to());
        }
        let text = decode(&bytes);
        format!("{text}\n[chaos-wasm: {dropped} more bytes were dropped]\n")
    }
}

impl From<ProcessError> for Failure {
    fn from(error: ProcessError) -> Failure {
        let text = error.to_string();
        match error {
            ProcessError::Refused(Refusal::TooLate) | ProcessError::TooSlow { .. } => {
                Failure::TimedOut("process activity took too long to complete".into())
            }
            ProcessError::Refused(refusal) => refusal.into(),
            ProcessError::Start { source, .. } | ProcessError::Lost { source, .. } => {
                Failure::Unexpected(format!("{text}: {source}"))
            }
        }
    }
}

/// What Python takes for a number of seconds, `True` included; less than none is none.
fn seconds(written: &Value) -> Option<Duration> {
    let seconds = match written {
        Value::Number(number) => number.as_f64()?,
        Value::Bool(one) => f64::from(u8::from(*one)),
        _ => return None,
    };
    Some(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX))
}

/// What the reference leaves out of arguments.
fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// `path` as one word of a shell line.
fn shell_word(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%:,=".contains(c);
    if path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

/// Text as its byte-order mark says, else UTF-8; what is neither is shown as U+FFFD. (The
/// reference guesses an encoding, and is wrong about much valid UTF-8.)
fn decode(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks(2).map(|pair| match pair {
            [a, b] => unit([*a, *b]),
            _ => u16::from(b'?'),
        });
        char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests;
