//! `cargo xtask demo`: an experiment against a small real service.

use crate::service::{Background, wait_until};
use crate::tool::cargo;
use crate::{Failure, Outcome, root, target};
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use xshell::Shell;

/// The demo's experiment must deviate: its service has nobody to start it again.
const DEVIATED: i32 = 1;

pub(crate) fn run() -> Outcome {
    let shell = Shell::new()?;
    shell.change_dir(root());
    eprintln!("building chaos-wasm ...");
    cargo(&shell, "build --quiet --locked --package chaos-wasm")
        .quiet()
        .run()?;

    let folder = target().join("demo");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let service = Background::start(&folder)?;
    eprintln!("a service answers at http://{}/checkout\n", service.address);

    let journal = folder.join("journal.json");
    let status = Command::new(target().join("debug").join("chaos-wasm"))
        .current_dir(root().join("experiments").join("stopped-service"))
        .args(["--no-log-file", "run", "experiment.json", "--journal-path"])
        .arg(&journal)
        .arg("--state-dir")
        .arg(folder.join("state"))
        .env("SERVICE_URL", format!("http://{}", service.address))
        .env("SERVICE_ADDRESS", &service.address)
        .env("SERVICE_PID_FILE", folder.join("service.pid"))
        .env("SERVICE_PROGRAM", &*crate::PROGRAM)
        .status()?;
    let _successor = Successor::find(&folder, &service)?;
    if status.code() != Some(DEVIATED) {
        return Err(Failure(format!(
            "the demo's experiment should have deviated (exit code {DEVIATED}), but: {status}"
        )));
    }
    eprintln!(
        "\nThe experiment deviated, as it should: nobody restarts this service but its rollback."
    );
    eprintln!("The journal: {}", journal.display());
    Ok(())
}

/// The process that the rollback started; ended when dropped.
struct Successor(u32);

impl Successor {
    /// Finds it, and sees it answer.
    fn find(folder: &Path, service: &Background) -> Result<Successor, Failure> {
        let mut found = None;
        wait_until("the rollback did not start the service again", || {
            let pid = fs::read_to_string(folder.join("service.pid")).unwrap_or_default();
            let pid = pid.trim().parse().ok().filter(|pid| *pid != service.pid());
            found = pid.map(Successor);
            found.is_some() && TcpStream::connect(&service.address).is_ok()
        })?;
        found.ok_or_else(|| Failure("the rollback left no process id".to_owned()))
    }
}

impl Drop for Successor {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.to_string()).status();
    }
}
