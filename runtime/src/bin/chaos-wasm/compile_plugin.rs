//! `compile-plugin`: the compiler in a process of its own. The runner calls it, and nobody else:
//! no help and no completion knows it.
//!
//! It turns a component on standard input, which may be made to cost far more than it weighs, into
//! native code on standard output. It opens no file, and ends with whoever started it.

use chaos_wasm::plugin::compile::{REFUSED, compile};
use clap::Parser;
use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "compile-plugin", no_binary_name = true)]
struct CompilePlugin {
    /// CPU time, in seconds
    #[arg(long, value_name = "N")]
    cpu_seconds: u64,
    /// Address space, in bytes
    #[arg(long, value_name = "N")]
    memory_bytes: u64,
}

pub(crate) fn perform(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    match work(&CompilePlugin::parse_from(arguments)) {
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
