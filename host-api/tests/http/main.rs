//! HTTP calls through the door, against servers that behave and servers that do not.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod answers;
mod limits;
mod redirects;
mod replaced;
mod tls;

use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::http::{HttpRequest, Trust};
use chaos_host_api::ledger::{Done, Intent, Ledger, NotWritten};
use chaos_host_api::{Door, Effect, Pass};
use futures_util::future::BoxFuture;
use std::ffi::OsString;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Remembers what was written down.
#[derive(Debug, Default)]
struct Memory {
    intents: Mutex<Vec<Intent>>,
    done: Mutex<Vec<Done>>,
}

impl Ledger for Memory {
    fn intent(&self, intent: Intent) -> BoxFuture<'_, Result<(), NotWritten>> {
        self.intents.lock().unwrap().push(intent);
        Box::pin(async { Ok(()) })
    }
    fn done(&self, done: Done) {
        self.done.lock().unwrap().push(done);
    }
}

/// A door whose environment is the test's own: nothing of the machine's proxies or netrc.
fn door_with(environment: &[(&str, &str)]) -> (Door, Arc<Memory>) {
    let ledger = Arc::new(Memory::default());
    let isolated = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
        "NETRC",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
    ]
    .map(|name| (name, ""));
    let environment = isolated
        .iter()
        .chain(environment)
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect();
    let door = Door::new(Arc::clone(&ledger) as Arc<dyn Ledger>, Ceilings::default())
        .with_environment(environment);
    (door, ledger)
}

fn door() -> Door {
    door_with(&[]).0
}

fn pass(seconds: f64) -> Pass {
    let deadline = Deadline::after(Duration::from_secs_f64(seconds));
    Pass::new("method/0", Effect::Mutate, deadline)
}

fn get(url: &str) -> HttpRequest {
    HttpRequest {
        method: "GET".into(),
        url: url.into(),
        headers: Vec::new(),
        body: bytes::Bytes::new(),
        connect_timeout: None,
        answer_timeout: None,
        trust: Trust::System,
        retries: 0,
        body_limit: 1024 * 1024,
        allowance: None,
        placeholders: None,
        effect: Effect::Read,
        redirects: None,
    }
}

fn post(url: &str, body: &str) -> HttpRequest {
    HttpRequest {
        method: "POST".into(),
        body: body.to_owned().into(),
        effect: Effect::Mutate,
        ..get(url)
    }
}
