//! Global controls, of the settings and of `--control-file`: they accompany every experiment.

use crate::exit::Exit;
use crate::rights::loader;
use crate::session::Session;
use crate::validate::Support;
use chaos_wasm::document::{Document, Format, Pointer, Problem, Problems, Severity};
use chaos_wasm::experiment::{Control, DeclaredControl, Experiment, read_global};
use chaos_wasm::plugin::{Places, Plugins};
use chaos_wasm::provider::plugin::Module;
use chaos_wasm::settings::Settings;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tracing::{debug, error, warn};

/// All of them, in order.
#[derive(Default)]
pub(crate) struct Global {
    served: Vec<Arc<Control>>,
    /// The file that declares each of those.
    files: Vec<Arc<str>>,
    /// Python's.
    not_run: Vec<DeclaredControl>,
}

impl Global {
    /// Reads them, with one warning about all that do not run.
    ///
    /// # Errors
    /// A file cannot be read, or a control in it is wrong; it was said. One that cannot be parsed
    /// is said and left out with `--compat`, as the reference does.
    pub(crate) fn read(
        session: &Session,
        settings: &Settings,
        files: &[PathBuf],
    ) -> Result<Global, Exit> {
        let mut global = Global::default();
        let mut sound = true;
        if let (Some(path), Some(declared)) = (&session.settings_path, settings.section("controls"))
        {
            let at = Pointer::root().key("controls");
            sound &= global.add(path, declared, &at);
        }
        for path in files {
            let shown = path.display().to_string();
            let bytes = std::fs::read(path).map_err(|problem| {
                error!("Cannot read control file '{shown}': {problem}");
                Exit::usage()
            })?;
            let format = Format::of_path(path).unwrap_or(Format::Json);
            match Document::parse(&shown, &bytes, format) {
                Ok(document) => sound &= global.add(path, document.value(), &Pointer::root()),
                Err(problem) => {
                    let problem = problem.render(&shown);
                    error!(
                        "Failed to parse control file '{shown}': {}",
                        problem.trim_end()
                    );
                    // One of them may be there to stop this very run.
                    sound &= session.compat;
                }
            }
        }
        if !sound {
            return Err(Exit::invalid(session.compat));
        }
        if let Some(warning) = global.not_run() {
            warn!("{warning}");
        }
        Ok(global)
    }

    /// Adds those of one file, whose folder is what their modules' paths are relative to; whether
    /// nothing is wrong with them. What is was said.
    fn add(&mut self, path: &Path, declared: &Value, at: &Pointer) -> bool {
        let file: Arc<str> = path.display().to_string().into();
        let mut problems = Problems::new();
        for (name, written) in declared.as_object().into_iter().flatten() {
            debug!("Loading global control '{name}'");
            match read_global(name, written, &at.key(name), &mut problems) {
                Ok(Some(mut control)) => {
                    if let Module::Plugin(module) = &mut control.component.module
                        && Places::is_path(module)
                    {
                        *module = beside(path, module);
                    }
                    self.served.push(Arc::new(control));
                    self.files.push(Arc::clone(&file));
                }
                Ok(None) => {}
                Err(declared) => self.not_run.push(declared),
            }
        }
        say(&file, &problems);
        !problems.has_errors()
    }

    /// Has an experiment be accompanied by them, and its journal name those that do not run.
    ///
    /// # Errors
    /// One cannot be served; it was said.
    pub(crate) async fn accompany(
        self,
        experiment: &mut Experiment,
        plugins: Plugins,
        support: &Support<'_>,
    ) -> Result<Plugins, ()> {
        let gathering = plugins.with_controls(&self.served, support.rights, support.places, loader);
        let (plugins, found) = Box::pin(gathering).await;
        for (file, problems) in self.files.iter().zip(&found) {
            say(file, problems);
        }
        if found.iter().any(Problems::has_errors) {
            return Err(());
        }
        if let Some(warning) = self.not_run() {
            let mut problems = Problems::new();
            problems.warning(&Pointer::root().key("controls"), warning);
            experiment.warnings.extend(problems.iter().cloned());
        }
        experiment.controls.global = self.served;
        Ok(plugins)
    }

    fn not_run(&self) -> Option<String> {
        let names: BTreeSet<String> = self
            .not_run
            .iter()
            .map(|control| format!("'{}'", control.name))
            .collect();
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        let warning = format!("global controls are written in Python and do not run here: {names}");
        (!self.not_run.is_empty()).then_some(warning)
    }
}

/// Where a relative path within a file leads.
fn beside(file: &Path, module: &str) -> String {
    let folder = file.parent().unwrap_or(Path::new(""));
    let path = folder.join(module);
    let path = std::path::absolute(&path).unwrap_or(path);
    path.to_string_lossy().into_owned()
}

fn say(file: &str, problems: &Problems) {
    for problem in problems.iter() {
        let Problem {
            pointer,
            message,
            hint,
            ..
        } = problem;
        let hint = hint.as_ref().map(|hint| format!("\n  hint: {hint}"));
        let said = format!(
            "{file}: {message} (at {pointer}){}",
            hint.unwrap_or_default()
        );
        match problem.severity {
            Severity::Warning => warn!("{said}"),
            Severity::Error => error!("{said}"),
        }
    }
}
