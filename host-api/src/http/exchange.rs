//! One request and its answer over one connection.

use super::allowance::Bound;
use super::connect::{Stream, innermost};
use super::decode::{Undecodable, decompress};
use super::head::{Head, Recorded};
use super::{HttpResponse, connect::Connection};
use crate::Refusal;
use crate::answers::Answer;
use crate::door::Meter;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::time::{Duration, Instant};

/// Why there is no whole answer.
pub(super) enum Break {
    /// Before its head was complete: reset, closed, not HTTP.
    NoAnswer(String),
    /// In its body.
    Body(String),
    /// It grows beyond the limit.
    TooLarge,
    /// It grows beyond the run's budget.
    Refused(Refusal),
    /// It took longer than was allowed.
    Late,
}

/// Sends `request` and reads the answer to its end, its body within `bound`, each byte charged.
///
/// # Errors
/// See [`Break`].
pub(super) async fn exchange(
    connection: Connection,
    request: http::Request<Full<Bytes>>,
    bound: Bound,
    meter: &Meter,
) -> Result<HttpResponse, Break> {
    let head = Head::default();
    let stream: Recorded<Box<dyn Stream>> = Recorded::new(connection.stream, head.clone());
    let handshake = http1::Builder::new()
        .title_case_headers(true)
        .handshake(TokioIo::new(stream))
        .await;
    let (mut sender, driver) = handshake.map_err(|error| Break::NoAnswer(innermost(&error)))?;
    let answer = async move {
        let begun = Instant::now();
        let sent = sender.send_request(request).await;
        let response = sent.map_err(|error| Break::NoAnswer(innermost(&error)))?;
        read(response, &head, bound, meter, begun).await
    };
    tokio::pin!(answer, driver);
    tokio::select! {
        biased;
        result = &mut answer => result,
        // It has handed everything that it knows over to the answer.
        _ = &mut driver => answer.await,
    }
}

/// An answer that comes in the network's place, as if it had come from there.
///
/// # Errors
/// See [`Break`].
pub(super) fn of_answer(
    answer: Answer,
    allowed: Duration,
    bound: &Bound,
    meter: &Meter,
) -> Result<HttpResponse, Break> {
    if answer.elapsed > allowed {
        return Err(Break::Late);
    }
    let length = answer.body.len();
    meter.received(length).map_err(Break::Refused)?;
    if !bound.admits(0, length) {
        return Err(Break::TooLarge);
    }
    Ok(HttpResponse {
        status: answer.status,
        headers: answer.headers,
        body: answer.body,
        elapsed: answer.elapsed,
        url: String::new(),
    })
}

async fn read(
    response: http::Response<hyper::body::Incoming>,
    head: &Head,
    bound: Bound,
    meter: &Meter,
    begun: Instant,
) -> Result<HttpResponse, Break> {
    let (parts, mut incoming) = response.into_parts();
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| Break::Body(innermost(&error)))?;
        if let Ok(data) = frame.into_data() {
            meter.received(data.len()).map_err(Break::Refused)?;
            if !bound.admits(body.len(), data.len()) {
                return Err(Break::TooLarge);
            }
            body.extend_from_slice(&data);
        }
    }
    let elapsed = begun.elapsed();
    let spelling = head.names();
    let headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            let name = spelling
                .get(name.as_str())
                .cloned()
                .unwrap_or_else(|| name.as_str().to_owned());
            (
                name,
                value.as_bytes().iter().copied().map(char::from).collect(),
            )
        })
        .collect();
    let mut response = HttpResponse {
        status: parts.status.as_u16(),
        headers,
        body: Bytes::new(),
        elapsed,
        url: String::new(),
    };
    response.body = match response.header("content-encoding") {
        None => body,
        // Hostile bodies take long to decompress; timers and other activities go on meanwhile.
        Some(encodings) => {
            tokio::task::spawn_blocking(move || decompress(body, &encodings, &bound))
                .await
                .map_err(|error| Break::Body(error.to_string()))?
                .map_err(|error| match error {
                    Undecodable::TooLarge => Break::TooLarge,
                    Undecodable::Corrupt(reason) => Break::Body(reason),
                })?
        }
    }
    .into();
    Ok(response)
}
