//! Controls: what the document declares, since none can run here.

use super::shape::{filled, kind, text};
use super::spelling;
use crate::document::{Pointer, Problems};
use crate::python;
use serde_json::{Map, Value};

const NAMELESS: &str = "A control must have a `name` property";

/// A control that the document declares. None runs (they are Python); each is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredControl {
    /// Its name.
    pub name: String,
    /// Its Python module.
    pub module: Option<String>,
}

/// All controls of a document, once per name: the experiment's, the hypothesis', the activities'.
///
/// One warning says which they are.
pub(super) fn read_controls(
    document: &Map<String, Value>,
    problems: &mut Problems,
) -> Vec<DeclaredControl> {
    let written = collect(document, problems);
    let references: Vec<&Value> = written
        .iter()
        .filter_map(|(_, control)| control.as_object())
        .filter(|control| !control.contains_key("ref"))
        .filter_map(|control| control.get("name"))
        .collect();

    let mut declared: Vec<DeclaredControl> = Vec::new();
    for (at, control) in &written {
        if let Some(control) = read_control(control, &references, at, problems)
            && declared.iter().all(|known| known.name != control.name)
        {
            declared.push(control);
        }
    }
    if let (Some((at, _)), false) = (written.first(), declared.is_empty()) {
        let names: Vec<String> = declared.iter().map(describe).collect();
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
    declared
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
) -> Option<DeclaredControl> {
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
    if let Some(scope) = filled(control, "scope")
        && !matches!(scope.as_str(), Some("before" | "after"))
    {
        problems
            .error(
                &at.key("scope"),
                format!("Control '{name}' scope property must be 'before' or 'after' only"),
            )
            .hint(spelling::one_of(&text(scope), &["before", "after"]));
    }
    let Some(provider) = control.get("provider") else {
        let problem = problems.error(
            at,
            format!("Control '{name}' must have a `provider` property"),
        );
        spelling::hint_misspelt(problem, control, "provider");
        return None;
    };
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
    Some(DeclaredControl {
        name: name.into_owned(),
        module,
    })
}
