//! `--var` and `--var-file`.

use crate::cli::Substitutions;
use chaos_wasm::configuration::Overrides;
use chaos_wasm::document::{Document, DocumentError, Format};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use tracing::{debug, error};

/// `NAME[:TYPE]=VALUE`.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    name: String,
    value: Value,
}

impl FromStr for Variable {
    type Err = String;

    fn from_str(text: &str) -> Result<Variable, String> {
        let (key, value) = text
            .split_once('=')
            .ok_or("expected NAME=VALUE or NAME:TYPE=VALUE")?;
        let (name, value) = match key.rsplit_once(':') {
            Some((name, kind)) => (name, convert(kind, value)?),
            None => (key, Value::from(value)),
        };
        Ok(Variable {
            name: name.to_owned(),
            value,
        })
    }
}

/// The problem with a `--var-file`, `NAME=VALUE` a line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VariableFileError {
    #[error("cannot read the variable file '{path}'")]
    Unreadable {
        path: String,
        source: std::io::Error,
    },
    #[error("line {line} of the variable file '{path}' is not NAME=VALUE")]
    Line { path: String, line: usize },
}

/// Variables of those `--var-file`s that hold environment variables, later ones last.
///
/// `directory` is what relative paths start from.
///
/// # Errors
/// A file cannot be read, or a line is not an assignment.
pub(crate) fn environment(
    substitutions: &Substitutions,
    directory: &Path,
) -> Result<Vec<(String, String)>, VariableFileError> {
    let mut variables = Vec::new();
    for path in &substitutions.var_file {
        let shown = path.display().to_string();
        let text = std::fs::read(directory.join(path)).map_err(|source| {
            VariableFileError::Unreadable {
                path: shown.clone(),
                source,
            }
        })?;
        if structured(path).is_none() {
            let text = String::from_utf8_lossy(&text);
            for (index, line) in text.lines().enumerate() {
                let assignment = assignment(line).ok_or_else(|| VariableFileError::Line {
                    path: shown.clone(),
                    line: index + 1,
                })?;
                variables.extend(assignment);
            }
        }
    }
    Ok(variables)
}

/// Has the variables in the environment: of this process, and so of all that it starts.
///
/// An environment can only be changed safely by starting anew with another one, which is what
/// happens when a variable is missing from this one; so it returns once they all are there.
///
/// # Errors
/// The program cannot be started again.
pub(crate) fn enter(variables: Vec<(String, String)>) -> Result<(), String> {
    let wanted: BTreeMap<String, String> = variables.into_iter().collect();
    let there = |(name, value): (&String, &String)| {
        std::env::var_os(name).is_some_and(|current| current == **value)
    };
    if wanted.iter().all(there) {
        return Ok(());
    }
    let problem = chaos_host_api::environment::restart_with(&wanted);
    Err(format!(
        "cannot put the variables of --var-file into the environment: {problem}"
    ))
}

/// One line: `Some(None)` where there is nothing, `None` where there is something else.
fn assignment(line: &str) -> Option<Option<(String, String)>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Some(None);
    }
    let (name, value) = line.split_once('=')?;
    // Such a name cannot be in an environment.
    if name.is_empty() || line.contains('\0') {
        return None;
    }
    Some(Some((name.to_owned(), value.to_owned())))
}

fn structured(path: &Path) -> Option<Format> {
    Format::of_path(path)
}

/// `--var` over `--var-file`, later files over earlier ones.
///
/// A file that cannot be parsed is said and left out, as the reference does.
pub(crate) fn overrides(substitutions: &Substitutions) -> Overrides {
    let mut overrides = Overrides::default();
    for path in &substitutions.var_file {
        let Some(format) = structured(path) else {
            continue;
        };
        let shown = path.display().to_string();
        debug!("Loading var from file '{shown}'");
        match read(&shown, path, format) {
            Ok((configuration, secrets)) => {
                overrides.configuration.extend(configuration);
                overrides.secrets.extend(secrets);
            }
            Err(problem) => error!("Failed to parse variable file '{shown}': {problem}"),
        }
    }
    for variable in &substitutions.var {
        debug!("Using configuration variable '{}'", variable.name);
        overrides
            .configuration
            .insert(variable.name.clone(), variable.value.clone());
    }
    overrides
}

/// Why a control file is of no use.
pub(crate) enum ControlFileError {
    Unreadable(std::io::Error),
    Malformed(String),
}

/// The content of a `--control-file`.
///
/// # Errors
/// It cannot be read or parsed.
pub(crate) fn control_file(path: &Path) -> Result<Value, ControlFileError> {
    let bytes = std::fs::read(path).map_err(ControlFileError::Unreadable)?;
    let format = Format::of_path(path).unwrap_or(Format::Json);
    let document = Document::parse(&path.to_string_lossy(), &bytes, format)
        .map_err(|error| ControlFileError::Malformed(described(&path.to_string_lossy(), &error)))?;
    Ok(document.value().clone())
}

fn described(name: &str, error: &DocumentError) -> String {
    error.render(name).trim_end().to_owned()
}

type Sections = (Map<String, Value>, Map<String, Value>);

fn read(name: &str, path: &Path, format: Format) -> Result<Sections, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Sections::default());
    }
    let document =
        Document::parse(name, &bytes, format).map_err(|error| described(name, &error))?;
    let Value::Object(mut content) = document.value().clone() else {
        return Err("expected a map with `configuration` and `secrets`".to_owned());
    };
    let mut section = |name: &str| match content.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(section)) => Ok(section),
        Some(_) => Err(format!("`{name}` must be a map")),
    };
    Ok((section("configuration")?, section("secrets")?))
}

/// `value` as the type that `kind` names.
fn convert(kind: &str, value: &str) -> Result<Value, String> {
    match kind {
        "str" | "string" | "bytes" => Ok(Value::from(value)),
        "int" | "integer" => value
            .trim()
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| format!("'{value}' is not an int")),
        "float" | "number" => value
            .trim()
            .parse::<f64>()
            .map(Value::from)
            .map_err(|_| format!("'{value}' is not a float")),
        "bool" => Ok(Value::from(!matches!(
            value.to_lowercase().as_str(),
            "false" | "0" | "no"
        ))),
        "json" if value.is_empty() => Ok(Value::from("")),
        "json" => serde_json::from_str(value).map_err(|error| format!("not JSON: {error}")),
        _ => Err("variable type can only be: bool, str, int, float, bytes or json".to_owned()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(text: &str) -> Value {
        text.parse::<Variable>().unwrap().value
    }

    #[test]
    fn types_are_named_after_the_last_colon() {
        assert_eq!(value("a=b=c"), json!("b=c"));
        assert_eq!(value("a:int=5"), json!(5));
        assert_eq!(value("a:float=5"), json!(5.0));
        assert_eq!(value("a:bool=no"), json!(false));
        assert_eq!(value("a:bool=x"), json!(true));
        assert_eq!(value("a:json=[1]"), json!([1]));
        assert_eq!("a:b:str=x".parse::<Variable>().unwrap().name, "a:b");
    }

    #[test]
    fn malformed_variables_are_refused() {
        for text in ["a", "a:int=x", "a:nothing=1", "a:json={"] {
            assert!(text.parse::<Variable>().is_err(), "{text}");
        }
    }

    #[test]
    fn environment_lines_keep_quotes() {
        assert_eq!(
            assignment(" A=\"b c\" "),
            Some(Some(("A".into(), "\"b c\"".into())))
        );
        assert_eq!(assignment("# x"), Some(None));
        assert_eq!(assignment("export"), None);
    }
}
