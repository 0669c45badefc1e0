use super::{EMPTY, Place, acting};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

/// One request as a server got it.
struct Got {
    line: String,
    headers: String,
    body: String,
}

/// Answers every request with `body`; gives the port and what was asked.
fn serve(content_type: &'static str, body: &'static str) -> (u16, Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, got) = channel();
    // Ends with the test's process: nobody connects any more.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if answer(stream, content_type, body, &sender).is_none() {
                return;
            }
        }
    });
    (port, got)
}

fn answer(stream: TcpStream, kind: &str, body: &str, got: &Sender<Got>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = String::new();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        let header = header.to_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        headers += &header;
    }
    let mut received = vec![0; length];
    reader.read_exact(&mut received).ok()?;
    let response = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    reader.get_mut().write_all(response.as_bytes()).ok()?;
    let body = String::from_utf8_lossy(&received).into_owned();
    got.send(Got {
        line,
        headers,
        body,
    })
    .ok()
}

#[test]
fn experiments_are_fetched_with_the_settings_credentials() {
    let place = Place::new();
    let (port, got) = serve("application/json", EMPTY);
    place.write_settings(&format!(
        "auths:\n  127.0.0.1:{port}:\n    type: bearer\n    value: canary-token\n"
    ));
    let url = format!("http://127.0.0.1:{port}/e.json");
    let said = place.chaos(&["--verbose", "run", &url]).ended(0);
    let got = got.recv().unwrap();
    assert!(got.line.starts_with("GET /e.json "), "{}", got.line);
    assert!(
        got.headers.contains("authorization: bearer canary-token"),
        "{}",
        got.headers
    );
    said.silent_about("canary-token");
    assert_eq!(place.json("journal.json")["status"], "completed");
}

#[test]
fn those_who_asked_are_told_what_happens() {
    let place = Place::new();
    let (port, got) = serve("text/plain", "ok");
    place.write_settings(&format!(
        "notifications:\n- type: http\n  url: http://127.0.0.1:{port}/tell\n"
    ));
    let events = |count: usize| -> Vec<Value> {
        let got = got.iter().take(count);
        got.map(|got| serde_json::from_str(&got.body).unwrap())
            .collect()
    };
    let names = |events: &[Value]| -> Vec<String> {
        let names = events.iter().map(|event| event["name"].as_str().unwrap());
        names.map(str::to_owned).collect()
    };
    place.write("e.json", &acting("true", "[]"));
    place.chaos(&["run", "e.json"]).ended(0);
    let run = events(2);
    assert_eq!(names(&run), ["run-started", "run-completed"]);
    assert_eq!(run[0]["payload"]["title"], "t");
    assert_eq!(run[1]["payload"]["status"], "completed");
    assert_eq!(run[1]["phase"], "run");

    place.write("bad.json", "{\"title\": \"t\"}");
    place.chaos(&["validate", "bad.json"]).ended(2);
    let validate = events(2);
    assert_eq!(names(&validate), ["validate-started", "validate-failed"]);
    assert!(validate[1]["error"].is_string());

    place.chaos(&["discover", "nothing"]).ended(1);
    assert_eq!(names(&events(2)), ["discovery-started", "discovery-failed"]);
    place.chaos(&["discover", "http"]).ended(0);
    assert_eq!(
        names(&events(2)),
        ["discovery-started", "discovery-completed"]
    );
    place.chaos(&["init"]).ended(0);
    assert_eq!(names(&events(2)), ["init-started", "init-completed"]);
}

#[test]
fn an_endpoint_that_is_down_changes_nothing() {
    let place = Place::new();
    // Bound and dropped: nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    place.write_settings(&format!(
        "notifications:\n- type: http\n  url: http://127.0.0.1:{port}/\n- type: plugin\n  module: m\n"
    ));
    place.write("e.json", EMPTY);
    place
        .chaos(&["run", "e.json"])
        .ended(0)
        .logged("WARNING] notifications by Python plugins cannot be sent (m)");
}
