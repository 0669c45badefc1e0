//! From a plugin's file to what can be called.

use super::cache::{Cache, Kept, Name};
use super::call::{Called, Entry, call};
use super::compile::{CompileError, Compiler};
use super::component::{self, ComponentError};
use super::engine::engine;
use super::inspect::{NotAPlugin, digest, inspect};
use super::link::{self, LinkError};
use super::meter::Usage;
use super::result;
use super::signature::{Form, Function, Signature};
use super::state::{Guest, State};
use super::value::arguments;
use crate::document::{Pointer, Problems};
use crate::log::with_causes;
use crate::provider::Failure;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Val};

/// A file cannot be used as a plugin.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {path} as plugin '{name}'")]
pub struct LoadError {
    /// The plugin's name.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// Why not.
    pub source: Unusable,
}

/// Why a file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It is no component, and none can be made of it.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// It offers nothing, or nothing that can be called.
    #[error(transparent)]
    NotAPlugin(#[from] NotAPlugin),
    /// It imports what is not offered.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// It cannot be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// Reading it crashed.
    #[error("the runner itself failed while it read this file; please report it")]
    Unreadable,
    /// The engine has no use for it, or does not start.
    #[error("{0}")]
    Engine(String),
}

/// Loads plugins: native code from the cache, or compiled and kept there.
pub struct Loader {
    cache: Option<Cache>,
    compiler: Compiler,
}

/// Makes a component of a file's bytes, and says what it offers.
pub(super) type Reader = fn(Vec<u8>) -> Result<(Vec<u8>, Signature), Unusable>;

fn plugin(bytes: Vec<u8>) -> Result<(Vec<u8>, Signature), Unusable> {
    let component = component::component(bytes)?;
    let signature = inspect(&component)?;
    Ok((component, signature))
}

/// A plugin that was read, checked, compiled and linked. Nothing of it has run.
pub struct Plugin {
    /// As the experiment and the policy call it.
    pub name: Arc<str>,
    /// Of its file: `sha256:` and 64 digits.
    pub digest: String,
    /// What it offers, and what it imports.
    pub signature: Signature,
    instance: InstancePre<State>,
}

impl Loader {
    /// With native code kept in `cache`. A folder that is of no use is only slower: a warning
    /// says why. `None` keeps nothing.
    pub fn new(cache: Option<&Path>, compiler: Compiler) -> Loader {
        let open = |folder: &Path| match Cache::open(folder) {
            Ok(cache) => Some(cache),
            Err(error) => {
                let error = with_causes(&error);
                tracing::warn!("plugins are compiled anew each time: {error}");
                None
            }
        };
        Loader {
            cache: cache.and_then(open),
            compiler,
        }
    }

    /// Loads the plugin in a file: a component, or a core module that can be made one.
    ///
    /// # Errors
    /// The file is of no use, see [`Unusable`].
    pub async fn load(&self, name: &str, path: &Path) -> Result<Plugin, LoadError> {
        let loaded = async {
            let bytes = component::read(path)?;
            self.load_bytes(name, bytes).await
        };
        loaded.await.map_err(|source| LoadError {
            name: name.to_owned(),
            path: path.to_owned(),
            source,
        })
    }

    /// The same for bytes.
    ///
    /// # Errors
    /// They are of no use, see [`Unusable`].
    pub async fn load_bytes(&self, name: &str, bytes: Vec<u8>) -> Result<Plugin, Unusable> {
        let (digest, signature, component) = self.component(name, bytes, plugin).await?;
        Ok(Plugin {
            name: name.into(),
            digest,
            signature,
            instance: link::link(&component)?,
        })
    }

    /// The compiled component of a file's bytes, with the file's digest. What the file is, `read`
    /// says, unless it is known.
    pub(super) async fn component(
        &self,
        name: &str,
        bytes: Vec<u8>,
        read: Reader,
    ) -> Result<(String, Signature, Component), Unusable> {
        let engine = engine().map_err(Unusable::Engine)?;
        let digest = digest(&bytes);
        let kept_as = Name::of(&digest, engine);
        let kept = self.cache.as_ref().and_then(|cache| cache.find(&kept_as));
        let kept = kept.and_then(|Kept { signature, code }| match code.component(engine) {
            Ok(component) => Some((signature, component)),
            Err(error) => {
                tracing::warn!("native code of '{name}' is made anew: {error:#}");
                None
            }
        });
        let (signature, component) = match kept {
            Some(kept) => kept,
            None => self.make(bytes, &kept_as, read).await?,
        };
        Ok((digest, signature, component))
    }

    async fn make(
        &self,
        bytes: Vec<u8>,
        keep_as: &Name,
        read: Reader,
    ) -> Result<(Signature, Component), Unusable> {
        let engine = engine().map_err(Unusable::Engine)?;
        // Apart from the run's own thread, for a large one takes a while, and so that nothing
        // that a damaged one does to its readers is the run's end.
        let read = tokio::task::spawn_blocking(move || read(bytes));
        let (component, signature) = read.await.map_err(|_| Unusable::Unreadable)??;
        // Before anything is spent on it.
        link::offered(signature.imports.iter().map(String::as_str))?;
        let code = self.compiler.compile(component).await?;
        let component = code.component(engine);
        let component = component.map_err(|error| Unusable::Engine(format!("{error:#}")))?;
        if let Some(cache) = &self.cache {
            cache.keep(keep_as, &signature, &code);
        }
        Ok((signature, component))
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Plugin");
        shown
            .field("name", &self.name)
            .field("digest", &self.digest);
        shown.finish_non_exhaustive()
    }
}

impl Plugin {
    /// Calls a function of a typed plugin with a JSON object.
    pub async fn call(
        &self,
        function: &Function,
        given: &Map<String, Value>,
        guest: Guest,
    ) -> Called {
        let mut problems = Problems::new();
        let Some(arguments) = arguments(function, given, &Pointer::root(), &mut problems) else {
            let problems: Vec<&str> = problems.errors().map(|p| p.message.as_str()).collect();
            return refused(Failure::Failed(format!(
                "the arguments do not fit {}: {}",
                function.name,
                problems.join("; ")
            )));
        };
        let Some(export) = self.export(&[&function.interface, &function.name]) else {
            return refused(missing(&function.name));
        };
        let entry = Entry {
            export,
            arguments,
            results: usize::from(function.result.is_some()),
            input: Bytes::new(),
            output_is_result: false,
            read: result::of_function,
        };
        call(self.instance.clone(), entry, guest).await
    }

    /// Calls a plugin that does not describe its functions, by a name that it knows: through
    /// `invoke`, or as a command. A typed plugin fails.
    pub async fn invoke(&self, name: &str, given: &Map<String, Value>, guest: Guest) -> Called {
        let command = self.signature.form == Form::Command;
        let export = match self.signature.form {
            Form::Typed => None,
            Form::Untyped => self.export(&["invoke"]),
            Form::Command => self
                .run_interface()
                .and_then(|interface| self.export(&[&interface, "run"])),
        };
        let Some(export) = export else {
            return refused(missing(name));
        };
        let entry = if command {
            Entry {
                export,
                arguments: Vec::new(),
                results: 1,
                input: format!("{}\n", json!({"name": name, "arguments": given})).into(),
                output_is_result: true,
                read: result::of_command,
            }
        } else {
            let given = Value::Object(given.clone()).to_string();
            Entry {
                export,
                arguments: vec![Val::String(name.to_owned()), Val::String(given)],
                results: 1,
                input: Bytes::new(),
                output_is_result: false,
                read: result::of_invoke,
            }
        };
        call(self.instance.clone(), entry, guest).await
    }

    /// By the very names that the component has: the engine would take a compatible version for
    /// the one that was asked for.
    fn export(&self, path: &[&str]) -> Option<ComponentExportIndex> {
        let component = self.instance.component();
        path.iter().try_fold(None, |parent, name| {
            component.get_export_index(parent.as_ref(), *name).map(Some)
        })?
    }

    fn run_interface(&self) -> Option<String> {
        let component = self.instance.component();
        let ty = component.component_type();
        let mut exports = ty.exports(component.engine());
        exports
            .find(|(name, _)| name.starts_with("wasi:cli/run@0.2."))
            .map(|(name, _)| name.to_owned())
    }
}

fn refused(failure: Failure) -> Called {
    Called {
        result: Err(failure),
        returned: false,
        usage: Usage::default(),
    }
}

fn missing(name: &str) -> Failure {
    Failure::Failed(format!("the plugin has no function '{name}'"))
}
