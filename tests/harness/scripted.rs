//! A server that does exactly what a test tells it, however bad.
//!
//! Unlike [`Service`](crate::Service), which is something to experiment on, it has no answers of
//! its own: it is what the parts that speak HTTP are tested against.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use rustls::ServerConfig;
use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its first line.
    pub line: String,
    /// Headers, names as sent.
    pub headers: Vec<(String, String)>,
    /// Body; bytes that are not UTF-8 replaced.
    pub body: String,
}

impl Seen {
    /// `GET`, ...
    pub fn method(&self) -> &str {
        self.word(0)
    }

    /// What was asked for: path and query, or a whole URL.
    pub fn target(&self) -> &str {
        self.word(1)
    }

    fn word(&self, index: usize) -> &str {
        self.line.split(' ').nth(index).unwrap_or_default()
    }

    /// A header, by name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// What to do with a connection once the request was read. It is closed after the last step.
#[derive(Debug, Clone)]
pub enum Step {
    /// These bytes at once.
    Send(Vec<u8>),
    /// Each byte alone, that far apart.
    Drip(Vec<u8>, Duration),
    /// The same bytes until the other side gives up.
    Forever(Vec<u8>),
    /// Nothing for a while.
    Wait(Duration),
    /// Nothing for ever.
    Hold,
    /// The connection is reset.
    Reset,
}

/// This text, whatever it is.
pub fn send(text: &str) -> Vec<Step> {
    vec![Step::Send(text.as_bytes().to_vec())]
}

/// An ordinary answer; `status` may have a phrase, `headers` end in a line break each.
pub fn answer(status: impl Display, headers: &str, body: impl AsRef<[u8]>) -> Vec<Step> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status} \r\n{headers}Content-Length: {length}\r\n\r\n");
    vec![Step::Send([head.as_bytes(), body].concat())]
}

/// An answer of status 200.
pub fn ok(body: &str) -> Vec<Step> {
    answer("200 OK", "", body)
}

/// Ends with the test.
#[derive(Debug)]
pub struct Server {
    /// Where it listens, on 127.0.0.1.
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Speaks plain HTTP, and answers each request as the script says.
    pub async fn start(script: impl Fn(&Seen) -> Vec<Step> + Send + Sync + 'static) -> Server {
        Server::listen(None, script).await
    }

    /// The same over TLS.
    pub async fn start_tls(
        configuration: Arc<ServerConfig>,
        script: impl Fn(&Seen) -> Vec<Step> + Send + Sync + 'static,
    ) -> Server {
        Server::listen(Some(TlsAcceptor::from(configuration)), script).await
    }

    async fn listen(
        tls: Option<TlsAcceptor>,
        script: impl Fn(&Seen) -> Vec<Step> + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let (seen_by, counted_by) = (Arc::clone(&seen), Arc::clone(&connections));
        let script = Arc::new(script);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *counted_by.lock().unwrap() += 1;
                let (tls, seen) = (tls.clone(), Arc::clone(&seen_by));
                let script = Arc::clone(&script);
                tokio::spawn(async move {
                    match tls {
                        None => {
                            let reset = stream_to_reset(&stream);
                            let _ = serve(stream, &seen, &*script, reset).await;
                        }
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                let _ = serve(stream, &seen, &*script, None).await;
                            }
                        }
                    }
                });
            }
        });
        Server {
            address,
            seen,
            connections,
            task,
        }
    }

    /// `http://address` and this.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

type Reset = Option<std::os::fd::OwnedFd>;

fn stream_to_reset(stream: &TcpStream) -> Reset {
    use std::os::fd::AsFd;
    stream.as_fd().try_clone_to_owned().ok()
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    seen: &Mutex<Vec<Seen>>,
    script: &(dyn Fn(&Seen) -> Vec<Step> + Send + Sync),
    reset: Reset,
) -> std::io::Result<()> {
    let request = read_request(&mut stream).await?;
    seen.lock().unwrap().push(request.clone());
    for step in script(&request) {
        match step {
            Step::Send(bytes) => stream.write_all(&bytes).await?,
            Step::Drip(bytes, every) => {
                for byte in bytes {
                    stream.write_all(&[byte]).await?;
                    stream.flush().await?;
                    tokio::time::sleep(every).await;
                }
            }
            Step::Forever(bytes) => loop {
                stream.write_all(&bytes).await?;
            },
            Step::Wait(time) => tokio::time::sleep(time).await,
            Step::Hold => std::future::pending().await,
            Step::Reset => {
                if let Some(socket) = &reset {
                    rustix::net::sockopt::set_socket_linger(socket, Some(Duration::ZERO))?;
                }
                return Ok(());
            }
        }
    }
    stream.flush().await?;
    stream.shutdown().await
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.trim_end().lines();
    let line = lines.next().unwrap_or_default().to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut request = Seen {
        line,
        headers,
        body: String::new(),
    };
    let length = request
        .header("content-length")
        .map_or(0, |text| text.parse().unwrap_or(0));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Ok(request)
}
