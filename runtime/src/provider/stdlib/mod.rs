//! Python standard-library functions that public experiments call, served natively.

mod arguments;
mod exception;
mod table;

use super::signature::{Function, nearest};
use super::{Call, Failure, TOO_LONG};
use crate::document::{Pointer, Problems};
use arguments::Arguments;
use chaos_host_api::file::{FileAnswer, FileCall};
use exception::Exception;
use serde_json::{Map, Value};
use std::time::Duration;
use table::{SERVED, Served};

/// One such activity's provider, as read.
#[derive(Debug, Clone)]
pub struct Stdlib {
    served: &'static Served,
    /// As written, without defaults.
    arguments: Map<String, Value>,
}

/// What a function comes to, its arguments known.
#[derive(Debug)]
enum Work {
    /// Nothing more to do.
    Give(Value),
    /// A file operation.
    File(FileCall),
    /// A file operation whose failure does not matter.
    Attempt(FileCall),
    /// A signal to a process.
    Signal { pid: i64, number: i64 },
    /// A pause.
    Sleep(Duration),
    /// An environment variable, or this.
    Variable(String, Value),
}

/// Whether a `python` provider's module is served here (not all of its functions have to be).
pub fn owns(module: &str, _function: &str) -> bool {
    functions().any(|function| function.module == module)
}

/// Every function served.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    SERVED.iter().map(|served| &served.function)
}

impl Stdlib {
    /// Reads it; what is wrong goes to `problems`.
    pub fn parse(
        provider: &Value,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Stdlib> {
        let text = |key: &str| provider.get(key).and_then(Value::as_str).unwrap_or("");
        let (module, name) = (text("module"), text("func"));
        let served = SERVED
            .iter()
            .find(|served| served.function.module == module && served.function.name == name);
        let Some(served) = served else {
            let message = format!(
                "The python module '{module}' does not expose a function called '{name}' in \
                 activity '{activity}'"
            );
            let problem = problems.error(&at.key("func"), message);
            problem.hint(served_of(module, name));
            return None;
        };
        let none = Value::Object(Map::new());
        let written = match provider.get("arguments") {
            None | Some(Value::Null) => &none,
            Some(written) => written,
        };
        let arguments = served
            .function
            .bind(written, &at.key("arguments"), problems)?;
        Some(Stdlib { served, arguments })
    }

    /// Does it. Gives what Python returns.
    ///
    /// # Errors
    /// What Python raises is [`Failure::Failed`], its type in front.
    pub async fn call(&self, call: &Call<'_>) -> Result<Value, Failure> {
        let function = &self.served.function;
        let mut arguments = Value::Object(self.arguments.clone());
        if !call.variables.is_empty() {
            arguments = call.variables.substitute(&arguments);
        }
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let arguments = Arguments(function.with_defaults(arguments));
        match (self.served.work)(&arguments)? {
            Work::Give(value) => Ok(value),
            Work::File(file) => match call.door.file(&call.pass, file).await {
                Ok(answer) => Ok(value_of(answer)),
                Err(error) => Err(exception::of_file(error)),
            },
            Work::Attempt(file) => match call.door.file(&call.pass, file).await {
                Ok(answer) => Ok(value_of(answer)),
                Err(error) => match exception::of_file(error) {
                    Failure::Failed(_) => Ok(Value::Null),
                    failure => Err(failure),
                },
            },
            Work::Signal { pid, number } => call
                .door
                .signal(&call.pass, pid, number)
                .await
                .map(|()| Value::Null)
                .map_err(exception::of_signal),
            Work::Sleep(asked) if call.door.sleep(&call.pass, asked).await => Ok(Value::Null),
            Work::Sleep(_) => Err(Failure::TimedOut(TOO_LONG.into())),
            Work::Variable(name, default) => {
                let found = call.door.variable(&name);
                Ok(found.map_or(default, |text| text.to_string_lossy().into()))
            }
        }
    }
}

fn value_of(answer: FileAnswer) -> Value {
    match answer {
        FileAnswer::Done => Value::Null,
        FileAnswer::Truth(truth) => truth.into(),
        FileAnswer::Size(bytes) => bytes.into(),
        FileAnswer::Names(names) => names.into(),
        FileAnswer::Path(path) => path.to_string_lossy().into(),
    }
}

/// Which functions of a module there are, for somebody who asked for another one.
fn served_of(module: &str, wanted: &str) -> String {
    let names = || {
        let here = functions().filter(|function| function.module == module);
        here.map(|function| function.name)
    };
    let all: Vec<&str> = names().collect();
    let all = format!(
        "served here without Python: {}; for others use a process",
        all.join(", ")
    );
    match nearest(wanted, names()) {
        Some(near) => format!("did you mean '{near}'? {all}"),
        None => all,
    }
}

impl From<Exception> for Failure {
    fn from(exception: Exception) -> Failure {
        Failure::Failed(exception.to_string())
    }
}

#[cfg(test)]
mod tests;
