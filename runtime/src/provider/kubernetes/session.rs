use super::arguments::Arguments;
use super::failure::{failed, unhandled};
use crate::configuration::Environment;
use crate::provider::{Call, Failure};
use chaos_host_api::kubernetes::{ClusterSettings, KubernetesCall, KubernetesError, Resource};
use chaos_host_api::{Door, Pass};
use serde_json::{Map, Value};

/// One activity being performed: its arguments, and its way to the cluster.
pub(super) struct Session<'c> {
    door: &'c Door,
    pass: &'c Pass,
    cluster: Result<ClusterSettings, String>,
    pub(super) arguments: Arguments,
}

impl<'c> Session<'c> {
    pub(super) fn new(
        call: &'c Call<'_>,
        arguments: Arguments,
        secrets: &Map<String, Value>,
        environment: Environment<'_>,
    ) -> Session<'c> {
        Session {
            door: call.door,
            pass: &call.pass,
            // Only what asks a cluster fails for want of one.
            cluster: ClusterSettings::find(secrets, environment).map_err(|e| e.to_string()),
            arguments,
        }
    }

    pub(super) fn door(&self) -> &Door {
        self.door
    }

    pub(super) fn pass(&self) -> &Pass {
        self.pass
    }

    pub(super) fn cluster(&self) -> Result<&ClusterSettings, Failure> {
        self.cluster.as_ref().map_err(failed)
    }

    /// Lists objects, keeping of each what `keep` makes of it.
    pub(super) async fn list<T>(
        &self,
        call: KubernetesCall,
        keep: impl Fn(&Value) -> T,
    ) -> Result<Vec<T>, Failure> {
        self.door
            .kubernetes_list(self.pass, self.cluster()?, &call, keep)
            .await
            .map_err(unhandled)
    }

    /// Makes one call within `pass`; the caller deals with its failure.
    pub(super) async fn make(
        &self,
        pass: &Pass,
        call: KubernetesCall,
    ) -> Result<Result<Value, KubernetesError>, Failure> {
        let cluster = self.cluster()?;
        Ok(self.door.kubernetes(pass, cluster, &call).await)
    }

    /// The list of a namespace's pods that match a selector, if one is given.
    pub(super) fn pods(&self, selector: Option<&str>) -> Result<KubernetesCall, Failure> {
        let namespace = self.arguments.required("ns")?;
        let call = KubernetesCall::list(Resource::PODS, Some(namespace));
        Ok(match selector {
            Some(selector) => call.labels(selector),
            None => call,
        })
    }

    /// What a probe gives whose expectation was not met: a failure, or `false` if it was told
    /// not to fail.
    pub(super) fn unmet(&self, text: impl AsRef<str>) -> Result<Value, Failure> {
        if self.arguments.raises()? {
            return Err(failed(text));
        }
        tracing::debug!("{}", text.as_ref());
        Ok(Value::Bool(false))
    }
}
