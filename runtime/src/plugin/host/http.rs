//! `chaos:host/http`: exchanges, one at a time or several at once.

use super::State;
use super::bindings::chaos::host::http::{Error, Host, HostExchange, Request, Response};
use crate::plugin::limits::Limits;
use crate::plugin::meter::Exceeded;
use bytes::Bytes;
use chaos_host_api::http::{Allowance, HttpError, HttpRequest, HttpResponse, Trust};
use chaos_host_api::placeholder::Placeholders;
use chaos_host_api::{Door, Effect, Pass, Refusal};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use wasmtime::component::Resource;

impl Host for State {
    async fn send(&mut self, request: Request) -> wasmtime::Result<Result<Response, Error>> {
        self.meter.host_call(size(&request))?;
        let answer = answer(self.way(), request).await;
        if let Ok(response) = &answer {
            self.clock.took(Duration::from_nanos(response.elapsed_ns));
        }
        self.hand_over(answer)
    }
}

impl HostExchange for State {
    async fn new(&mut self, request: Request) -> wasmtime::Result<Resource<Exchange>> {
        self.meter.host_call(size(&request))?;
        // A place first: what has none must not begin.
        let place = self.table.push(Exchange(None))?;
        let task = tokio::spawn(answer(self.way(), request));
        self.table.get_mut(&place)?.0 = Some(task);
        Ok(place)
    }

    async fn ready(&mut self, exchange: Resource<Exchange>) -> wasmtime::Result<bool> {
        self.meter.host_call(0)?;
        let exchange = self.table.get(&exchange)?;
        Ok(exchange.0.as_ref().is_none_or(JoinHandle::is_finished))
    }

    async fn wait(
        &mut self,
        exchange: Resource<Exchange>,
    ) -> wasmtime::Result<Result<Response, Error>> {
        self.meter.host_call(0)?;
        let mut taken = Exchange(self.table.get_mut(&exchange)?.0.take());
        let answer = match &mut taken.0 {
            Some(task) => match task.await {
                Ok(answer) => answer,
                Err(stopped) => Err(Error::Broken(stopped.to_string())),
            },
            None => {
                let text = "the answer of this exchange was given before";
                Err(Error::Invalid(text.to_owned()))
            }
        };
        self.hand_over(answer)
    }

    async fn drop(&mut self, exchange: Resource<Exchange>) -> wasmtime::Result<()> {
        self.table.delete(exchange)?;
        Ok(())
    }
}

/// An exchange under way; none once its answer was given. Dropped, it ends.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "the bindings export it again")]
pub struct Exchange(Option<JoinHandle<Result<Response, Error>>>);

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// How a guest's requests leave, whichever interface they came by.
#[derive(Clone)]
pub(in crate::plugin) struct Way {
    door: Arc<Door>,
    pass: Pass,
    limits: Limits,
    placeholders: Arc<Placeholders>,
    allowance: Allowance,
}

impl State {
    pub(in crate::plugin) fn way(&self) -> Way {
        Way {
            door: Arc::clone(&self.guest.door),
            pass: self.guest.pass.clone(),
            limits: self.guest.limits.clone(),
            placeholders: Arc::clone(&self.placeholders),
            allowance: self.allowance.clone(),
        }
    }

    /// Counts an answer before the guest gets it.
    fn hand_over(
        &mut self,
        answer: Result<Response, Error>,
    ) -> wasmtime::Result<Result<Response, Error>> {
        if self.allowance.is_exceeded() {
            return Err(Exceeded::HostBytes(self.guest.limits.host_bytes).into());
        }
        self.meter.pass_bytes(match &answer {
            Ok(response) => response.body.len() + headers_size(&response.headers),
            Err(
                Error::Denied(text)
                | Error::TimedOut(text)
                | Error::NotConnected(text)
                | Error::Invalid(text)
                | Error::Broken(text),
            ) => text.len(),
        })?;
        Ok(answer)
    }
}

impl Way {
    /// The most bytes of a body, either way.
    pub(super) fn most(&self) -> usize {
        usize::try_from(self.limits.answer_bytes).unwrap_or(usize::MAX)
    }

    /// A request of the guest's, its redirects not followed.
    pub(super) fn request(
        &self,
        method: String,
        url: String,
        headers: Vec<(String, String)>,
        body: Bytes,
    ) -> HttpRequest {
        HttpRequest {
            method,
            url,
            headers,
            body,
            connect_timeout: None,
            answer_timeout: None,
            trust: Trust::System,
            retries: 0,
            body_limit: self.most(),
            allowance: Some(self.allowance.clone()),
            // The permit decides.
            effect: Effect::Mutate,
            redirects: Some(0),
            placeholders: (!self.placeholders.is_empty()).then(|| Arc::clone(&self.placeholders)),
        }
    }

    /// Sends it; the answer's headers tell of its body as the guest gets it, decompressed.
    pub(super) async fn exchange(
        &self,
        request: HttpRequest,
        timeout: Option<Duration>,
    ) -> Result<HttpResponse, HttpError> {
        let pass = match timeout {
            Some(timeout) => self.pass.within(timeout),
            None => self.pass.clone(),
        };
        let hides_nothing = request.placeholders.is_none();
        let url = request.url.clone();
        let mut response = self.door.http(&pass, request).await?;
        let left = left_encoded(&response);
        if let Some(encodings) = &left
            && !encodings.is_empty()
            && !hides_nothing
        {
            return Err(HttpError::Broken {
                url,
                reason: format!(
                    "its encoding {} is not one in which secrets could be hidden from the \
                     plugin; ask for `accept-encoding: gzip`",
                    encodings.escape_debug()
                ),
            });
        }
        if let Some(encodings) = left {
            response.headers.retain(|(name, _)| {
                !["content-encoding", "content-length", "transfer-encoding"]
                    .iter()
                    .any(|own| name.eq_ignore_ascii_case(own))
            });
            if !encodings.is_empty() {
                let header = ("content-encoding".to_owned(), encodings);
                response.headers.push(header);
            }
        }
        Ok(response)
    }

    /// An error's text, without the secrets that a server may have put into it.
    pub(super) fn told(&self, error: &HttpError) -> String {
        self.placeholders.mask_text(&error.to_string()).into_owned()
    }
}

/// An answer, and where it came from.
pub(in crate::plugin) struct Sent {
    /// After the redirects that were followed.
    pub(in crate::plugin) url: String,
    pub(in crate::plugin) response: Response,
}

async fn answer(way: Way, request: Request) -> Result<Response, Error> {
    send(way, request).await.map(|sent| sent.response)
}

/// Sends a guest's request.
pub(in crate::plugin) async fn send(way: Way, request: Request) -> Result<Sent, Error> {
    let Request {
        method,
        url,
        headers,
        body,
        timeout_ms,
        redirects,
    } = request;
    let of_the_host = |name: &str| {
        ["host", "content-length"]
            .iter()
            .any(|own| name.eq_ignore_ascii_case(own))
    };
    if let Some((name, _)) = headers.iter().find(|(name, _)| of_the_host(name)) {
        let text = format!("the header {name} is set by the host, from the URL and the body");
        return Err(Error::Invalid(text));
    }
    if body.len() > way.most() {
        let text = format!(
            "the body has more than {} bytes (limit answer-bytes)",
            way.most()
        );
        return Err(Error::Invalid(text));
    }
    let request = HttpRequest {
        redirects: Some(redirects),
        ..way.request(method, url, headers, body.into())
    };
    let timeout = timeout_ms.map(|milliseconds| Duration::from_millis(milliseconds.into()));
    match way.exchange(request, timeout).await {
        Ok(response) => Ok(Sent {
            url: response.url,
            response: Response {
                status: response.status,
                headers: response
                    .headers
                    .into_iter()
                    .map(|(name, value)| (name.to_ascii_lowercase(), value))
                    .collect(),
                body: response.body.into(),
                elapsed_ns: u64::try_from(response.elapsed.as_nanos()).unwrap_or(u64::MAX),
            },
        }),
        Err(error) => {
            let text = way.told(&error);
            Err(match error {
                HttpError::Refused(Refusal::TooLate) | HttpError::TooSlow { .. } => {
                    Error::TimedOut(text)
                }
                HttpError::Refused(_) => Error::Denied(text),
                HttpError::Connect { .. } => Error::NotConnected(text),
                HttpError::Invalid(_) => Error::Invalid(text),
                HttpError::Broken { .. } | HttpError::TooLarge { .. } => Error::Broken(text),
            })
        }
    }
}

/// The encodings that the door left in place; `None` when it undid none.
fn left_encoded(response: &HttpResponse) -> Option<String> {
    let encodings = response.header("content-encoding")?;
    if response.body.is_empty() {
        return None;
    }
    let all: Vec<&str> = encodings.split(',').map(str::trim).collect();
    let undone = |encoding: &&str| {
        let known = ["gzip", "x-gzip", "deflate"];
        known.iter().any(|own| encoding.eq_ignore_ascii_case(own))
    };
    let left = all.len() - all.iter().rev().take_while(|one| undone(one)).count();
    let left = all.get(..left).unwrap_or_default();
    let plain = |encoding: &&str| encoding.eq_ignore_ascii_case("identity") || encoding.is_empty();
    let left: Vec<&str> = left.iter().copied().filter(|one| !plain(one)).collect();
    Some(left.join(", "))
}

fn size(request: &Request) -> usize {
    let line = request.method.len() + request.url.len();
    line + request.body.len() + headers_size(&request.headers)
}

fn headers_size(headers: &[(String, String)]) -> usize {
    let sizes = headers.iter().map(|(name, value)| name.len() + value.len());
    sizes.sum()
}
