//! An HTTP call at the door: every try and every redirect is admitted, charged and recorded.

use super::connect::{Connection, basic};
use super::allowance::Bound;
use super::exchange::{Break, exchange};
use super::redirect::Hop;
use super::{HttpError, HttpRequest, HttpResponse};
use crate::budget::Charge;
use crate::door::Admitted;
use crate::{Door, Effect, Pass, limits};
use std::time::{Duration, Instant};
use tokio::time::timeout;

impl Door {
    /// Sends one request on a fresh connection and reads the whole answer, redirects followed.
    ///
    /// Waiting ends with the pass's deadline. A request that may change something and has left is
    /// still waited for in the background, so that the record says what became of it.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub async fn http(&self, pass: &Pass, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut response = self.follow(pass, &request).await?;
        if let Some(placeholders) = &request.placeholders {
            response.mask(placeholders);
        }
        Ok(response)
    }

    async fn follow(
        &self,
        pass: &Pass,
        request: &HttpRequest,
    ) -> Result<HttpResponse, HttpError> {
        let mut hop = Hop::first(request).map_err(HttpError::Invalid)?;
        let mut answer_left = request.answer_timeout;
        let mut earlier = Duration::ZERO;
        for _ in 0..=request.redirects {
            if let Some((user, password)) = self.netrc().lookup(&hop.target.host()) {
                hop.authorize(&basic(user, password));
            }
            let (mut response, took) = self.ask(pass, &hop, request, answer_left).await?;
            answer_left = answer_left.map(|left| left.saturating_sub(took));
            earlier = earlier.saturating_add(response.elapsed);
            response.elapsed = earlier;
            if request.redirects == 0 {
                return Ok(response);
            }
            let next = hop.next(&response).map_err(|reason| HttpError::Broken {
                url: hop.target.shown(),
                reason,
            })?;
            match next {
                Some(next) => hop = next,
                None => return Ok(response),
            }
        }
        Err(HttpError::Broken {
            url: hop.target.shown(),
            reason: format!("more than {} redirects", request.redirects),
        })
    }

    /// The answer to one request, and how long it took to come; tried as often as allowed.
    async fn ask(
        &self,
        pass: &Pass,
        hop: &Hop,
        request: &HttpRequest,
        answer_left: Option<Duration>,
    ) -> Result<(HttpResponse, Duration), HttpError> {
        let mut tries_left = request.retries;
        loop {
            let (connection, recording) = match self.connected(pass, hop, request).await {
                Ok(connected) => connected,
                Err(HttpError::Connect { .. }) if tries_left > 0 => {
                    tries_left -= 1;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let begun = Instant::now();
            let answer = answered(pass, hop, request, answer_left, connection, recording).await;
            let pause = match &answer {
                Ok(response) => asked_to_wait(response),
                Err(HttpError::Connect { .. } | HttpError::TooSlow { .. }) => Some(Duration::ZERO),
                Err(_) => None,
            };
            match pause {
                Some(pause)
                    if tries_left > 0
                        && hop.may_be_repeated()
                        && pause < pass.deadline().remaining() =>
                {
                    tries_left -= 1;
                    tokio::time::sleep(pause).await;
                }
                _ => return answer.map(|response| (response, begun.elapsed())),
            }
        }
    }

    async fn connected(
        &self,
        pass: &Pass,
        hop: &Hop,
        request: &HttpRequest,
    ) -> Result<(Connection, Recording), HttpError> {
        let url = hop.target.shown();
        let target = format!("{} {url}", hop.method);
        let charges = [Charge::HttpRequest];
        let admitted = self.admit(pass, "http", target, hop.effect, &charges);
        let recording = Recording(Some(admitted.await?));
        let left = pass.deadline().remaining();
        let bound = request.connect_timeout.map_or(left, |own| own.min(left));
        let connecting = self.connect(&hop.target, &request.trust);
        let error = match timeout(bound, connecting).await {
            Ok(Ok(connection)) => return Ok((connection, recording)),
            Ok(Err(reason)) => HttpError::Connect { url, reason },
            Err(_) if pass.deadline().passed() => too_slow(&url, pass.deadline().asked()),
            Err(_) => HttpError::Connect {
                url,
                reason: format!("no connection within {} s", bound.as_secs_f64()),
            },
        };
        recording.done(Some(&error));
        Err(error)
    }
}

/// How long to wait before the next try, when the answer says that one may come (RFC 9110, 10.2.3).
fn asked_to_wait(response: &HttpResponse) -> Option<Duration> {
    let says_so = matches!(response.status, 413 | 429 | 503);
    let seconds = response.header("retry-after").filter(|_| says_so)?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

/// Sends and waits, no longer than the pass and the request allow.
async fn answered(
    pass: &Pass,
    hop: &Hop,
    request: &HttpRequest,
    answer_left: Option<Duration>,
    connection: Connection,
    recording: Recording,
) -> Result<HttpResponse, HttpError> {
    let url = hop.target.shown();
    let message = match hop.request(connection.forwarded.as_ref(), request.placeholders.as_deref()) {
        Ok(message) => message,
        Err(reason) => {
            let error = HttpError::Invalid(reason);
            recording.done(Some(&error));
            return Err(error);
        }
    };
    let left = pass.deadline().remaining();
    let (bound, asked) = match answer_left {
        Some(own) if own < left => (own, request.answer_timeout.unwrap_or(own)),
        _ => (left, pass.deadline().asked()),
    };
    let late = too_slow(&url, asked);
    let limit = request.body_limit;
    let bound_of_body = Bound::new(limit, request.allowance.clone());
    let lingering = match hop.effect {
        Effect::Read => bound,
        Effect::Mutate => bound.saturating_add(limits::HTTP_LINGER),
    };
    let call = async move {
        let answer = match timeout(lingering, exchange(connection, message, bound_of_body)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(Break::NoAnswer(reason))) => Err(HttpError::Connect { url, reason }),
            Ok(Err(Break::Body(reason))) => Err(HttpError::Broken { url, reason }),
            Ok(Err(Break::TooLarge)) => Err(HttpError::TooLarge { url, limit }),
            Err(_) => Err(too_slow(&url, asked)),
        };
        recording.done(answer.as_ref().err());
        answer
    };
    match hop.effect {
        Effect::Read => call.await,
        Effect::Mutate => match timeout(bound, tokio::spawn(call)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(stopped)) => Err(HttpError::Broken {
                url: hop.target.shown(),
                reason: stopped.to_string(),
            }),
            Err(_) => Err(late),
        },
    }
}

fn too_slow(url: &str, asked: Duration) -> HttpError {
    HttpError::TooSlow {
        url: url.to_owned(),
        seconds: asked.as_secs_f64(),
    }
}

/// An admitted call whose end is recorded even when the one who waited for it is gone.
struct Recording(Option<Admitted>);

impl Recording {
    fn done(mut self, error: Option<&HttpError>) {
        if let Some(admitted) = self.0.take() {
            admitted.done(error.map(ToString::to_string));
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Some(admitted) = self.0.take() {
            admitted.done(Some("nobody waited for its end".to_owned()));
        }
    }
}
