//! What a guest's calls of Kubernetes come to, whichever interface they came by.

use super::{name, resource};
use crate::plugin::host::bindings::chaos::host::kubernetes_read::Selection;
use crate::plugin::host::bindings::chaos::host::kubernetes_types::{Error, Refusal as ApiRefusal};
use crate::plugin::state::Guest;
use chaos_host_api::Refusal;
use chaos_host_api::kubernetes::{
    ClusterSettings, KubernetesCall, KubernetesError, PatchKind, Resource,
};
use serde_json::{Value, json};

/// What a call comes to, for the guest.
pub(in crate::plugin) type Answer<T> = Result<T, Error>;

/// The cluster as a guest reaches it.
pub(in crate::plugin) struct Api<'g>(pub(in crate::plugin) &'g Guest);

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
}

impl Api<'_> {
    /// See `kubernetes-read.list`.
    pub(in crate::plugin) async fn list(
        &self,
        resource: &str,
        selection: Selection,
    ) -> Answer<Vec<String>> {
        let Selection {
            namespace,
            labels,
            fields,
        } = selection;
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

    /// See `kubernetes-read.get`.
    pub(in crate::plugin) async fn get(
        &self,
        resource: &str,
        namespace: Option<String>,
        name: &str,
    ) -> Answer<String> {
        let (resource, namespace) = self.place(resource, namespace).await?;
        let call = KubernetesCall::get(resource, namespace.as_deref(), name::object(name)?);
        self.json(call).await
    }

    /// See `kubernetes-read.log`.
    pub(in crate::plugin) async fn log(
        &self,
        namespace: &str,
        pod: &str,
        container: Option<&str>,
        lines: u32,
    ) -> Answer<String> {
        let call = KubernetesCall::log(name::namespace(namespace)?, name::object(pod)?)
            .query("tailLines", lines.to_string())
            .query("limitBytes", self.0.limits.answer_bytes.to_string());
        let call = match container {
            Some(container) => call.query("container", name::label("container", container)?),
            None => call,
        };
        let cluster = self.cluster()?;
        let (door, pass) = (&self.0.door, &self.0.pass);
        let bytes = door
            .kubernetes_bytes(pass, &cluster, &self.bounded(call))
            .await;
        let bytes = bytes.map_err(failure)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// See `kubernetes-write.delete`.
    pub(in crate::plugin) async fn delete(
        &self,
        resource: &str,
        namespace: Option<String>,
        name: &str,
        grace_seconds: Option<u32>,
    ) -> Answer<()> {
        let (resource, namespace) = self.place(resource, namespace).await?;
        let name = name::object(name)?;
        let options = options(grace_seconds);
        let call = KubernetesCall::delete(resource, namespace.as_deref(), name, options);
        self.json(call).await.map(drop)
    }

    /// See `kubernetes-write.evict`.
    pub(in crate::plugin) async fn evict(
        &self,
        namespace: &str,
        pod: &str,
        grace_seconds: Option<u32>,
    ) -> Answer<()> {
        let (namespace, pod) = (name::namespace(namespace)?, name::object(pod)?);
        let call = KubernetesCall::evict_with(namespace, pod, options(grace_seconds));
        self.json(call).await.map(drop)
    }

    /// See `kubernetes-write.patch`.
    pub(in crate::plugin) async fn patch(
        &self,
        resource: &str,
        namespace: Option<String>,
        name: &str,
        patch: &str,
    ) -> Answer<String> {
        let (resource, namespace) = self.place(resource, namespace).await?;
        let patch = object("the patch", patch)?;
        let name = name::object(name)?;
        let call = KubernetesCall::patch(resource, namespace.as_deref(), name, patch);
        self.json(call.merged(PatchKind::Merge)).await
    }

    /// See `kubernetes-write.scale`.
    pub(in crate::plugin) async fn scale(
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

    /// See `kubernetes-write.create`.
    pub(in crate::plugin) async fn create(
        &self,
        resource: &str,
        namespace: Option<String>,
        object: &str,
    ) -> Answer<String> {
        let (resource, namespace) = self.place(resource, namespace).await?;
        let object = self::object("the object", object)?;
        let own = object.pointer("/metadata/namespace");
        if own.is_some_and(|own| own.as_str() != namespace.as_deref()) {
            let text = "the object's own namespace is not the one that it is created in";
            return Err(Error::Invalid(text.to_owned()));
        }
        let call = KubernetesCall::create(resource, namespace.as_deref(), object);
        self.json(call).await
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
