//! A server on loopback that answers as it is told and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// `GET /path`.
    pub(super) line: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// What to do once the request was read.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Now(Vec<u8>),
    After(Duration, Vec<u8>),
    /// Says nothing until the other side goes away.
    Hold,
}

pub(super) fn answer(status: &str, headers: &str, body: &[u8]) -> Answer {
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    Answer::Now(bytes)
}

pub(super) fn ok(body: &str) -> Answer {
    answer("200 OK", "", body.as_bytes())
}

pub(super) fn json(body: &serde_json::Value) -> Answer {
    let kind = "Content-Type: application/json\r\n";
    answer("200 OK", kind, body.to_string().as_bytes())
}

/// Ends with the test.
pub(super) struct Server {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    left: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(super) async fn start(script: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let left: Arc<Mutex<usize>> = Arc::default();
        let script = Arc::new(script);
        let (all, gone) = (Arc::clone(&seen), Arc::clone(&left));
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (script, all, gone) =
                    (Arc::clone(&script), Arc::clone(&all), Arc::clone(&gone));
                tokio::spawn(async move {
                    while let Some(asked) = read(&mut stream).await {
                        all.lock().unwrap().push(asked.clone());
                        match script(&asked) {
                            Answer::Now(bytes) => drop(stream.write_all(&bytes).await),
                            Answer::After(time, bytes) => {
                                tokio::time::sleep(time).await;
                                drop(stream.write_all(&bytes).await);
                            }
                            Answer::Hold => {
                                while stream.read_u8().await.is_ok() {}
                                *gone.lock().unwrap() += 1;
                                return;
                            }
                        }
                        // What is not framed ends with the connection.
                        if asked.header("x-close").is_some() {
                            return;
                        }
                    }
                });
            }
        });
        Server {
            url,
            seen,
            left,
            task,
        }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many went away from [`Answer::Hold`].
    pub(super) fn left(&self) -> usize {
        *self.left.lock().unwrap()
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Seen {
        line,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
