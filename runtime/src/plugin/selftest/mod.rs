//! The hostile kit: guests that try to do harm, each with the end that it has to come to.
//!
//! `chaos-wasm selftest` runs it against the user's own install: the same loader, compiler in a
//! process apart, engine, door and limits as a run. Peers are servers on this machine, which ends
//! with them; nothing else is asked anything.

mod case;
mod cases;
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
use case::{Case, End, SECRET};
use chaos_host_api::deadline::Deadline;
use chaos_host_api::grant::{Grant, Grants};
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::loopback::Loopback;
use chaos_host_api::permit::{Layer, Permit};
use chaos_host_api::{Door, Effect, Pass};
use futures_util::StreamExt as _;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

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
    let loaded = load(compiler, &folder.path().join("native")).await?;
    let (loaded, cases) = (&loaded, cases::all());
    let outcomes = futures_util::stream::iter(cases)
        .map(|case| async move { perform(case, loaded, lines).await })
        .buffered(AT_A_TIME)
        .collect::<Vec<_>>()
        .await;
    let mut outcomes: Vec<Outcome> = outcomes.into_iter().collect::<Result<_, _>>()?;
    outcomes.extend(kept::perform(compiler, folder.path()).await?);
    outcomes.push(another_call(loaded).await?);
    Ok(outcomes)
}

/// Guests by name; those that were refused, with the reason.
type Loaded = BTreeMap<&'static str, Result<Plugin, String>>;

async fn load(compiler: &Compiler, folder: &Path) -> Result<Loaded, SelftestError> {
    let loader = &Loader::new(Some(folder), compiler.clone());
    let loaded = futures_util::stream::iter(guests::names())
        .map(|name| async move {
            let bytes = bytes(name)?;
            let plugin = loader.load_bytes(name, bytes).await;
            Ok((name, plugin.map_err(|error| with_causes(&error))))
        })
        .buffered(4)
        .collect::<Vec<_>>()
        .await;
    loaded.into_iter().collect()
}

fn bytes(name: &str) -> Result<Vec<u8>, SelftestError> {
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
    let guest = Guest {
        plugin: case.name.as_str().into(),
        door: Arc::new(door.with_environment(environment())),
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
            "shop": {"token": SECRET, "pin": "12"},
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

/// A placeholder is of one call only: another call sends one, and the secret does not go with it.
async fn another_call(loaded: &Loaded) -> Result<Outcome, SelftestError> {
    let name = "secret-of-another-call";
    let wrong = |reason: String| SelftestError::Case {
        name: name.to_owned(),
        reason,
    };
    let peers = Peers::start().await.map_err(SelftestError::Server)?;
    let guest = |name: &str| match loaded.get(name) {
        Some(Ok(plugin)) => Ok(plugin),
        _ => Err(wrong(format!("the guest '{name}' cannot be loaded"))),
    };
    let first = cases::placeholder();
    let given = call(guest(first.guest)?, &first, &peers).await;
    let given = given.map_err(wrong)?.result;
    let Ok(Value::String(placeholder)) = given else {
        return Err(wrong(format!("there is no placeholder: {given:?}")));
    };
    let second = cases::with_body(&placeholder);
    let called = call(guest(second.guest)?, &second, &peers).await;
    let called = called.map_err(wrong)?;
    let asked = peers.open.asked();
    let kept = asked.iter().all(|asked| !asked.body.contains(SECRET));
    Ok(Outcome {
        name: name.to_owned(),
        tries: "sends the placeholder that an earlier call was given".to_owned(),
        expected: "the secret stays".to_owned(),
        happened: match kept {
            true => format!("the secret stayed; {}", words(&called, &[])),
            false => "the secret was sent".to_owned(),
        },
        ok: kept && !asked.is_empty(),
    })
}
