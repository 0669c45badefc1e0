//! Finding the plugins that a run needs, before it begins: loaded, and every use of them checked.

use super::engaged::{Engaged, Places, Plugins, Rights, load};
use super::load::Loader;
use super::signature::Kind;
use crate::configuration::Overrides;
use crate::document::{Pointer, Problems};
use crate::experiment::{self, Activity, Control, Experiment};
use crate::preflight::dynamic_configuration;
use crate::provider::Provider;
use crate::provider::modules::Modules;
use crate::provider::plugin::{self, Module};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Plugins {
    /// Loads every plugin that an experiment names and checks each use of it against what it
    /// offers; what is wrong goes to `problems`.
    pub async fn gather(
        experiment: &Experiment,
        overrides: &Overrides,
        rights: &Rights,
        places: &Places,
        loader: impl FnOnce() -> Loader,
        problems: &mut Problems,
    ) -> Plugins {
        let uses = uses(experiment, overrides);
        let controls: Vec<_> = experiment.controls.declared().collect();
        if uses.is_empty() && controls.is_empty() {
            return Plugins::default();
        }
        let mut gathering = Gathering::new(Plugins::default(), rights, places, loader());
        for (at, call, kind) in &uses {
            let module = &call.component.module;
            if let Some(plugin) = gathering.find(module, at, problems).await {
                plugin.check(call, *kind, at, problems);
            }
        }
        for control in controls {
            gathering.check_control(control, problems).await;
        }
        gathering.gathered()
    }

    /// These, and those of global controls, with what is wrong with each: every one is declared
    /// in another document.
    pub async fn with_controls(
        self,
        controls: &[Arc<Control>],
        rights: &Rights,
        places: &Places,
        loader: impl FnOnce() -> Loader,
    ) -> (Plugins, Vec<Problems>) {
        if controls.is_empty() {
            return (self, Vec::new());
        }
        let mut gathering = Gathering::new(self, rights, places, loader());
        let mut found = Vec::new();
        for control in controls {
            let mut problems = Problems::new();
            gathering.check_control(control, &mut problems).await;
            found.push(problems);
        }
        (gathering.gathered(), found)
    }
}

/// Plugins found so far. Each is loaded once.
struct Gathering<'g> {
    rights: &'g Rights,
    places: &'g Places,
    loader: Loader,
    modules: Modules,
    engaged: BTreeMap<Module, Arc<Engaged>>,
    /// What was wrong, and what to do.
    failed: BTreeMap<Module, (String, String)>,
}

impl<'g> Gathering<'g> {
    fn new(
        plugins: Plugins,
        rights: &'g Rights,
        places: &'g Places,
        loader: Loader,
    ) -> Gathering<'g> {
        Gathering {
            rights,
            places,
            loader,
            modules: rights.modules(),
            engaged: Arc::unwrap_or_clone(plugins.0),
            failed: BTreeMap::new(),
        }
    }

    fn gathered(self) -> Plugins {
        Plugins(Arc::new(self.engaged))
    }

    async fn check_control(&mut self, control: &Control, problems: &mut Problems) {
        let at = control.pointer.key("provider");
        let module = &control.component.module;
        if let Some(plugin) = self.find(module, &at, problems).await {
            plugin.check_control(control, &at, problems);
        }
    }

    /// The plugin of a provider at `at`; what is wrong goes to `problems`.
    async fn find(
        &mut self,
        module: &Module,
        at: &Pointer,
        problems: &mut Problems,
    ) -> Option<Arc<Engaged>> {
        let at = at.key("module");
        if !self.engaged.contains_key(module) && !self.failed.contains_key(module) {
            match self.engage(module).await {
                Ok(plugin) => {
                    plugin.warn_of_denials(&at, problems);
                    self.engaged.insert(module.clone(), Arc::new(plugin));
                }
                Err(reason) => {
                    self.failed.insert(module.clone(), reason);
                }
            }
        }
        if let Some((message, hint)) = self.failed.get(module) {
            problems.error(&at, message.clone()).hint(hint.clone());
        }
        self.engaged.get(module).cloned()
    }

    async fn engage(&self, module: &Module) -> Result<Engaged, (String, String)> {
        let (named, why) = match module {
            Module::Plugin(name) => (name.as_str(), String::new()),
            Module::Python(python) => match self.modules.plugin_of(python) {
                Some(plugin) => (
                    plugin,
                    format!("the Python module '{python}' is served by the plugin '{plugin}': "),
                ),
                None => {
                    return Err((
                        format!("no plugin serves the Python module '{python}'"),
                        "name one in the policy's [modules]".to_owned(),
                    ));
                }
            },
        };
        let (name, path) = self.places.find(named).map_err(|reason| {
            let hint = "build it with `chaos-wasm plugin build`, install it with `chaos-wasm plugin install FILE`";
            (format!("{why}{reason}"), hint.to_owned())
        })?;
        load(&name, &path, self.rights, &self.loader).await
    }
}

/// Every use of a plugin by an activity: its place, what it calls, and as what.
fn uses<'e>(
    experiment: &'e Experiment,
    overrides: &Overrides,
) -> Vec<(Pointer, Cow<'e, plugin::Plugin>, Kind)> {
    let of = |activity: &'e Activity| match &activity.provider {
        Provider::Plugin(used) => {
            let kind = match activity.kind {
                experiment::Kind::Probe => Kind::Probe,
                experiment::Kind::Action => Kind::Action,
            };
            Some((
                activity.pointer.key("provider"),
                Cow::Borrowed(&**used),
                kind,
            ))
        }
        _ => None,
    };
    let mut uses: Vec<_> = experiment.activities().filter_map(of).collect();
    uses.extend(experiment.judges().filter_map(|judge| {
        let (at, mut used, kind) = of(judge)?;
        // What it will be is known when there is something to judge.
        let arguments = &mut used.to_mut().component.arguments;
        arguments.entry("value").or_insert(Value::from("${value}"));
        Some((at, used, kind))
    }));
    // What is wrong with them has been said, or is when they are called.
    let dynamic = dynamic_configuration(experiment, overrides, &mut Problems::new());
    uses.extend(
        dynamic
            .into_iter()
            .filter_map(|(at, _, provider)| match provider {
                Provider::Plugin(used) => Some((at, Cow::Owned(*used), Kind::Probe)),
                _ => None,
            }),
    );
    uses
}
