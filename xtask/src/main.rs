//! Developers' commands. `cargo xtask help` lists them.
#![forbid(unsafe_code)]

mod bench;
mod corpus;
mod demo;
mod guest;
mod language;
mod script_engine;
mod service;
mod startup;
mod suite;
mod tool;

use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developers' commands of chaos-wasm")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sets everything up and passes every check and test.
    Test,
    /// Sets everything up and runs an experiment against a small real service.
    Demo,
    /// Builds the engine that runs scripts, unless it is there, and checks its digest.
    ScriptEngine(script_engine::Options),
    /// Measures the runner beside Chaos Toolkit, in the same run.
    Bench(bench::Options),
    /// Builds the tests' guests in languages other than Rust; installs their tools.
    Languages,
    /// Validates every experiment below a folder and says what would run natively.
    Corpus {
        /// The folder.
        folder: PathBuf,
    },
    /// Lists anew the functions that a short run calls, which the linker lays side by side.
    Startup,
    /// Runs a command several times and prints what it took, as JSON.
    #[command(hide = true)]
    Measure(bench::measure::Options),
    /// The demo's service: answers HTTP until it is stopped.
    #[command(hide = true)]
    Service(service::Options),
}

/// A developers' command that went wrong; the text says what and what to do.
#[derive(Debug)]
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure(error.to_string())
    }
}

type Outcome = Result<(), Failure>;

fn main() -> ExitCode {
    LazyLock::force(&PROGRAM);
    let outcome = match Arguments::parse().command {
        Command::Test => suite::run(),
        Command::Demo => demo::run(),
        Command::ScriptEngine(options) => script_engine::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Languages => language::build(),
        Command::Corpus { folder } => corpus::run(&folder),
        Command::Startup => startup::run(),
        Command::Measure(options) => bench::measure::run(&options),
        Command::Service(options) => service::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(message)) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// This program. Asked for at once: cargo may put a newer one in its place while it runs, and the
/// system then calls the old one deleted.
static PROGRAM: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::current_exe().unwrap_or_else(|_| PathBuf::from("xtask")));

/// The repository.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
