//! The demo's service: a small real HTTP server, stopped and started by its experiment.

use crate::{Failure, Outcome};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where to listen. Port 0 takes a free one.
    #[arg(long)]
    address: SocketAddr,
    /// Written once it listens: the process's id.
    #[arg(long)]
    pid_file: PathBuf,
    /// Written once it listens: the address.
    #[arg(long)]
    address_file: Option<PathBuf>,
}

/// Answers until it is stopped.
pub(crate) fn run(options: &Options) -> Outcome {
    let listener = TcpListener::bind(options.address)?;
    if let Some(file) = &options.address_file {
        fs::write(file, listener.local_addr()?.to_string())?;
    }
    fs::write(&options.pid_file, std::process::id().to_string())?;
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || {
            // A client that leaves early is its own business.
            let _ = answer(stream);
        });
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    let mut request = String::new();
    while lines.read_line(&mut line)? > 2 {
        if request.is_empty() {
            request = line.clone();
        }
        line.clear();
    }
    let (status, body) = match request.split_whitespace().nth(1) {
        Some("/checkout") => ("200 OK", r#"{"basket": 3, "total": 42.5}"#),
        _ => ("404 Not Found", r#"{"error": "no such page"}"#),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The service as a process of its own; ended when dropped.
pub(crate) struct Background {
    /// Where it answers.
    pub(crate) address: String,
    child: Child,
}

impl Background {
    /// Starts it; `service.pid` and `service.address` are written into `folder`.
    pub(crate) fn start(folder: &Path) -> Result<Background, Failure> {
        let address_file = folder.join("service.address");
        let pid_file = folder.join("service.pid");
        for file in [&address_file, &pid_file] {
            let _ = fs::remove_file(file);
        }
        let child = Command::new(&*crate::PROGRAM)
            .args(["service", "--address", "127.0.0.1:0", "--pid-file"])
            .arg(&pid_file)
            .arg("--address-file")
            .arg(&address_file)
            .stdin(Stdio::null())
            .spawn()?;
        let mut service = Background {
            address: String::new(),
            child,
        };
        wait_until("the service did not start", || {
            service.address = fs::read_to_string(&address_file).unwrap_or_default();
            pid_file.exists() && TcpStream::connect(&service.address).is_ok()
        })?;
        Ok(service)
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits up to ten seconds.
pub(crate) fn wait_until(otherwise: &str, mut done: impl FnMut() -> bool) -> Outcome {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        if done() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(Failure(otherwise.to_owned()))
}
