//! Calls under a permit.
//!
//! A grant names verbs, a resource, namespaces, names and labels. Verb, resource, namespace and
//! name are known before a call leaves. Labels are sent along as a selector where many objects are
//! meant, and looked up where one is, which then must not change before the call arrives. What
//! comes back is held against the grants once more, object by object.

use super::{ClusterSettings, KubernetesCall, KubernetesError, Verb, WatchEvent, parse, recorded};
use crate::permit::{Covering, Permit};
use crate::{Door, Effect, Pass, Refusal};
use bytes::Bytes;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::sync::Arc;

/// How often an object is looked up again because it changed before the call arrived.
const LOOKUPS: u32 = 5;

/// What a permit says about one call.
pub(super) struct Guard {
    permit: Arc<Permit>,
    covering: Covering,
}

/// What a guarded call gave, in the form that was needed last.
pub(super) enum Answer {
    Bytes(Bytes),
    Json(Value),
}

impl Answer {
    pub(super) fn json(self, call: &KubernetesCall) -> Result<Value, KubernetesError> {
        match self {
            Answer::Bytes(bytes) => parse(call, &bytes),
            Answer::Json(value) => Ok(value),
        }
    }

    pub(super) fn bytes(self) -> Bytes {
        match self {
            Answer::Bytes(bytes) => bytes,
            Answer::Json(value) => value.to_string().into(),
        }
    }
}

impl Guard {
    /// The call for what is granted, of what it asks for.
    pub(super) fn narrow(&self, call: KubernetesCall) -> KubernetesCall {
        call.narrowed(&self.permit.selectors(&self.covering))
    }

    /// Notes that the call leaves.
    pub(super) fn made(&self, call: &KubernetesCall) {
        self.permit.made(&self.covering, &call.subject());
    }

    /// Whether the bearer may see an event.
    pub(super) fn shows(&self, event: &WatchEvent) -> bool {
        event.kind == "BOOKMARK" || self.means(&event.object)
    }

    fn means(&self, object: &Value) -> bool {
        self.permit.means(&self.covering, object.get("metadata"))
    }
}

impl Door {
    /// Holds a call against the permit, as far as that is possible beforehand.
    pub(super) fn guard(
        &self,
        pass: &Pass,
        permit: &Arc<Permit>,
        call: &KubernetesCall,
    ) -> Result<Guard, Refusal> {
        let changes = call.verb().effect() == Effect::Mutate;
        if changes && pass.allowed() == Effect::Read {
            // Nothing is looked up for a change that cannot be made.
            let target = call.to_string();
            return Err(self.refuse(pass, recorded(call), Refusal::ReadOnly { target }));
        }
        let subject = call.subject();
        let checked = permit.kubernetes(&subject).and_then(|covering| {
            let deletes_all = call.verb() == Verb::DeleteCollection;
            if deletes_all && !permit.is_told_by_selectors(&covering) {
                return Err(permit.deny_untold(&covering, &subject));
            }
            if call.verb() == Verb::Create {
                let metadata = metadata_to_be(call);
                if !permit.means(&covering, Some(&metadata)) {
                    return Err(permit.deny_object(&covering, &subject, Some(&metadata)));
                }
            }
            Ok(covering)
        });
        match checked {
            Ok(covering) => Ok(Guard {
                permit: Arc::clone(permit),
                covering,
            }),
            Err(denial) => Err(self.refuse(pass, recorded(call), Box::new(denial))),
        }
    }

    pub(super) async fn guarded(
        &self,
        pass: &Pass,
        permit: &Arc<Permit>,
        cluster: &ClusterSettings,
        call: &KubernetesCall,
    ) -> Result<Answer, KubernetesError> {
        let guard = self.guard(pass, permit, call)?;
        let is_of_one = matches!(
            call.verb(),
            Verb::Get | Verb::Log | Verb::Patch | Verb::Delete | Verb::Evict | Verb::Versions
        );
        if is_of_one {
            return self.guarded_object(pass, &guard, cluster, call).await;
        }
        guard.made(call);
        let call = match call.verb() {
            Verb::Create => Cow::Borrowed(call),
            _ => Cow::Owned(guard.narrow(call.clone())),
        };
        let answer = self.unguarded(pass, cluster, &call).await?;
        if !matches!(call.verb(), Verb::List | Verb::Watch) {
            return Ok(Answer::Bytes(answer));
        }
        let mut answer = parse(&call, &answer)?;
        if let Some(items) = answer.get_mut("items").and_then(Value::as_array_mut) {
            items.retain(|object| guard.means(object));
        }
        Ok(Answer::Json(answer))
    }

    /// A call about one object, which is looked up first when its labels matter.
    async fn guarded_object(
        &self,
        pass: &Pass,
        guard: &Guard,
        cluster: &ClusterSettings,
        call: &KubernetesCall,
    ) -> Result<Answer, KubernetesError> {
        let lookup = call
            .of_its_object()
            .filter(|_| guard.permit.depends_on_labels(&guard.covering));
        let Some(lookup) = lookup else {
            guard.made(call);
            let answer = self.unguarded(pass, cluster, call).await;
            return answer.map(Answer::Bytes);
        };
        let changes = matches!(call.verb(), Verb::Patch | Verb::Delete | Verb::Evict);
        let mut lookups = 0;
        loop {
            let object = self.unguarded(pass, cluster, &lookup).await?;
            let object = parse(&lookup, &object)?;
            if !guard.means(&object) {
                let metadata = object.get("metadata");
                let subject = call.subject();
                let denial = guard
                    .permit
                    .deny_object(&guard.covering, &subject, metadata);
                return Err(self.refuse(pass, recorded(call), Box::new(denial)).into());
            }
            if lookups == 0 {
                guard.made(call);
            }
            if lookup == *call {
                return Ok(Answer::Json(object));
            }
            let mut now = Cow::Borrowed(call);
            if changes {
                let metadata = object.get("metadata").unwrap_or(&Value::Null);
                now = Cow::Owned(call.clone().for_object(metadata)?);
            }
            lookups += 1;
            match self.unguarded(pass, cluster, &now).await {
                Err(error) if changes && error.status() == Some(409) && lookups < LOOKUPS => {
                    tracing::debug!("{error}; it changed since it was looked up");
                }
                answer => return answer.map(Answer::Bytes),
            }
        }
    }
}

/// The metadata of an object that is to be made, with the namespace that the call names.
fn metadata_to_be(call: &KubernetesCall) -> Value {
    let written = call.body().and_then(|body| body.get("metadata")).cloned();
    let mut metadata = written.filter(Value::is_object).unwrap_or(json!({}));
    match call.subject().namespace {
        Some(namespace) => metadata["namespace"] = json!(namespace),
        None => metadata["namespace"] = Value::Null,
    }
    metadata
}
