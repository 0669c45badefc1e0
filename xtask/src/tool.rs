//! Tools that the checks need, installed from crates.io into the target folder.

use crate::{Failure, target};
use std::path::PathBuf;
use xshell::{Shell, cmd};

/// The version of cargo-deny that `deny.toml` was written for.
const CARGO_DENY: &str = "0.20.2";

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
