//! A scripted server on 127.0.0.1, which `selftest` sets guests on: it answers as it is told, and
//! remembers what it was asked. It accepts connections of this machine only and sends nothing by
//! itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// `GET /path`.
    pub line: String,
    /// In the order of arrival.
    pub headers: Vec<(String, String)>,
    /// What is no UTF-8 is replaced.
    pub body: String,
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// These bytes, and the connection stays.
    Whole(Vec<u8>),
    /// These bytes, and the connection ends.
    Last(Vec<u8>),
    /// The first bytes, then the second ones again and again with a pause between them, until the
    /// other side goes away.
    Endless(Vec<u8>, Vec<u8>, Duration),
    /// Nothing until the other side goes away.
    Hold,
}

/// The server. Dropped, it ends.
#[derive(Debug)]
pub struct Loopback {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The largest request that is read; those of a self test have some hundred bytes.
const MOST: usize = 1024 * 1024;

impl Loopback {
    /// Starts on a port of the system's choice.
    ///
    /// # Errors
    /// There is no loopback interface, or no port.
    pub async fn start(
        script: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> std::io::Result<Loopback> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let script = Arc::new(script);
        let all = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (script, all) = (Arc::clone(&script), Arc::clone(&all));
                connections.spawn(async move {
                    // The other side may go away at any time.
                    let _ = serve(stream, &*script, &all).await;
                });
            }
        });
        Ok(Loopback {
            address,
            asked,
            task,
        })
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    script: &(impl Fn(&Asked) -> Answer + Send + Sync),
    all: &Mutex<Vec<Asked>>,
) -> std::io::Result<()> {
    while let Some(asked) = read(&mut stream).await? {
        let answer = script(&asked);
        all.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(asked);
        match answer {
            Answer::Whole(bytes) => stream.write_all(&bytes).await?,
            Answer::Last(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Answer::Endless(first, again, pause) => {
                stream.write_all(&first).await?;
                loop {
                    stream.write_all(&again).await?;
                    tokio::time::sleep(pause).await;
                }
            }
            Answer::Hold => while stream.read(&mut [0; 512]).await? > 0 {},
        }
    }
    Ok(())
}

/// The next request; none at the connection's end.
async fn read(stream: &mut TcpStream) -> std::io::Result<Option<Asked>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < MOST {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return Ok(None),
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let line = lines.next().unwrap_or_default();
    let line = line.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.parse::<usize>().ok());
    let mut body = vec![0; length.unwrap_or(0).min(MOST)];
    stream.read_exact(&mut body).await?;
    Ok(Some(Asked {
        line,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }))
}
