//! The demo's service: a small real HTTP server, stopped and started by its experiment.

use crate::Outcome;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

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
