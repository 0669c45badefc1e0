//! `compile-plugin`: the compiler in a process of its own.
//!
//! It reads a component, which may be made to cost far more than it weighs, and is otherwise
//! idle: it opens no file, and ends with whoever started it.

use crate::cli::CompilePlugin;
use chaos_wasm::plugin::compile::{REFUSED, compile};
use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use std::io::{Read as _, Write as _};
use std::process::ExitCode;

pub(crate) fn perform(arguments: &CompilePlugin) -> ExitCode {
    match work(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            // Nobody is left to read it when that fails.
            let _ = writeln!(std::io::stderr(), "{reason}");
            ExitCode::from(REFUSED)
        }
    }
}

fn work(arguments: &CompilePlugin) -> Result<(), String> {
    confine(arguments).map_err(|error| format!("cannot limit the compiler: {error}"))?;
    let mut component = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut component);
    read.map_err(|error| format!("cannot read the component: {error}"))?;
    let code = compile(&component)?;
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(&code).and_then(|()| stdout.flush());
    written.map_err(|error| format!("cannot write the native code: {error}"))
}

fn confine(arguments: &CompilePlugin) -> rustix::io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let limits = [
        (Resource::Cpu, arguments.cpu_seconds),
        (Resource::As, arguments.memory_bytes),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        // What is open stays so.
        (Resource::Nofile, 0),
    ];
    for (resource, most) in limits {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}
