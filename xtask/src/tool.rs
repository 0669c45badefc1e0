//! Tools that the commands call: cargo, what is installed from crates.io into the target folder, and
//! Debian's packages.

use crate::{Failure, target};
use std::path::PathBuf;
use xshell::{Cmd, Shell, cmd};

/// The version of cargo-deny that `deny.toml` was written for.
const CARGO_DENY: &str = "0.20.2";

/// `cargo` with arguments, as from a terminal: without what the cargo that runs this program says
/// of its package. ring's build script looks at that, so that ring and everything above it would be
/// built anew whenever the two take turns.
pub(crate) fn cargo<'s>(shell: &'s Shell, arguments: &str) -> Cmd<'s> {
    let command = cmd!(shell, "cargo").args(arguments.split_whitespace());
    std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| {
            let name = name.to_string_lossy();
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        })
        .fold(command, Cmd::env_remove)
}

/// cargo-deny; built on first use, which takes some minutes.
pub(crate) fn cargo_deny(shell: &Shell) -> Result<PathBuf, Failure> {
    let folder = target()
        .join("tools")
        .join(format!("cargo-deny-{CARGO_DENY}"));
    let program = folder.join("bin").join("cargo-deny");
    if !program.exists() {
        eprintln!(
            "installing cargo-deny {CARGO_DENY} into {} ...",
            folder.display()
        );
        let build = target().join("tools").join("build");
        let _target = shell.push_env("CARGO_TARGET_DIR", build);
        cmd!(
            shell,
            "cargo install --quiet --locked --no-default-features --version {CARGO_DENY} --root {folder} cargo-deny"
        )
        .run()?;
    }
    Ok(program)
}

/// Installs Debian's packages, as root on Debian; whether they are there then. The lists of packages
/// are only fetched when those of the machine are of no use.
pub(crate) fn debian(shell: &Shell, packages: &[&str]) -> bool {
    let apt = |arguments: &[&str]| {
        let command =
            cmd!(shell, "apt-get {arguments...}").env("DEBIAN_FRONTEND", "noninteractive");
        command.quiet().ignore_stdout().run().is_ok()
    };
    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    eprintln!("installing Debian's {} ...", packages.join(", "));
    apt(&install) || apt(&["update"]) && apt(&install)
}
