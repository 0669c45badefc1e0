//! `chaos:host/kubernetes-read` and `kubernetes-write`.

mod api;
mod name;
mod resource;

pub(in crate::plugin) use api::{Answer, Api};

use super::State;
use super::bindings::chaos::host::kubernetes_read::Selection;
use super::bindings::chaos::host::kubernetes_types::Error;
use super::bindings::chaos::host::{kubernetes_read, kubernetes_types, kubernetes_write};

impl kubernetes_types::Host for State {}

impl kubernetes_read::Host for State {
    async fn list(
        &mut self,
        resource: String,
        selection: Selection,
    ) -> wasmtime::Result<Answer<Vec<String>>> {
        let given = [
            Some(&resource),
            selection.namespace.as_ref(),
            selection.labels.as_ref(),
            selection.fields.as_ref(),
        ];
        self.count(&given)?;
        let listed = Api(&self.guest).list(&resource, selection).await;
        self.tell(listed, |objects| objects.iter().map(String::len).sum())
    }

    async fn get(
        &mut self,
        resource: String,
        namespace: Option<String>,
        name: String,
    ) -> wasmtime::Result<Answer<String>> {
        self.count(&[Some(&resource), namespace.as_ref(), Some(&name)])?;
        let answer = Api(&self.guest).get(&resource, namespace, &name).await;
        self.tell(answer, String::len)
    }

    async fn log(
        &mut self,
        namespace: String,
        pod: String,
        container: Option<String>,
        lines: u32,
    ) -> wasmtime::Result<Answer<String>> {
        self.count(&[Some(&namespace), Some(&pod), container.as_ref()])?;
        let api = Api(&self.guest);
        let answer = api.log(&namespace, &pod, container.as_deref(), lines).await;
        self.tell(answer, String::len)
    }
}

impl kubernetes_write::Host for State {
    async fn delete(
        &mut self,
        resource: String,
        namespace: Option<String>,
        name: String,
        grace_seconds: Option<u32>,
    ) -> wasmtime::Result<Answer<()>> {
        self.count(&[Some(&resource), namespace.as_ref(), Some(&name)])?;
        let api = Api(&self.guest);
        let answer = api.delete(&resource, namespace, &name, grace_seconds).await;
        self.tell(answer, |()| 0)
    }

    async fn evict(
        &mut self,
        namespace: String,
        pod: String,
        grace_seconds: Option<u32>,
    ) -> wasmtime::Result<Answer<()>> {
        self.count(&[Some(&namespace), Some(&pod)])?;
        let answer = Api(&self.guest)
            .evict(&namespace, &pod, grace_seconds)
            .await;
        self.tell(answer, |()| 0)
    }

    async fn patch(
        &mut self,
        resource: String,
        namespace: Option<String>,
        name: String,
        patch: String,
    ) -> wasmtime::Result<Answer<String>> {
        self.count(&[
            Some(&resource),
            namespace.as_ref(),
            Some(&name),
            Some(&patch),
        ])?;
        let api = Api(&self.guest);
        let answer = api.patch(&resource, namespace, &name, &patch).await;
        self.tell(answer, String::len)
    }

    async fn scale(
        &mut self,
        resource: String,
        namespace: String,
        name: String,
        replicas: u32,
    ) -> wasmtime::Result<Answer<u32>> {
        self.count(&[Some(&resource), Some(&namespace), Some(&name)])?;
        let answer = Api(&self.guest)
            .scale(&resource, namespace, &name, replicas)
            .await;
        self.tell(answer, |_| 0)
    }

    async fn create(
        &mut self,
        resource: String,
        namespace: Option<String>,
        object: String,
    ) -> wasmtime::Result<Answer<String>> {
        self.count(&[Some(&resource), namespace.as_ref(), Some(&object)])?;
        let api = Api(&self.guest);
        let answer = api.create(&resource, namespace, &object).await;
        self.tell(answer, String::len)
    }
}

impl State {
    /// Counts a call with the texts that it brings.
    fn count(&mut self, given: &[Option<&String>]) -> wasmtime::Result<()> {
        let sizes = given.iter().flatten().map(|text| text.len());
        Ok(self.meter.host_call(sizes.sum())?)
    }

    /// Counts an answer of that size before the guest gets it.
    fn tell<T>(
        &mut self,
        answer: Answer<T>,
        size: impl FnOnce(&T) -> usize,
    ) -> wasmtime::Result<Answer<T>> {
        self.meter.pass_bytes(match &answer {
            Ok(value) => size(value),
            Err(Error::Refused(refusal)) => refusal.reason.len() + refusal.message.len(),
            Err(
                Error::Denied(text)
                | Error::TimedOut(text)
                | Error::Invalid(text)
                | Error::Failed(text),
            ) => text.len(),
        })?;
        Ok(answer)
    }
}
