//! What all commands share: where the settings are, what is secret, how to wait.

use crate::cli::{Cli, Global};
use crate::exit::{Exit, chain};
use crate::{log, variables};
use chaos_wasm::document::{Problems, Severity};
use chaos_wasm::experiment::RuntimeBlock;
use chaos_wasm::log::Redaction;
use chaos_wasm::settings::{Settings, SettingsError};
use std::future::Future;
use std::path::{Path, PathBuf};
use tracing::{debug, error, warn};

/// One invocation.
pub(crate) struct Session {
    /// `--compat`.
    pub(crate) compat: bool,
    /// Shared with the log.
    pub(crate) redaction: Redaction,
    /// `--settings`, or the default. `None` when there is no home directory either.
    pub(crate) settings_path: Option<PathBuf>,
}

impl Session {
    /// Environment, log, directory: in this order, as the reference does.
    pub(crate) fn begin(cli: &Cli, redaction: Redaction) -> Result<Session, Exit> {
        let environment = load_environment(cli);
        let global = &cli.global;
        log::start(global, &redaction);
        debug!("{}", "#".repeat(79));
        debug!("Running command '{}'", cli.command.name());
        let session = Session {
            compat: global.compat,
            redaction,
            settings_path: settings_path(global),
        };
        if let Some(path) = &session.settings_path {
            debug!("Using settings file '{}'", path.display());
        }
        // click's usage error, which --compat does not change.
        environment.map_err(|problem| {
            error!("{problem}");
            Exit::invalid(false)
        })?;
        if let Some(directory) = &global.change_dir {
            let shown = directory.display();
            warn!("Moving to {shown}");
            std::env::set_current_dir(directory).map_err(|problem| {
                error!("Cannot move to '{shown}': {problem}");
                Exit::invalid(session.compat)
            })?;
        }
        Ok(session)
    }

    /// The settings; an unusable file is said and counts as none.
    pub(crate) fn settings(&self) -> Settings {
        let Some(path) = &self.settings_path else {
            return Settings::default();
        };
        match Settings::load(path) {
            Ok(Some(settings)) => settings,
            Ok(None) => {
                let path = path.display();
                debug!("The Chaos Toolkit settings file could not be found at '{path}'.");
                Settings::default()
            }
            Err(problem) => {
                report(&problem);
                Settings::default()
            }
        }
    }

    /// `runtime` of the settings. An error there ends the command: a strategy that was asked for
    /// and not understood must not turn into another one.
    pub(crate) fn runtime_of(&self, settings: &Settings) -> Result<RuntimeBlock, Exit> {
        let mut problems = Problems::new();
        let block = settings.runtime(&mut problems);
        for problem in problems.iter() {
            let hint = problem.hint.as_deref().map(|hint| format!("\n{hint}"));
            let said = format!(
                "In the settings file, {}: {}{}",
                problem.pointer,
                problem.message,
                hint.unwrap_or_default()
            );
            match problem.severity {
                Severity::Warning => warn!("{said}"),
                Severity::Error => error!("{said}"),
            }
        }
        if problems.has_errors() {
            return Err(Exit::invalid(self.compat));
        }
        Ok(block)
    }

    /// Runs `future` to its end. What is still in the background then is left behind.
    pub(crate) fn wait<F: Future<Output = Exit>>(&self, future: F) -> Exit {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        match runtime {
            Ok(runtime) => {
                let exit = runtime.block_on(future);
                runtime.shutdown_background();
                exit
            }
            Err(problem) => {
                error!("Cannot start waiting for events: {problem}");
                Exit::failed()
            }
        }
    }
}

/// Says why a settings file is of no use.
pub(crate) fn report(problem: &SettingsError) {
    error!("Failed parsing YAML settings: {}", chain(problem));
}

fn settings_path(global: &Global) -> Option<PathBuf> {
    global.settings.clone().or_else(|| {
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty())?;
        Some(home.join(".chaostoolkit").join("settings.yaml"))
    })
}

/// Puts `--var-file`s of `NAME=VALUE` lines into the environment, before anything reads it.
fn load_environment(cli: &Cli) -> Result<(), String> {
    let Some(substitutions) = cli.command.substitutions() else {
        return Ok(());
    };
    let directory = cli.global.change_dir.as_deref().unwrap_or(Path::new(""));
    let variables =
        variables::environment(substitutions, directory).map_err(|problem| chain(&problem))?;
    variables::enter(variables)
}
