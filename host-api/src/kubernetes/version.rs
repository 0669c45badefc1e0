use super::{ClusterSettings, KubernetesCall, KubernetesError, parse, recorded};
use crate::{Door, Pass};
use serde_json::Value;

impl Door {
    /// The version of an API group that the server prefers. With a permit, some line has to be
    /// about the group.
    ///
    /// # Errors
    /// See [`KubernetesError`]; the server does not know a group: [`KubernetesError::Api`].
    pub async fn kubernetes_version(
        &self,
        pass: &Pass,
        cluster: &ClusterSettings,
        group: &str,
    ) -> Result<String, KubernetesError> {
        let call = KubernetesCall::versions(group);
        if let Some(permit) = pass.permit() {
            permit
                .kubernetes_group(group)
                .map_err(|denial| self.refuse(pass, recorded(&call), Box::new(denial)))?;
        }
        let answer = self.unguarded(pass, cluster, &call).await?;
        let answer = parse(&call, &answer)?;
        let version = answer.pointer("/preferredVersion/version");
        let version = version.and_then(Value::as_str).map(str::to_owned);
        version.ok_or_else(|| KubernetesError::Broken {
            target: call.to_string(),
            reason: "it names no preferred version".into(),
        })
    }
}
