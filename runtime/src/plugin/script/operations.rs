//! `chaos:script/operations`: calls of a script that are under way at the same time.

use super::bindings::chaos::script::operations::{Answer, Completion, Host, Operation, Reply};
use crate::plugin::host::bindings::chaos::host::{http, kubernetes_types};
use crate::plugin::host::{Api, Sent, send};
use crate::plugin::meter::Exceeded;
use crate::plugin::state::{Guest, State};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use tokio::task::{AbortHandle, JoinSet};

/// The operations of one call. Dropped, they end.
#[derive(Default)]
pub(in crate::plugin) struct Operations {
    /// The number of the last one.
    last: u32,
    running: JoinSet<(u32, Answer)>,
    handles: HashMap<u32, AbortHandle>,
    /// Sleeps where waiting takes no time, by when they would end.
    leaping: BTreeSet<(Duration, u32)>,
}

impl Operations {
    fn under_way(&self) -> usize {
        self.handles.len() + self.leaping.len()
    }

    fn spawn(&mut self, id: u32, answer: impl Future<Output = Answer> + Send + 'static) {
        let task = async move { (id, answer.await) };
        self.handles.insert(id, self.running.spawn(task));
    }
}

impl Host for State {
    async fn start(&mut self, operation: Operation) -> wasmtime::Result<Result<u32, String>> {
        self.meter.host_call(size(&operation))?;
        let most = usize::try_from(self.guest.limits.handles).unwrap_or(usize::MAX);
        if self.operations.under_way() >= most {
            let text = format!("more than {most} operations under way (limit handles)");
            return Ok(Err(text));
        }
        self.operations.last = self.operations.last.wrapping_add(1);
        let id = self.operations.last;
        match operation {
            Operation::Sleep(nanoseconds) => self.sleep(id, Duration::from_nanos(nanoseconds)),
            Operation::Http(request) => {
                let way = self.way();
                self.operations.spawn(id, async move {
                    let sent = send(way, request).await;
                    let reply = sent.map(|Sent { url, response }| Reply { url, response });
                    Answer::Http(reply)
                });
            }
            other => {
                let guest = self.guest.clone();
                self.operations.spawn(id, kubernetes(guest, other));
            }
        }
        Ok(Ok(id))
    }

    async fn wait(&mut self) -> wasmtime::Result<Option<Completion>> {
        self.meter.host_call(0)?;
        while let Some(ended) = self.operations.running.join_next().await {
            // One that was given up has no answer; neither has one of ours that panicked.
            let (id, answer) = match ended {
                Ok(ended) => ended,
                Err(stopped) if stopped.is_cancelled() => continue,
                Err(panicked) => return Err(wasmtime::Error::msg(panicked.to_string())),
            };
            if self.operations.handles.remove(&id).is_none() {
                continue;
            }
            if let Answer::Http(Ok(reply)) = &answer {
                self.clock
                    .took(Duration::from_nanos(reply.response.elapsed_ns));
            }
            if self.allowance.is_exceeded() {
                return Err(Exceeded::HostBytes(self.guest.limits.host_bytes).into());
            }
            self.meter.pass_bytes(answer_size(&answer))?;
            return Ok(Some(Completion { id, answer }));
        }
        let Some((end, id)) = self.operations.leaping.pop_first() else {
            return Ok(None);
        };
        self.clock.leap_to(end);
        let asked = self.guest.pass.deadline().asked();
        if end >= asked {
            return Err(Exceeded::Wall(asked).into());
        }
        let answer = Answer::Slept;
        Ok(Some(Completion { id, answer }))
    }

    async fn cancel(&mut self, id: u32) -> wasmtime::Result<()> {
        self.meter.host_call(0)?;
        self.operations.leaping.retain(|(_, other)| *other != id);
        if let Some(handle) = self.operations.handles.remove(&id) {
            handle.abort();
        }
        Ok(())
    }

    // Not counted: it is asked by the engine's own clockwork, within the CPU time.
    fn stop(&mut self) -> wasmtime::Result<bool> {
        Ok(self.guest.pass.deadline().passed())
    }
}

impl State {
    fn sleep(&mut self, id: u32, time: Duration) {
        if self.clock.leaps() {
            let end = self.clock.elapsed().saturating_add(time);
            self.operations.leaping.insert((end, id));
            return;
        }
        self.operations.spawn(id, async move {
            // The call's deadline bounds it.
            tokio::time::sleep(time).await;
            Answer::Slept
        });
    }
}

async fn kubernetes(guest: Guest, operation: Operation) -> Answer {
    let api = Api(&guest);
    match operation {
        Operation::KubernetesList(listing) => {
            Answer::Objects(api.list(&listing.resource, listing.selection).await)
        }
        Operation::KubernetesGet(object) => Answer::Text(
            api.get(&object.resource, object.namespace, &object.name)
                .await,
        ),
        Operation::KubernetesLog(log) => Answer::Text(
            api.log(
                &log.namespace,
                &log.pod,
                log.container.as_deref(),
                log.lines,
            )
            .await,
        ),
        Operation::KubernetesDelete(deletion) => {
            let (object, grace) = (deletion.object, deletion.grace_seconds);
            Answer::Done(
                api.delete(&object.resource, object.namespace, &object.name, grace)
                    .await,
            )
        }
        Operation::KubernetesEvict(eviction) => Answer::Done(
            api.evict(&eviction.namespace, &eviction.pod, eviction.grace_seconds)
                .await,
        ),
        Operation::KubernetesPatch(patching) => {
            let object = patching.object;
            let (name, patch) = (&object.name, &patching.patch);
            Answer::Text(
                api.patch(&object.resource, object.namespace, name, patch)
                    .await,
            )
        }
        Operation::KubernetesScale(scaling) => {
            let (name, replicas) = (&scaling.name, scaling.replicas);
            Answer::Replicas(
                api.scale(&scaling.resource, scaling.namespace, name, replicas)
                    .await,
            )
        }
        Operation::KubernetesCreate(creation) => Answer::Text(
            api.create(&creation.resource, creation.namespace, &creation.object)
                .await,
        ),
        // Begun elsewhere.
        Operation::Http(_) | Operation::Sleep(_) => Answer::Slept,
    }
}

/// Bytes that an operation brings.
fn size(operation: &Operation) -> usize {
    let some = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    match operation {
        Operation::Http(request) => {
            let headers = request.headers.iter();
            let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
            request.method.len() + request.url.len() + request.body.len() + headers
        }
        Operation::Sleep(_) => 0,
        Operation::KubernetesList(listing) => {
            let selection = &listing.selection;
            let texts = some(&selection.namespace) + some(&selection.labels);
            listing.resource.len() + texts + some(&selection.fields)
        }
        Operation::KubernetesGet(object) => object_size(object),
        Operation::KubernetesLog(log) => log.namespace.len() + log.pod.len() + some(&log.container),
        Operation::KubernetesDelete(deletion) => object_size(&deletion.object),
        Operation::KubernetesEvict(eviction) => eviction.namespace.len() + eviction.pod.len(),
        Operation::KubernetesPatch(patching) => {
            object_size(&patching.object) + patching.patch.len()
        }
        Operation::KubernetesScale(scaling) => {
            scaling.resource.len() + scaling.namespace.len() + scaling.name.len()
        }
        Operation::KubernetesCreate(creation) => {
            creation.resource.len() + some(&creation.namespace) + creation.object.len()
        }
    }
}

fn object_size(object: &super::bindings::chaos::script::operations::Object) -> usize {
    let namespace = object.namespace.as_ref().map_or(0, String::len);
    object.resource.len() + object.name.len() + namespace
}

/// Bytes that an answer brings.
fn answer_size(answer: &Answer) -> usize {
    match answer {
        Answer::Http(Ok(reply)) => {
            let headers = reply.response.headers.iter();
            let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
            reply.url.len() + reply.response.body.len() + headers
        }
        Answer::Http(Err(error)) => {
            let (http::Error::Denied(text)
            | http::Error::TimedOut(text)
            | http::Error::NotConnected(text)
            | http::Error::Invalid(text)
            | http::Error::Broken(text)) = error;
            text.len()
        }
        Answer::Slept | Answer::Replicas(Ok(_)) | Answer::Done(Ok(())) => 0,
        Answer::Objects(Ok(texts)) => texts.iter().map(String::len).sum(),
        Answer::Text(Ok(text)) => text.len(),
        Answer::Objects(Err(error))
        | Answer::Text(Err(error))
        | Answer::Replicas(Err(error))
        | Answer::Done(Err(error)) => match error {
            kubernetes_types::Error::Refused(refusal) => {
                refusal.reason.len() + refusal.message.len()
            }
            kubernetes_types::Error::Denied(text)
            | kubernetes_types::Error::TimedOut(text)
            | kubernetes_types::Error::Invalid(text)
            | kubernetes_types::Error::Failed(text) => text.len(),
        },
    }
}
