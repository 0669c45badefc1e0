//! The types that a variable can be given: `env_var_type`, and `--var NAME:TYPE=VALUE`.

use crate::document::{Document, Format};
use crate::python;
use serde_json::{Number, Value};

/// A type to convert a variable's text to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VariableType {
    Text,
    Integer,
    Float,
    /// Text as well: neither `${}` nor the journal has a use for bytes.
    Bytes,
    Boolean,
    Json,
}

/// Why a value is not of the type asked for, as Python says it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum ConversionError {
    #[error("variable type can only be: bool, str, int, float, bytes or json")]
    UnknownType,
    #[error("invalid literal for int() with base 10: {0}")]
    NoInteger(String),
    #[error("could not convert string to float: {0}")]
    NoFloat(String),
    #[error("{0}() cannot convert a value of type {1}")]
    WrongType(&'static str, &'static str),
    #[error("{0} cannot be kept: neither JSON nor a journal can hold it")]
    NotFinite(f64),
    #[error("it is not JSON: {0}")]
    NotJson(String),
}

impl VariableType {
    /// By its name.
    pub(super) fn parse(name: &str) -> Result<VariableType, ConversionError> {
        match name {
            "str" | "string" => Ok(VariableType::Text),
            "int" | "integer" => Ok(VariableType::Integer),
            "float" | "number" => Ok(VariableType::Float),
            "bytes" => Ok(VariableType::Bytes),
            "bool" => Ok(VariableType::Boolean),
            "json" => Ok(VariableType::Json),
            _ => Err(ConversionError::UnknownType),
        }
    }

    /// `value` (a variable's text, or a default of any type) as this type.
    pub(super) fn convert(self, value: Value) -> Result<Value, ConversionError> {
        let wrong = |function| ConversionError::WrongType(function, type_name(&value));
        match self {
            VariableType::Text => Ok(value),
            VariableType::Integer => match &value {
                Value::String(text) => python::parse_int(text)
                    .map(Value::Number)
                    .ok_or_else(|| ConversionError::NoInteger(python::repr(&value))),
                Value::Bool(one) => Ok(Value::from(i64::from(*one))),
                Value::Number(number) => Ok(truncated(number)),
                _ => Err(wrong("int")),
            },
            VariableType::Float => {
                let float = match &value {
                    Value::String(text) => python::parse_float(text)
                        .ok_or_else(|| ConversionError::NoFloat(python::repr(&value)))?,
                    Value::Bool(one) => f64::from(u8::from(*one)),
                    Value::Number(number) => number.as_f64().ok_or_else(|| wrong("float"))?,
                    _ => return Err(wrong("float")),
                };
                let number = Number::from_f64(float);
                number
                    .map(Value::Number)
                    .ok_or(ConversionError::NotFinite(float))
            }
            VariableType::Bytes => match value {
                Value::String(_) => Ok(value),
                _ => Err(wrong("bytes")),
            },
            VariableType::Boolean => match &value {
                Value::Bool(_) => Ok(value),
                Value::String(text) => {
                    let no = ["false", "0", "no"].contains(&text.to_lowercase().as_str());
                    Ok(Value::Bool(!no))
                }
                _ => Err(wrong("bool")),
            },
            VariableType::Json => match &value {
                Value::String(text) if !text.is_empty() => {
                    Document::parse("variable", text.as_bytes(), Format::Json)
                        .map(|document| document.value().clone())
                        .map_err(|error| ConversionError::NotJson(error.to_string()))
                }
                _ => Ok(value),
            },
        }
    }
}

/// `int(number)`.
fn truncated(number: &Number) -> Value {
    match number.as_f64() {
        Some(float) if number.is_f64() => {
            let whole = format!("{:.0}", float.trunc());
            python::parse_int(&whole).map_or(Value::Null, Value::Number)
        }
        _ => Value::Number(number.clone()),
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}
