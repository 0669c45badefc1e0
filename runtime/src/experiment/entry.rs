//! Entries of the method, the rollbacks and the hypothesis, references resolved.

use super::activity::{non_empty, reference};
use super::{Activity, Entry, spelling};
use crate::document::{Pointer, Problems};
use crate::python;
use crate::tolerance::Tolerance;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Members of a reference that look as if they changed something and do not: only its
/// `tolerance` and `background` count.
const IDLE_IN_REFERENCE: &[&str] = &["type", "provider", "pauses", "timeout"];

/// An entry as read on its own, before references are looked up.
pub(super) struct Draft<'v> {
    object: &'v Map<String, Value>,
    at: Pointer,
    means: Means,
}

/// What an entry stands for; `None` when that is wrong, and said so.
enum Means {
    Activity(Option<Arc<Activity>>),
    Reference(Option<String>),
}

/// In which list of the document an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Hypothesis,
    Method,
    Rollbacks,
}

impl<'v> Draft<'v> {
    /// Reads the entries of one list.
    pub(super) fn read_all(
        entries: &'v [Value],
        at: &Pointer,
        problems: &mut Problems,
    ) -> Vec<Draft<'v>> {
        entries
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| Draft::read(entry, at.index(index), problems))
            .collect()
    }

    fn read(entry: &'v Value, at: Pointer, problems: &mut Problems) -> Option<Draft<'v>> {
        let object = non_empty(entry, &at, problems)?;
        let means = match reference(object) {
            Some(name) => Means::Reference(read_reference(name, object, &at, problems)),
            None => Means::Activity(read_activity(entry, &at, problems)),
        };
        Some(Draft { object, at, means })
    }

    /// Where its process is given its arguments as a map, if it is.
    pub(super) fn process_argument_map(&self) -> Option<Pointer> {
        let provider = self.object.get("provider")?;
        let is_process = provider.get("type")?.as_str() == Some("process");
        let is_map = provider.get("arguments")?.is_object();
        (is_process && is_map).then(|| self.at.key("provider").key("arguments"))
    }

    /// The name under which it can be referenced.
    fn name(&self) -> Option<String> {
        match self.means {
            Means::Activity(_) => Some(self.object.get("name")?.as_str()?.to_owned()),
            Means::Reference(_) => None,
        }
    }
}

fn read_reference(
    name: &Value,
    object: &Map<String, Value>,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<String> {
    let Some(name) = name.as_str().filter(|name| !name.is_empty()) else {
        problems.error(
            &at.key("ref"),
            "reference to activity must be non-empty strings",
        );
        return None;
    };
    for key in IDLE_IN_REFERENCE
        .iter()
        .filter(|key| object.contains_key(**key))
    {
        problems
            .warning(&at.key(key), format!("'{key}' of a reference has no effect"))
            .hint("only its 'tolerance' and 'background' count: the rest is the referenced activity's");
    }
    Some(name.to_owned())
}

fn read_activity(entry: &Value, at: &Pointer, problems: &mut Problems) -> Option<Arc<Activity>> {
    let errors = problems.errors().count();
    let activity = Activity::parse(entry, at, problems);
    if activity.is_none() && problems.errors().count() == errors {
        problems.error(at, "this activity cannot be served");
    }
    activity.map(Arc::new)
}

/// The activities that a reference can mean, by name.
#[derive(Default)]
pub(super) struct Definitions {
    /// Of the method and the hypothesis; `None` for one that is wrong.
    known: BTreeMap<String, Option<Arc<Activity>>>,
    /// Names of rollbacks, which cannot be referenced.
    rollbacks: Vec<String>,
}

impl Definitions {
    /// Collects them. Of two with one name the later counts; the hypothesis comes after the
    /// method.
    pub(super) fn of(
        method: &[Draft<'_>],
        hypothesis: &[Draft<'_>],
        rollbacks: &[Draft<'_>],
    ) -> Definitions {
        let mut definitions = Definitions::default();
        for draft in method.iter().chain(hypothesis) {
            if let (Some(name), Means::Activity(activity)) = (draft.name(), &draft.means) {
                definitions.known.insert(name, activity.clone());
            }
        }
        definitions.rollbacks = rollbacks.iter().filter_map(Draft::name).collect();
        definitions
    }

    /// The entries that the drafts mean.
    pub(super) fn resolve(
        &self,
        drafts: Vec<Draft<'_>>,
        place: Place,
        problems: &mut Problems,
    ) -> Vec<Entry> {
        let entries = drafts.into_iter();
        let mut entries: Vec<Entry> = entries
            .filter_map(|draft| self.entry(draft, place, problems))
            .collect();
        // It took over the drafts' room.
        entries.shrink_to_fit();
        entries
    }

    fn entry(&self, draft: Draft<'_>, place: Place, problems: &mut Problems) -> Option<Entry> {
        let tolerance = match place {
            Place::Hypothesis => read_tolerance(&draft, problems),
            Place::Method | Place::Rollbacks => None,
        };
        let (activity, by_reference) = match draft.means {
            Means::Activity(activity) => (activity?, false),
            Means::Reference(name) => (self.lookup(&name?, &draft.at, place, problems)?, true),
        };
        let background = if by_reference {
            draft.object.get("background").is_some_and(python::truthy)
        } else {
            activity.background
        };
        Some(Entry {
            activity,
            by_reference,
            background,
            tolerance,
        })
    }

    fn lookup(
        &self,
        name: &str,
        at: &Pointer,
        place: Place,
        problems: &mut Problems,
    ) -> Option<Arc<Activity>> {
        if let Some(activity) = self.known.get(name) {
            return activity.clone();
        }
        let mut hints = Vec::new();
        if self.rollbacks.iter().any(|rollback| rollback == name) {
            hints.push("a rollback cannot be referenced: define the activity here".to_owned());
        } else if let Some(near) = spelling::nearest(name, self.known.keys().map(String::as_str)) {
            hints.push(format!("did you mean '{near}'?"));
        } else {
            hints.push("name an activity of the method or the hypothesis".to_owned());
        }
        if place != Place::Method {
            hints.push("Chaos Toolkit would crash here, during the run".to_owned());
        }
        problems
            .error(
                &at.key("ref"),
                format!("referenced activity '{name}' could not be found in the experiment"),
            )
            .hint(hints.join("; "));
        None
    }
}

fn read_tolerance(draft: &Draft<'_>, problems: &mut Problems) -> Option<Arc<Tolerance>> {
    let Some(written) = draft.object.get("tolerance") else {
        let problem = problems.error(&draft.at, "hypothesis probe must have a tolerance entry");
        match draft.means {
            Means::Reference(_) => {
                problem.hint("the referenced activity's does not count: give the reference its own")
            }
            Means::Activity(_) => {
                problem.hint("add a 'tolerance' that the probe's value must meet")
            }
        };
        spelling::hint_misspelt(problem, draft.object, "tolerance");
        return None;
    };
    Tolerance::parse(written, &draft.at.key("tolerance"), problems).map(Arc::new)
}
