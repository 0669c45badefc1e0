//! `info`.

use crate::catalogue::PACKAGES;
use crate::cli::{Info, InfoTarget};
use crate::exit::Exit;
use crate::session::Session;
use crate::stdout;
use tracing::error;

pub(crate) fn perform(session: &Session, arguments: &Info) -> Exit {
    match arguments.target {
        InfoTarget::Core => stdout::print(&core()),
        InfoTarget::Extensions => stdout::print(&extensions()),
        InfoTarget::Settings => settings(session),
    }
}

fn core() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let platform = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let rows = [
        ("NAME", "VERSION"),
        ("CLI", version),
        ("Core library", version),
        ("Platform", &platform),
    ];
    rows.iter()
        .map(|(name, version)| format!("{name:<20}{version}\n"))
        .collect()
}

fn extensions() -> String {
    let row = |name: &str, version: &str, count: &str, description: &str| {
        format!("{name:<40}{version:<10}{count:<12}{description}\n")
    };
    let mut text = row("NAME", "VERSION", "ACTIVITIES", "DESCRIPTION");
    for package in &PACKAGES {
        text += &row(
            package.extension,
            env!("CARGO_PKG_VERSION"),
            &package.activities().len().to_string(),
            package.description,
        );
    }
    text
}

fn settings(session: &Session) -> Exit {
    let Some(path) = &session.settings_path else {
        return stdout::print("No settings file found: there is no home directory\n");
    };
    match std::fs::read(path) {
        Ok(content) => stdout::print(&format!("{}\n", String::from_utf8_lossy(&content))),
        Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => {
            stdout::print(&format!("No settings file found at {}\n", path.display()))
        }
        Err(problem) => {
            error!("Cannot read '{}': {problem}", path.display());
            Exit::failed()
        }
    }
}
