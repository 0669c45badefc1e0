//! `run`.

use crate::cli::{HypothesisChoice, Run};
use crate::exit::{Exit, chain};
use crate::session::Session;
use crate::{source, validate, variables};
use chaos_wasm::experiment::Experiment;
use chaos_wasm::run::{Ended, Options};
use chaos_wasm::settings::{Settings, controls};
use std::path::{Path, PathBuf};
use tracing::{debug, error, info, warn};

pub(crate) fn perform(session: &Session, arguments: &Run) -> Exit {
    session.wait(begin(session, arguments))
}

async fn begin(session: &Session, arguments: &Run) -> Exit {
    let settings = session.settings();
    let overrides = variables::overrides(&arguments.substitutions);
    let invalid = Exit::invalid(session.compat);
    let state_dir = match arguments.state_dir.clone().or_else(state_dir) {
        Some(directory) => directory,
        None => {
            error!("There is no home directory to keep crash logs in; name one with --state-dir");
            return invalid;
        }
    };
    let document = match source::load(&arguments.source, session.compat).await {
        Ok(document) => document,
        Err(problem) => {
            error!("{problem}");
            return invalid;
        }
    };
    let machine = (!arguments.no_validation).then_some(&overrides);
    let mut experiment = match validate::check(&document, machine) {
        Some(experiment) => experiment,
        None => return invalid,
    };
    if accompany(&mut experiment, &settings, &arguments.control_file).is_err() {
        return invalid;
    }
    let settings_runtime = match session.runtime_of(&settings) {
        Ok(block) => block,
        Err(exit) => return exit,
    };
    let options = Options {
        hypothesis_strategy: arguments.hypothesis_strategy.map(|choice| {
            if choice == HypothesisChoice::Misspelt {
                warn!(
                    "\nThe \"--hypothesis-strategy=continously\" command is depreciating and will \
                     be removed in a future version\nInstead, please use \
                     \"--hypothesis-strategy=continuously\""
                );
            }
            choice.into()
        }),
        rollback_strategy: arguments.rollback_strategy.map(Into::into),
        settings_runtime,
        frequency: arguments.hypothesis_frequency,
        fail_fast: arguments
            .fail_fast_ratio
            .or(arguments.fail_fast.then_some(0.0)),
        dry: arguments.dry.map(Into::into),
        compat: session.compat,
        default_timeout: arguments.default_timeout,
        overrides,
        journal_path: arguments.journal_path.clone(),
        state_dir,
        force: arguments.force,
        redaction: session.redaction.clone(),
        source: arguments.source.clone(),
    };
    match chaos_wasm::run::run(experiment, options).await {
        Ok(ended) => conclude(&ended, session.compat, &arguments.journal_path),
        Err(reason) => {
            error!("{}", chain(&reason));
            Exit::not_run(&reason, session.compat)
        }
    }
}

fn conclude(ended: &Ended, compat: bool, journal: &Path) -> Exit {
    let code = ended.exit_code(compat);
    let verdict = serde_json::to_value(ended.verdict).unwrap_or_default();
    let journal = match ended.journal_lost {
        None => format!("journal: {}", journal.display()),
        Some(_) => "the journal could not be written".to_owned(),
    };
    info!(
        "Verdict: {} (exit code {code}); {journal}",
        verdict.as_str().unwrap_or_default(),
    );
    Exit::code(code)
}

/// Notes the controls of the settings and of `--control-file`: they are recorded, none runs.
fn accompany(
    experiment: &mut Experiment,
    settings: &Settings,
    files: &[PathBuf],
) -> Result<(), ()> {
    let mut declared = settings.controls();
    for path in files {
        match variables::control_file(path) {
            Ok(content) => declared.extend(controls(&content)),
            Err(variables::ControlFileError::Malformed(problem)) => {
                error!(
                    "Failed to parse control file '{}': {problem}",
                    path.display()
                );
            }
            Err(variables::ControlFileError::Unreadable(problem)) => {
                error!("Cannot read control file '{}': {problem}", path.display());
                return Err(());
            }
        }
    }
    let mut names = Vec::new();
    for control in declared {
        debug!("Loading global control '{}'", control.name);
        if !experiment
            .controls
            .iter()
            .any(|known| known.name == control.name)
        {
            names.push(format!("'{}'", control.name));
            experiment.controls.push(control);
        }
    }
    if !names.is_empty() {
        warn!(
            "Global controls are Python and are not run, only recorded in the journal: {}",
            names.join(", ")
        );
    }
    Ok(())
}

/// `$XDG_STATE_HOME/chaos-wasm`, by the XDG base directory specification.
fn state_dir() -> Option<PathBuf> {
    let configured = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let base = configured
        .filter(|path| path.is_absolute())
        .or_else(|| Some(std::env::home_dir()?.join(".local").join("state")))?;
    Some(base.join("chaos-wasm"))
}
