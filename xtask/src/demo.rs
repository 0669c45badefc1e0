//! `cargo xtask demo`: an experiment against a small real service.

use crate::{Failure, Outcome, root, target};
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use xshell::{Shell, cmd};

/// The demo's experiment must deviate: its service has nobody to start it again.
const DEVIATED: i32 = 1;

pub(crate) fn run() -> Outcome {
    let shell = Shell::new()?;
    shell.change_dir(root());
    eprintln!("building chaos-wasm ...");
    cmd!(shell, "cargo build --quiet --locked --package chaos-wasm")
        .quiet()
        .run()?;

    let folder = target().join("demo");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let mut service = Service::start(&folder)?;
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
        .env("SERVICE_PROGRAM", std::env::current_exe()?)
        .status()?;
    service.follow(&folder)?;
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

/// The service: first our own child, then the process that the rollback started.
struct Service {
    address: String,
    child: Child,
    successor: Option<u32>,
}

impl Service {
    fn start(folder: &Path) -> Result<Service, Failure> {
        let address_file = folder.join("service.address");
        let child = Command::new(std::env::current_exe()?)
            .args(["service", "--address", "127.0.0.1:0", "--pid-file"])
            .arg(folder.join("service.pid"))
            .arg("--address-file")
            .arg(&address_file)
            .stdin(Stdio::null())
            .spawn()?;
        let mut service = Service {
            address: String::new(),
            child,
            successor: None,
        };
        wait_until("the demo's service did not start", || {
            service.address = fs::read_to_string(&address_file).unwrap_or_default();
            folder.join("service.pid").exists() && TcpStream::connect(&service.address).is_ok()
        })?;
        Ok(service)
    }

    /// Finds the process that the rollback started, and sees it answer.
    fn follow(&mut self, folder: &Path) -> Outcome {
        let first = self.child.id();
        wait_until("the rollback did not start the service again", || {
            let pid = fs::read_to_string(folder.join("service.pid")).unwrap_or_default();
            self.successor = pid.trim().parse().ok().filter(|pid| *pid != first);
            self.successor.is_some() && TcpStream::connect(&self.address).is_ok()
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(pid) = self.successor {
            let _ = Command::new("kill").arg(pid.to_string()).status();
        }
    }
}

fn wait_until(otherwise: &str, mut done: impl FnMut() -> bool) -> Outcome {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        if done() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(Failure(otherwise.to_owned()))
}
