//! An HTTP call at the door: every try and every redirect is admitted, charged and recorded.

use super::allowance::Bound;
use super::connect::{Connection, NotConnected, basic};
use super::exchange::{Break, exchange, of_answer};
use super::redirect::Hop;
use super::{HttpError, HttpRequest, HttpResponse};
use crate::answers::{Answers, Wire, asked};
use crate::budget::Charge;
use crate::door::{Admitted, Call, Meter};
use crate::permit::{Allowed, Permit};
use crate::{Door, Effect, Pass, Refusal, limits};
use std::sync::Arc;
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

    async fn follow(&self, pass: &Pass, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let of_guest = pass.guest().is_some();
        let mut hop = Hop::first(request, of_guest).map_err(HttpError::Invalid)?;
        let mut answer_left = request.answer_timeout;
        let mut elapsed = Duration::ZERO;
        let follows = request
            .redirects
            .map_or(limits::HTTP_REDIRECTS, usize::from);
        let mut followed = 0;
        loop {
            let grant = self.granted(pass, &mut hop, request)?;
            // The credentials in the operator's netrc are not a plugin's to use.
            if !of_guest && let Some((user, password)) = self.netrc().lookup(&hop.target.host()) {
                hop.authorize(&basic(user, password));
            }
            let asking = self.ask(pass, &hop, grant.as_ref(), request, answer_left);
            let (mut response, took) = asking.await?;
            answer_left = answer_left.map(|left| left.saturating_sub(took));
            elapsed = elapsed.saturating_add(response.elapsed);
            response.elapsed = elapsed;
            response.url = hop.target.shown();
            if request.redirects.is_some() && followed == follows {
                return Ok(response);
            }
            let next = hop.next(&response).map_err(|reason| HttpError::Broken {
                url: hop.target.shown(),
                reason,
            })?;
            match next {
                None => return Ok(response),
                Some(next) => hop = next,
            }
            followed += 1;
            if followed > follows {
                return Err(HttpError::Broken {
                    url: hop.target.shown(),
                    reason: format!("more than {follows} redirects"),
                });
            }
        }
    }

    /// Holds one request against the pass's permit, if it has one. What a guest's request does is
    /// decided here, and not by what the guest says.
    fn granted(
        &self,
        pass: &Pass,
        hop: &mut Hop,
        request: &HttpRequest,
    ) -> Result<Option<Grant>, HttpError> {
        let Some(permit) = pass.permit() else {
            return Ok(None);
        };
        let url = hop.target.place();
        let checked = permit.http(hop.method.as_str(), url).and_then(|allowed| {
            let secrets = request.placeholders.iter().flat_map(|all| hop.secrets(all));
            for secret in secrets {
                permit.secret(&secret.target, &secret.key, url)?;
            }
            Ok(allowed)
        });
        let allowed =
            checked.map_err(|denial| self.refuse(pass, recorded(hop), Box::new(denial)))?;
        if permit.is_guest() {
            hop.effect = allowed.effect;
        }
        Ok(Some((Arc::clone(permit), allowed)))
    }

    /// The answer to one request, and how long it took to come; tried as often as allowed.
    async fn ask(
        &self,
        pass: &Pass,
        hop: &Hop,
        grant: Option<&Grant>,
        request: &HttpRequest,
        answer_left: Option<Duration>,
    ) -> Result<(HttpResponse, Duration), HttpError> {
        let mut tries_left = request.retries;
        loop {
            let (way, recording) = match self.connected(pass, hop, grant, request).await {
                Ok(connected) => connected,
                Err(HttpError::Connect { .. }) if tries_left > 0 => {
                    tries_left -= 1;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let begun = Instant::now();
            let answer = answered(pass, hop, request, answer_left, way, recording).await;
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
                    self.pause(pause).await;
                }
                _ => return answer.map(|response| (response, begun.elapsed())),
            }
        }
    }

    async fn connected(
        &self,
        pass: &Pass,
        hop: &Hop,
        grant: Option<&Grant>,
        request: &HttpRequest,
    ) -> Result<(Way, Recording), HttpError> {
        let url = hop.target.shown();
        let charges = [Charge::HttpRequest, Charge::Bytes(hop.body_bytes())];
        let admitted = self.admit(pass, recorded(hop), &charges);
        let recording = Recording::of(admitted.await?);
        if let Some(answers) = self.answers() {
            if let Some((permit, allowed)) = grant {
                permit.sent(allowed, None);
            }
            return Ok((Way::Answered(Arc::clone(answers)), recording));
        }
        let left = pass.deadline().remaining();
        let bound = request.connect_timeout.map_or(left, |own| own.min(left));
        let allowed = grant.map(|(_, allowed)| allowed);
        let connecting = self.connect(&hop.target, &request.trust, allowed);
        let error = match (timeout(bound, connecting).await, grant) {
            (Ok(Ok(connection)), grant) => {
                if let Some((permit, allowed)) = grant {
                    permit.sent(allowed, connection.address);
                }
                return Ok((Way::Connected(connection), recording));
            }
            (Ok(Err(NotConnected::Failed(reason))), _) => HttpError::Connect { url, reason },
            (Ok(Err(NotConnected::Address(address))), Some((permit, allowed))) => {
                let denial = permit.deny_address(allowed, address);
                HttpError::Refused(Refusal::Denied(Box::new(denial)))
            }
            (Ok(Err(NotConnected::Address(address))), None) => HttpError::Connect {
                url,
                reason: format!("{address} is not granted"),
            },
            (Err(_), _) if pass.deadline().passed() => too_slow(&url, pass.deadline().asked()),
            (Err(_), _) => HttpError::Connect {
                url,
                reason: format!("no connection within {} s", bound.as_secs_f64()),
            },
        };
        recording.done(Some(&error));
        Err(error)
    }
}

/// Where a request goes that was admitted.
enum Way {
    Connected(Connection),
    /// Not to the network.
    Answered(Arc<dyn Answers>),
}

/// The permit, and what it allows of a request.
type Grant = (Arc<Permit>, Allowed);

fn recorded(hop: &Hop) -> Call {
    Call {
        kind: "http",
        target: format!("{} {}", hop.method, hop.target.shown()),
        effect: hop.effect,
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
    way: Way,
    recording: Recording,
) -> Result<HttpResponse, HttpError> {
    let url = hop.target.shown();
    let forwarded = match &way {
        Way::Connected(connection) => connection.forwarded.as_ref(),
        Way::Answered(_) => Some(&None),
    };
    let message = match hop.request(forwarded, request.placeholders.as_deref()) {
        Ok(message) => message,
        Err(reason) => {
            let error = HttpError::Invalid(reason);
            recording.done(Some(&error));
            return Err(error);
        }
    };
    let left = pass.deadline().remaining();
    let (bound, allowed) = match answer_left {
        Some(own) if own < left => (own, request.answer_timeout.unwrap_or(own)),
        _ => (left, pass.deadline().asked()),
    };
    let late = too_slow(&url, allowed);
    let limit = request.body_limit;
    let size = Bound::new(limit, request.allowance.clone());
    let lingering = match hop.effect {
        Effect::Read => bound,
        Effect::Mutate => bound.saturating_add(limits::HTTP_LINGER),
    };
    let meter = recording.meter();
    let call = async move {
        let exchanging = async {
            match way {
                Way::Connected(connection) => exchange(connection, message, size, &meter).await,
                Way::Answered(answers) => {
                    let (head, body) = message.into_parts();
                    let body = body.into_inner().unwrap_or_default();
                    let answer = answers.answer(&asked(Wire::Http, &head, body));
                    let answer = answer.map_err(Break::NoAnswer)?;
                    of_answer(answer, bound, &size, &meter)
                }
            }
        };
        let answer = match timeout(lingering, exchanging).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(Break::NoAnswer(reason))) => Err(HttpError::Connect { url, reason }),
            Ok(Err(Break::Body(reason))) => Err(HttpError::Broken { url, reason }),
            Ok(Err(Break::Refused(refusal))) => Err(refusal.into()),
            Ok(Err(Break::TooLarge)) => Err(HttpError::TooLarge { url, limit }),
            Ok(Err(Break::Late)) | Err(_) => Err(too_slow(&url, allowed)),
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
struct Recording {
    admitted: Option<Admitted>,
    meter: Meter,
}

impl Recording {
    fn of(admitted: Admitted) -> Recording {
        Recording {
            meter: admitted.meter(),
            admitted: Some(admitted),
        }
    }

    fn meter(&self) -> Meter {
        self.meter.clone()
    }

    fn done(mut self, error: Option<&HttpError>) {
        if let Some(admitted) = self.admitted.take() {
            admitted.done(error.map(ToString::to_string));
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Some(admitted) = self.admitted.take() {
            admitted.done(Some("nobody waited for its end".to_owned()));
        }
    }
}
