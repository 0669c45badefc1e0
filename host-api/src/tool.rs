//! Tools of a developer's machine (cargo, rustc), run because the user typed a command that needs
//! them. They act for nobody else, so they need no pass.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a tool to its end and gives what it wrote to standard output, and whether it succeeded.
/// Standard error stays the user's: progress and complaints are shown as they come.
///
/// # Errors
/// It cannot be started.
pub fn run(
    program: &Path,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    environment: impl IntoIterator<Item = (impl AsRef<OsStr>, impl AsRef<OsStr>)>,
    folder: Option<&Path>,
    complaints: Complaints,
) -> io::Result<(bool, Vec<u8>)> {
    let mut command = Command::new(program);
    command.args(arguments).envs(environment);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command.stderr(match complaints {
        Complaints::Shown => Stdio::inherit(),
        Complaints::Hidden => Stdio::null(),
    });
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    let output = command.spawn()?.wait_with_output()?;
    Ok((output.status.success(), output.stdout))
}

/// What becomes of a tool's standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complaints {
    /// The user sees it.
    Shown,
    /// Nobody does: the tool is only asked whether it can.
    Hidden,
}
