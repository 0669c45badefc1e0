//! The script engine (`runtime/script-engine`): built from source, once for each state of it, and
//! checked against the digest that is committed beside it.

use crate::guest::{self, Compiler};
use crate::tool::{self, cargo};
use crate::{Failure, Outcome, root, target};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use xshell::{Shell, cmd};

#[derive(Default, clap::Args)]
pub(crate) struct Options {
    /// Write the digest of what was built into `runtime/script-engine/engine.sha256`, instead of
    /// checking it: for a change of the engine, its dependencies or its compilers.
    #[arg(long)]
    record: bool,
}

/// QuickJS's compiler.
const CLANG: &str = "clang-19";

/// What puts its objects together.
const ARCHIVER: &str = "llvm-ar-19";

/// Debian's packages with them.
const DEBIAN: [&str; 2] = ["clang-19", "llvm-19"];

/// The engine's package, and the tool that makes a component of it.
const ENGINE: &str = "chaos-script-engine";
const SNAPSHOT: &str = "chaos-script-snapshot";

/// Builds the engine unless it is there, and checks it.
pub(crate) fn run(options: &Options) -> Outcome {
    let shell = Shell::new()?;
    let source = root().join("runtime/script-engine");
    let folder = target().join("script-engine");
    let engine = folder.join("engine.wasm");
    // Relative to the workspace, so that rustup picks the toolchain that it names.
    shell.change_dir(&source);
    compilers(&shell)?;
    let toolchain = toolchain(&shell)?;
    let made_from = made_from(&toolchain)?;
    let key = folder.join("engine.made-from");
    let is_there = fs::read_to_string(&key).is_ok_and(|known| known == made_from);
    if !is_there || !engine.is_file() {
        let begun = Instant::now();
        eprintln!("building the script engine; this takes some minutes, once ...");
        fs::create_dir_all(&folder)?;
        let _ = fs::remove_file(&key);
        build(&shell, &source, &folder, &engine)?;
        fs::write(&key, &made_from)?;
        eprintln!("built in {:.0} s", begun.elapsed().as_secs_f64());
    }
    let bytes = fs::read(&engine)?;
    let digest = hex(&Sha256::digest(&bytes));
    let recorded = source.join("engine.sha256");
    let record = Record { digest, toolchain };
    if options.record {
        fs::write(&recorded, record.to_text())?;
    } else {
        record.check(&Record::read(&recorded)?)?;
    }
    eprintln!(
        "{} ({} KB, sha256 {})",
        engine.display(),
        bytes.len() / 1000,
        record.digest
    );
    Ok(())
}

/// Tests the part of it that runs without a host.
pub(crate) fn test() -> Outcome {
    let shell = Shell::new()?;
    shell.change_dir(root().join("runtime/script-engine"));
    let _target = shell.push_env("CARGO_TARGET_DIR", target().join("script-engine/build"));
    cargo(&shell, "fmt --all --check").quiet().run()?;
    for command in [
        "clippy --quiet --locked --package chaos-script-typescript --all-targets -- -D warnings",
        "test --quiet --locked --package chaos-script-typescript",
    ] {
        cargo(&shell, command).quiet().run()?;
    }
    Ok(())
}

/// A digest, and the compilers whose result has it.
struct Record {
    digest: String,
    toolchain: Vec<String>,
}

impl Record {
    fn read(path: &Path) -> Result<Record, Failure> {
        let text = fs::read_to_string(path)
            .map_err(|error| Failure(format!("{}: {error}", path.display())))?;
        let named = text.lines().filter_map(|line| line.strip_prefix("# with "));
        let digest = text.lines().find(|line| !line.starts_with('#'));
        Ok(Record {
            digest: digest.unwrap_or_default().trim().to_owned(),
            toolchain: named.map(str::to_owned).collect(),
        })
    }

    fn to_text(&self) -> String {
        let mut text = String::from(
            "# SHA-256 of target/script-engine/engine.wasm, as built by `cargo xtask script-engine`\n",
        );
        for compiler in &self.toolchain {
            let _ = writeln!(text, "# with {compiler}");
        }
        let _ = writeln!(text, "{}", self.digest);
        text
    }

    /// Whether this is the recorded engine.
    fn check(&self, recorded: &Record) -> Outcome {
        if self.digest == recorded.digest {
            return Ok(());
        }
        if self.toolchain != recorded.toolchain {
            // Other compilers make other bytes; those of the recorded ones are what is checked.
            eprintln!(
                "the script engine's digest is recorded for {}; built with {} it is another one, \
                 and proves nothing",
                recorded.toolchain.join(" and "),
                self.toolchain.join(" and ")
            );
            return Ok(());
        }
        Err(Failure(format!(
            "the script engine is not the recorded one:\n  built     {}\n  recorded  {}\nIf its sources or dependencies were changed on purpose, \
             `cargo xtask script-engine --record` writes the new digest; otherwise find out what \
             changed it.",
            self.digest, recorded.digest
        )))
    }
}

/// Sees to it that the engine can be compiled: Rust's target by rustup, the one way whose bytes are
/// recorded, and clang from Debian.
fn compilers(shell: &Shell) -> Outcome {
    if guest::compiler(shell)? != Compiler::Rustup {
        return Err(Failure(format!(
            "the script engine is built with rustup's toolchain, so that everybody's is the same; \
             type\n  rustup target add {}",
            guest::TARGET
        )));
    }
    let are_there = || {
        [CLANG, ARCHIVER].iter().all(|program| {
            let asked = cmd!(shell, "{program} --version").quiet();
            asked.ignore_stdout().ignore_stderr().run().is_ok()
        })
    };
    if are_there() {
        return Ok(());
    }
    match tool::debian(shell, &DEBIAN) && are_there() {
        true => Ok(()),
        false => Err(Failure(format!(
            "the script engine cannot be compiled here; type\n  apt-get install {}   \
             (as root, on Debian)",
            DEBIAN.join(" ")
        ))),
    }
}

/// The compilers' names for themselves.
fn toolchain(shell: &Shell) -> Result<Vec<String>, Failure> {
    let rustc = cmd!(shell, "rustc --version").quiet().read()?;
    let clang = cmd!(shell, "{CLANG} --version").quiet().read()?;
    let clang = clang.lines().next().unwrap_or_default();
    Ok(vec![rustc.trim().to_owned(), clang.trim().to_owned()])
}

/// A digest of all that the engine is made from.
fn made_from(toolchain: &[String]) -> Result<String, Failure> {
    let mut files = vec![root().join("xtask/src/script_engine.rs")];
    let mut folders = vec![
        root().join("runtime/script-engine"),
        root().join("host-api/wit"),
    ];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default();
            if path.is_dir() && name != "target" {
                folders.push(path);
            } else if path.is_file() && name != "engine.sha256" {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut hash = Sha256::new();
    for compiler in toolchain {
        hash.update(compiler);
        hash.update([0]);
    }
    for file in files {
        let name = file.strip_prefix(root()).unwrap_or(&file);
        hash.update(name.as_os_str().as_encoded_bytes());
        hash.update([0]);
        hash.update(Sha256::digest(fs::read(&file)?));
    }
    Ok(hex(&hash.finalize()))
}

/// Compiles the engine, runs its initialisation, and makes a component of what that left.
fn build(shell: &Shell, source: &Path, folder: &Path, engine: &Path) -> Outcome {
    let built = folder.join("build");
    let _target = shell.push_env("CARGO_TARGET_DIR", &built);
    cargo(
        shell,
        &format!("build --quiet --locked --package {SNAPSHOT}"),
    )
    .quiet()
    .run()?;
    let anonymous = Anonymous::new(shell, source, &built)?;
    let target = guest::TARGET;
    let compile = format!("build --quiet --release --locked --package {ENGINE} --target {target}");
    let mut compile = cargo(shell, &compile).quiet();
    for (name, value) in [
        ("CC", CLANG.to_owned()),
        ("AR", ARCHIVER.to_owned()),
        ("CFLAGS", anonymous.c()),
    ] {
        compile = compile.env(format!("{name}_wasm32_unknown_unknown"), value);
    }
    // Instead of whatever the environment says: flags change the bytes.
    for name in [
        "CFLAGS",
        "TARGET_CFLAGS",
        "RUSTFLAGS",
        "CARGO_BUILD_RUSTFLAGS",
    ] {
        compile = compile.env_remove(name);
    }
    compile
        .env("CARGO_ENCODED_RUSTFLAGS", anonymous.rust())
        .run()?;
    let core = built.join(target).join("release/chaos_script_engine.wasm");
    let snapshot = built.join("debug").join(SNAPSHOT);
    // In its place only when it is whole.
    let partial = folder.join("engine.wasm.partial");
    cmd!(shell, "{snapshot} {core} {partial}").quiet().run()?;
    fs::rename(&partial, engine)?;
    Ok(())
}

/// Folders that are called the same on every machine, for the compilers write them into what they
/// make.
struct Anonymous(Vec<(PathBuf, String)>);

impl Anonymous {
    fn new(shell: &Shell, source: &Path, built: &Path) -> Result<Anonymous, Failure> {
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
        let home = home.ok_or_else(|| Failure("neither CARGO_HOME nor HOME is set".to_owned()))?;
        let sysroot = PathBuf::from(cmd!(shell, "rustc --print sysroot").quiet().read()?);
        let verbose = cmd!(shell, "rustc --version --verbose").quiet().read()?;
        let commit = verbose
            .lines()
            .find_map(|line| line.strip_prefix("commit-hash: "))
            .unwrap_or("unknown");
        // The last that fits is taken.
        let mut folders = vec![(home.clone(), "/cargo".to_owned())];
        if let Ok(real) = home.canonicalize() {
            folders.push((real, "/cargo".to_owned()));
        }
        folders.push((source.to_owned(), "/engine".to_owned()));
        folders.push((built.to_owned(), "/built".to_owned()));
        // As when the standard library's sources are not installed.
        folders.push((
            sysroot.join("lib/rustlib/src/rust"),
            format!("/rustc/{commit}"),
        ));
        Ok(Anonymous(folders))
    }

    fn rust(&self) -> String {
        let flag =
            |(from, to): &(PathBuf, String)| format!("--remap-path-prefix={}={to}", from.display());
        let flags: Vec<String> = self.0.iter().map(flag).collect();
        flags.join("\u{1f}")
    }

    fn c(&self) -> String {
        let flag =
            |(from, to): &(PathBuf, String)| format!("-ffile-prefix-map={}={to}", from.display());
        let flags: Vec<String> = self.0.iter().map(flag).collect();
        flags.join(" ")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
