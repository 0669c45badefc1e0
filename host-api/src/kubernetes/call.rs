use super::KubernetesError;
use crate::Effect;
use crate::budget::{Charge, Place, Selected};
use crate::grant::{GrantedVerb, Subject};
use crate::limits::KUBERNETES_BODY_BYTES;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt;

/// A kind of object, as the API's paths name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Resource {
    /// API group; empty for the core group.
    pub group: Cow<'static, str>,
    /// Version within the group.
    pub version: Cow<'static, str>,
    /// Lower-case plural: `pods`.
    pub plural: Cow<'static, str>,
}

impl Resource {
    /// Core pods.
    pub const PODS: Resource = Resource::known("", "v1", "pods");
    /// Core nodes.
    pub const NODES: Resource = Resource::known("", "v1", "nodes");
    /// Core services.
    pub const SERVICES: Resource = Resource::known("", "v1", "services");
    /// Deployments of `apps/v1`.
    pub const DEPLOYMENTS: Resource = Resource::known("apps", "v1", "deployments");

    const fn known(group: &'static str, version: &'static str, plural: &'static str) -> Resource {
        Resource {
            group: Cow::Borrowed(group),
            version: Cow::Borrowed(version),
            plural: Cow::Borrowed(plural),
        }
    }
}

/// What is asked of the API server, in the words of Kubernetes' authorisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// One object.
    Get,
    /// All objects that match.
    List,
    /// Changes as they happen.
    Watch,
    /// A container's output: `get` on `pods/log`.
    Log,
    /// An object made.
    Create,
    /// A part of an object replaced.
    Patch,
    /// An object removed.
    Delete,
    /// All objects that match removed.
    DeleteCollection,
    /// A pod asked to leave: `create` on `pods/eviction`.
    Evict,
    /// The versions of an API group, which everybody may know.
    Versions,
}

impl Verb {
    /// Whether it can change something.
    pub fn effect(self) -> Effect {
        match self {
            Verb::Get | Verb::List | Verb::Watch | Verb::Log | Verb::Versions => Effect::Read,
            Verb::Create | Verb::Patch | Verb::Delete | Verb::DeleteCollection | Verb::Evict => {
                Effect::Mutate
            }
        }
    }

    pub(super) fn method(self) -> http::Method {
        match self {
            Verb::Get | Verb::List | Verb::Watch | Verb::Log | Verb::Versions => http::Method::GET,
            Verb::Patch => http::Method::PATCH,
            Verb::Delete | Verb::DeleteCollection => http::Method::DELETE,
            Verb::Create | Verb::Evict => http::Method::POST,
        }
    }

    /// In the words of Kubernetes' authorisation.
    fn granted(self) -> GrantedVerb {
        match self {
            Verb::Get | Verb::Log | Verb::Versions => GrantedVerb::Get,
            Verb::List => GrantedVerb::List,
            Verb::Watch => GrantedVerb::Watch,
            Verb::Create | Verb::Evict => GrantedVerb::Create,
            Verb::Patch => GrantedVerb::Patch,
            Verb::Delete => GrantedVerb::Delete,
            Verb::DeleteCollection => GrantedVerb::DeleteCollection,
        }
    }
}

/// One call to the API server. Names are parts of a path, never paths: a slash in one is escaped.
#[derive(Debug, Clone, PartialEq)]
pub struct KubernetesCall {
    verb: Verb,
    resource: Resource,
    namespace: Option<String>,
    name: Option<String>,
    subresource: Cow<'static, str>,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
    patch: PatchKind,
    selected: Option<Selected>,
    most: usize,
}

/// How a patch is merged into its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchKind {
    /// By the types of Kubernetes' own resources; lists are merged by their keys.
    Strategic,
    /// RFC 7386: for every resource; lists are replaced.
    Merge,
}

impl KubernetesCall {
    /// Lists objects; without a namespace, those of all namespaces (or the cluster's own).
    pub fn list(resource: Resource, namespace: Option<&str>) -> KubernetesCall {
        KubernetesCall::new(Verb::List, resource, namespace, None)
    }

    /// Watches objects from now on, the present state first.
    pub fn watch(resource: Resource, namespace: Option<&str>) -> KubernetesCall {
        KubernetesCall::new(Verb::Watch, resource, namespace, None)
    }

    /// Reads one object.
    pub fn get(resource: Resource, namespace: Option<&str>, name: &str) -> KubernetesCall {
        KubernetesCall::new(Verb::Get, resource, namespace, Some(name))
    }

    /// Reads a pod's log, all of it unless the query says otherwise.
    pub fn log(namespace: &str, pod: &str) -> KubernetesCall {
        KubernetesCall::new(Verb::Log, Resource::PODS, Some(namespace), Some(pod)).of_part("log")
    }

    /// Makes an object.
    pub fn create(resource: Resource, namespace: Option<&str>, object: Value) -> KubernetesCall {
        KubernetesCall {
            body: Some(object),
            ..KubernetesCall::new(Verb::Create, resource, namespace, None)
        }
    }

    /// Deletes all objects that match, with `options` (a `DeleteOptions`). Not for pods, which are
    /// deleted one by one, so that each is counted.
    pub fn delete_all(
        resource: Resource,
        namespace: Option<&str>,
        options: Value,
    ) -> KubernetesCall {
        KubernetesCall {
            body: Some(options),
            ..KubernetesCall::new(Verb::DeleteCollection, resource, namespace, None)
        }
    }

    /// Changes one object by a strategic merge patch.
    pub fn patch(
        resource: Resource,
        namespace: Option<&str>,
        name: &str,
        patch: Value,
    ) -> KubernetesCall {
        KubernetesCall {
            body: Some(patch),
            ..KubernetesCall::new(Verb::Patch, resource, namespace, Some(name))
        }
    }

    /// Deletes one object, with `options` (a `DeleteOptions`).
    pub fn delete(
        resource: Resource,
        namespace: Option<&str>,
        name: &str,
        options: Value,
    ) -> KubernetesCall {
        KubernetesCall {
            body: Some(options),
            ..KubernetesCall::new(Verb::Delete, resource, namespace, Some(name))
        }
    }

    /// Evicts one pod; disruption budgets are held by the API server.
    pub fn evict(namespace: &str, pod: &str) -> KubernetesCall {
        KubernetesCall::evict_with(namespace, pod, json!({}))
    }

    /// Evicts one pod, with `options` (a `DeleteOptions`).
    pub fn evict_with(namespace: &str, pod: &str, options: Value) -> KubernetesCall {
        KubernetesCall {
            body: Some(json!({
                "apiVersion": "policy/v1",
                "kind": "Eviction",
                "metadata": {"name": pod, "namespace": namespace},
                "deleteOptions": options,
            })),
            ..KubernetesCall::new(Verb::Evict, Resource::PODS, Some(namespace), Some(pod))
                .of_part("eviction")
        }
    }

    /// Asks which versions of an API group are served.
    pub(super) fn versions(group: &str) -> KubernetesCall {
        let resource = Resource {
            group: group.to_owned().into(),
            version: Cow::Borrowed(""),
            plural: Cow::Borrowed(""),
        };
        KubernetesCall::new(Verb::Versions, resource, None, None)
    }

    fn new(
        verb: Verb,
        resource: Resource,
        namespace: Option<&str>,
        name: Option<&str>,
    ) -> KubernetesCall {
        KubernetesCall {
            verb,
            resource,
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            subresource: Cow::Borrowed(""),
            query: Vec::new(),
            body: None,
            patch: PatchKind::Strategic,
            selected: None,
            most: KUBERNETES_BODY_BYTES,
        }
    }

    /// Fails when the answer (of a list: one page) has more bytes. Default:
    /// [`KUBERNETES_BODY_BYTES`], which is never exceeded.
    #[must_use]
    pub fn at_most(self, bytes: usize) -> KubernetesCall {
        KubernetesCall {
            most: bytes.min(KUBERNETES_BODY_BYTES),
            ..self
        }
    }

    /// Bytes that the answer may have.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// About a part of the object that has an address of its own: `scale`, `status`.
    #[must_use]
    pub fn of_part(self, subresource: impl Into<Cow<'static, str>>) -> KubernetesCall {
        KubernetesCall {
            subresource: subresource.into(),
            ..self
        }
    }

    /// Merges a patch in this way. Default: [`PatchKind::Strategic`].
    #[must_use]
    pub fn merged(self, patch: PatchKind) -> KubernetesCall {
        KubernetesCall { patch, ..self }
    }

    /// Deletes or evicts one of the pods that were selected, so that the share of those that go
    /// can be bounded.
    #[must_use]
    pub fn out_of(self, selected: &Selected) -> KubernetesCall {
        KubernetesCall {
            selected: Some(selected.clone()),
            ..self
        }
    }

    /// Only objects whose labels match.
    #[must_use]
    pub fn labels(self, selector: &str) -> KubernetesCall {
        self.query("labelSelector", selector)
    }

    /// Only objects whose fields match.
    #[must_use]
    pub fn fields(self, selector: &str) -> KubernetesCall {
        self.query("fieldSelector", selector)
    }

    /// Adds a parameter to the query.
    #[must_use]
    pub fn query(mut self, key: &'static str, value: impl Into<String>) -> KubernetesCall {
        self.query.push((key, value.into()));
        self
    }

    /// What is asked.
    pub fn verb(&self) -> Verb {
        self.verb
    }

    pub(super) fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    pub(super) fn content_type(&self) -> Option<&'static str> {
        self.body.as_ref().map(|_| match (self.verb, self.patch) {
            (Verb::Patch, PatchKind::Strategic) => "application/strategic-merge-patch+json",
            (Verb::Patch, PatchKind::Merge) => "application/merge-patch+json",
            _ => "application/json",
        })
    }

    /// What grants look at.
    pub(super) fn subject(&self) -> Subject<'_> {
        Subject {
            verb: self.verb.granted(),
            resource: &self.resource.plural,
            group: &self.resource.group,
            subresource: &self.subresource,
            namespace: self.namespace.as_deref(),
            name: self.name.as_deref(),
        }
    }

    /// The reading of the object that this call is about.
    pub(super) fn of_its_object(&self) -> Option<KubernetesCall> {
        let name = self.name.as_deref()?;
        let resource = self.resource.clone();
        Some(KubernetesCall::get(
            resource,
            self.namespace.as_deref(),
            name,
        ))
    }

    /// The call for what these selectors mean, of what it asks for. A comma between selectors is
    /// an "and".
    pub(super) fn narrowed(mut self, selectors: &[String]) -> KubernetesCall {
        let is_selector = |(key, _): &(&str, String)| *key == "labelSelector";
        let own = self.query.extract_if(.., |own| is_selector(own));
        let own: Vec<String> = own.map(|(_, own)| own).collect();
        // Ours go first: whatever is wrong with what follows, it cannot become a part of them.
        let all: Vec<String> = selectors
            .iter()
            .cloned()
            .chain(own.into_iter().filter(|own| !own.trim().is_empty()))
            .collect();
        match all.is_empty() {
            true => self,
            false => self.query("labelSelector", all.join(",")),
        }
    }

    /// The change, for the object as it was when its labels were looked at, and no other.
    ///
    /// # Errors
    /// The caller has another object or version in mind than the one that is there.
    pub(super) fn for_object(
        mut self,
        metadata: &Value,
    ) -> Result<KubernetesCall, KubernetesError> {
        let target = self.to_string();
        let body = self.body.get_or_insert_with(|| json!({}));
        let place: &[&str] = match self.verb {
            Verb::Patch => &["metadata"],
            Verb::Evict => &["deleteOptions", "preconditions"],
            _ => &["preconditions"],
        };
        let mut at = body;
        for key in place {
            if !at.is_object() {
                *at = json!({});
            }
            at = &mut at[*key];
        }
        if !at.is_object() {
            *at = json!({});
        }
        for key in ["uid", "resourceVersion"] {
            let actual = metadata.get(key).cloned().unwrap_or_default();
            let asked = at.get(key).filter(|asked| !asked.is_null());
            if asked.is_some_and(|asked| *asked != actual) {
                return Err(KubernetesError::Invalid(format!(
                    "{target} is for an object with another {key} than the one that is there"
                )));
            }
            at[key] = actual;
        }
        Ok(self)
    }

    /// What it is charged for, besides being a call. `cluster` tells clusters apart.
    pub(super) fn charges(&self, cluster: u64) -> Vec<Charge> {
        let place = |name: &str| Place {
            cluster,
            name: name.to_owned(),
        };
        let mut charges = Vec::new();
        if let Some(body) = &self.body {
            let bytes = body.to_string().len();
            charges.push(Charge::Bytes(u64::try_from(bytes).unwrap_or(u64::MAX)));
        }
        if self.verb.effect() == Effect::Read {
            return charges;
        }
        let core = self.resource.group.is_empty();
        let name = self.name.as_deref();
        charges.extend(self.namespace.as_deref().map(place).map(Charge::Namespace));
        match (self.verb, self.resource.plural.as_ref()) {
            (Verb::Delete | Verb::Evict, "pods") if core => {
                charges.push(Charge::PodDeleted);
                let pod = || format!("{:?}/{:?}", self.namespace, self.name);
                let selected = self.selected.clone();
                charges.extend(selected.map(|selected| Charge::PodOf(selected, pod())));
            }
            (_, "nodes") if core => charges.extend(name.map(place).map(Charge::Node)),
            (_, "namespaces") if core => charges.extend(name.map(place).map(Charge::Namespace)),
            _ => {}
        }
        charges
    }

    /// The request's path and query.
    ///
    /// # Errors
    /// [`KubernetesError::Invalid`]: a name that would change what the path means. An empty one
    /// would turn the deletion of one object into that of all.
    pub(super) fn path_and_query(&self) -> Result<String, KubernetesError> {
        let Resource {
            group,
            version,
            plural,
        } = &self.resource;
        let mut path = String::from(if group.is_empty() { "/api" } else { "/apis" });
        if !group.is_empty() {
            segment(&mut path, "group", group)?;
        }
        if self.verb == Verb::Versions {
            return Ok(path);
        }
        segment(&mut path, "version", version)?;
        if let Some(namespace) = &self.namespace {
            path.push_str("/namespaces");
            segment(&mut path, "namespace", namespace)?;
        }
        segment(&mut path, "resource", plural)?;
        if let Some(name) = &self.name {
            segment(&mut path, "name", name)?;
        }
        if !self.subresource.is_empty() {
            segment(&mut path, "subresource", &self.subresource)?;
        }
        if self.verb == Verb::DeleteCollection && self.resource.plural == "pods" {
            return Err(KubernetesError::Invalid(
                "pods are deleted one by one, so that each is counted".into(),
            ));
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (key, value) in &self.query {
            query.append_pair(key, value);
        }
        if self.verb == Verb::Watch {
            query.append_pair("watch", "true");
        }
        let query = query.finish();
        if !query.is_empty() {
            path.push('?');
            path.push_str(&query);
        }
        Ok(path)
    }
}

/// For people and the log: `DELETE /api/v1/namespaces/default/pods/a`.
impl fmt::Display for KubernetesCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path_and_query() {
            Ok(path) => write!(formatter, "{} {path}", self.verb.method()),
            Err(_) => write!(formatter, "{} {}", self.verb.method(), self.resource.plural),
        }
    }
}

fn segment(path: &mut String, what: &'static str, text: &str) -> Result<(), KubernetesError> {
    if text.is_empty() || text == "." || text == ".." {
        return Err(KubernetesError::Invalid(format!(
            "'{text}' is no {what} of a Kubernetes object"
        )));
    }
    path.push('/');
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                path.push(char::from(byte));
            }
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
