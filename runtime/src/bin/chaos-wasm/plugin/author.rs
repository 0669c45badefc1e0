//! `plugin new` and `plugin build`.

use crate::cli::{Language, PluginBuild, PluginNew};
use crate::exit::{Exit, chain};
use crate::stdout;
use chaos_wasm::plugin::build;
use chaos_wasm::plugin::{Name, scaffold};
use std::fs;
use std::path::Path;
use tracing::{error, info};

pub(crate) fn new(arguments: &PluginNew) -> Exit {
    let name: Name = match arguments.name.parse() {
        Ok(name) => name,
        Err(problem) => {
            error!("{problem}");
            return Exit::usage();
        }
    };
    let files = match arguments.lang {
        Language::Rust => scaffold::rust(&name),
    };
    let files = match files {
        Ok(files) => files,
        Err(problem) => {
            error!("{problem}");
            return Exit::usage();
        }
    };
    let folder = Path::new(name.as_str());
    // Nothing that is there is touched.
    if let Err(problem) = fs::create_dir(folder) {
        error!("Cannot make the folder {name}: {problem}");
        return Exit::usage();
    }
    for file in files {
        let path = folder.join(&file.path);
        let within = path.parent().map_or(Ok(()), fs::create_dir_all);
        if let Err(problem) = within.and_then(|()| fs::write(&path, file.text)) {
            error!("Cannot write {}: {problem}", path.display());
            return Exit::failed();
        }
    }
    stdout::print(&format!(
        "Wrote {name}/: a probe in src/lib.rs, what it asks for in plugin.toml, its cases in tests/.\n\
         Next:\n  cd {name}\n  cargo test\n  chaos-wasm plugin build\n  chaos-wasm plugin test\n"
    ))
}

pub(crate) fn build(arguments: &PluginBuild) -> Exit {
    match build::build(&arguments.folder, |text| info!("{text}")) {
        Ok(built) => {
            let functions = built.signature.functions.len();
            let s = if functions == 1 { "" } else { "s" };
            stdout::print(&format!(
                "Built {}: {functions} function{s}\n",
                built.file.display()
            ))
        }
        Err(problem) => {
            error!("{}", chain(&problem));
            Exit::failed()
        }
    }
}
