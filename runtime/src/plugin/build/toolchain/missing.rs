//! What has to be installed before a plugin can be built, and how.

use super::{Command, DEBIAN_PACKAGES, Machine, OLDEST, Target, Version};
use std::fmt;
use std::path::Path;

/// What has to be installed, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What there is none of.
    pub lack: Lack,
    /// Any of them is enough; the best comes first.
    pub remedies: Vec<Remedy>,
}

/// What there is none of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// No Rust at all.
    Rust,
    /// There is only an old one.
    Recent(Version),
    /// It has no standard library for the target.
    Std(Target),
    /// It has no linker for WebAssembly.
    Linker,
}

/// A way to install what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// A command that anybody may run.
    Run(Command),
    /// A command that root may run.
    AsRoot(Command),
    /// A page that says how.
    Page(&'static str),
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(command) => match &command.folder {
                Some(folder) => write!(f, "{command}   (in {})", folder.display()),
                None => write!(f, "{command}"),
            },
            Self::AsRoot(command) => write!(f, "{command}   (as root)"),
            Self::Page(address) => write!(f, "see {address}"),
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.lack {
            Lack::Rust => write!(f, "there is no Rust here, which the plugin is written in")?,
            Lack::Recent(found) => {
                write!(f, "Rust {found} is too old: plugins need {OLDEST} or newer")?
            }
            Lack::Std(target) => write!(
                f,
                "Rust has no standard library for `{}` here",
                target.triple()
            )?,
            Lack::Linker => write!(f, "there is no linker for WebAssembly here")?,
        }
        let mut word = "install it";
        for remedy in &self.remedies {
            write!(f, "\n  {word}: {remedy}")?;
            word = "or";
        }
        Ok(())
    }
}

pub(super) fn remedies(
    machine: &impl Machine,
    folder: &Path,
    lack: &Lack,
    target: Target,
) -> Vec<Remedy> {
    let mut remedies = Vec::new();
    match machine.program("rustup") {
        Some(rustup) => {
            if matches!(lack, Lack::Recent(_) | Lack::Rust) {
                remedies.push(Remedy::Run(Command::new(&rustup, &["update", "stable"])));
            }
            let add = Command::new(rustup, &["target", "add", target.triple()]);
            remedies.push(Remedy::Run(add.in_folder(folder)));
        }
        None => remedies.push(Remedy::Page("https://rustup.rs")),
    }
    // Without rustup they are the shorter way.
    let is_debian = machine.exists(Path::new("/etc/debian_version"));
    if let Some(apt) = machine
        .program("apt-get")
        .filter(|_| is_debian && target == Target::Unknown)
    {
        let mut install = Command::new(apt, &["install", "--yes"]);
        install.arguments.extend(DEBIAN_PACKAGES.map(str::to_owned));
        let last = remedies.len();
        remedies.insert(
            if matches!(remedies.first(), Some(Remedy::Page(_))) {
                0
            } else {
                last
            },
            Remedy::AsRoot(install),
        );
    }
    remedies
}
