//! The process's own environment.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Starts this program anew, in this process, with the same arguments and with `variables` added
/// to its environment.
///
/// Changing the environment of a running process is unsound in Rust (another thread, or a C
/// library, may be reading it); replacing the process is not. To be called before anything was
/// begun: it returns only if the program cannot be started, with the reason.
pub fn restart_with(variables: &BTreeMap<String, String>) -> io::Error {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return error,
    };
    let mut arguments = std::env::args_os();
    let mut command = Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    command.args(arguments).envs(variables).exec()
}
