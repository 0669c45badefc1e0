//! Plugins beside a bare wasmtime host (`tests/bench`) that does the same calls.

use super::{Bench, experiments, measure};
use crate::tool::cargo;
use crate::{Outcome, guest, target};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xshell::Shell;

/// A guest that an interpreter runs, with a function `mean`; built with the tests' guests.
const INTERPRETED: &str = "languages/javascript/survey.wasm";

impl Bench {
    pub(super) fn plugins(&self, shell: &Shell) -> Outcome {
        eprintln!("building the guest and the bare host ...");
        let module = guest::module("measured")?;
        cargo(
            shell,
            "build --quiet --locked --release --package chaos-bench",
        )
        .run()?;
        let folder = self.folder.join("plugins");
        fs::create_dir_all(&folder)?;
        self.calls(&module, &folder)?;
        self.cold(&folder)?;
        self.many_calls(&folder)
    }

    fn calls(&self, module: &Path, folder: &Path) -> Outcome {
        println!("\nOne call of a plugin, JSON text to JSON text, each in a fresh instance:");
        let mut command = Command::new(program("guest-calls"));
        command.arg(module).arg(folder);
        let interpreted = target().join("guests").join(INTERPRETED);
        if interpreted.exists() {
            command.arg(&interpreted);
        }
        let status = command.status()?;
        if !status.success() {
            return Err(crate::Failure(format!("guest-calls ended with {status}")));
        }
        if !interpreted.exists() {
            println!(
                "  LEFT OUT: the guest in JavaScript; `cargo xtask test` builds {}",
                interpreted.display()
            );
        }
        Ok(())
    }

    /// With everything in the system's caches, and the native code in ours.
    fn cold(&self, folder: &Path) -> Outcome {
        println!("\nOne call, from the start of a process to its end:");
        let text = |path: PathBuf| path.display().to_string();
        let ours = text(self.ours.clone());
        let call = ["--no-log-file", "plugin", "call"].map(str::to_owned);
        let component = text(folder.join("measured.wasm"));
        let given = ["number", "value=1.5"].map(str::to_owned);
        let bare = vec![
            text(program("bare-guest")),
            text(folder.join("measured.cwasm")),
            "1.5".to_owned(),
        ];
        let version = vec![ours.clone(), "--version".to_owned()];
        let call = [vec![ours], call.to_vec(), vec![component], given.to_vec()].concat();
        let cache = folder.join("cache");
        let environment = [("XDG_CACHE_HOME", cache.as_path())];
        let runs = self.runs.max(10) * 4;
        measure::measure(&call, 1, &environment)?;
        for (name, command) in [
            ("bare", bare),
            ("chaos-wasm --version", version),
            ("chaos-wasm plugin call", call),
        ] {
            let measured = measure::measure(&command, runs, &environment)?;
            println!("  {name:<23} {measured}");
        }
        Ok(())
    }

    fn many_calls(&self, folder: &Path) -> Outcome {
        println!("\nMany probes of a plugin in one run:");
        let cache = folder.join("cache");
        let environment = [("XDG_CACHE_HOME", cache.as_path())];
        let Some((_, command)) = self.commands().into_iter().next() else {
            return Ok(());
        };
        for count in [1_000, 5_000, 10_000] {
            let probes = experiments::plugin_probes(&folder.join("measured.wasm"), count);
            let experiment = self.write("plugin-probes.json", &probes)?;
            let line = [command.clone(), vec![experiment.display().to_string()]].concat();
            let measured = measure::measure(&line, 3, &environment)?;
            let journal = fs::metadata(self.journal())?.len() as f64 / 1024.0 / 1024.0;
            println!("  {count:>6}: {measured}; journal {journal:.1} MiB");
        }
        Ok(())
    }
}

fn program(name: &str) -> PathBuf {
    target().join("release").join(name)
}
