//! Global controls, of the settings and of `--control-file`: recorded, none runs.

use chaos_wasm::document::{Document, Format, Pointer, Problems};
use chaos_wasm::experiment::{DeclaredControl, Experiment};
use chaos_wasm::settings::{Settings, controls};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use tracing::{debug, error, warn};

/// A control file that is not there.
#[derive(Debug, thiserror::Error)]
#[error("Cannot read control file '{}'", path.display())]
pub(crate) struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

/// Every global control, with one warning about all of them.
///
/// # Errors
/// A file cannot be read. One that cannot be parsed is said and left out, as the reference does:
/// its controls would not run anyway.
pub(crate) fn global(
    settings: &Settings,
    files: &[PathBuf],
) -> Result<Vec<DeclaredControl>, Unreadable> {
    let mut declared = settings.controls();
    for path in files {
        let bytes = std::fs::read(path).map_err(|source| Unreadable {
            path: path.clone(),
            source,
        })?;
        declared.extend(parse(path, &bytes));
    }
    for control in &declared {
        debug!("Loading global control '{}'", control.name);
    }
    if !declared.is_empty() {
        warn!("{}", not_run(&declared));
    }
    Ok(declared)
}

fn parse(path: &Path, bytes: &[u8]) -> Vec<DeclaredControl> {
    let shown = path.display().to_string();
    let format = Format::of_path(path).unwrap_or(Format::Json);
    match Document::parse(&shown, bytes, format) {
        Ok(document) => controls(document.value()),
        Err(problem) => {
            let problem = problem.render(&shown);
            error!(
                "Failed to parse control file '{shown}': {}",
                problem.trim_end()
            );
            Vec::new()
        }
    }
}

/// Has the experiment's journal list them, once per name.
pub(crate) fn accompany(experiment: &mut Experiment, global: &[DeclaredControl]) {
    if !global.is_empty() {
        let mut problems = Problems::new();
        problems.warning(&Pointer::root().key("controls"), not_run(global));
        experiment.warnings.extend(problems.iter().cloned());
    }
}

fn not_run(global: &[DeclaredControl]) -> String {
    let names: BTreeSet<String> = global
        .iter()
        .map(|control| format!("'{}'", control.name))
        .collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    format!("global controls are written in Python and do not run here: {names}")
}
