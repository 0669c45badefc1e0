//! What is compiled for WebAssembly: the SDK for Rust, the first-party plugins and the tests'
//! guests, each a workspace of its own.

use crate::tool::{self, cargo};
use crate::{Failure, Outcome, root, target};
use std::path::{Path, PathBuf};
use xshell::{Shell, cmd};

/// What guests are compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's packages with a Rust for it, which compiles the standard library itself.
const DEBIAN: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];

/// Where all of them are built, so that what they share is built once.
fn folder() -> PathBuf {
    target().join("guests")
}

/// Who compiles guests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compiler {
    /// This toolchain, with the target's standard library from rustup.
    Rustup,
    /// `/usr/bin/cargo`.
    Debian,
}

/// Sees to it that guests can be compiled: asks rustup first, then, as root on Debian, apt-get.
pub(crate) fn compiler(shell: &Shell) -> Result<Compiler, Failure> {
    let installed = cmd!(shell, "rustup target list --installed")
        .quiet()
        .ignore_stderr();
    if installed
        .read()
        .is_ok_and(|list| list.lines().any(|line| line == TARGET))
    {
        return Ok(Compiler::Rustup);
    }
    eprintln!("adding the target {TARGET} ...");
    if cmd!(shell, "rustup target add {TARGET}")
        .quiet()
        .run()
        .is_ok()
    {
        return Ok(Compiler::Rustup);
    }
    let is_there =
        Path::new("/usr/lib/rustlib/src").is_dir() && Path::new("/usr/bin/wasm-ld-19").exists();
    if is_there {
        return Ok(Compiler::Debian);
    }
    eprintln!("rustup has no {TARGET}");
    match tool::debian(shell, &DEBIAN) {
        true => Ok(Compiler::Debian),
        false => Err(Failure(format!(
            "plugins cannot be compiled here; type one of\n  rustup target add {TARGET}\n  \
             apt-get install {}   (as root, on Debian)",
            DEBIAN.join(" ")
        ))),
    }
}

/// Checks and tests them.
pub(crate) fn test() -> Outcome {
    let shell = Shell::new()?;
    let compiler = compiler(&shell)?;
    let _target = shell.push_env("CARGO_TARGET_DIR", folder());
    for (workspace, features) in [
        ("sdk/rust", "--all-features"),
        ("plugins", ""),
        ("tests/guests", ""),
    ] {
        shell.change_dir(root().join(workspace));
        eprintln!("{workspace} ...");
        cargo(&shell, "fmt --all --check").quiet().run()?;
        let lints =
            format!("clippy --quiet --workspace --all-targets --locked {features} -- -D warnings");
        cargo(&shell, &lints).quiet().run()?;
        let _guests = (workspace == "tests/guests")
            .then(|| guests(&shell, compiler))
            .transpose()?;
        let tests = format!("test --quiet --workspace --locked {features}");
        cargo(&shell, &tests).quiet().run()?;
        if workspace == "plugins" {
            cases(&shell)?;
        }
    }
    Ok(())
}

/// Builds each first-party plugin with the product itself and runs its cases.
fn cases(shell: &Shell) -> Outcome {
    let product = target().join("debug/chaos-wasm");
    for folder in shell.read_dir(root().join("plugins"))? {
        if folder.join("plugin.toml").is_file() {
            for verb in ["build", "test"] {
                let command = cmd!(shell, "{product} --no-log-file plugin {verb} {folder}").quiet();
                command.ignore_stdout().run()?;
            }
        }
    }
    Ok(())
}

/// Builds the tests' guests and says where the module of one of them is.
pub(crate) fn module(name: &str) -> Result<PathBuf, Failure> {
    let shell = Shell::new()?;
    let compiler = compiler(&shell)?;
    let _target = shell.push_env("CARGO_TARGET_DIR", folder());
    shell.change_dir(root().join("tests/guests"));
    let _guests = guests(&shell, compiler)?;
    let file = format!("{name}.wasm");
    Ok(folder().join(TARGET).join("release").join(file))
}

/// Builds the tests' guests; says where they are while the result is held.
fn guests(shell: &Shell, compiler: Compiler) -> Result<xshell::PushEnv<'_>, Failure> {
    let build = format!("build --quiet --release --locked --target {TARGET}");
    match compiler {
        Compiler::Rustup => cargo(shell, &build).quiet().run()?,
        Compiler::Debian => {
            let build = build.split_whitespace();
            cmd!(
                shell,
                "/usr/bin/cargo {build...} -Zbuild-std=std,panic_abort"
            )
            .env("PATH", "/usr/bin:/bin")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19")
            .quiet()
            .run()?;
        }
    }
    let built = folder().join(TARGET).join("release");
    Ok(shell.push_env("GUESTS", built))
}
