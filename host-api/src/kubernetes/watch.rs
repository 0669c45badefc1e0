use super::error::causes;
use super::guard::Guard;
use super::{
    ApiAnswer, ClusterSettings, KubernetesCall, KubernetesError, pause_before_retry, request, send,
};
use crate::deadline::Deadline;
use crate::door::{Admitted, Meter};
use crate::limits::KUBERNETES_BODY_BYTES;
use crate::{Door, Pass};
use bytes::BytesMut;
use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::Value;
use tokio::time::timeout_at;

/// Something that happened to a watched object.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchEvent {
    /// `ADDED`, `MODIFIED`, `DELETED` or `BOOKMARK`.
    pub kind: String,
    /// The object as it is now (of a deleted one: as it was last).
    pub object: Value,
}

/// A watch under way. It ends with the pass's deadline, or when dropped.
pub struct Watch {
    body: Body,
    buffer: BytesMut,
    deadline: Deadline,
    target: String,
    admitted: Option<Admitted>,
    meter: Meter,
    guard: Option<Guard>,
}

impl Door {
    /// Begins to watch. Connecting is tried again as for any read.
    ///
    /// # Errors
    /// See [`KubernetesError`].
    pub async fn kubernetes_watch(
        &self,
        pass: &Pass,
        cluster: &ClusterSettings,
        call: &KubernetesCall,
    ) -> Result<Watch, KubernetesError> {
        let deadline = pass.deadline();
        let guard = match pass.permit() {
            Some(permit) => Some(self.guard(pass, permit, call)?),
            None => None,
        };
        let narrowed = guard.as_ref().map(|guard| guard.narrow(call.clone()));
        if let Some(guard) = &guard {
            guard.made(call);
        }
        let call = narrowed.as_ref().unwrap_or(call);
        let mut tries = 0;
        loop {
            let error = match self.watch_once(pass, cluster, call).await {
                Ok(mut watch) => {
                    watch.guard = guard;
                    return Ok(watch);
                }
                Err(error) => error,
            };
            match pause_before_retry(call, &error, tries) {
                Some(pause) if pause < deadline.remaining() => tokio::time::sleep(pause).await,
                _ => return Err(error),
            }
            tries += 1;
        }
    }

    async fn watch_once(
        &self,
        pass: &Pass,
        cluster: &ClusterSettings,
        call: &KubernetesCall,
    ) -> Result<Watch, KubernetesError> {
        let (server, admitted) = self.begin(pass, cluster, call).await?;
        let deadline = pass.deadline();
        let target = call.to_string();
        let meter = admitted.meter();
        let sending = send(&server, request(call)?, &target, &meter, call.most());
        let sent = match timeout_at(deadline.instant().into(), sending).await {
            Ok(sent) => sent,
            Err(_) => Err(too_slow(&target, deadline)),
        };
        match sent {
            Ok(body) => Ok(Watch {
                body,
                buffer: BytesMut::new(),
                deadline,
                target,
                admitted: Some(admitted),
                meter,
                guard: None,
            }),
            Err(error) => {
                admitted.done(Some(error.to_string()));
                Err(error)
            }
        }
    }
}

impl Watch {
    /// Waits for the next event; `None` when the server ended the watch.
    ///
    /// # Errors
    /// [`KubernetesError::TooSlow`] at the deadline, [`KubernetesError::Api`] for an `ERROR` event
    /// (410: begin anew), [`KubernetesError::Broken`] when the connection broke.
    pub async fn next(&mut self) -> Result<Option<WatchEvent>, KubernetesError> {
        match timeout_at(self.deadline.instant().into(), self.event()).await {
            Ok(event) => event,
            Err(_) => Err(too_slow(&self.target, self.deadline)),
        }
    }

    async fn event(&mut self) -> Result<Option<WatchEvent>, KubernetesError> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(end + 1);
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                let event = self.parse(&line)?;
                if self.guard.as_ref().is_none_or(|guard| guard.shows(&event)) {
                    return Ok(Some(event));
                }
                continue;
            }
            if self.buffer.len() > KUBERNETES_BODY_BYTES {
                return Err(KubernetesError::TooLarge {
                    target: self.target.clone(),
                    limit: KUBERNETES_BODY_BYTES,
                });
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.meter.received(data.len())?;
                        self.buffer.extend_from_slice(&data);
                    }
                }
                Some(Err(error)) => return Err(self.broken(causes(&error))),
                // An unfinished last line is what a server that goes away leaves.
                None => return Ok(None),
            }
        }
    }

    fn parse(&self, line: &[u8]) -> Result<WatchEvent, KubernetesError> {
        let mut event: Value = serde_json::from_slice(line)
            .map_err(|error| self.broken(format!("an event is not JSON: {error}")))?;
        let object = event.get_mut("object").map(Value::take).unwrap_or_default();
        let kind = event.get("type").and_then(Value::as_str);
        let kind = kind.ok_or_else(|| self.broken("an event has no type".into()))?;
        if kind != "ERROR" {
            return Ok(WatchEvent {
                kind: kind.to_owned(),
                object,
            });
        }
        let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
        let code = object.get("code").and_then(Value::as_u64).unwrap_or(500);
        Err(KubernetesError::Api {
            target: self.target.clone(),
            answer: Box::new(ApiAnswer {
                status: u16::try_from(code).unwrap_or(500),
                phrase: text("reason").unwrap_or_default(),
                headers: Vec::new(),
                reason: text("reason"),
                message: text("message"),
                body: object.to_string(),
            }),
        })
    }

    fn broken(&self, reason: String) -> KubernetesError {
        KubernetesError::Broken {
            target: self.target.clone(),
            reason,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(admitted) = self.admitted.take() {
            admitted.done(None);
        }
    }
}

fn too_slow(target: &str, deadline: Deadline) -> KubernetesError {
    KubernetesError::TooSlow {
        target: target.to_owned(),
        seconds: deadline.asked().as_secs_f64(),
    }
}
