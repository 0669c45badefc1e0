//! From a plugin's folder to its component.

pub mod toolchain;

use super::component::{self, ComponentError};
use super::inspect::{NotAPlugin, inspect};
use super::manifest::{Manifest, ManifestError};
use super::signature::Signature;
use chaos_host_api::process::find_program;
use chaos_host_api::tool::{self, Complaints};
use std::io;
use std::path::{Path, PathBuf};
use toolchain::{Command, Machine, NoArtifact};
use wasm_encoder::{ComponentSection as _, CustomSection};

/// The custom section that carries the manifest.
const MANIFEST_SECTION: &str = "chaos-manifest";

/// What was built.
#[derive(Debug)]
pub struct Built {
    /// The component's file, in the plugin's folder.
    pub file: PathBuf,
    /// What it offers.
    pub signature: Signature,
}

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// `plugin.toml` is missing or wrong.
    #[error("{} cannot be read; `chaos-wasm plugin new` writes a whole plugin", path.display())]
    NoManifest {
        /// Where it was looked for.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// `plugin.toml` is wrong.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// No toolchain fits.
    #[error(transparent)]
    Toolchain(#[from] toolchain::Error),
    /// It could not be started.
    #[error("cannot start {program}")]
    Start {
        /// The program.
        program: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// It complained; what about was shown.
    #[error("cargo could not build the plugin")]
    Cargo,
    /// It built nothing, or too much.
    #[error(transparent)]
    Artifact(#[from] NoArtifact),
    /// What it built is no component, and none can be made of it.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// The component offers nothing.
    #[error(transparent)]
    NotAPlugin(#[from] NotAPlugin),
    /// It cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
}

/// Builds the plugin in a folder: its component, with the manifest in it, as `NAME.wasm` beside
/// the manifest. `say` is told what takes time before it does.
///
/// # Errors
/// See [`BuildError`].
pub fn build(folder: &Path, say: impl Fn(&str)) -> Result<Built, BuildError> {
    let path = folder.join("plugin.toml");
    let text = std::fs::read_to_string(&path).map_err(|source| BuildError::NoManifest {
        path: path.clone(),
        source,
    })?;
    let manifest = Manifest::parse(&text, &path.display().to_string())?;
    let build = toolchain::choose(&Here, folder)?;
    if build.builds_std {
        say("The standard library is compiled first, once: that takes a minute or two");
    }
    let printed = run(&build.command, Complaints::Shown)?;
    let printed = printed.ok_or(BuildError::Cargo)?;
    let artifact = toolchain::artifact(&printed)?;
    let module = component::read(&artifact)?;
    let component = with_manifest(component::component(module)?, &text);
    let signature = inspect(&component)?;
    let file = folder.join(format!("{}.wasm", manifest.plugin.name));
    std::fs::write(&file, component).map_err(|source| BuildError::Write {
        path: file.clone(),
        source,
    })?;
    Ok(Built { file, signature })
}

/// The component with the manifest's text in a section of its own.
fn with_manifest(mut component: Vec<u8>, manifest: &str) -> Vec<u8> {
    let section = CustomSection {
        name: MANIFEST_SECTION.into(),
        data: manifest.as_bytes().into(),
    };
    section.append_to_component(&mut component);
    component
}

fn run(command: &Command, complaints: Complaints) -> Result<Option<String>, BuildError> {
    let ran = tool::run(
        &command.program,
        &command.arguments,
        command
            .environment
            .iter()
            .map(|(name, value)| (name, value)),
        command.folder.as_deref(),
        complaints,
    );
    let (succeeded, printed) = ran.map_err(|source| BuildError::Start {
        program: command.program.clone(),
        source,
    })?;
    Ok(succeeded.then(|| String::from_utf8_lossy(&printed).into_owned()))
}

/// This machine.
struct Here;

impl Machine for Here {
    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn text(&self, path: &Path) -> Option<String> {
        std::fs::read_to_string(path).ok()
    }

    fn program(&self, name: &str) -> Option<PathBuf> {
        find_program(name)
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn output(&self, command: &Command) -> Option<String> {
        run(command, Complaints::Hidden).ok().flatten()
    }
}
