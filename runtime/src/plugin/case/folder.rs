//! The cases and the component in a plugin's folder.

use super::{Case, NotACase};
use crate::plugin::manifest::{Manifest, ManifestError};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Why a folder's cases cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// Something cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// `plugin.toml` is wrong.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// It was never built.
    #[error(
        "there is no {}: build it with `chaos-wasm plugin build {}`",
        component.display(),
        folder.display()
    )]
    NotBuilt {
        /// What there would be.
        component: PathBuf,
        /// The plugin's folder.
        folder: PathBuf,
    },
    /// It was changed since it was built.
    #[error(
        "{} is older than {}: build it again with `chaos-wasm plugin build {}`",
        component.display(),
        changed.display(),
        folder.display()
    )]
    Stale {
        /// What was built.
        component: PathBuf,
        /// What was changed since.
        changed: PathBuf,
        /// The plugin's folder.
        folder: PathBuf,
    },
    /// There is nothing to run.
    #[error("there is no case in {}: write one as NAME.json", .0.display())]
    NoCases(PathBuf),
}

/// A case's file.
#[derive(Debug)]
pub struct Found {
    /// Its name, without `.json`.
    pub name: String,
    /// What is in it.
    pub case: Result<Case, NotACase>,
}

/// The component that was built in a plugin's folder.
///
/// # Errors
/// There is none, or one that is older than what it is built from: `src`, `plugin.toml` and
/// `Cargo.toml`.
pub fn built(folder: &Path) -> Result<PathBuf, NotReady> {
    let manifest = folder.join("plugin.toml");
    let text = fs::read_to_string(&manifest).map_err(unreadable(&manifest))?;
    let parsed = Manifest::parse(&text, &manifest.display().to_string())?;
    let component = folder.join(format!("{}.wasm", parsed.plugin.name));
    let folder = folder.to_owned();
    let Ok(modified) = fs::metadata(&component).and_then(|data| data.modified()) else {
        return Err(NotReady::NotBuilt { component, folder });
    };
    let cargo = folder.join("Cargo.toml");
    let mut newest: Option<(SystemTime, PathBuf)> = None;
    for path in [manifest, cargo, folder.join("src")] {
        newest_within(&path, &mut newest)?;
    }
    match newest {
        Some((time, changed)) if time > modified => Err(NotReady::Stale {
            component,
            changed,
            folder,
        }),
        _ => Ok(component),
    }
}

/// Looks for a newer file; links are not followed.
fn newest_within(path: &Path, newest: &mut Option<(SystemTime, PathBuf)>) -> Result<(), NotReady> {
    let Ok(data) = fs::symlink_metadata(path) else {
        return Ok(()); // A plugin in another language has other files.
    };
    if data.is_dir() {
        for entry in fs::read_dir(path).map_err(unreadable(path))? {
            newest_within(&entry.map_err(unreadable(path))?.path(), newest)?;
        }
        return Ok(());
    }
    let time = data.modified().map_err(unreadable(path))?;
    if newest.as_ref().is_none_or(|(known, _)| *known < time) {
        *newest = Some((time, path.to_owned()));
    }
    Ok(())
}

/// The cases in a plugin's folder, by name.
///
/// # Errors
/// There are none, or they cannot be read.
pub fn cases(folder: &Path) -> Result<Vec<Found>, NotReady> {
    let within = folder.join("tests");
    let entries = match fs::read_dir(&within) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(NotReady::NoCases(within));
        }
        Err(error) => return Err(unreadable(&within)(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable(&within))?.path();
        if path.extension().is_some_and(|end| end == "json") {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(NotReady::NoCases(within));
    }
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Found {
            name: name.into_owned(),
            case: Case::parse(&text),
        })
    };
    paths.into_iter().map(read).collect()
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> NotReady {
    let path = path.to_owned();
    move |source| NotReady::Unreadable { path, source }
}
