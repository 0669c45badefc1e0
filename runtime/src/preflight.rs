//! Preflight: what only this machine can tell about an experiment, before anything runs.
//!
//! Not pure: it looks for programs and environment variables.

use crate::configuration::{self, Overrides};
use crate::document::{Pointer, Problems};
use crate::experiment::{Activity, Entry, Experiment};
use crate::provider::Provider;
use crate::provider::modules::Modules;
use crate::tolerance::Tolerance;
use chaos_host_api::process::find_program;
use serde_json::Value;

/// Checks what the experiment needs of this machine; what is missing goes to `problems`.
///
/// `overrides` take the place of what the document declares, as they will in the run. `modules`
/// says which plugins serve Python modules.
pub fn check(
    experiment: &Experiment,
    overrides: &Overrides,
    modules: &Modules,
    problems: &mut Problems,
) {
    let root = Pointer::root();
    let environment = |name: &str| {
        let value = std::env::var_os(name)?;
        Some(value.to_string_lossy().into_owned())
    };
    // The values are the run's to resolve, at its start; here only what is missing counts.
    let _ = configuration::resolve_static(
        &experiment.configuration,
        &experiment.secrets,
        overrides,
        &environment,
        problems,
    );
    for (at, name, provider) in dynamic_configuration(experiment, overrides, problems) {
        modules.check(&provider, &name, &at, problems);
        check_program(&provider, &name, &at, problems);
    }
    if let Some(hypothesis) = &experiment.hypothesis {
        let at = root.key("steady-state-hypothesis").key("probes");
        check_entries(&hypothesis.probes, &at, problems);
    }
    check_entries(&experiment.method, &root.key("method"), problems);
    check_entries(&experiment.rollbacks, &root.key("rollbacks"), problems);
}

/// Providers of the probes that give configuration values, unless an override gives them: each with
/// its place and the probe's name. What is wrong with one goes to `problems`.
pub(crate) fn dynamic_configuration(
    experiment: &Experiment,
    overrides: &Overrides,
    problems: &mut Problems,
) -> Vec<(Pointer, String, Provider)> {
    let at = Pointer::root().key("configuration");
    let declared = experiment
        .configuration
        .iter()
        .map(|(key, declared)| (key, overrides.configuration.get(key).unwrap_or(declared)));
    declared
        .filter(|(_, declared)| declared.get("type").and_then(Value::as_str) == Some("probe"))
        .filter_map(|(key, declared)| {
            let name = declared.get("name").and_then(Value::as_str).unwrap_or(key);
            let at = at.key(key).key("provider");
            let provider = Provider::parse(declared.get("provider")?, name, &at, problems)?;
            Some((at, name.to_owned(), provider))
        })
        .collect()
}

/// The entries of one list; a reference's activity is checked where it is defined.
fn check_entries(entries: &[Entry], at: &Pointer, problems: &mut Problems) {
    for (index, entry) in entries.iter().enumerate() {
        let at = at.index(index);
        if !entry.by_reference {
            check_activity(&entry.activity, &at, problems);
        }
        if let Some(Tolerance::Probe(judge)) = entry.tolerance.as_deref() {
            check_activity(&judge.probe, &at.key("tolerance"), problems);
        }
    }
}

fn check_activity(activity: &Activity, at: &Pointer, problems: &mut Problems) {
    let at = at.key("provider");
    check_program(&activity.provider, &activity.name, &at, problems);
}

/// A process needs a program that may be executed.
fn check_program(provider: &Provider, activity: &str, at: &Pointer, problems: &mut Problems) {
    let Provider::Process(process) = provider else {
        return;
    };
    let path = process.path();
    if find_program(path).is_none() {
        let problem = problems.error(
            &at.key("path"),
            format!("path '{path}' cannot be found, in activity '{activity}'"),
        );
        if path.contains("${") {
            problem.hint("variables are not substituted in a path: write it out");
        } else if path.contains('/') {
            problem.hint("the file must exist and be executable (chmod +x)");
        } else {
            problem
                .hint("install it, or give the whole path: it is on none of the folders of PATH");
        }
    }
}
