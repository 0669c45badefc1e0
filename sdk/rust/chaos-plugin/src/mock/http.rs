use std::collections::VecDeque;
use std::time::Duration;

use super::State;
use super::clock::nanoseconds;
use crate::http::{self, Error, Request};

/// An answer to give.
#[derive(Debug, Clone)]
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    taking: Duration,
}

impl Response {
    /// An answer without headers or body that takes no time.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            taking: Duration::ZERO,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets how long the exchange takes, by the mock's clock. More than the request's timeout is
    /// a [`http::Error::TimedOut`].
    #[must_use]
    pub fn taking(mut self, duration: Duration) -> Self {
        self.taking = duration;
        self
    }

    fn location(&self) -> Option<&str> {
        let redirects = matches!(self.status, 301 | 302 | 303 | 307 | 308);
        let (_, location) = self
            .headers
            .iter()
            .find(|(name, _)| redirects && name == "location")?;
        Some(location)
    }
}

/// What a request comes to.
#[derive(Debug, Clone)]
pub enum Answer {
    /// An answer.
    Response(Response),
    /// None.
    Error(Error),
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self::Response(response)
    }
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// A request that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// As the plugin set them, placeholders as placeholders.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The timeout, if there was one.
    pub timeout: Option<Duration>,
}

impl Sent {
    /// The first header of a name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }

    /// The body as text; what is not UTF-8 in it is replaced by `U+FFFD`.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

struct Rule {
    method: String,
    url: String,
    answers: VecDeque<Answer>,
}

impl Rule {
    fn fits(&self, method: &str, url: &str) -> bool {
        let fits = match self.url.strip_suffix('*') {
            Some(start) => url.starts_with(start),
            None => url == self.url,
        };
        fits && method == self.method
    }
}

#[derive(Default)]
pub(crate) struct Http {
    rules: Vec<Rule>,
    sent: Vec<Sent>,
}

impl Http {
    pub(crate) fn add(&mut self, method: &str, url: &str, answer: Answer) {
        let same = self
            .rules
            .iter_mut()
            .find(|rule| rule.method == method && rule.url == url);
        match same {
            Some(rule) => rule.answers.push_back(answer),
            None => self.rules.push(Rule {
                method: method.to_owned(),
                url: url.to_owned(),
                answers: VecDeque::from([answer]),
            }),
        }
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.clone()
    }

    fn next(&mut self, method: &str, url: &str) -> Answer {
        let Some(rule) = self.rules.iter_mut().find(|rule| rule.fits(method, url)) else {
            return Answer::Error(Error::Denied(format!(
                "the mock host has no answer: call `host.answer({method:?}, {url:?}, ..)`"
            )));
        };
        let kept = (rule.answers.len() == 1)
            .then(|| rule.answers.front().cloned())
            .flatten();
        kept.or_else(|| rule.answers.pop_front())
            .unwrap_or_else(|| {
                Answer::Error(Error::Broken(
                    "the mock host has run out of answers".to_owned(),
                ))
            })
    }
}

impl State {
    /// What a request that is sent now comes to, and when.
    pub(crate) fn exchange(&mut self, request: &Request) -> (Result<http::Response, Error>, u64) {
        let begin = self.clock.monotonic();
        let timeout = request
            .timeout_ms()
            .map(|limit| u64::from(limit) * 1_000_000);
        let described = format!("{} {}", request.method, request.url);
        let (mut method, mut url) = (request.method.clone(), request.url.clone());
        let mut took = 0_u64;
        let mut redirects = request.redirects;
        loop {
            self.http.sent.push(Sent {
                method: method.clone(),
                url: url.clone(),
                headers: request.headers.clone(),
                body: request.body.clone(),
                timeout: request.timeout,
            });
            let response = match self.http.next(&method, &url) {
                Answer::Response(response) => response,
                Answer::Error(error) => return (Err(error), begin.saturating_add(took)),
            };
            took = took.saturating_add(nanoseconds(response.taking));
            if let Some(limit) = timeout.filter(|limit| took > *limit) {
                let limited = Duration::from_nanos(limit);
                let error =
                    Error::TimedOut(format!("{described} had no answer within {limited:?}"));
                return (Err(error), begin.saturating_add(limit));
            }
            match response.location() {
                Some(location) if redirects > 0 => {
                    url = join(&url, location);
                    if response.status == 303 && method != "HEAD" {
                        method = "GET".to_owned();
                    }
                    redirects -= 1;
                }
                _ => {
                    let Response {
                        status,
                        headers,
                        body,
                        ..
                    } = response;
                    let elapsed = Duration::from_nanos(took);
                    let response = http::Response {
                        status,
                        headers,
                        body,
                        elapsed,
                        request: described,
                    };
                    return (Ok(response), begin.saturating_add(took));
                }
            }
        }
    }
}

/// A `Location`: a URL, a path from the root, or one from the last slash on.
fn join(base: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    let path = base.split(['?', '#']).next().unwrap_or(base);
    let authority = path.find("://").map_or(0, |at| at + 3);
    let root = path[authority..]
        .find('/')
        .map_or(path.len(), |at| authority + at);
    if location.starts_with('/') {
        return format!("{}{location}", &path[..root]);
    }
    let folder = path
        .rfind('/')
        .filter(|slash| *slash >= root)
        .unwrap_or(root);
    format!("{}/{location}", &path[..folder])
}
