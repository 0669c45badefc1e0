use super::{ClusterSettings, KubernetesCall, KubernetesError};
use crate::limits::{KUBERNETES_LIST_ITEMS, KUBERNETES_PAGE};
use crate::{Door, Pass};
use serde_json::Value;

/// How often a list is begun anew because its continuation expired meanwhile.
const RESTARTS: u32 = 3;

impl Door {
    /// Lists objects page by page and keeps of each what `keep` makes of it, so that a large
    /// cluster's objects are never in memory all at once.
    ///
    /// # Errors
    /// See [`KubernetesError`].
    pub async fn kubernetes_list<T>(
        &self,
        pass: &Pass,
        cluster: &ClusterSettings,
        call: &KubernetesCall,
        keep: impl Fn(&Value) -> T,
    ) -> Result<Vec<T>, KubernetesError> {
        self.pages(pass, cluster, call, |kept, object| {
            kept.push(keep(object));
            Ok(())
        })
        .await
    }

    /// Lists objects as JSON texts, which together have no more bytes than the answer
    /// [may have](KubernetesCall::at_most).
    ///
    /// # Errors
    /// See [`KubernetesError`].
    pub async fn kubernetes_texts(
        &self,
        pass: &Pass,
        cluster: &ClusterSettings,
        call: &KubernetesCall,
    ) -> Result<Vec<String>, KubernetesError> {
        let mut bytes = 0_usize;
        self.pages(pass, cluster, call, |kept: &mut Vec<String>, object| {
            let text = object.to_string();
            // A list may be begun anew.
            let before = if kept.is_empty() { 0 } else { bytes };
            bytes = before.saturating_add(text.len());
            if bytes > call.most() {
                return Err(KubernetesError::TooLarge {
                    target: call.to_string(),
                    limit: call.most(),
                });
            }
            kept.push(text);
            Ok(())
        })
        .await
    }

    async fn pages<T>(
        &self,
        pass: &Pass,
        cluster: &ClusterSettings,
        call: &KubernetesCall,
        mut keep: impl FnMut(&mut Vec<T>, &Value) -> Result<(), KubernetesError>,
    ) -> Result<Vec<T>, KubernetesError> {
        let mut kept = Vec::new();
        let mut token: Option<String> = None;
        let mut restarts = 0;
        loop {
            let page = call.clone().query("limit", KUBERNETES_PAGE.to_string());
            let page = match &token {
                Some(token) => page.query("continue", token.clone()),
                None => page,
            };
            let answer = match self.kubernetes(pass, cluster, &page).await {
                Err(error)
                    if error.status() == Some(410) && token.is_some() && restarts < RESTARTS =>
                {
                    restarts += 1;
                    token = None;
                    kept.clear();
                    continue;
                }
                answer => answer?,
            };
            let items = answer.get("items").and_then(Value::as_array);
            let items = items.map(Vec::as_slice).unwrap_or_default();
            if kept.len() + items.len() > KUBERNETES_LIST_ITEMS {
                return Err(KubernetesError::Invalid(format!(
                    "{call} gives more than {KUBERNETES_LIST_ITEMS} objects; narrow it by a \
                     selector"
                )));
            }
            for object in items {
                keep(&mut kept, object)?;
            }
            token = answer
                .pointer("/metadata/continue")
                .and_then(Value::as_str)
                .filter(|token| !token.is_empty())
                .map(str::to_owned);
            if token.is_none() {
                return Ok(kept);
            }
        }
    }
}
