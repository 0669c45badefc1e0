//! Kubernetes calls.
//!
//! Every request to an API server is admitted by the door, each page of a list and each retry
//! again. What is not: logging in, for which files are read and a credential plugin that a
//! kubeconfig names (`users[].user.exec`) may be run, since it belongs to no single call.

mod call;
mod connect;
mod error;
mod guard;
mod list;
mod plugin;
mod settings;
mod version;
mod watch;

pub use call::{KubernetesCall, PatchKind, Resource, Verb};
pub(crate) use connect::Clients;
pub use error::{ApiAnswer, KubernetesError};
pub use settings::ClusterSettings;
pub use watch::{Watch, WatchEvent};

use crate::answers::{Answers, Wire, asked};
use crate::door::{Admitted, Call, Meter};
use crate::limits::KUBERNETES_RETRIES;
use crate::{Door, Effect, Pass};
use bytes::{Bytes, BytesMut};
use error::causes;
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout_at;

/// Pause before a read is tried again after the connection failed; doubled each time.
const RECONNECT_PAUSE: Duration = Duration::from_millis(50);

/// How often a read is tried again after the connection failed, as often as the reference does.
const RECONNECTS: u32 = 3;

impl Door {
    /// Makes one call and gives the answer's JSON.
    ///
    /// # Errors
    /// See [`KubernetesError`]. After [`KubernetesError::TooSlow`] a change goes on: its end is
    /// still reported to the ledger.
    pub async fn kubernetes(
        &self,
        pass: &Pass,
        cluster: &ClusterSettings,
        call: &KubernetesCall,
    ) -> Result<Value, KubernetesError> {
        match pass.permit() {
            Some(permit) => self.guarded(pass, permit, cluster, call).await?.json(call),
            None => parse(call, &self.unguarded(pass, cluster, call).await?),
        }
    }

    /// Reads a log (or anything else that is not JSON) as bytes.
    ///
    /// # Errors
    /// See [`KubernetesError`].
    pub async fn kubernetes_bytes(
        &self,
        pass: &Pass,
        cluster: &ClusterSettings,
        call: &KubernetesCall,
    ) -> Result<Bytes, KubernetesError> {
        match pass.permit() {
            Some(permit) => Ok(self.guarded(pass, permit, cluster, call).await?.bytes()),
            None => self.unguarded(pass, cluster, call).await,
        }
    }

    /// Makes a call, again where that is right, without looking at any permit.
    async fn unguarded(
        &self,
        pass: &Pass,
        cluster: &ClusterSettings,
        call: &KubernetesCall,
    ) -> Result<Bytes, KubernetesError> {
        let mut tries = 0;
        loop {
            let result = self.try_once(pass, cluster, call).await;
            let Err(error) = result else {
                return result;
            };
            let Some(pause) = pause_before_retry(call, &error, tries) else {
                return Err(error);
            };
            // No sense in waiting for a try that could not be made.
            if pause >= pass.deadline().remaining() {
                return Err(error);
            }
            tracing::debug!("{error}; trying again in {} s", pause.as_secs_f64());
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    async fn try_once(
        &self,
        pass: &Pass,
        cluster: &ClusterSettings,
        call: &KubernetesCall,
    ) -> Result<Bytes, KubernetesError> {
        let (server, admitted) = self.begin(pass, cluster, call).await?;
        let request = request(call)?;
        let target = call.to_string();
        let deadline = pass.deadline();
        let meter = admitted.meter();
        let most = call.most();
        let exchange = async move {
            let result = async {
                let sending = send(&server, request, &target, &meter, most);
                let body = sending.await?;
                read(body, &target, &meter, most).await
            }
            .await;
            admitted.done(result.as_ref().err().map(ToString::to_string));
            result
        };
        let too_slow = || KubernetesError::TooSlow {
            target: call.to_string(),
            seconds: deadline.asked().as_secs_f64(),
        };
        match call.verb().effect() {
            Effect::Read => timeout_at(deadline.instant().into(), exchange)
                .await
                .map_err(|_| too_slow())?,
            // Only the waiting ends at the deadline: a change that has left cannot be called back.
            Effect::Mutate => timeout_at(deadline.instant().into(), tokio::spawn(exchange))
                .await
                .map_err(|_| too_slow())?
                .map_err(|error| KubernetesError::Broken {
                    target: call.to_string(),
                    reason: error.to_string(),
                })?,
        }
    }

    /// Whom to ask, and the door's leave.
    async fn begin(
        &self,
        pass: &Pass,
        cluster: &ClusterSettings,
        call: &KubernetesCall,
    ) -> Result<(Server, Admitted), KubernetesError> {
        // What cannot be sent is not charged either.
        call.path_and_query()?;
        let deadline = pass.deadline();
        let server = match self.answers() {
            Some(answers) => Server::Answered(Arc::clone(answers)),
            None => {
                let logging_in = self.kubernetes.client(cluster);
                let client = timeout_at(deadline.instant().into(), logging_in)
                    .await
                    .map_err(|_| KubernetesError::TooSlow {
                        target: "log in".into(),
                        seconds: deadline.asked().as_secs_f64(),
                    })??;
                Server::Connected(client)
            }
        };
        let charges = call.charges(cluster.number());
        let admitted = self.admit(pass, recorded(call), &charges).await?;
        Ok((server, admitted))
    }
}

/// Whom a call that was admitted is made to.
enum Server {
    Connected(Client),
    /// Not to the network.
    Answered(Arc<dyn Answers>),
}

fn recorded(call: &KubernetesCall) -> Call {
    Call {
        kind: "kubernetes",
        target: call.to_string(),
        effect: call.verb().effect(),
    }
}

/// How long to wait before the call is made again; `None` when it is not.
///
/// An eviction's 429 is a disruption budget's answer, which is the caller's business.
fn pause_before_retry(
    call: &KubernetesCall,
    error: &KubernetesError,
    tries: u32,
) -> Option<Duration> {
    let reads = call.verb().effect() == Effect::Read;
    match error {
        KubernetesError::Api { answer, .. } if tries < KUBERNETES_RETRIES => {
            let again = match answer.status {
                429 => call.verb() != Verb::Evict,
                503 => reads,
                _ => false,
            };
            answer
                .retry_after()
                .filter(|_| again)
                .map(Duration::from_secs)
        }
        KubernetesError::Connect { .. } | KubernetesError::Broken { .. }
            if reads && tries < RECONNECTS =>
        {
            Some(RECONNECT_PAUSE * 2_u32.pow(tries))
        }
        _ => None,
    }
}

fn request(call: &KubernetesCall) -> Result<http::Request<Body>, KubernetesError> {
    let mut builder = http::Request::builder()
        .method(call.verb().method())
        .uri(call.path_and_query()?)
        .header(http::header::ACCEPT, "application/json")
        .header(
            http::header::USER_AGENT,
            concat!("chaos-wasm/", env!("CARGO_PKG_VERSION")),
        );
    if let Some(kind) = call.content_type() {
        builder = builder.header(http::header::CONTENT_TYPE, kind);
    }
    let body = match call.body() {
        Some(body) => Body::from(body.to_string().into_bytes()),
        None => Body::empty(),
    };
    builder
        .body(body)
        .map_err(|error| KubernetesError::Invalid(error.to_string()))
}

/// Sends a request; gives the body of a successful answer, unread.
async fn send(
    server: &Server,
    request: http::Request<Body>,
    target: &str,
    meter: &Meter,
    most: usize,
) -> Result<Body, KubernetesError> {
    let response = match server {
        Server::Connected(client) => {
            let sent = client.send(request).await;
            sent.map_err(|error| unsent(&error, target))?
        }
        Server::Answered(answers) => answered(answers.as_ref(), request, target).await?,
    };
    let status = response.status();
    if status.is_success() {
        return Ok(response.into_body());
    }
    let headers = response
        .headers()
        .iter()
        .filter(|(name, _)| **name != http::header::SET_COOKIE)
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), value)
        })
        .collect();
    let body = read(response.into_body(), target, meter, most).await?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let said = serde_json::from_str::<Value>(&body).unwrap_or_default();
    let text = |key: &str| said.get(key)?.as_str().map(str::to_owned);
    Err(KubernetesError::Api {
        target: target.to_owned(),
        answer: Box::new(ApiAnswer {
            status: status.as_u16(),
            phrase: status.canonical_reason().unwrap_or_default().to_owned(),
            headers,
            reason: text("reason"),
            message: text("message"),
            body,
        }),
    })
}

/// An answer that comes in the network's place.
async fn answered(
    answers: &dyn Answers,
    request: http::Request<Body>,
    target: &str,
) -> Result<http::Response<Body>, KubernetesError> {
    let broken = |reason: String| KubernetesError::Broken {
        target: target.to_owned(),
        reason,
    };
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map_err(|error| broken(causes(&error)))?;
    let answer = answers.answer(&asked(Wire::Kubernetes, &head, body.to_bytes()));
    let answer = answer.map_err(|reason| KubernetesError::Connect {
        target: target.to_owned(),
        reason,
    })?;
    let mut response = http::Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let response = response.body(Body::from(answer.body));
    response.map_err(|error| broken(error.to_string()))
}

fn unsent(error: &kube::Error, target: &str) -> KubernetesError {
    if let kube::Error::Auth(error) = error {
        return KubernetesError::Config(causes(error));
    }
    let inner = std::error::Error::source(error).unwrap_or(error);
    let target = target.to_owned();
    let reason = causes(inner);
    // The library tells a failed connection from a broken exchange in its text only.
    if reason.starts_with("client error (Connect)") {
        let reason = reason
            .trim_start_matches("client error (Connect): ")
            .to_owned();
        return KubernetesError::Connect { target, reason };
    }
    KubernetesError::Broken { target, reason }
}

/// The whole body, each byte charged.
async fn read(
    mut body: Body,
    target: &str,
    meter: &Meter,
    most: usize,
) -> Result<Bytes, KubernetesError> {
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| KubernetesError::Broken {
            target: target.to_owned(),
            reason: causes(&error),
        })?;
        if let Ok(data) = frame.into_data() {
            meter.received(data.len())?;
            if all.len() + data.len() > most {
                return Err(KubernetesError::TooLarge {
                    target: target.to_owned(),
                    limit: most,
                });
            }
            all.extend_from_slice(&data);
        }
    }
    Ok(all.freeze())
}

fn parse(call: &KubernetesCall, answer: &[u8]) -> Result<Value, KubernetesError> {
    serde_json::from_slice(answer).map_err(|error| KubernetesError::Broken {
        target: call.to_string(),
        reason: format!("it is not JSON: {error}"),
    })
}
