use crate::provider::Provider;
use crate::tolerance::Tolerance;
use serde_json::Value;
use std::sync::Arc;

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
    /// Seconds.
    Seconds(f64),
    /// A `${name}` that must turn out to be a number.
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
    pub timeout: Option<f64>,
    /// Whether it has a `tolerance` key (silences the http and process warnings).
    pub has_tolerance: bool,
    /// Its definition as written, for the journal.
    pub source: Arc<Value>,
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
