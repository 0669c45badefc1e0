//! What all commands share: where the settings are, what is secret, how to wait.

use crate::cli::{Cli, Global, Substitutions};
use crate::exit::{Exit, chain};
use crate::log;
use chaos_host_api::redact::Redactor;
use chaos_wasm::configuration::{self, Overrides};
use chaos_wasm::document::{Document, Problems, Severity};
use chaos_wasm::experiment::RuntimeBlock;
use chaos_wasm::log::Redaction;
use chaos_wasm::notification::Notifier;
use chaos_wasm::settings::{Settings, SettingsError};
use chaos_wasm::source::{self, Loading, SourceError};
use serde_json::Value;
use std::future::Future;
use std::path::PathBuf;
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
    /// Log, then directory, as the reference does.
    pub(crate) fn begin(cli: &Cli, redaction: Redaction) -> Result<Session, Exit> {
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

    /// Values from the command line. A file that is of no use is a usage error.
    pub(crate) fn overrides(&self, given: &Substitutions) -> Result<Overrides, Exit> {
        given.overrides().map_err(|problem| {
            error!("{}", chain(&problem));
            Exit::usage()
        })
    }

    /// Who wants to know what happens; what cannot be served is warned about.
    pub(crate) fn notifier(&self, settings: &Settings) -> Notifier {
        let settings = Value::Object(settings.as_map().clone());
        let (notifier, warnings) = Notifier::from_settings(&settings, self.redaction.clone());
        for warning in warnings {
            warn!("{warning}");
        }
        notifier
    }

    /// The document at `source`.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub(crate) async fn load(
        &self,
        source: &str,
        settings: &Settings,
        no_verify_tls: bool,
    ) -> Result<Document, SourceError> {
        let loading = Loading {
            auths: settings.section("auths"),
            no_verify_tls,
            keep_last_duplicate: self.compat,
        };
        let document = source::load(source, &loading).await?;
        // What is wrong with it is said before its secrets are resolved.
        let inline = configuration::inline_secrets(document.value());
        self.redaction.learn(Redactor::new(inline));
        Ok(document)
    }

    /// Whether `text` holds a secret.
    pub(crate) fn hides(&self, text: &str) -> bool {
        self.redaction.text(text) != text
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
