//! `${name}`: configuration and secrets put into text, by the rules of Python's
//! `string.Template`.

use crate::python;
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

    /// The secrets of these groups, the later group's where two have one name.
    pub fn secrets_of(&self, groups: &[String]) -> Map<String, Value> {
        let groups = groups
            .iter()
            .filter_map(|group| self.secrets.get(group)?.as_object());
        let secrets = groups.flatten();
        secrets
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// Substitutes within strings of `value`, lists and maps recursed, map keys left.
    pub fn substitute(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.substitute_text(text),
            Value::Array(items) => items.iter().map(|item| self.substitute(item)).collect(),
            Value::Object(map) => map
                .iter()
                .map(|(key, value)| (key.clone(), self.substitute(value)))
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// Substitutes within one text; the whole-text form `${x}` keeps the value's type.
    ///
    /// What was put in is not looked through again, and an unknown name stays as it is.
    pub fn substitute_text(&self, text: &str) -> Value {
        if let Some((Placeholder::Braced(name), "")) = Placeholder::read(text)
            && let Some(value) = self.lookup(name)
        {
            return value.clone();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, from)) = rest.find('$').and_then(|at| rest.split_at_checked(at)) {
            out.push_str(before);
            let (placeholder, after) = Placeholder::read(from).unwrap_or((Placeholder::Dollar, ""));
            match placeholder {
                Placeholder::Escaped | Placeholder::Dollar => out.push('$'),
                Placeholder::Named(name) | Placeholder::Braced(name) => match self.lookup(name) {
                    Some(value) => out.push_str(&python::str(value)),
                    None => {
                        let written = from.len() - after.len();
                        out.push_str(from.get(..written).unwrap_or_default());
                    }
                },
            }
            rest = after;
        }
        out.push_str(rest);
        Value::String(out)
    }
}

/// How much of a text substitution may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// No variable is named in it.
    None,
    /// It stays a text.
    Part,
    /// It is `${name}` alone and may become a value of any type.
    Whole,
}

impl Extent {
    /// Looks at a text that was not substituted yet.
    pub(crate) fn of(text: &str) -> Extent {
        if let Some((Placeholder::Braced(_), "")) = Placeholder::read(text) {
            return Extent::Whole;
        }
        let mut rest = text;
        while let Some((_, from)) = rest.find('$').and_then(|at| rest.split_at_checked(at)) {
            match Placeholder::read(from) {
                Some((Placeholder::Named(_) | Placeholder::Braced(_), _)) => return Extent::Part,
                Some((_, after)) => rest = after,
                None => break,
            }
        }
        Extent::None
    }
}

/// What a `$` begins.
enum Placeholder<'t> {
    /// `$$`
    Escaped,
    /// `$name`
    Named(&'t str),
    /// `${name}`
    Braced(&'t str),
    /// A `$` that means itself.
    Dollar,
}

impl<'t> Placeholder<'t> {
    /// The placeholder at the front of `text`, and what follows it; `None` without a `$` there.
    fn read(text: &'t str) -> Option<(Placeholder<'t>, &'t str)> {
        let rest = text.strip_prefix('$')?;
        if let Some(after) = rest.strip_prefix('$') {
            return Some((Placeholder::Escaped, after));
        }
        if let Some(inner) = rest.strip_prefix('{') {
            let (name, after) = identifier(inner);
            if let Some(after) = after.strip_prefix('}')
                && !name.is_empty()
            {
                return Some((Placeholder::Braced(name), after));
            }
            return Some((Placeholder::Dollar, rest));
        }
        match identifier(rest) {
            ("", _) => Some((Placeholder::Dollar, rest)),
            (name, after) => Some((Placeholder::Named(name), after)),
        }
    }
}

/// `[_a-zA-Z][_a-zA-Z0-9]*` at the front of a text, possibly nothing, and the rest.
fn identifier(text: &str) -> (&str, &str) {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return ("", text);
    }
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or(("", text))
}
