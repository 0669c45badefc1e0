//! Reading controls, of a document and of those that are global.

use super::{Control, Controls, DeclaredControl, Side};
use crate::document::{Pointer, Problems};
use crate::experiment::shape::{filled, kind, text};
use crate::experiment::spelling;
use crate::provider::plugin::Component;
use crate::python;
use serde_json::{Map, Value};
use std::sync::Arc;

const NAMELESS: &str = "A control must have a `name` property";

/// What one declaration comes to.
enum Read {
    Served(Arc<Control>),
    NotServed(DeclaredControl),
}

/// All controls of a document: the experiment's, the hypothesis', the activities'.
///
/// One warning says which of them do not run.
pub(in crate::experiment) fn read_controls(
    document: &Map<String, Value>,
    problems: &mut Problems,
) -> Controls {
    let written = collect(document, problems);
    let references: Vec<&Value> = written
        .iter()
        .filter_map(|(_, control)| control.as_object())
        .filter(|control| !control.contains_key("ref"))
        .filter_map(|control| control.get("name"))
        .collect();

    let mut controls = Controls::default();
    let mut not_run_at = None;
    let mut resolved: Vec<(usize, Arc<Control>)> = Vec::new();
    let mut referring = Vec::new();
    for (position, (at, control)) in written.iter().enumerate() {
        if let Some(reference) = reference_to_served(control, &written) {
            referring.push((position, text(reference).into_owned()));
            continue;
        }
        match read_control(control, &references, at, problems) {
            Some(Read::Served(control)) => resolved.push((position, control)),
            Some(Read::NotServed(control)) => {
                not_run_at.get_or_insert(at);
                if controls
                    .not_run
                    .iter()
                    .all(|known| known.name != control.name)
                {
                    controls.not_run.push(control);
                }
            }
            None => {}
        }
    }
    for (position, name) in referring {
        let named = resolved.iter().find(|(_, control)| control.name == name);
        // What is wrong with the one that is meant has been said.
        if let Some((_, control)) = named {
            resolved.push((position, Arc::clone(control)));
        }
    }
    resolved.sort_by_key(|(position, _)| *position);
    for (position, control) in resolved {
        if let Some((at, _)) = written.get(position) {
            controls.declare(at, control);
        }
    }
    if let Some(at) = not_run_at {
        let names: Vec<String> = controls.not_run.iter().map(describe).collect();
        problems
            .warning(
                at,
                format!(
                    "controls are written in Python and do not run here: {}",
                    names.join(", ")
                ),
            )
            .hint("the experiment runs without them; the journal says so");
    }
    controls
}

impl Controls {
    /// `at` is the declaration's place: `/controls/0`, `/method/2/controls/0`.
    fn declare(&mut self, at: &Pointer, control: Arc<Control>) {
        let steps: Vec<String> = at.steps().collect();
        let list = match steps.as_slice() {
            [_, _] => &mut self.experiment,
            [_, _, _] => &mut self.hypothesis,
            [holder @ .., _, _] => {
                let root = Pointer::root();
                let holder = holder.iter().fold(root, |at, step| at.key(step));
                self.activities.entry(holder).or_default()
            }
            _ => return,
        };
        list.push(control);
    }
}

/// Reads one of the settings' controls, or of a control file's: a map of names to controls. What
/// is wrong goes to `problems`, `at` is its place there.
///
/// As with the reference, one that nothing serves here may be anything.
///
/// # Errors
/// Nothing serves it: it is recorded.
pub fn read_global(
    name: &str,
    written: &Value,
    at: &Pointer,
    problems: &mut Problems,
) -> Result<Option<Control>, DeclaredControl> {
    let provider = written.get("provider");
    let served = provider.is_some_and(is_served);
    let (Some(control), true) = (written.as_object(), served) else {
        let module = written.pointer("/provider/module").and_then(Value::as_str);
        return Err(DeclaredControl {
            name: name.to_owned(),
            module: module.map(str::to_owned),
        });
    };
    let scope = read_scope(control, name, at, problems);
    Ok(read_served(control, name, scope, at, problems))
}

fn is_served(provider: &Value) -> bool {
    provider.get("type").and_then(Value::as_str) == Some("wasm")
}

/// The name in a declaration that is nothing but a reference to a control that a plugin serves.
///
/// The reference demands a name and a provider besides, and then reads neither.
fn reference_to_served<'v>(
    control: &'v Value,
    written: &[(Pointer, &'v Value)],
) -> Option<&'v Value> {
    let reference = control.get("ref")?;
    let named = written.iter().map(|(_, other)| other).find(|other| {
        other.get("ref").is_none()
            && other
                .get("name")
                .is_some_and(|name| python::equal(name, reference))
    })?;
    let own = control.get("provider");
    (named.get("provider").is_some_and(is_served) && own.is_none_or(is_served)).then_some(reference)
}

fn read_served(
    control: &Map<String, Value>,
    name: &str,
    scope: Option<Side>,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<Control> {
    let provider = control.get("provider")?;
    spelling::warn_misspelt(
        control,
        &["name", "provider"],
        &["scope", "automatic", "ref"],
        at,
        problems,
    );
    Some(Control {
        name: name.to_owned(),
        scope,
        automatic: control.get("automatic").is_none_or(python::truthy),
        component: Component::parse_control(provider, name, &at.key("provider"), problems)?,
        pointer: at.clone(),
    })
}

fn read_scope(
    control: &Map<String, Value>,
    name: &str,
    at: &Pointer,
    problems: &mut Problems,
) -> Option<Side> {
    let written = filled(control, "scope")?;
    match written.as_str() {
        Some("before") => Some(Side::Before),
        Some("after") => Some(Side::After),
        _ => {
            problems
                .error(
                    &at.key("scope"),
                    format!("Control '{name}' scope property must be 'before' or 'after' only"),
                )
                .hint(spelling::one_of(&text(written), &["before", "after"]));
            None
        }
    }
}

fn describe(control: &DeclaredControl) -> String {
    match &control.module {
        Some(module) => format!("'{}' ({module})", control.name),
        None => format!("'{}'", control.name),
    }
}

/// Every `controls` list, flattened, in the reference's order.
fn collect<'v>(
    document: &'v Map<String, Value>,
    problems: &mut Problems,
) -> Vec<(Pointer, &'v Value)> {
    let root = Pointer::root();
    let mut holders: Vec<(Pointer, &Map<String, Value>)> = vec![(root.clone(), document)];
    let hypothesis = document
        .get("steady-state-hypothesis")
        .and_then(Value::as_object);
    let mut lists = Vec::new();
    if let Some(hypothesis) = hypothesis {
        let at = root.key("steady-state-hypothesis");
        lists.push((at.key("probes"), hypothesis.get("probes")));
        holders.push((at, hypothesis));
    }
    lists.push((root.key("method"), document.get("method")));
    lists.push((root.key("rollbacks"), document.get("rollbacks")));
    for (at, list) in lists {
        let entries = list.and_then(Value::as_array).into_iter().flatten();
        holders.extend(
            entries
                .enumerate()
                .filter_map(|(index, entry)| Some((at.index(index), entry.as_object()?))),
        );
    }

    let mut controls = Vec::new();
    for (at, holder) in holders {
        let Some(written) = holder.get("controls") else {
            continue;
        };
        let at = at.key("controls");
        match written {
            Value::Array(list) => controls.extend(
                list.iter()
                    .enumerate()
                    .map(|(index, control)| (at.index(index), control)),
            ),
            // The reference takes what Python can iterate, if there is nothing in it.
            Value::Object(_) | Value::String(_) if !python::truthy(written) => {
                problems
                    .warning(
                        &at,
                        format!("controls should be a list, not {}", kind(written)),
                    )
                    .hint("write []");
            }
            // It looks for names in what it finds there.
            Value::Object(_) | Value::String(_) => {
                problems
                    .error(&at, NAMELESS)
                    .hint("write the controls as a list: [{\"name\": ..., \"provider\": ...}]");
            }
            _ => {
                problems.error(
                    &at,
                    format!("controls must be a list, not {}", kind(written)),
                );
            }
        }
    }
    controls
}

fn read_control(
    written: &Value,
    references: &[&Value],
    at: &Pointer,
    problems: &mut Problems,
) -> Option<Read> {
    let control = written.as_object().or_else(|| {
        problems
            .error(at, NAMELESS)
            .hint(format!("a control is an object, not {}", kind(written)));
        None
    })?;
    if let Some(reference) = control.get("ref")
        && !references.iter().any(|name| python::equal(name, reference))
    {
        let names: Vec<&str> = references.iter().filter_map(|name| name.as_str()).collect();
        // The placeholder is the reference's own slip: it never fills it in.
        let problem = problems.error(
            &at.key("ref"),
            "Control reference '{}' declaration cannot be found",
        );
        let wanted = text(reference);
        match spelling::nearest(&wanted, names.iter().copied()) {
            Some(near) => problem.hint(format!("did you mean '{near}'?")),
            None => problem.hint(format!("no control of the experiment is called '{wanted}'")),
        };
    }
    let Some(name) = control.get("name").map(text) else {
        let problem = problems.error(at, NAMELESS);
        spelling::hint_misspelt(problem, control, "name");
        return None;
    };
    let scope = read_scope(control, &name, at, problems);
    let Some(provider) = control.get("provider") else {
        let problem = problems.error(
            at,
            format!("Control '{name}' must have a `provider` property"),
        );
        spelling::hint_misspelt(problem, control, "provider");
        return None;
    };
    if is_served(provider) {
        let served = read_served(control, &name, scope, at, problems)?;
        return Some(Read::Served(Arc::new(served)));
    }
    let at = at.key("provider");
    let provider = provider.as_object().or_else(|| {
        problems.error(
            &at,
            format!(
                "the provider of control '{name}' must be an object, not {}",
                kind(provider)
            ),
        );
        None
    })?;
    let module = filled(provider, "module").map(|module| text(module).into_owned());
    let is_python = provider.get("type").and_then(Value::as_str) == Some("python");
    if is_python && module.is_none() {
        let problem = problems.error(&at, format!("Control '{name}' must have a module path"));
        spelling::hint_misspelt(problem, provider, "module");
        return None;
    }
    Some(Read::NotServed(DeclaredControl {
        name: name.into_owned(),
        module,
    }))
}
