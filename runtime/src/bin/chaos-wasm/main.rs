//! The command line: options in, exit code out. Everything else is the library's.
#![forbid(unsafe_code)]

mod catalogue;
mod cli;
mod compile_plugin;
mod completions;
mod controls;
mod crash;
mod discover;
mod exit;
mod identity;
mod info;
mod init;
mod log;
mod man;
mod plugin;
mod policy;
mod progress;
mod prompt;
mod rights;
mod run;
mod selftest;
mod session;
mod settings;
mod stderr;
mod stdout;
mod validate;
mod yaml;

use chaos_wasm::log::Redaction;
use clap::Parser as _;
use cli::{Cli, Command};
use exit::Exit;
use session::Session;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

fn main() -> ExitCode {
    // The runner as its own worker: neither a session nor a crash report, for the process that
    // started this one finds the words.
    let mut arguments = std::env::args_os().skip(1).peekable();
    if arguments
        .next_if(|first| first == "compile-plugin")
        .is_some()
    {
        return compile_plugin::perform(arguments);
    }
    let cli = Cli::parse();
    let redaction = Redaction::default();
    crash::announce(redaction.clone());
    let exit =
        catch_unwind(AssertUnwindSafe(|| perform(&cli, redaction))).unwrap_or(Exit::failed());
    stderr::finish();
    exit.into()
}

fn perform(cli: &Cli, redaction: Redaction) -> Exit {
    // What packagers ask for needs no session, and must not leave a log file behind.
    match &cli.command {
        Command::Completions(arguments) => return completions::perform(arguments),
        Command::Man(arguments) => return man::perform(arguments),
        Command::Selftest(arguments) => return selftest::perform(arguments),
        _ => {}
    }
    let session = match Session::begin(cli, redaction) {
        Ok(session) => session,
        Err(exit) => return exit,
    };
    match &cli.command {
        Command::Run(arguments) => run::perform(&session, arguments),
        Command::Validate(arguments) => validate::perform(&session, arguments),
        Command::Info(arguments) => info::perform(&session, arguments),
        Command::Settings(arguments) => settings::perform(&session, arguments),
        Command::Discover(arguments) => discover::perform(&session, arguments),
        Command::Init(arguments) => init::perform(&session, arguments),
        Command::Policy(arguments) => policy::perform(arguments),
        Command::Plugin(arguments) => plugin::perform(&session, arguments),
        Command::Completions(arguments) => completions::perform(arguments),
        Command::Man(arguments) => man::perform(arguments),
        Command::Selftest(arguments) => selftest::perform(arguments),
    }
}
