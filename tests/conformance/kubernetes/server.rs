//! An API server that answers by a script.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What it was asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
    /// Counts connections.
    pub(crate) connection: usize,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A server on a free port of the loopback, until the process ends.
///
/// Of the answers for a method and path, each serves once and the last from then on. Members of an
/// answer: `method`, `path`, `status`, `text`, `plain` (not JSON), `headers`, `events` (a watch,
/// held open unless `end`), `stall` (no answer), `reset` (connection closed instead), `delay`
/// (milliseconds).
pub(crate) struct Server {
    pub(crate) url: String,
    state: Arc<State>,
}

struct State {
    answers: Mutex<Vec<Value>>,
    asked: Mutex<Vec<Asked>>,
}

impl Server {
    /// Speaks plain HTTP.
    pub(crate) fn start(answers: Vec<Value>) -> Server {
        Server::listen(answers, "http", |stream| Some(Box::new(stream)))
    }

    /// Speaks TLS.
    pub(crate) fn start_tls(answers: Vec<Value>, config: Arc<rustls::ServerConfig>) -> Server {
        Server::listen(answers, "https", move |stream| {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).ok()?;
            Some(Box::new(rustls::StreamOwned::new(connection, stream)))
        })
    }

    fn listen<W>(answers: Vec<Value>, scheme: &str, wrap: W) -> Server
    where
        W: Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            answers: Mutex::new(answers),
            asked: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let wrap = Arc::new(wrap);
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (shared, wrap) = (Arc::clone(&shared), Arc::clone(&wrap));
                std::thread::spawn(move || {
                    let stream = stream.ok().and_then(|stream| wrap(stream));
                    // A client that goes away ends the conversation.
                    let _ = stream.map(|stream| shared.converse(stream, number));
                });
            }
        });
        Server { url, state }
    }

    /// Everything that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }

    /// Method and path of everything that was asked so far.
    pub(crate) fn calls(&self) -> Vec<(String, String)> {
        let asked = self.asked();
        asked.into_iter().map(|a| (a.method, a.path)).collect()
    }
}

trait Stream: Read + Write + Send {}
impl<S: Read + Write + Send> Stream for S {}

impl State {
    fn converse(&self, stream: Box<dyn Stream>, connection: usize) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        while let Some(asked) = read(&mut stream, connection)? {
            let answer = self.next(&asked);
            self.asked.lock().unwrap().push(asked);
            let delay = answer["delay"].as_u64().unwrap_or(0);
            std::thread::sleep(Duration::from_millis(delay));
            if answer["reset"] == true {
                return Ok(());
            }
            if answer["stall"] == true {
                return hold(&mut stream);
            }
            if let Some(events) = answer["events"].as_array() {
                let out = stream.get_mut();
                out.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")?;
                out.write_all(b"Connection: close\r\n\r\n")?;
                for event in events {
                    out.write_all(format!("{event}\n").as_bytes())?;
                }
                out.flush()?;
                return match answer["end"] == true {
                    true => Ok(()),
                    false => hold(&mut stream),
                };
            }
            write(stream.get_mut(), &answer)?;
        }
        Ok(())
    }

    fn next(&self, asked: &Asked) -> Value {
        let mut answers = self.answers.lock().unwrap();
        let fits = |a: &Value| a["method"] == *asked.method && a["path"] == *asked.path;
        let fitting = answers.iter().filter(|answer| fits(answer)).count();
        match answers.iter().position(fits) {
            Some(at) if fitting > 1 => answers.remove(at),
            Some(at) => answers[at].clone(),
            None => json!({"status": 599, "text": "not in the script"}),
        }
    }
}

/// Waits until the client has gone.
fn hold(stream: &mut impl Read) -> std::io::Result<()> {
    while stream.read(&mut [0; 64])? > 0 {}
    Ok(())
}

fn read(stream: &mut impl BufRead, connection: usize) -> std::io::Result<Option<Asked>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(Some(Asked {
        method,
        path,
        query: query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (decode(key), decode(value)))
            .collect(),
        headers,
        body: serde_json::from_slice(&body).ok(),
        connection,
    }))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let digits = String::from_utf8(digits).unwrap();
                u8::from_str_radix(&digits, 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn write(out: &mut impl Write, answer: &Value) -> std::io::Result<()> {
    let text = answer["text"].as_str().unwrap_or_default();
    let status = answer["status"].as_u64().unwrap_or(200);
    let kind = match answer["plain"] == true {
        true => "text/plain",
        false => "application/json",
    };
    let mut head = format!("HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\n");
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        head.push_str(&format!(
            "{name}: {}\r\n",
            value.as_str().unwrap_or_default()
        ));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", text.len()));
    out.write_all(head.as_bytes())?;
    out.write_all(text.as_bytes())?;
    out.flush()
}
