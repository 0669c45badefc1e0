//! A case's answers in the network's place.

use super::difference::difference;
use super::{Exchange, Request, Response};
use chaos_host_api::answers::{Answer, Answers, Asked, Wire};
use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The answers of a case, and how far the plugin has come.
pub(super) struct Recorded {
    http: Mutex<Playing>,
    kubernetes: Mutex<Playing>,
}

struct Playing {
    exchanges: Vec<Exchange>,
    next: usize,
    /// What the first request that was another than recorded has wrong. After it, nothing is
    /// answered.
    wrong: Option<Vec<String>>,
}

impl Recorded {
    pub(super) fn new(http: Vec<Exchange>, kubernetes: Vec<Exchange>) -> Recorded {
        let playing = |exchanges| {
            Mutex::new(Playing {
                exchanges,
                next: 0,
                wrong: None,
            })
        };
        Recorded {
            http: playing(http),
            kubernetes: playing(kubernetes),
        }
    }

    /// What was asked wrongly or not at all, line by line.
    pub(super) fn problems(&self) -> Vec<String> {
        let of = |wire| locked(self.playing(wire)).problems(wire);
        let mut lines = of(Wire::Http);
        lines.extend(of(Wire::Kubernetes));
        lines
    }

    fn playing(&self, wire: Wire) -> &Mutex<Playing> {
        match wire {
            Wire::Http => &self.http,
            Wire::Kubernetes => &self.kubernetes,
        }
    }
}

impl Answers for Recorded {
    fn answer(&self, asked: &Asked) -> Result<Answer, String> {
        let mut playing = locked(self.playing(asked.wire));
        let wrong = match playing.exchanges.get(playing.next) {
            Some(exchange) => exchange.request.differs(asked),
            None => vec!["it is not recorded".to_owned()],
        };
        let number = playing.next + 1;
        if playing.wrong.is_none() && !wrong.is_empty() {
            let kind = kind(asked.wire);
            let title = format!("{kind} request {number}: {} {}", asked.method, asked.url);
            let lines = wrong.into_iter().map(|line| format!("  {line}"));
            playing.wrong = Some(std::iter::once(title).chain(lines).collect());
        }
        if playing.wrong.is_some() {
            return Err("the case has no answer recorded for this request".to_owned());
        }
        playing.next = number;
        match playing.exchanges.get(number - 1).map(|own| &own.response) {
            Some(Response::Answer {
                status,
                headers,
                body,
                elapsed,
            }) => Ok(Answer {
                status: *status,
                headers: headers.clone().into_iter().collect(),
                body: body.clone().into(),
                elapsed: *elapsed,
            }),
            Some(Response::Error(reason)) => Err(reason.clone()),
            None => Err("it is not recorded".to_owned()),
        }
    }
}

impl Playing {
    fn problems(&self, wire: Wire) -> Vec<String> {
        if let Some(wrong) = &self.wrong {
            return wrong.clone();
        }
        let left = self.exchanges.iter().enumerate().skip(self.next);
        left.map(|(index, exchange)| {
            let Request { method, url, .. } = &exchange.request;
            let kind = kind(wire);
            format!("{kind} request {} was not made: {method} {url}", index + 1)
        })
        .collect()
    }
}

impl Request {
    /// What is asked otherwise than recorded.
    fn differs(&self, asked: &Asked) -> Vec<String> {
        let mut lines = Vec::new();
        if self.method != asked.method || self.url != asked.url {
            lines.push(format!("- {} {}", self.method, self.url));
            lines.push(format!("+ {} {}", asked.method, asked.url));
        }
        for (name, expected) in &self.headers {
            let own = asked
                .headers
                .iter()
                .filter(|(own, _)| own.eq_ignore_ascii_case(name));
            let got: Vec<&str> = own.map(|(_, value)| value.as_str()).collect();
            if got != [expected] {
                lines.push(format!("- {name}: {expected}"));
                lines.extend(got.iter().map(|got| format!("+ {name}: {got}")));
            }
        }
        if let Some(expected) = &self.body {
            lines.extend(body_differs(expected, &asked.body));
        }
        lines
    }
}

/// A recorded text is compared with the body's text, anything else with the JSON in it.
fn body_differs(expected: &Value, got: &[u8]) -> Vec<String> {
    let text = Value::String(String::from_utf8_lossy(got).into_owned());
    let got = match expected {
        Value::String(_) => text,
        _ => serde_json::from_slice(got).unwrap_or(text),
    };
    let lines = difference(expected, &got);
    lines
        .into_iter()
        .map(|line| match line.split_at_checked(2) {
            Some((sign, rest)) => format!("{sign}body {rest}"),
            None => line,
        })
        .collect()
}

fn kind(wire: Wire) -> &'static str {
    match wire {
        Wire::Http => "http",
        Wire::Kubernetes => "kubernetes",
    }
}

/// A panic of another thread leaves it whole.
fn locked(playing: &Mutex<Playing>) -> MutexGuard<'_, Playing> {
    playing.lock().unwrap_or_else(PoisonError::into_inner)
}
