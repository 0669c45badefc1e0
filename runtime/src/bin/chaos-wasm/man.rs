//! `man`.

use crate::cli::{Cli, Man};
use crate::exit::Exit;
use crate::stdout;
use clap::CommandFactory as _;
use std::io;
use std::path::Path;

pub(crate) fn perform(arguments: &Man) -> Exit {
    match &arguments.dir {
        None => {
            let mut page = Vec::new();
            match clap_mangen::Man::new(Cli::command()).render(&mut page) {
                Ok(()) => stdout::print(&String::from_utf8_lossy(&page)),
                Err(error) => complain("render the manual page", &error),
            }
        }
        Some(directory) => match write(directory) {
            Ok(()) => Exit::OK,
            Err(error) => complain(
                &format!("write manual pages into '{}'", directory.display()),
                &error,
            ),
        },
    }
}

fn write(directory: &Path) -> io::Result<()> {
    std::fs::create_dir_all(directory)?;
    clap_mangen::generate_to(Cli::command(), directory)
}

fn complain(what: &str, error: &io::Error) -> Exit {
    use io::Write as _;
    // This command has no log. Standard error may be closed.
    let _ = writeln!(io::stderr(), "chaos-wasm: cannot {what}: {error}");
    Exit::failed()
}
