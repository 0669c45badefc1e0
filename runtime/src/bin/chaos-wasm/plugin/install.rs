//! `plugin install` and `plugin list`.

use crate::cli::{PluginInstall, PluginPlace};
use crate::exit::{Exit, chain};
use crate::stdout;
use chaos_wasm::plugin::{Manifest, Name, digest, inspect};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use tracing::error;

pub(crate) fn install(arguments: &PluginInstall) -> Exit {
    match try_install(arguments) {
        Ok(text) => stdout::print(&text),
        Err(problem) => {
            error!("{problem}");
            Exit::failed()
        }
    }
}

fn try_install(arguments: &PluginInstall) -> Result<String, String> {
    let file = &arguments.file;
    let shown = file.display();
    let bytes = super::read(file)?;
    let signature = inspect(&bytes).map_err(|problem| format!("{shown}: {}", chain(&problem)))?;
    let named = match &signature.manifest {
        Some(text) => {
            let manifest = Manifest::parse(text, &format!("the manifest within {shown}"));
            manifest.map_err(|problem| problem.to_string())?.plugin.name
        }
        None => file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    };
    let named: Name = named
        .parse()
        .map_err(|problem| format!("{problem}; rename the file"))?;
    let folder = folder(&arguments.place)?;
    let path = folder.join(format!("{named}.wasm"));
    if path.exists() && !arguments.replace {
        return Err(format!(
            "{} is there already; --replace installs over it",
            path.display()
        ));
    }
    let unwritable =
        |problem: std::io::Error| format!("Cannot write {}: {problem}", path.display());
    fs::create_dir_all(&folder).map_err(unwritable)?;
    // Whole or not at all: a run may load it meanwhile.
    let mut part = tempfile::NamedTempFile::new_in(&folder).map_err(unwritable)?;
    part.write_all(&bytes).map_err(unwritable)?;
    part.persist(&path)
        .map_err(|problem| unwritable(problem.error))?;
    Ok(format!(
        "Installed {named} as {}\n{}\n\
         It can do nothing until a policy grants it something ([plugins.{named}]).\n",
        path.display(),
        digest(&bytes)
    ))
}

pub(crate) fn list(arguments: &PluginPlace) -> Exit {
    let folder = match folder(arguments) {
        Ok(folder) => folder,
        Err(problem) => {
            error!("{problem}");
            return Exit::failed();
        }
    };
    let Ok(entries) = fs::read_dir(&folder) else {
        return stdout::print(&format!(
            "No plugins are installed in {}\n",
            folder.display()
        ));
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "wasm"))
        .collect();
    paths.sort();
    let mut text = String::new();
    for path in paths {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let line = match super::read(&path).map(|bytes| inspect(&bytes)) {
            Ok(Ok(signature)) => {
                let functions = signature.functions.iter().map(|f| f.name.as_str());
                functions.collect::<Vec<_>>().join(", ")
            }
            Ok(Err(problem)) => format!("unusable: {}", chain(&problem)),
            Err(problem) => format!("unusable: {problem}"),
        };
        text.push_str(&format!("{name}: {line}\n"));
    }
    stdout::print(&text)
}

fn folder(place: &PluginPlace) -> Result<PathBuf, String> {
    place.folder().ok_or_else(|| {
        "There is no home directory to install plugins in; name a folder with --plugin-dir"
            .to_owned()
    })
}
