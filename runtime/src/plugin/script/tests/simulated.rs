//! A host without a world: time is a number, and each operation takes as long as it says.

use crate::plugin::host::bindings::chaos::host::http::{Error as HttpError, Response};
use crate::plugin::host::bindings::chaos::host::kubernetes_types::{
    Error as KubernetesError, Refusal,
};
use crate::plugin::host::bindings::chaos::host::{
    clock, configuration, http, log, random, secrets,
};
use crate::plugin::script::bindings::chaos::script::operations::{
    self, Answer, Completion, Operation, Reply,
};
use serde_json::json;
use std::collections::BTreeMap;
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{StoreLimits, StoreLimitsBuilder};

/// What a host begins with.
pub(super) struct Settings {
    /// `stop` is answered with yes after it was asked so often.
    pub(super) patience: u32,
    /// And after so many simulated milliseconds.
    pub(super) deadline_ms: u64,
    /// Operations under way at once.
    pub(super) operations: usize,
    /// Bytes of the instance's memory.
    pub(super) memory_bytes: usize,
    /// The experiment's.
    pub(super) configuration: BTreeMap<String, String>,
    /// What random bytes begin with.
    pub(super) seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            patience: 2_000,
            deadline_ms: 60_000,
            operations: 1_000,
            memory_bytes: 64 << 20,
            configuration: BTreeMap::new(),
            seed: 1,
        }
    }
}

/// What a script's instance has for a world.
pub(super) struct Host {
    settings: Settings,
    pub(super) memory: StoreLimits,
    /// Simulated milliseconds since the call began.
    pub(super) now_ms: u64,
    next: u32,
    open: Vec<(u64, Completion)>,
    /// How often it was asked to stop.
    pub(super) asked: u32,
    /// What was begun, in order.
    pub(super) begun: Vec<Operation>,
    /// Numbers of the operations that were given up.
    pub(super) cancelled: Vec<u32>,
    /// The most operations that were under way together.
    pub(super) most_open: usize,
    pub(super) lines: Vec<(log::Level, String)>,
    random: u64,
}

impl Host {
    pub(super) fn new(settings: Settings) -> Host {
        let memory = StoreLimitsBuilder::new().memory_size(settings.memory_bytes);
        Host {
            memory: memory.build(),
            now_ms: 0,
            next: 1,
            open: Vec::new(),
            asked: 0,
            begun: Vec::new(),
            cancelled: Vec::new(),
            most_open: 0,
            lines: Vec::new(),
            random: settings.seed,
            settings,
        }
    }
}

pub(super) fn add_to_linker(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    clock::add_to_linker::<Host, HasSelf<Host>>(linker, |host| host)?;
    configuration::add_to_linker::<Host, HasSelf<Host>>(linker, |host| host)?;
    log::add_to_linker::<Host, HasSelf<Host>>(linker, |host| host)?;
    random::add_to_linker::<Host, HasSelf<Host>>(linker, |host| host)?;
    secrets::add_to_linker::<Host, HasSelf<Host>>(linker, |host| host)?;
    operations::add_to_linker::<Host, HasSelf<Host>>(linker, |host| host)?;
    // Their types alone are imported.
    for name in ["http", "kubernetes-types", "kubernetes-read"] {
        linker.instance(&format!("chaos:host/{name}@0.1.0"))?;
    }
    Ok(())
}

impl operations::Host for Host {
    async fn start(&mut self, operation: Operation) -> wasmtime::Result<Result<u32, String>> {
        if self.open.len() >= self.settings.operations {
            return Ok(Err(format!(
                "more than {} operations under way (limit handles)",
                self.settings.operations
            )));
        }
        let id = self.next;
        self.next += 1;
        let (takes_ms, answer) = answer(&operation);
        self.begun.push(operation);
        let due = self.now_ms.saturating_add(takes_ms);
        self.open.push((due, Completion { id, answer }));
        self.most_open = self.most_open.max(self.open.len());
        Ok(Ok(id))
    }

    async fn wait(&mut self) -> wasmtime::Result<Option<Completion>> {
        let places = 0..self.open.len();
        let Some(first) = places.min_by_key(|place| self.open[*place].0) else {
            return Ok(None);
        };
        let (due, completion) = self.open.remove(first);
        self.now_ms = self.now_ms.max(due);
        Ok(Some(completion))
    }

    async fn cancel(&mut self, id: u32) -> wasmtime::Result<()> {
        self.open.retain(|(_, completion)| completion.id != id);
        self.cancelled.push(id);
        Ok(())
    }

    fn stop(&mut self) -> wasmtime::Result<bool> {
        self.asked += 1;
        let too_often = self.asked > self.settings.patience;
        Ok(too_often || self.now_ms > self.settings.deadline_ms)
    }
}

/// How long an operation takes, and what it comes to. A URL says both: `http://host/STATUS/MS`, or
/// the name of an error in the status's place.
fn answer(operation: &Operation) -> (u64, Answer) {
    match operation {
        Operation::Sleep(nanoseconds) => (nanoseconds / 1_000_000, Answer::Slept),
        Operation::Http(request) => {
            let mut parts = request.url.splitn(5, '/').skip(3);
            let mut next = || parts.next().unwrap_or_default();
            let (status, milliseconds) = (next(), next());
            let milliseconds = milliseconds.parse().unwrap_or(1);
            (
                milliseconds,
                Answer::Http(reply(request, status, milliseconds)),
            )
        }
        Operation::KubernetesList(_) => {
            let object = |name: &str| json!({"metadata": {"name": name}}).to_string();
            (1, Answer::Objects(Ok(vec![object("a"), object("b")])))
        }
        Operation::KubernetesGet(object) if object.name == "missing" => {
            let refusal = Refusal {
                status: 404,
                reason: "NotFound".to_owned(),
                message: "pods \"missing\" not found".to_owned(),
            };
            (1, Answer::Text(Err(KubernetesError::Refused(refusal))))
        }
        Operation::KubernetesGet(object) => {
            let text = json!({"metadata": {"name": object.name}}).to_string();
            (1, Answer::Text(Ok(text)))
        }
        Operation::KubernetesLog(_) => (1, Answer::Text(Ok("a line\n".to_owned()))),
        Operation::KubernetesPatch(patching) => (1, Answer::Text(Ok(patching.patch.clone()))),
        Operation::KubernetesCreate(creation) => (1, Answer::Text(Ok(creation.object.clone()))),
        Operation::KubernetesScale(_) => (1, Answer::Replicas(Ok(3))),
        Operation::KubernetesDelete(deletion) if deletion.object.name == "kept" => {
            let text = "kubernetes delete pods: not granted".to_owned();
            (1, Answer::Done(Err(KubernetesError::Denied(text))))
        }
        Operation::KubernetesDelete(_) => (100, Answer::Done(Ok(()))),
        Operation::KubernetesEvict(_) => (1, Answer::Done(Ok(()))),
    }
}

fn reply(request: &http::Request, status: &str, milliseconds: u64) -> Result<Reply, HttpError> {
    let text = || format!("{} {}: {status}", request.method, request.url);
    match status {
        "denied" => return Err(HttpError::Denied(text())),
        "timed-out" => return Err(HttpError::TimedOut(text())),
        "not-connected" => return Err(HttpError::NotConnected(text())),
        "invalid" => return Err(HttpError::Invalid(text())),
        "broken" => return Err(HttpError::Broken(text())),
        _ => {}
    }
    let echo = json!({
        "method": request.method,
        "headers": request.headers,
        "body": String::from_utf8_lossy(&request.body),
    });
    let body = match status {
        "201" => b"not json".to_vec(),
        _ => echo.to_string().into_bytes(),
    };
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Ok(Reply {
        url: request.url.clone(),
        response: Response {
            status: status.parse().unwrap_or(200),
            headers: vec![
                header("content-type", "application/json"),
                header("x-twice", "a"),
                header("x-twice", "b"),
            ],
            body,
            elapsed_ns: milliseconds * 1_000_000,
        },
    })
}

impl clock::Host for Host {
    async fn now(&mut self) -> wasmtime::Result<u64> {
        // 2026-01-02T03:04:05Z
        Ok((1_767_323_045_000 + self.now_ms) * 1_000_000)
    }

    async fn monotonic(&mut self) -> wasmtime::Result<u64> {
        Ok(self.now_ms * 1_000_000)
    }

    async fn sleep(&mut self, _: u64) -> wasmtime::Result<()> {
        panic!("a script never blocks")
    }
}

impl configuration::Host for Host {
    async fn get(
        &mut self,
        name: String,
    ) -> wasmtime::Result<Result<Option<String>, configuration::Error>> {
        Ok(match name.as_str() {
            "denied" => Err(configuration::Error::Denied(
                "configuration denied: not granted".into(),
            )),
            name => Ok(self.settings.configuration.get(name).cloned()),
        })
    }
}

impl log::Host for Host {
    async fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        self.lines.push((level, message));
        Ok(())
    }
}

impl random::Host for Host {
    async fn bytes(&mut self, count: u32) -> wasmtime::Result<Vec<u8>> {
        let mut next = || {
            // A xorshift: different numbers each time, the same in each run of the test.
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            self.random.to_le_bytes()[3]
        };
        Ok((0..count).map(|_| next()).collect())
    }

    async fn number(&mut self) -> wasmtime::Result<u64> {
        Ok(self.random)
    }
}

impl secrets::Host for Host {
    async fn placeholder(
        &mut self,
        target: String,
        key: String,
    ) -> wasmtime::Result<Result<String, secrets::Error>> {
        Ok(match key.as_str() {
            "unknown" => Err(secrets::Error::Unknown(format!(
                "the experiment has no secret {target}.{key}"
            ))),
            _ => Ok(format!("chaos-secret-{target}-{key}")),
        })
    }

    async fn basic_authorization(
        &mut self,
        user: String,
        target: String,
        key: String,
    ) -> wasmtime::Result<Result<String, secrets::Error>> {
        Ok(Ok(format!("chaos-secret-{user}-{target}-{key}")))
    }
}
