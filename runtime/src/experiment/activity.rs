//! Activities: the probes and actions of a document.

use super::shape::{self, filled, kind, text};
use super::spelling;
use crate::document::{Pointer, Problems};
use crate::provider::Provider;
use crate::substitution::Variables;
use crate::tolerance::Tolerance;
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// What an activity is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It looks.
    Probe,
    /// It acts.
    Action,
}

/// `pauses.before` and `pauses.after`.
#[derive(Debug, Clone, PartialEq)]
pub enum Pause {
    /// Seconds, zero or more; as written, since `1` and `1.0` read differently in the log.
    Seconds(Number),
    /// The text `${name}`, whose value must turn out to be a number.
    Variable(String),
}

/// One activity, as defined at one place of the document.
#[derive(Debug, Clone)]
pub struct Activity {
    /// Probe or action.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What it does.
    pub provider: Provider,
    /// `pauses.before`.
    pub pause_before: Option<Pause>,
    /// `pauses.after`.
    pub pause_after: Option<Pause>,
    /// `background`.
    pub background: bool,
    /// `timeout` of the activity itself, in seconds (the reference ignores it).
    pub own_timeout: Option<f64>,
    /// Whether it has a `tolerance` key (silences the http and process warnings).
    pub has_tolerance: bool,
    /// Where it is defined; as what, only the document knows.
    pub pointer: Pointer,
}

/// An entry of the method, the rollbacks or the hypothesis: an activity, or a `ref` to one.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The activity, refs resolved.
    pub activity: Arc<Activity>,
    /// Whether the entry is a `ref` (a rollback logs `Rollback: None` for one).
    pub by_reference: bool,
    /// Runs in the background (of a ref: the ref's own key).
    pub background: bool,
    /// The tolerance to hold it to (of a ref: the ref's own key). Hypothesis only.
    pub tolerance: Option<Arc<Tolerance>>,
}

const REQUIRED_KEYS: &[&str] = &["type", "name", "provider"];
const OPTIONAL_KEYS: &[&str] = &[
    "pauses",
    "background",
    "tolerance",
    "timeout",
    "controls",
    "ref",
];

impl Kind {
    /// As documents write it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Probe => "probe",
            Kind::Action => "action",
        }
    }
}

impl Activity {
    /// How long it may take: the sooner of what it and its provider ask for, or the default.
    pub fn timeout(&self, variables: &Variables, default: Duration) -> Duration {
        self.provider
            .timeout_within(self.own_timeout, variables, default)
    }

    /// Reads an activity that is defined here; all that is wrong goes to `problems`, each under
    /// the pointer of the offending member, or of the object that misses one.
    ///
    /// A `ref` is an error: it has a meaning only as an entry of the method, the rollbacks or
    /// the hypothesis, whose reader resolves it.
    pub fn parse(value: &Value, at: &Pointer, problems: &mut Problems) -> Option<Activity> {
        let object = non_empty(value, at, problems)?;
        if reference(object).is_some() {
            problems
                .error(&at.key("ref"), "an activity here cannot be a reference")
                .hint("define the activity here: 'type', 'name' and 'provider'");
            return None;
        }
        spelling::warn_misspelt(object, REQUIRED_KEYS, OPTIONAL_KEYS, at, problems);

        let kind = read_kind(object, at, problems);
        let name = read_name(object, at, problems);
        let timeout = read_timeout(object, at, problems);
        let [pause_before, pause_after] = read_pauses(object, at, problems);
        let background = read_background(object, at, problems);
        let provider = read_provider(object, name.as_deref().unwrap_or_default(), at, problems);

        Some(Activity {
            kind: kind?,
            name: name?.into_owned(),
            provider: provider?,
            pause_before,
            pause_after,
            background,
            own_timeout: timeout,
            has_tolerance: object.contains_key("tolerance"),
            pointer: at.clone(),
        })
    }
}

/// The activity's or reference's members.
pub(super) fn non_empty<'v>(
    value: &'v Value,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<&'v Map<String, Value>> {
    if !crate::python::truthy(value) {
        problems.error(at, "empty activity is no activity");
        return None;
    }
    shape::object(value, "an activity", at, problems)
}

/// The `ref` of an entry that is one.
pub(super) fn reference(object: &Map<String, Value>) -> Option<&Value> {
    object.get("ref").filter(|name| !name.is_null())
}

fn read_kind(object: &Map<String, Value>, at: &Pointer, problems: &mut Problems) -> Option<Kind> {
    let Some(written) = filled(object, "type") else {
        let problem = problems.error(at, "an activity must have a type");
        problem.hint("add \"type\": \"probe\" or \"type\": \"action\"");
        spelling::hint_misspelt(problem, object, "type");
        return None;
    };
    match written.as_str() {
        Some("probe") => Some(Kind::Probe),
        Some("action") => Some(Kind::Action),
        _ => {
            let written = text(written);
            problems
                .error(
                    &at.key("type"),
                    format!("'{written}' is not a supported activity type"),
                )
                .hint(spelling::one_of(&written, &["probe", "action"]));
            None
        }
    }
}

/// Numbers pass as names, as they do in the reference.
fn read_name<'v>(
    object: &'v Map<String, Value>,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<Cow<'v, str>> {
    match filled(object, "name") {
        None => {
            let problem = problems.error(at, "an activity must have a name");
            spelling::hint_misspelt(problem, object, "name");
            None
        }
        Some(written @ (Value::Array(_) | Value::Object(_))) => {
            let message = format!(
                "the name of an activity must be a string, not {}",
                kind(written)
            );
            problems.error(&at.key("name"), message);
            None
        }
        Some(written) => Some(text(written)),
    }
}

fn read_timeout(object: &Map<String, Value>, at: &Pointer, problems: &mut Problems) -> Option<f64> {
    let written = object.get("timeout").filter(|value| !value.is_null())?;
    let at = at.key("timeout");
    match written {
        // Python's True is a number; nobody means one second by it.
        Value::Bool(_) => {
            problems
                .warning(&at, "a boolean is no timeout: it has no effect")
                .hint("give the number of seconds");
            None
        }
        _ => {
            let seconds = written.as_f64().filter(|seconds| *seconds > 0.0);
            if seconds.is_none() {
                problems
                    .error(&at, "activity timeout must be a number")
                    .hint("give the number of seconds, more than 0");
            }
            seconds
        }
    }
}

fn read_pauses(
    object: &Map<String, Value>,
    at: &Pointer,
    problems: &mut Problems,
) -> [Option<Pause>; 2] {
    let Some(written) = object.get("pauses").filter(|value| !value.is_null()) else {
        return [None, None];
    };
    let at = at.key("pauses");
    let Some(pauses) = shape::object(written, "the pauses of an activity", &at, problems) else {
        return [None, None];
    };
    spelling::warn_misspelt(pauses, &[], &["before", "after"], &at, problems);
    ["before", "after"].map(|side| {
        let written = pauses.get(side).filter(|value| !value.is_null())?;
        let pause = match written {
            Value::String(text) if text.starts_with("${") && text.ends_with('}') => {
                Some(Pause::Variable(text.clone()))
            }
            Value::Bool(long) => Some(Pause::Seconds(u8::from(*long).into())),
            Value::Number(seconds) if seconds.as_f64().is_some_and(|seconds| seconds >= 0.0) => {
                Some(Pause::Seconds(seconds.clone()))
            }
            _ => None,
        };
        if pause.is_none() {
            problems
                .error(
                    &at.key(side),
                    format!(
                        "activity {side} pause must be a number or a pattern to a variable from \
                         the configuration or secrets"
                    ),
                )
                .hint("give the number of seconds, not below 0, or \"${name}\"");
        }
        pause
    })
}

fn read_background(object: &Map<String, Value>, at: &Pointer, problems: &mut Problems) -> bool {
    match object.get("background") {
        None => false,
        Some(Value::Bool(background)) => *background,
        Some(_) => {
            problems
                .error(
                    &at.key("background"),
                    "activity background must be a boolean",
                )
                .hint("write true or false, without quotes");
            false
        }
    }
}

fn read_provider(
    object: &Map<String, Value>,
    activity: &str,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<Provider> {
    let Some(written) = filled(object, "provider") else {
        let problem = problems.error(at, "an activity requires a provider");
        spelling::hint_misspelt(problem, object, "provider");
        return None;
    };
    Provider::parse(written, activity, &at.key("provider"), problems)
}
