//! The plugins of a run, each with its rights: what the experiment names, the operator allows and
//! the manifest asks for.

use super::call::Called;
use super::limits::Limits;
use super::load::{Loader, Plugin};
use super::manifest::{self, Manifest, ManifestError};
use super::name::Name;
use super::signature::{Form, Function, Kind};
use super::state::Guest;
use super::usage::{GuestUse, RightsUse};
use super::value::check_arguments;
use crate::document::{Pointer, Problems};
use crate::log::with_causes;
use crate::provider::modules::Modules;
use crate::provider::plugin::{self, Module};
use crate::provider::{Call, Failure};
use chaos_host_api::grant::{Grant, Grants};
use chaos_host_api::permit::{Layer, Permit};
use chaos_host_api::policy::Policy;
use chaos_host_api::{Effect, Pass};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the operator allows plugins: a policy, lines of `--grant`, or nothing.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    /// `--policy`.
    pub policy: Option<Policy>,
    /// `--grant`: for every plugin of the run.
    pub grants: Grants,
}

/// Where plugins are found.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// What relative paths of an experiment are relative to: its folder.
    pub beside: PathBuf,
    /// Where installed plugins are: `NAME.wasm`.
    pub installed: Option<PathBuf>,
}

/// The plugins of a run. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Plugins(pub(super) Arc<BTreeMap<Module, Arc<Engaged>>>);

/// A plugin with its rights.
pub struct Engaged {
    /// The name under which the policy knows it.
    pub name: Arc<str>,
    /// What was loaded.
    pub plugin: Arc<Plugin>,
    /// What it may do.
    pub permit: Arc<Permit>,
    /// How much it may use.
    pub limits: Limits,
    /// What its manifest asks for.
    asked: Layer,
    /// What of that nobody grants.
    lacking: Vec<Grant>,
}

/// What of a plugin is called, and with what.
pub(super) struct Entrance<'e> {
    /// `None`: of one that does not describe its functions.
    pub(super) function: Option<&'e Function>,
    pub(super) name: &'e str,
    pub(super) arguments: &'e Map<String, Value>,
    pub(super) limits: Limits,
    /// Secrets that say which Kubernetes cluster is meant.
    pub(super) cluster: Map<String, Value>,
}

/// What a call came to.
pub(super) struct Entered {
    pub(super) called: Called,
    /// Something that it asked for was denied.
    pub(super) denied: bool,
}

impl std::fmt::Debug for Engaged {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digest = &self.plugin.digest;
        formatter
            .debug_struct("Engaged")
            .field("name", &self.name)
            .field("digest", digest)
            .finish_non_exhaustive()
    }
}

impl Rights {
    /// Which plugins serve which Python modules.
    pub fn modules(&self) -> Modules {
        let own = self.policy.iter().flat_map(|policy| policy.modules.clone());
        Modules::default().with(own)
    }

    /// What the operator's documents grant a plugin.
    fn layer(&self, plugin: &str) -> Layer {
        let given = !self.grants.is_empty();
        let layer = match &self.policy {
            Some(policy) => policy.layer(plugin),
            None => Layer {
                name: match given {
                    true => Layer::COMMAND_LINE,
                    false => "a policy (--policy) or --grant",
                }
                .to_owned(),
                grants: Grants::default(),
            },
        };
        Layer {
            name: match given && self.policy.is_some() {
                true => format!("{} or {}", layer.name, Layer::COMMAND_LINE),
                false => layer.name,
            },
            grants: layer.grants.and(&self.grants),
        }
    }
}

impl Places {
    /// Whether a module is the path of a file, as opposed to an installed plugin's name.
    pub fn is_path(module: &str) -> bool {
        module.contains('/') || module.ends_with(".wasm")
    }

    /// The file that a module means, and the plugin's name.
    ///
    /// # Errors
    /// There is none; the text says where it was looked for.
    pub fn find(&self, module: &str) -> Result<(String, PathBuf), String> {
        if Places::is_path(module) {
            let path = self.beside.join(module);
            let name = path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned());
            return match name {
                Some(name) if path.is_file() => Ok((name, path)),
                _ => Err(format!("there is no plugin at {}", path.display())),
            };
        }
        if module.parse::<Name>().is_err() {
            return Err(format!(
                "'{}' is neither a path of a .wasm file nor the name of a plugin",
                module.escape_debug()
            ));
        }
        let Some(folder) = &self.installed else {
            return Err(format!(
                "no plugin '{module}' is installed: there is no home directory"
            ));
        };
        let path = folder.join(format!("{module}.wasm"));
        match path.is_file() {
            true => Ok((module.to_owned(), path)),
            false => Err(format!(
                "no plugin '{module}' is installed in {}",
                folder.display()
            )),
        }
    }
}

impl Plugins {
    /// One plugin alone, as `plugin call` uses it.
    ///
    /// # Errors
    /// It cannot be loaded; what is wrong and what to do.
    pub async fn engage(
        path: &Path,
        rights: &Rights,
        loader: &Loader,
    ) -> Result<Engaged, (String, String)> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        load(&name, path, rights, loader).await
    }

    /// Calls a function in a fresh instance.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn call(
        &self,
        used: &plugin::Plugin,
        kind: Kind,
        arguments: &Map<String, Value>,
        cluster: Map<String, Value>,
        call: &Call<'_>,
    ) -> Result<Value, Failure> {
        let Some(engaged) = self.0.get(&used.component.module) else {
            return Err(Failure::Failed(format!(
                "the plugin '{}' is not loaded",
                used.component.module
            )));
        };
        let limits = engaged.limits_for(&used.component);
        engaged
            .call(&used.function, kind, arguments, limits, cluster, call)
            .await
    }

    /// What each may do, and what of it was used.
    pub fn rights(&self) -> Vec<RightsUse> {
        // One that is reached by two names has a permit for each.
        let rights = self.0.values().map(|engaged| RightsUse {
            plugin: engaged.name.to_string(),
            digest: engaged.plugin.digest.clone(),
            grants: engaged.permit.usage(),
        });
        rights.collect()
    }
}

impl Engaged {
    /// A plugin of which nothing is used.
    fn new(
        name: Arc<str>,
        plugin: Arc<Plugin>,
        limits: Limits,
        asked: Layer,
        given: Layer,
    ) -> Engaged {
        Engaged {
            name,
            plugin,
            limits,
            lacking: asked.grants.beyond(&given.grants),
            permit: Arc::new(Permit::new([asked.clone(), given])),
            asked,
        }
    }

    /// The function that an activity of this kind means: an action may also call a probe.
    fn function(&self, kind: Kind, name: &str) -> Result<&Function, String> {
        let signature = &self.plugin.signature;
        let own = signature.find(kind, name);
        match kind {
            Kind::Action => {
                own.or_else(|error| signature.find(Kind::Probe, name).map_err(|_| error))
            }
            Kind::Probe | Kind::Control => own,
        }
        .map_err(|error| error.to_string())
    }

    /// Calls a function in a fresh instance, within `limits`. `cluster`: secrets that say which
    /// Kubernetes cluster is meant.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn call(
        &self,
        name: &str,
        kind: Kind,
        arguments: &Map<String, Value>,
        limits: Limits,
        cluster: Map<String, Value>,
        call: &Call<'_>,
    ) -> Result<Value, Failure> {
        let function = match self.plugin.signature.form {
            Form::Typed => Some(self.function(kind, name).map_err(Failure::Failed)?),
            Form::Untyped | Form::Command => None,
        };
        // What a function may do is its own kind's, not that of who calls it.
        let allowed = match function.map_or(kind, |function| function.kind) {
            Kind::Action => call.pass.allowed(),
            Kind::Probe | Kind::Control => Effect::Read,
        };
        let entrance = Entrance {
            function,
            name,
            arguments,
            limits,
            cluster,
        };
        let entered = self.enter(entrance, allowed, call).await;
        match entered.called.result {
            // The guest may have said it in its own words, or not at all.
            Err(Failure::Failed(text)) if entered.denied => Err(Failure::Denied(text)),
            result => result,
        }
    }

    /// Calls in a fresh instance, and notes what that used.
    pub(super) async fn enter(
        &self,
        entrance: Entrance<'_>,
        allowed: Effect,
        call: &Call<'_>,
    ) -> Entered {
        let Entrance {
            function,
            name,
            arguments,
            limits,
            cluster,
        } = entrance;
        let deadline = match limits.wall {
            Some(wall) => call.pass.deadline().sooner(wall),
            None => call.pass.deadline(),
        };
        let pass =
            Pass::new(call.pass.step(), allowed, deadline).with_permit(Arc::clone(&self.permit));
        let borne = pass.clone();
        let guest = Guest {
            plugin: Arc::clone(&self.name),
            door: Arc::clone(call.door),
            pass,
            variables: Arc::clone(call.variables),
            limits,
            cluster,
        };
        let called = match function {
            Some(function) => self.plugin.call(function, arguments, guest).await,
            None => self.plugin.invoke(name, arguments, guest).await,
        };
        call.guests.note(GuestUse {
            plugin: self.name.to_string(),
            digest: self.plugin.digest.clone(),
            function: function.map_or(name, |function| &function.name).to_owned(),
            usage: called.usage.clone(),
        });
        Entered {
            denied: borne.was_denied(),
            called,
        }
    }

    /// The same plugin with nothing used, and these rights instead of the operator's; all that
    /// its manifest asks for, if there are none.
    pub(super) fn anew(&self, operator: Option<Layer>) -> Engaged {
        let asked = self.asked.clone();
        let given = operator.unwrap_or_else(|| asked.clone());
        let (name, plugin) = (Arc::clone(&self.name), Arc::clone(&self.plugin));
        Engaged::new(name, plugin, self.limits.clone(), asked, given)
    }

    /// What one use of it may use.
    pub(super) fn limits_for(&self, used: &plugin::Component) -> Limits {
        manifest::lowered(&self.limits, &used.limits)
    }

    /// Says when a use asks for more than it may have.
    pub(super) fn warn_of_limits(
        &self,
        used: &plugin::Component,
        at: &Pointer,
        problems: &mut Problems,
    ) {
        if manifest::exceeds(&used.limits, &self.limits) {
            problems
                .warning(
                    &at.key("limits"),
                    format!("an experiment can only lower limits: some of these are above those of the plugin '{}', which hold", self.name),
                )
                .hint("raise them in the policy's [plugins.NAME.limits]");
        }
    }

    pub(super) fn check(
        &self,
        used: &plugin::Plugin,
        kind: Kind,
        at: &Pointer,
        problems: &mut Problems,
    ) {
        self.warn_of_limits(&used.component, at, problems);
        if self.plugin.signature.form != Form::Typed {
            return;
        }
        match self.function(kind, &used.function) {
            Ok(function) => {
                let at = at.key("arguments");
                check_arguments(function, &used.component.arguments, &at, problems);
            }
            Err(reason) => {
                problems.error(&at.key("func"), reason);
            }
        }
    }

    /// Says what its manifest asks for and nobody grants.
    pub(super) fn warn_of_denials(&self, at: &Pointer, problems: &mut Problems) {
        if self.lacking.is_empty() {
            return;
        }
        let lines: Vec<String> = self.lacking.iter().map(Grant::to_string).collect();
        problems
            .warning(
                at,
                format!("the plugin '{}' asks for what it is not granted, and will be denied: {}", self.name, lines.join("; ")),
            )
            .hint("grant it in the policy, or see what each call needs with `chaos-wasm policy explain`");
    }
}

pub(super) async fn load(
    name: &str,
    path: &Path,
    rights: &Rights,
    loader: &Loader,
) -> Result<Engaged, (String, String)> {
    let see = || "`chaos-wasm plugin inspect` shows what a file offers".to_owned();
    let plugin = loader
        .load(name, path)
        .await
        .map_err(|error| (with_causes(&error), see()))?;
    let own = rights
        .policy
        .as_ref()
        .and_then(|policy| policy.plugins.get(name));
    if let Some(pinned) = own.and_then(|own| own.digest)
        && pinned.to_string() != plugin.digest
    {
        let message = format!(
            "the policy is for the plugin '{name}' with {pinned}, but {} has {}",
            path.display(),
            plugin.digest
        );
        return Err((
            message,
            "vet the new file, then write its digest into the policy".to_owned(),
        ));
    }
    let manifest = manifest_of(&plugin, path).map_err(|error| (error.to_string(), see()))?;
    let asked = Layer {
        name: format!("plugin.toml of '{name}'"),
        grants: manifest.grants,
    };
    let policy_limits = own.map(|own| own.limits.clone()).unwrap_or_default();
    let limits = manifest::limits(&policy_limits, &manifest.limits);
    let given = rights.layer(name);
    Ok(Engaged::new(
        name.into(),
        Arc::new(plugin),
        limits,
        asked,
        given,
    ))
}

/// The manifest within the file, or else in `plugin.toml` beside it. Without one, the plugin asks
/// for nothing.
fn manifest_of(plugin: &Plugin, path: &Path) -> Result<Manifest, ManifestError> {
    if let Some(text) = &plugin.signature.manifest {
        return Manifest::parse(text, &format!("the manifest within {}", path.display()));
    }
    let beside = path.with_file_name("plugin.toml");
    match std::fs::read_to_string(&beside) {
        Ok(text) => Manifest::parse(&text, &beside.display().to_string()),
        Err(_) => Ok(Manifest::default()),
    }
}
