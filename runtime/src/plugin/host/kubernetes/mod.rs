//! `chaos:host/kubernetes-read` and `kubernetes-write`.

mod name;
mod resource;

use super::State;
use super::bindings::chaos::host::kubernetes_read::Selection;
use super::bindings::chaos::host::kubernetes_types::{Error, Refusal as ApiRefusal};
use super::bindings::chaos::host::{kubernetes_read, kubernetes_types, kubernetes_write};
use crate::plugin::state::Guest;
use chaos_host_api::Refusal;
use chaos_host_api::kubernetes::{
    ClusterSettings, KubernetesCall, KubernetesError, PatchKind, Resource,
};
use serde_json::{Value, json};

/// What a call comes to, for the guest.
type Answer<T> = Result<T, Error>;

impl kubernetes_types::Host for State {}

impl kubernetes_read::Host for State {
    async fn list(
        &mut self,
        resource: String,
        selection: Selection,
    ) -> wasmtime::Result<Answer<Vec<String>>> {
        let Selection {
            namespace,
            labels,
            fields,
        } = selection;
        let given = [
            Some(&resource),
            namespace.as_ref(),
            labels.as_ref(),
            fields.as_ref(),
        ];
        self.count(&given)?;
        let listed = Api(&self.guest)
            .listed(&resource, namespace, labels, fields)
            .await;
        self.tell(listed, |objects| objects.iter().map(String::len).sum())
    }

    async fn get(
        &mut self,
        resource: String,
        namespace: Option<String>,
        name: String,
    ) -> wasmtime::Result<Answer<String>> {
        self.count(&[Some(&resource), namespace.as_ref(), Some(&name)])?;
        let api = Api(&self.guest);
        let call = async {
            let (resource, namespace) = api.place(&resource, namespace).await?;
            let call = KubernetesCall::get(resource, namespace.as_deref(), name::object(&name)?);
            api.json(call).await
        };
        let answer = call.await;
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
        let call = async {
            let call = KubernetesCall::log(name::namespace(&namespace)?, name::object(&pod)?)
                .query("tailLines", lines.to_string())
                .query("limitBytes", self.guest.limits.answer_bytes.to_string());
            let call = match &container {
                Some(container) => call.query("container", name::label("container", container)?),
                None => call,
            };
            let cluster = api.cluster()?;
            let (door, pass) = (&self.guest.door, &self.guest.pass);
            let bytes = door
                .kubernetes_bytes(pass, &cluster, &api.bounded(call))
                .await;
            let bytes = bytes.map_err(failure)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let answer = call.await;
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
        let call = async {
            let (resource, namespace) = api.place(&resource, namespace).await?;
            let name = name::object(&name)?;
            let options = options(grace_seconds);
            let call = KubernetesCall::delete(resource, namespace.as_deref(), name, options);
            api.json(call).await.map(drop)
        };
        let answer = call.await;
        self.tell(answer, |()| 0)
    }

    async fn evict(
        &mut self,
        namespace: String,
        pod: String,
        grace_seconds: Option<u32>,
    ) -> wasmtime::Result<Answer<()>> {
        self.count(&[Some(&namespace), Some(&pod)])?;
        let api = Api(&self.guest);
        let call = async {
            let (namespace, pod) = (name::namespace(&namespace)?, name::object(&pod)?);
            let call = KubernetesCall::evict_with(namespace, pod, options(grace_seconds));
            api.json(call).await.map(drop)
        };
        let answer = call.await;
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
        let call = async {
            let (resource, namespace) = api.place(&resource, namespace).await?;
            let patch = object("the patch", &patch)?;
            let name = name::object(&name)?;
            let call = KubernetesCall::patch(resource, namespace.as_deref(), name, patch);
            api.json(call.merged(PatchKind::Merge)).await
        };
        let answer = call.await;
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
            .scaled(&resource, namespace, &name, replicas)
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
        let call = async {
            let (resource, namespace) = api.place(&resource, namespace).await?;
            let object = self::object("the object", &object)?;
            let own = object.pointer("/metadata/namespace");
            if own.is_some_and(|own| own.as_str() != namespace.as_deref()) {
                let text = "the object's own namespace is not the one that it is created in";
                return Err(Error::Invalid(text.to_owned()));
            }
            let call = KubernetesCall::create(resource, namespace.as_deref(), object);
            api.json(call).await
        };
        let answer = call.await;
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

/// The cluster as a guest reaches it.
struct Api<'g>(&'g Guest);

impl Api<'_> {
    fn cluster(&self) -> Answer<ClusterSettings> {
        let variable = |key: &str| self.0.door.variable(key)?.into_string().ok();
        ClusterSettings::find(&self.0.cluster, &variable).map_err(failure)
    }

    fn bounded(&self, call: KubernetesCall) -> KubernetesCall {
        call.at_most(usize::try_from(self.0.limits.answer_bytes).unwrap_or(usize::MAX))
    }

    async fn value(&self, call: KubernetesCall) -> Answer<Value> {
        let cluster = self.cluster()?;
        let (door, pass) = (&self.0.door, &self.0.pass);
        let answer = door.kubernetes(pass, &cluster, &self.bounded(call)).await;
        answer.map_err(failure)
    }

    async fn json(&self, call: KubernetesCall) -> Answer<String> {
        self.value(call).await.map(|object| object.to_string())
    }

    /// What a guest's resource and namespace mean.
    async fn place(
        &self,
        resource: &str,
        namespace: Option<String>,
    ) -> Answer<(Resource, Option<String>)> {
        if let Some(namespace) = &namespace {
            name::namespace(namespace)?;
        }
        let written: resource::Written = resource.parse().map_err(Error::Invalid)?;
        let resource = match written.resource() {
            Some(resource) => resource,
            None => {
                let cluster = self.cluster()?;
                let (door, pass) = (&self.0.door, &self.0.pass);
                let version = door
                    .kubernetes_version(pass, &cluster, &written.group)
                    .await;
                written.at(version.map_err(failure)?)
            }
        };
        Ok((resource, namespace))
    }

    async fn listed(
        &self,
        resource: &str,
        namespace: Option<String>,
        labels: Option<String>,
        fields: Option<String>,
    ) -> Answer<Vec<String>> {
        let (resource, namespace) = self.place(resource, namespace).await?;
        let mut call = KubernetesCall::list(resource, namespace.as_deref());
        if let Some(labels) = &labels {
            call = call.labels(name::selector("label", labels)?);
        }
        if let Some(fields) = &fields {
            call = call.fields(name::selector("field", fields)?);
        }
        let cluster = self.cluster()?;
        let (door, pass) = (&self.0.door, &self.0.pass);
        let objects = door
            .kubernetes_texts(pass, &cluster, &self.bounded(call))
            .await;
        objects.map_err(failure)
    }

    async fn scaled(
        &self,
        resource: &str,
        namespace: String,
        name: &str,
        replicas: u32,
    ) -> Answer<u32> {
        let (resource, namespace) = self.place(resource, Some(namespace)).await?;
        let (namespace, name) = (namespace.as_deref(), name::object(name)?);
        let read = KubernetesCall::get(resource.clone(), namespace, name).of_part("scale");
        let scale = self.value(read).await?;
        // What Kubernetes leaves out is none.
        let before = scale
            .pointer("/spec/replicas")
            .map_or(Some(0), Value::as_u64);
        let before = before.and_then(|number| u32::try_from(number).ok());
        let before = before.ok_or_else(|| {
            Error::Failed("the object's scale holds no number of replicas".to_owned())
        })?;
        let patch = json!({"spec": {"replicas": replicas}});
        let write = KubernetesCall::patch(resource, namespace, name, patch).of_part("scale");
        self.value(write.merged(PatchKind::Merge)).await?;
        Ok(before)
    }
}

fn options(grace_seconds: Option<u32>) -> Value {
    match grace_seconds {
        Some(seconds) => json!({"gracePeriodSeconds": seconds}),
        None => json!({}),
    }
}

fn object(what: &str, text: &str) -> Answer<Value> {
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(Error::Invalid(format!("{what} is not a JSON object"))),
        Err(error) => Err(Error::Invalid(format!("{what} is not JSON: {error}"))),
    }
}

fn failure(error: KubernetesError) -> Error {
    let text = error.to_string();
    match error {
        KubernetesError::Refused(Refusal::TooLate) | KubernetesError::TooSlow { .. } => {
            Error::TimedOut(text)
        }
        KubernetesError::Refused(_) => Error::Denied(text),
        KubernetesError::Api { answer, .. } => Error::Refused(ApiRefusal {
            status: answer.status,
            reason: answer.reason.unwrap_or_default(),
            message: answer.message.unwrap_or(answer.body),
        }),
        KubernetesError::Invalid(_) => Error::Invalid(text),
        KubernetesError::Config(_)
        | KubernetesError::Connect { .. }
        | KubernetesError::Broken { .. }
        | KubernetesError::TooLarge { .. } => Error::Failed(text),
    }
}
