//! What the service answers.

use super::exchange::{write_answer, write_head};
use super::{Request, Shared};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

const TEXT: (&str, &str) = ("Content-Type", "text/plain");
const JSON: (&str, &str) = ("Content-Type", "application/json");

pub(super) fn answer(request: &Request, stream: &mut TcpStream, shared: &Shared) -> io::Result<()> {
    let fixed = shared.state().answers.get(request.path()).cloned();
    if let Some(fixed) = fixed {
        let headers = [("Content-Type", fixed.content_type.as_str())];
        return write_answer(
            stream,
            request,
            fixed.status,
            &headers,
            fixed.body.as_bytes(),
        );
    }
    let text = |stream: &mut TcpStream, status: u16, body: &str| {
        write_answer(stream, request, status, &[TEXT], body.as_bytes())
    };
    let number = |name: &str, default: u64| {
        let given = request.parameter(name).and_then(|v| v.parse().ok());
        given.unwrap_or(default)
    };
    let path = request.path().to_owned();
    if let Some(mode) = path.strip_prefix("/set/") {
        mode.clone_into(&mut shared.state().mode);
        return text(stream, 200, mode);
    }
    if let Some(code) = path.strip_prefix("/status/") {
        return text(
            stream,
            code.parse().unwrap_or(500),
            &format!("status {code}"),
        );
    }
    match path.as_str() {
        "/ok" => text(stream, 200, "ok"),
        "/health" => health(request, stream, shared),
        "/json" => {
            let body = r#"{"status": "up", "count": 3, "items": [{"n": 1, "name": "a"}, {"n": 2, "name": "b"}]}"#;
            write_answer(stream, request, 200, &[JSON], body.as_bytes())
        }
        "/json-charset" => {
            let header = ("Content-Type", "application/json; charset=utf-8");
            write_answer(stream, request, 200, &[header], b"{\"a\": 1}")
        }
        "/badjson" => write_answer(stream, request, 200, &[JSON], b"{not json"),
        "/empty" => write_answer(stream, request, 200, &[JSON], b""),
        // /body?type=text/html&text=...  or  &hex=ff00
        "/body" => {
            let kind = request.parameter("type");
            let headers: Vec<_> = kind.iter().map(|k| ("Content-Type", k.as_str())).collect();
            let body = match request.parameter("hex") {
                Some(digits) => bytes_of(&digits),
                None => request.parameter("text").unwrap_or_default().into_bytes(),
            };
            write_answer(
                stream,
                request,
                number("status", 200) as u16,
                &headers,
                &body,
            )
        }
        "/slow" => {
            shared.sleep(Duration::from_millis(number("ms", 100)));
            text(stream, 200, "slow")
        }
        "/drip" => drip(stream, shared, number("ms", 100), number("count", 10)),
        "/endless" => endless(stream, shared),
        "/silent" => {
            shared.sleep(Duration::from_secs(600));
            Ok(())
        }
        "/hangup" => stream.shutdown(Shutdown::Both),
        "/big" => {
            let body = vec![b'x'; number("bytes", 1 << 20) as usize];
            write_answer(stream, request, 200, &[TEXT], &body)
        }
        "/echo" => echo(request, stream),
        "/redirect" => {
            let to = request.parameter("to").unwrap_or_else(|| "/ok".to_owned());
            let headers = [TEXT, ("Location", to.as_str())];
            write_answer(stream, request, number("code", 302) as u16, &headers, b"")
        }
        "/headers" => {
            let headers = [
                TEXT,
                ("X-Repeated", "one"),
                ("X-Repeated", "two"),
                ("x-lower", "3"),
            ];
            write_answer(stream, request, 200, &headers, b"headers")
        }
        // Counts the calls of each distinct target.
        "/count" => {
            let count = counted(request, shared);
            text(stream, 200, &count.to_string())
        }
        // /sequence?codes=200,503,200: one code a call, then the last one for ever.
        "/sequence" => {
            let call = counted(request, shared);
            let codes = request.parameter("codes").unwrap_or_default();
            let codes: Vec<u16> = codes.split(',').filter_map(|c| c.parse().ok()).collect();
            let code = codes.get(call - 1).or(codes.last()).copied().unwrap_or(500);
            text(stream, code, &format!("call {call}"))
        }
        _ => text(stream, 404, "not found"),
    }
}

/// `/health` does what the last `/set/...` said.
fn health(request: &Request, stream: &mut TcpStream, shared: &Shared) -> io::Result<()> {
    let mode = shared.state().mode.clone();
    match mode.as_str() {
        "off" => write_answer(stream, request, 503, &[TEXT], b"unhealthy"),
        "gone" => stream.shutdown(Shutdown::Both),
        "broken" => write_answer(stream, request, 200, &[JSON], b"{broken"),
        _ => write_answer(stream, request, 200, &[TEXT], b"healthy"),
    }
}

/// What was sent, without what every client library words its own way.
fn echo(request: &Request, stream: &mut TcpStream) -> io::Result<()> {
    let mut headers: Vec<_> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_lowercase(), value.clone()))
        .filter(|(name, _)| !["host", "user-agent", "connection"].contains(&name.as_str()))
        .collect();
    headers.sort();
    let headers: Map<String, Value> = headers.into_iter().map(|(k, v)| (k, json!(v))).collect();
    let body = json!({
        "method": request.method,
        "target": request.target,
        "headers": headers,
        "body": request.body,
    });
    write_answer(stream, request, 200, &[JSON], body.to_string().as_bytes())
}

fn drip(stream: &mut TcpStream, shared: &Shared, pause: u64, count: u64) -> io::Result<()> {
    write_head(stream, 200, &[TEXT], Some(count as usize))?;
    for _ in 0..count {
        if shared.stopping() {
            break;
        }
        stream.write_all(b".")?;
        stream.flush()?;
        shared.sleep(Duration::from_millis(pause));
    }
    Ok(())
}

fn endless(stream: &mut TcpStream, shared: &Shared) -> io::Result<()> {
    write_head(stream, 200, &[JSON], None)?;
    let block = [b' '; 64 * 1024];
    while !shared.stopping() {
        stream.write_all(&block)?;
    }
    Ok(())
}

/// Which call of the same target this is, from 1.
fn counted(request: &Request, shared: &Shared) -> usize {
    let mut state = shared.state();
    let count = state.counters.entry(request.target.clone()).or_default();
    *count += 1;
    *count
}

fn bytes_of(digits: &str) -> Vec<u8> {
    digits
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
