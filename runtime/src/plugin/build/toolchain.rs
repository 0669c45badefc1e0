//! Which Rust builds a plugin on this machine, and by what command.
//!
//! Nothing here looks at the machine or runs a program: [`Machine`] is asked, and [`choose`] gives
//! a [`Build`] to run, or says what to install.

#[cfg(test)]
mod tests;

mod missing;

use missing::remedies;
pub use missing::{Lack, Missing, Remedy};

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The oldest compiler that builds the SDK: that of `wit-bindgen`, `sdk/rust` says the same.
pub const OLDEST: Version = Version {
    major: 1,
    minor: 88,
};

/// Debian's packages of a Rust that is new enough. It comes without a standard library for
/// WebAssembly, but with its source.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];

/// Names of LLVM's linker for WebAssembly, newest first.
const LINKERS: [&str; 9] = [
    "wasm-ld",
    "wasm-ld-22",
    "wasm-ld-21",
    "wasm-ld-20",
    "wasm-ld-19",
    "wasm-ld-18",
    "wasm-ld-17",
    "wasm-ld-16",
    "wasm-ld-15",
];

/// What is asked about the machine.
pub trait Machine {
    /// Whether there is a file or folder.
    fn exists(&self, path: &Path) -> bool;
    /// The text of a file; none if it cannot be read.
    fn text(&self, path: &Path) -> Option<String>;
    /// Where `PATH` leads to a program.
    fn program(&self, name: &str) -> Option<PathBuf>;
    /// An environment variable.
    fn variable(&self, name: &str) -> Option<String>;
    /// What a command prints; none if it fails.
    fn output(&self, command: &Command) -> Option<String>;
}

/// A command to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What is set in its environment, besides what is there.
    pub environment: Vec<(String, String)>,
    /// The folder that it runs in; none: any.
    pub folder: Option<PathBuf>,
}

impl Command {
    fn new(program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        Self {
            program: program.into(),
            arguments: arguments
                .iter()
                .map(|&argument| argument.to_owned())
                .collect(),
            environment: Vec::new(),
            folder: None,
        }
    }

    fn in_folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }
}

/// As one would type it.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.environment {
            write!(f, "{name}={value} ")?;
        }
        write!(f, "{}", self.program.display())?;
        self.arguments
            .iter()
            .try_for_each(|argument| write!(f, " {argument}"))
    }
}

/// What a plugin in Rust is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// `wasm32-unknown-unknown`: a core module, which imports nothing but what the plugin uses.
    Unknown,
    /// `wasm32-wasip2`: a component, which imports WASI as well.
    Wasip2,
}

impl Target {
    /// Its name.
    pub fn triple(self) -> &'static str {
        match self {
            Self::Unknown => "wasm32-unknown-unknown",
            Self::Wasip2 => "wasm32-wasip2",
        }
    }
}

/// A compiler's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl Version {
    /// Of `rustc 1.95.0 (59807616e 2026-04-14)`.
    fn printed(text: &str) -> Option<Self> {
        let mut numbers = text.split_whitespace().nth(1)?.split('.');
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next()?.parse().ok()?;
        Some(Self { major, minor })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// How to build a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// What it is compiled for.
    pub target: Target,
    /// Builds it, and prints what [`artifact`] reads.
    pub command: Command,
    /// Whether the standard library is compiled first, once: that takes a minute or two.
    pub builds_std: bool,
}

/// Why a plugin cannot be built here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something has to be installed.
    #[error("{0}")]
    Missing(Missing),
    /// Cargo's configuration says to build for something else.
    #[error(
        "{place} has cargo build for `{target}`, but plugins are WebAssembly: write `wasm32-unknown-unknown` or `wasm32-wasip2` there, or take it out"
    )]
    Target {
        /// The file or variable.
        place: String,
        /// What it says.
        target: String,
    },
    /// Cargo's configuration is no TOML.
    #[error("{} cannot be read as TOML", place.display())]
    Configuration {
        /// The file.
        place: PathBuf,
        /// Where and why.
        #[source]
        source: toml::de::Error,
    },
}

/// How to build the plugin in a folder, which has its `Cargo.toml`.
///
/// The Rust that `PATH` leads to comes first (with rustup: the one that the folder asks for), then
/// `/usr/bin`'s. A standard library that is installed comes before one that has to be compiled.
///
/// # Errors
/// Something is missing, or Cargo is configured for another target.
pub fn choose(machine: &impl Machine, folder: &Path) -> Result<Build, Error> {
    let target = target(machine, folder)?;
    let compilers = compilers(machine, folder, target);
    let recent = || {
        compilers
            .iter()
            .filter(|compiler| compiler.version >= OLDEST)
    };
    let ready = recent().find(|compiler| compiler.has_std && compiler.linker.is_some());
    let from_source = recent().find(|compiler| compiler.has_source && compiler.linker.is_some());
    if let Some(compiler) = ready {
        return Ok(compiler.build(folder, target, false));
    }
    // WASI's own needs a C library and a linker of its own.
    if let Some(compiler) = from_source.filter(|_| target == Target::Unknown) {
        return Ok(compiler.build(folder, target, true));
    }
    let lack = if recent()
        .any(|compiler| compiler.has_std || compiler.has_source && target == Target::Unknown)
    {
        Lack::Linker
    } else if recent().next().is_some() {
        Lack::Std(target)
    } else {
        compilers
            .iter()
            .map(|compiler| compiler.version)
            .max()
            .map_or(Lack::Rust, Lack::Recent)
    };
    Err(Error::Missing(Missing {
        remedies: remedies(machine, folder, &lack, target),
        lack,
    }))
}

/// A cargo and a rustc that belong together.
struct Compiler {
    cargo: PathBuf,
    /// None: the one that cargo finds.
    rustc: Option<PathBuf>,
    version: Version,
    has_std: bool,
    has_source: bool,
    /// Its own, one that the user set, or one that was found.
    linker: Option<Linker>,
}

enum Linker {
    /// Cargo knows it.
    Known,
    Found(PathBuf),
}

impl Compiler {
    fn build(&self, folder: &Path, target: Target, builds_std: bool) -> Build {
        let mut command = Command::new(
            &self.cargo,
            &[
                "build",
                "--release",
                "--target",
                target.triple(),
                "--message-format",
                "json-render-diagnostics",
            ],
        )
        .in_folder(folder);
        let mut set =
            |name: &str, value: String| command.environment.push((name.to_owned(), value));
        if let Some(rustc) = &self.rustc {
            set("RUSTC", rustc.display().to_string());
        }
        if let Some(Linker::Found(linker)) = &self.linker {
            set(&linker_variable(target), linker.display().to_string());
        }
        if builds_std {
            // Lets a release of the compiler do what is cargo's to stabilise.
            set("RUSTC_BOOTSTRAP", "1".to_owned());
            command
                .arguments
                .push("-Zbuild-std=std,panic_abort".to_owned());
        }
        Build {
            target,
            command,
            builds_std,
        }
    }
}

fn linker_variable(target: Target) -> String {
    let triple = target.triple().to_uppercase().replace('-', "_");
    format!("CARGO_TARGET_{triple}_LINKER")
}

/// The compilers that there are, the preferred one first.
fn compilers(machine: &impl Machine, folder: &Path, target: Target) -> Vec<Compiler> {
    let on_path = machine.program("cargo").zip(machine.program("rustc"));
    let system = (
        PathBuf::from("/usr/bin/cargo"),
        PathBuf::from("/usr/bin/rustc"),
    );
    let first = on_path
        .clone()
        .and_then(|(cargo, rustc)| compiler(machine, folder, target, cargo, rustc, false));
    let second = on_path
        .is_none_or(|on_path| on_path != system)
        .then(|| compiler(machine, folder, target, system.0, system.1, true))
        .flatten();
    first.into_iter().chain(second).collect()
}

fn compiler(
    machine: &impl Machine,
    folder: &Path,
    target: Target,
    cargo: PathBuf,
    rustc: PathBuf,
    name_rustc: bool,
) -> Option<Compiler> {
    if !machine.exists(&cargo) {
        return None;
    }
    let ask =
        |arguments: &[&str]| machine.output(&Command::new(&rustc, arguments).in_folder(folder));
    let version = Version::printed(&ask(&["--version"])?)?;
    let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?.trim());
    let libraries = ask(&["--print", "target-libdir", "--target", target.triple()]);
    Some(Compiler {
        has_std: libraries.is_some_and(|libraries| machine.exists(Path::new(libraries.trim()))),
        has_source: machine.exists(&sysroot.join("lib/rustlib/src/rust/library/std/Cargo.toml")),
        linker: linker(machine, target, &sysroot, ask(&["-vV"]).as_deref()),
        cargo,
        rustc: name_rustc.then_some(rustc),
        version,
    })
}

fn linker(
    machine: &impl Machine,
    target: Target,
    sysroot: &Path,
    verbose: Option<&str>,
) -> Option<Linker> {
    if machine.variable(&linker_variable(target)).is_some() {
        return Some(Linker::Known);
    }
    let host = verbose?
        .lines()
        .find_map(|line| line.strip_prefix("host: "))?;
    let own = match target {
        Target::Unknown => "rust-lld",
        Target::Wasip2 => "wasm-component-ld",
    };
    if machine.exists(
        &sysroot
            .join("lib/rustlib")
            .join(host.trim())
            .join("bin")
            .join(own),
    ) {
        return Some(Linker::Known);
    }
    match target {
        Target::Unknown => LINKERS
            .iter()
            .find_map(|name| machine.program(name))
            .map(Linker::Found),
        Target::Wasip2 => machine.program(own).map(Linker::Found),
    }
}

/// What cargo is configured to build for: `CARGO_BUILD_TARGET`, else `build.target` in the nearest
/// `.cargo/config.toml`, else `wasm32-unknown-unknown`.
fn target(machine: &impl Machine, folder: &Path) -> Result<Target, Error> {
    if let Some(triple) = machine.variable("CARGO_BUILD_TARGET") {
        return known(&triple).ok_or(Error::Target {
            place: "CARGO_BUILD_TARGET".to_owned(),
            target: triple,
        });
    }
    let nearby = folder.ancestors().map(|folder| folder.join(".cargo"));
    let home = machine.variable("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&machine.variable("HOME")?).join(".cargo")));
    for place in nearby.chain(home).map(|folder| folder.join("config.toml")) {
        let Some(text) = machine.text(&place) else {
            continue;
        };
        let configuration: toml::Table = match text.parse() {
            Ok(configuration) => configuration,
            Err(source) => return Err(Error::Configuration { place, source }),
        };
        let Some(triple) = configuration
            .get("build")
            .and_then(|build| build.get("target"))
        else {
            continue;
        };
        let triple = triple
            .as_str()
            .map_or_else(|| triple.to_string(), str::to_owned);
        return known(&triple).ok_or(Error::Target {
            place: place.display().to_string(),
            target: triple,
        });
    }
    Ok(Target::Unknown)
}

fn known(triple: &str) -> Option<Target> {
    [Target::Unknown, Target::Wasip2]
        .into_iter()
        .find(|target| target.triple() == triple)
}

/// Why cargo's output has no WebAssembly.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NoArtifact {
    /// None was built.
    #[error(
        "cargo built no WebAssembly: the plugin's Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`"
    )]
    None,
    /// The folder is a workspace with several plugins.
    #[error("cargo built several plugins ({}): build each in its own folder", .0.join(", "))]
    Several(Vec<String>),
}

/// The file that [`Build::command`] made, out of what it printed.
///
/// # Errors
/// There is none, or more than one.
pub fn artifact(printed: &str) -> Result<PathBuf, NoArtifact> {
    let mut files: Vec<String> = printed
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter(|message| {
            message["target"]["crate_types"]
                .as_array()
                .is_some_and(|types| types.iter().any(|it| it == "cdylib"))
        })
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| Some(file.as_str()?.to_owned()))
        .filter(|file| file.ends_with(".wasm"))
        .collect();
    match (files.pop(), files.is_empty()) {
        (None, _) => Err(NoArtifact::None),
        (Some(file), true) => Ok(PathBuf::from(file)),
        (Some(file), false) => {
            files.push(file);
            Err(NoArtifact::Several(files))
        }
    }
}
