//! `completions`.

use crate::cli::{Cli, Completions};
use crate::exit::Exit;
use crate::stdout;
use clap::CommandFactory as _;

pub(crate) fn perform(arguments: &Completions) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Cli::command(),
        "chaos-wasm",
        &mut script,
    );
    stdout::print(&String::from_utf8_lossy(&script))
}
