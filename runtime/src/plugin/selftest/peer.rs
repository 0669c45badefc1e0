//! What the kit's servers answer: an ill-behaved web server, and just enough of Kubernetes.

use chaos_host_api::loopback::{Answer, Asked};
use std::time::Duration;

/// The open server also sends whoever asks for it to the other one.
pub(super) fn answer_or_redirect(asked: &Asked, closed: &str) -> Answer {
    let path = asked.line.split(' ').nth(1).unwrap_or_default();
    let to = match path {
        "/allowed/to-host" => format!("http://{closed}/allowed/x"),
        "/allowed/to-slashes" => format!("//{closed}/allowed/x"),
        "/allowed/to-user" => format!("http://me:pass@{closed}/allowed/x"),
        "/allowed/to-name" => {
            let port = closed.rsplit(':').next().unwrap_or_default();
            format!("http://localhost:{port}/allowed/x")
        }
        "/allowed/to-path" => "/forbidden".to_owned(),
        "/allowed/to-dots" => "../forbidden".to_owned(),
        "/allowed/to-file" => "file:///etc/passwd".to_owned(),
        "/allowed/to-itself" => "/allowed/to-itself".to_owned(),
        _ => return answer(asked),
    };
    whole("302 Found", &format!("Location: {to}\r\n"), b"")
}

/// Everything but redirects.
pub(super) fn answer(asked: &Asked) -> Answer {
    let path = asked.line.split(' ').nth(1).unwrap_or_default();
    let plain = |text: &str| Answer::Last(text.as_bytes().to_vec());
    match path {
        "/allowed/hold" => Answer::Hold,
        "/allowed/drip" => Answer::Endless(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
            b"1\r\nx\r\n".to_vec(),
            Duration::from_millis(50),
        ),
        "/allowed/slow-head" => Answer::Endless(
            b"HTTP/1.1 200 OK\r\n".to_vec(),
            b"X: y\r\n".to_vec(),
            Duration::from_millis(50),
        ),
        "/allowed/endless" => Answer::Endless(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
            [b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat(),
            Duration::from_millis(1),
        ),
        "/allowed/endless-head" => Answer::Endless(
            b"HTTP/1.1 200 OK\r\n".to_vec(),
            b"X-Again: and again and again and again\r\n".repeat(100),
            Duration::from_millis(1),
        ),
        "/allowed/large" => whole("200 OK", "", &vec![b'x'; 100_000]),
        "/allowed/claims" => {
            plain("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nshort")
        }
        "/allowed/two-lengths" => {
            plain("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 20\r\n\r\nok")
        }
        "/allowed/chunk" => plain(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx\r\n",
        ),
        "/allowed/gzip" => {
            // A hundred thousand times the same letter, in 132 bytes.
            let head =
                b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xed\xc11\x01\0\0\0\xc2\xa0\xda\x8bo\r\x0f\xa0";
            let end = b"\x80W\x03q\x11\x07\xfe\xa0\x86\x01\0";
            let body = [head.as_slice(), &[0; 96], end].concat();
            whole("200 OK", "Content-Encoding: gzip\r\n", &body)
        }
        "/allowed/nonsense" => plain("\0\u{1}\u{2} this is no HTTP\r\n\r\n"),
        "/allowed/echo" => {
            let header = asked
                .headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("x-token"));
            let header = header
                .map(|(_, value)| format!("X-Echo: {value}\r\n"))
                .unwrap_or_default();
            whole("200 OK", &header, asked.body.as_bytes())
        }
        path if path.ends_with("/pods/large") => {
            let body = format!("{{\"a\": \"{}\"}}", "x".repeat(100_000));
            whole("200 OK", JSON, body.as_bytes())
        }
        path if path.ends_with("/pods/hold") => Answer::Hold,
        path if path.ends_with("/pods/text") => whole("200 OK", "", b"no JSON"),
        path if path.ends_with("/scale") => whole("200 OK", JSON, br#"{"spec": {"replicas": 3}}"#),
        path if path.starts_with("/api") => whole("200 OK", JSON, POD.as_bytes()),
        _ => whole("200 OK", "", b"hello"),
    }
}

/// What each object and each list of objects is.
pub(super) const POD: &str =
    r#"{"metadata": {"name": "a", "namespace": "shop"}, "items": [], "kind": "Pod"}"#;

const JSON: &str = "Content-Type: application/json\r\n";

fn whole(status: &str, headers: &str, body: &[u8]) -> Answer {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    Answer::Whole([head.as_bytes(), body].concat())
}
