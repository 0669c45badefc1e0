//! Signatures of the Python functions that are served natively: one table entry drives checking,
//! calling and documentation.

use crate::document::{Pointer, Problems};
use crate::experiment::Kind;
use serde_json::{Map, Value};

/// A function as experiments name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its Python module, such as `os.path`.
    pub module: &'static str,
    /// Its name within the module.
    pub name: &'static str,
    /// What it is listed as. Either kind may be asked for.
    pub kind: Kind,
    /// What it does, in a sentence or a few.
    pub doc: &'static str,
    /// What it accepts, in Python's order.
    pub arguments: &'static [Argument],
}

/// One argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// Its type, by the reference's portable names: `string`, `integer`, `number`, `boolean`,
    /// `list`, `mapping`, `object`.
    pub type_name: &'static str,
    /// Whether it has to be there.
    pub presence: Presence,
}

/// Whether an argument has to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has to.
    Required,
    /// If not, this JSON text counts.
    Default(&'static str),
    /// The engine gives it (`secrets`, `configuration`): never required, and what an experiment
    /// writes there is not used.
    Injected,
}

impl Argument {
    /// An argument that has to be written.
    pub const fn required(name: &'static str, type_name: &'static str) -> Argument {
        Argument {
            name,
            type_name,
            presence: Presence::Required,
        }
    }

    /// An argument with a default, given as JSON text.
    pub const fn optional(
        name: &'static str,
        type_name: &'static str,
        default: &'static str,
    ) -> Argument {
        Argument {
            name,
            type_name,
            presence: Presence::Default(default),
        }
    }

    /// An argument that the engine gives.
    pub const fn injected(name: &'static str) -> Argument {
        Argument {
            name,
            type_name: "mapping",
            presence: Presence::Injected,
        }
    }

    /// Its default, if it has one.
    pub fn default(&self) -> Option<Value> {
        match self.presence {
            Presence::Default(json) => serde_json::from_str(json).ok(),
            Presence::Required | Presence::Injected => None,
        }
    }
}

impl Function {
    /// Checks `arguments` (of the document, at `at`) as Python binds keyword arguments: none
    /// missing, none unknown. Gives them as written, without the injected ones; every problem
    /// goes to `problems`. Types are not checked: `${name}` may stand for anything.
    pub fn bind(
        &self,
        arguments: &Value,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Map<String, Value>> {
        let Value::Object(given) = arguments else {
            problems
                .error(
                    at,
                    format!("the arguments of '{}' must be a mapping", self.name),
                )
                .hint(self.usage());
            return None;
        };
        let missing = self.arguments.iter().filter(|argument| {
            argument.presence == Presence::Required && !given.contains_key(argument.name)
        });
        let mut sound = true;
        for argument in missing {
            sound = false;
            problems
                .error(
                    at,
                    format!(
                        "required argument '{}' is missing from activity '{}'",
                        argument.name, self.name
                    ),
                )
                .hint(self.usage());
        }
        for name in given.keys().filter(|name| self.argument(name).is_none()) {
            sound = false;
            let hint = match self.nearest(name) {
                Some(near) => format!("did you mean '{near}'? {}", self.usage()),
                None => self.usage(),
            };
            problems
                .error(
                    &at.key(name),
                    format!(
                        "argument '{name}' is not part of the function signature in activity '{}'",
                        self.name
                    ),
                )
                .hint(hint);
        }
        let written = given.iter().filter(|(name, _)| {
            self.argument(name)
                .is_some_and(|argument| argument.presence != Presence::Injected)
        });
        let mut bound = Map::with_capacity(given.len());
        bound.extend(written.map(|(name, value)| (name.clone(), value.clone())));
        sound.then_some(bound)
    }

    /// `arguments` with the defaults of those that are not among them.
    #[must_use]
    pub fn with_defaults(&self, mut arguments: Map<String, Value>) -> Map<String, Value> {
        for argument in self.arguments {
            if let (false, Some(default)) =
                (arguments.contains_key(argument.name), argument.default())
            {
                arguments.insert(argument.name.to_owned(), default);
            }
        }
        arguments
    }

    /// How it is called: `os.mkdir(path: string, mode: integer = 511)`.
    pub fn usage(&self) -> String {
        let arguments: Vec<String> = self
            .arguments
            .iter()
            .filter_map(|argument| {
                let Argument {
                    name, type_name, ..
                } = argument;
                match argument.presence {
                    Presence::Required => Some(format!("{name}: {type_name}")),
                    Presence::Default(json) => Some(format!("{name}: {type_name} = {json}")),
                    Presence::Injected => None,
                }
            })
            .collect();
        format!("{}.{}({})", self.module, self.name, arguments.join(", "))
    }

    fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|a| a.name == name)
    }

    fn nearest(&self, name: &str) -> Option<&'static str> {
        let written = self
            .arguments
            .iter()
            .filter(|argument| argument.presence != Presence::Injected);
        nearest(name, written.map(|argument| argument.name))
    }
}

/// The one of `names` that `written` was most likely meant to be, if any is near.
pub fn nearest<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // A long name shares much with many others; so most of it has to be the same.
    let close = |name: &str| {
        name.starts_with(written)
            || written.starts_with(name)
            || strsim::normalized_damerau_levenshtein(written, name) >= 0.6
    };
    names
        .into_iter()
        .filter(|name| close(name))
        .map(|name| (strsim::jaro_winkler(written, name), name))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;
    use serde_json::json;

    const MKDIR: Function = Function {
        module: "os",
        name: "mkdir",
        kind: Kind::Action,
        doc: "Makes a folder.",
        arguments: &[
            Argument::required("path", "string"),
            Argument::optional("mode", "integer", "511"),
            Argument::injected("secrets"),
        ],
    };

    fn bind(arguments: &Value) -> Result<Map<String, Value>, Vec<(String, String)>> {
        let mut problems = Problems::new();
        let at = Pointer::root().key("arguments");
        MKDIR.bind(arguments, &at, &mut problems).ok_or_else(|| {
            let texts = |p: &crate::document::Problem| (p.pointer.to_string(), p.message.clone());
            problems.iter().map(texts).collect()
        })
    }

    #[test]
    fn binding_keeps_what_is_written_and_defaults_are_added_later() {
        let bound = bind(&json!({"path": "${p}", "secrets": {"a": 1}})).unwrap();
        assert_eq!(Value::Object(bound.clone()), json!({"path": "${p}"}));
        let full = MKDIR.with_defaults(bound);
        assert_eq!(Value::Object(full), json!({"path": "${p}", "mode": 511}));
    }

    #[test]
    fn everything_wrong_is_said_at_once_in_the_words_of_the_reference() {
        assert_eq!(
            bind(&json!({"pth": "x", "zzz": 1})).unwrap_err(),
            [
                (
                    "/arguments".to_owned(),
                    "required argument 'path' is missing from activity 'mkdir'".to_owned()
                ),
                (
                    "/arguments/pth".to_owned(),
                    "argument 'pth' is not part of the function signature in activity 'mkdir'"
                        .to_owned()
                ),
                (
                    "/arguments/zzz".to_owned(),
                    "argument 'zzz' is not part of the function signature in activity 'mkdir'"
                        .to_owned()
                ),
            ]
        );
        assert_eq!(bind(&json!([1])).unwrap_err().len(), 1);
    }

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        assert_eq!(MKDIR.nearest("pth"), Some("path"));
        assert_eq!(MKDIR.nearest("zzz"), None);
        assert_eq!(MKDIR.nearest("secret"), None);
    }

    #[test]
    fn usage_shows_what_an_experiment_may_write() {
        assert_eq!(MKDIR.usage(), "os.mkdir(path: string, mode: integer = 511)");
    }
}
