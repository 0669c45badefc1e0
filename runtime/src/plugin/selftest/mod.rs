//! The hostile kit: guests that try to do harm, each with the end that it has to come to.
//!
//! `chaos-wasm selftest` runs it against the user's own install: the same loader, compiler in a
//! process apart, engine, door and limits as a run. Peers are servers on this machine, which ends
//! with them; nothing else is asked anything.

mod calls;
mod case;
mod cases;
mod compiling;
mod guests;
mod kept;
mod lines;
mod peer;
#[cfg(test)]
mod tests;

pub use lines::Lines;

use super::call::Called;
use super::compile::Compiler;
use super::load::{Loader, Plugin};
use super::signature::{Form, Kind};
use super::state::Guest;
use crate::log::with_causes;
use crate::provider::Failure;
use crate::substitution::Variables;
use case::{Case, End};
use chaos_host_api::deadline::Deadline;
use chaos_host_api::grant::{Grant, Grants};
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::loopback::Loopback;
use chaos_host_api::permit::{Layer, Permit};
use chaos_host_api::{Door, Effect, Pass};
use futures_util::StreamExt as _;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What became of one case.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The case's name.
    pub name: String,
    /// What the guest tries.
    pub tries: String,
    /// How it has to end, in words.
    pub expected: String,
    /// How it ended, in words.
    pub happened: String,
    /// Whether that is the same.
    pub ok: bool,
}

/// The kit cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum SelftestError {
    /// No folder for native code.
    #[error("cannot make a temporary folder")]
    Folder(#[source] std::io::Error),
    /// No server on this machine's own address.
    #[error("cannot listen on 127.0.0.1")]
    Server(#[source] std::io::Error),
    /// A mistake in the kit.
    #[error("the kit's guest '{name}' is wrong: {reason}")]
    Guest {
        /// Which of them.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A mistake in the kit.
    #[error("the kit's case '{name}' is wrong: {reason}")]
    Case {
        /// Which of them.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// How many cases run at a time; most of them wait.
const AT_A_TIME: usize = 8;

/// Runs every case, several at a time; the outcomes are in the kit's order. Native code is kept in
/// a temporary folder. `lines` is where the process's log goes.
///
/// # Errors
/// The kit cannot be run at all; see [`SelftestError`].
pub async fn run(compiler: &Compiler, lines: &Lines) -> Result<Vec<Outcome>, SelftestError> {
    let folder = tempfile::tempdir().map_err(SelftestError::Folder)?;
    let cases = cases::all();
    let mut guests: BTreeSet<&str> = cases.iter().map(|case| case.guest).collect();
    guests.insert(calls::GUEST);
    let loaded = &load(compiler, &folder.path().join("native"), guests).await?;
    let outcomes = futures_util::stream::iter(cases)
        .map(|case| async move { perform(case, loaded, lines).await })
        .buffered(AT_A_TIME)
        .collect::<Vec<_>>()
        .await;
    let mut outcomes: Vec<Outcome> = outcomes.into_iter().collect::<Result<_, _>>()?;
    outcomes.extend(kept::perform(compiler, folder.path()).await?);
    outcomes.extend(compiling::perform(compiler).await?);
    outcomes.extend(calls::perform(loaded).await?);
    Ok(outcomes)
}

/// Guests by name; those that were refused, with the reason.
type Loaded = BTreeMap<&'static str, Result<Plugin, String>>;

async fn load(
    compiler: &Compiler,
    folder: &Path,
    guests: BTreeSet<&'static str>,
) -> Result<Loaded, SelftestError> {
    let loader = &Loader::new(Some(folder), compiler.clone());
    let loaded = futures_util::stream::iter(guests)
        .map(|name| async move {
            let bytes = guest(name)?;
            let plugin = loader.load_bytes(name, bytes).await;
            Ok((name, plugin.map_err(|error| with_causes(&error))))
        })
        .buffered(4)
        .collect::<Vec<_>>()
        .await;
    loaded.into_iter().collect()
}

/// One of the kit's guests, as it would stand in its file.
///
/// # Errors
/// There is none of this name.
pub fn guest(name: &str) -> Result<Vec<u8>, SelftestError> {
    guests::bytes(name).map_err(|reason| SelftestError::Guest {
        name: name.to_owned(),
        reason,
    })
}

async fn perform(case: Case, loaded: &Loaded, lines: &Lines) -> Result<Outcome, SelftestError> {
    let wrong = |reason: String| SelftestError::Case {
        name: case.name.clone(),
        reason,
    };
    let outcome = |happened: String, ok: bool| Outcome {
        name: case.name.clone(),
        tries: case.tries.clone(),
        expected: case.expected.words(),
        happened,
        ok,
    };
    let plugin = loaded.get(case.guest);
    let plugin = match (plugin, &case.expected) {
        (None, _) => return Err(wrong(format!("there is no guest '{}'", case.guest))),
        (Some(Err(reason)), expected) => {
            let ok = matches!(expected, End::Refused(why) if reason.contains(why));
            return Ok(outcome(format!("refused: {reason}"), ok));
        }
        (Some(Ok(_)), End::Refused(_)) => return Ok(outcome("it was loaded".to_owned(), false)),
        (Some(Ok(plugin)), _) => plugin,
    };
    let peers = Peers::start().await.map_err(SelftestError::Server)?;
    let called = call(plugin, &case, &peers).await.map_err(wrong)?;
    let logged = lines.of(&case.name);
    let mut happened = words(&called, &logged);
    let mut ok = case.expected.fits(&called.result, &logged);
    let asked = peers.open.asked();
    if case.reached.is_some_and(|reached| reached != asked.len()) {
        ok = false;
        happened.push_str(&format!("; the server was asked {} times", asked.len()));
    }
    if let Some(asked) = asked.iter().find(|asked| !asked.line.contains(case.asking)) {
        ok = false;
        happened.push_str(&format!("; the server was asked {}", asked.line));
    }
    if let Some(asked) = peers.closed.asked().first() {
        ok = false;
        happened.push_str(&format!("; the closed server was asked {}", asked.line));
    }
    Ok(outcome(happened, ok))
}

/// The servers of one case.
struct Peers {
    open: Loopback,
    /// To be asked nothing.
    closed: Loopback,
}

impl Peers {
    async fn start() -> std::io::Result<Peers> {
        let closed = Loopback::start(peer::answer).await?;
        let place = closed.address().to_owned();
        let open = Loopback::start(move |asked| peer::answer_or_redirect(asked, &place)).await?;
        Ok(Peers { open, closed })
    }

    /// A text with the servers' addresses.
    fn fill(&self, text: &str) -> String {
        let port = |address: &str| address.rsplit(':').next().unwrap_or_default().to_owned();
        text.replace("{open}", self.open.address())
            .replace("{closed}", self.closed.address())
            .replace("{port}", &port(self.open.address()))
            .replace("{closed-port}", &port(self.closed.address()))
    }

    fn fill_all(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => items.iter().map(|item| self.fill_all(item)).collect(),
            Value::Object(fields) => {
                let fields = fields.iter();
                fields
                    .map(|(name, value)| (name.clone(), self.fill_all(value)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            other => other.clone(),
        }
    }
}

/// Calls a case's function as a run does.
async fn call(plugin: &Plugin, case: &Case, peers: &Peers) -> Result<Called, String> {
    let typed = plugin.signature.form == Form::Typed;
    let found = plugin.signature.find(None, case.function);
    let function = match (typed, found) {
        (true, found) => Some(found.map_err(|error| error.to_string())?),
        (false, _) => None,
    };
    let allowed = match function.map(|function| function.kind) {
        Some(Kind::Action) => Effect::Mutate,
        _ => Effect::Read,
    };
    let grants = case.grants.iter().map(|grant| {
        let grant = peers.fill(grant);
        let parsed = grant.parse::<Grant>();
        parsed.map_err(|error| format!("{grant}: {error}"))
    });
    let layer = Layer {
        name: "plugin.toml".to_owned(),
        grants: grants.collect::<Result<Grants, String>>()?,
    };
    let deadline = Deadline::after(case.time);
    let pass = Pass::new("selftest", allowed, deadline);
    let door = Door::new(Arc::new(NoLedger), case.ceilings.clone());
    let door = door.with_environment(environment());
    let guest = Guest {
        plugin: case.name.as_str().into(),
        door: Arc::new(door.with_names(names(case.names))),
        pass: pass.with_permit(Arc::new(Permit::new([layer]))),
        variables: Arc::new(variables()),
        cluster: object(json!({"KUBERNETES_HOST": peers.fill("http://{open}")})),
        limits: case.limits.clone(),
    };
    let arguments = object(peers.fill_all(&case.arguments));
    Ok(match function {
        Some(function) => plugin.call(function, &arguments, guest).await,
        None => plugin.invoke(case.function, &arguments, guest).await,
    })
}

/// A name service that gives one answer after the other, whatever the name; the last one stays.
fn names(answers: &'static [&'static str]) -> impl Fn(&str) -> Vec<IpAddr> + Send + Sync {
    let lookups = AtomicUsize::new(0);
    move |_| {
        let lookup = lookups.fetch_add(1, Ordering::Relaxed);
        let answer = answers.get(lookup).or(answers.last());
        let addresses = answer.into_iter().flat_map(|answer| answer.split(' '));
        addresses
            .filter_map(|address| address.parse().ok())
            .collect()
    }
}

/// Neither the user's proxies nor the user's cluster.
fn environment() -> Vec<(OsString, OsString)> {
    let proxies = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NETRC",
    ];
    let nothing = proxies.map(|name| (OsString::from(name), OsString::new()));
    let kubeconfig = ("KUBECONFIG".into(), "/does/not/exist".into());
    nothing.into_iter().chain([kubeconfig]).collect()
}

fn variables() -> Variables {
    Variables {
        configuration: object(json!({"base": "http://shop", "inner": "not for guests"})),
        secrets: object(json!({
            "shop": {"token": case::SECRET, "pin": "12"},
            "other": {"key": "an0ther-s3cret"},
        })),
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// What happened, in one short line.
fn words(called: &Called, logged: &[String]) -> String {
    let text = match &called.result {
        Ok(Value::Null) if !logged.is_empty() => {
            let last = logged.last().map(String::as_str).unwrap_or_default();
            format!(
                "logged {}, the last one '{}'",
                logged.len(),
                last.escape_debug()
            )
        }
        Ok(value) => match value.get("status") {
            Some(status) => format!("answer {status}"),
            None => format!("gave {value}"),
        },
        Err(Failure::TimedOut(text)) => format!("timed out: {text}"),
        Err(failure) => failure.to_string(),
    };
    text.replace(char::is_control, " ")
}
