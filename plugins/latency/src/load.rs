//! Requests on a schedule.

use std::collections::VecDeque;
use std::time::Duration;

use chaos_plugin::clock::{self, Instant};
use chaos_plugin::http::{self, Exchange, Request};

use crate::probes::Method;
use crate::sample::Sample;

const REQUESTS: u32 = 100;
const RATE: f64 = 50.0;
const TIMEOUT: f64 = 5.0;

/// Exchanges that are open at once, below the 1,000 handles that a host allows. With so many
/// under way the next one starts late, and its latency says so.
const MOST_OPEN: usize = 500;

/// Requests that can be started again once that many were open.
const ROOM: usize = 50;

/// After so many requests it is seen which are done, so that the host need not keep their
/// answers. The first is looked at alone: it says whether requests are allowed at all.
const LOOK: u32 = 16;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An argument is not what it must be: its name, and what it must be.
    #[error("the argument '{0}' must be {1}")]
    Argument(&'static str, &'static str),
    /// The request is not allowed, or is none.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// The percentile is among the requests without a good answer.
    #[error(
        "the {percentile}th percentile is not known: {errors} of {requests} requests had no good \
         answer; the first: {first}"
    )]
    Unknown {
        /// The percentile.
        percentile: f64,
        /// Requests without a good answer.
        errors: usize,
        /// All requests.
        requests: usize,
        /// What became of the first without.
        first: String,
    },
}

/// Equal requests, each with the moment at which it is due.
pub(crate) struct Load {
    request: Request,
    requests: u32,
    /// In a second.
    rate: f64,
}

impl Load {
    pub(crate) fn new(
        url: &str,
        requests: Option<u32>,
        rate: Option<f64>,
        timeout: Option<f64>,
        method: Option<Method>,
        headers: Option<Vec<(String, String)>>,
    ) -> Result<Self, Failure> {
        let requests = requests.unwrap_or(REQUESTS);
        if requests == 0 {
            return Err(Failure::Argument("requests", "1 or more"));
        }
        let rate = rate.unwrap_or(RATE);
        let takes = Duration::try_from_secs_f64(f64::from(requests) / rate);
        if !rate.is_finite() || rate <= 0.0 || takes.is_err() {
            return Err(Failure::Argument("rate", "above 0, in requests a second"));
        }
        let timeout = match Duration::try_from_secs_f64(timeout.unwrap_or(TIMEOUT)) {
            Ok(timeout) if !timeout.is_zero() => timeout,
            _ => return Err(Failure::Argument("timeout", "above 0, in seconds")),
        };
        let method = match method {
            Some(Method::Head) => "HEAD",
            Some(Method::Get) | None => "GET",
        };
        // A redirect is the endpoint's answer; what it leads to has latencies of its own.
        let mut request = Request::new(method, url).timeout(timeout).redirects(0);
        for (name, value) in headers.unwrap_or_default() {
            request = request.header(name, value);
        }
        Ok(Self {
            request,
            requests,
            rate,
        })
    }

    /// Sends them all and waits for what becomes of them.
    ///
    /// # Errors
    /// A request that is not allowed or is none ends it at once.
    pub(crate) fn run(&self) -> Result<Sample, Failure> {
        let mut sample = Sample::default();
        let mut open = VecDeque::new();
        let begin = Instant::now();
        for number in 0..self.requests {
            let since = f64::from(number) / self.rate;
            let since = Duration::try_from_secs_f64(since).unwrap_or(Duration::MAX);
            let late = late_for(begin + since);
            let exchange = self.request.clone().begin();
            open.push_back(Open { late, exchange });
            if number % LOOK == 0 {
                take_done(&mut open, &mut sample)?;
            }
            if open.len() >= MOST_OPEN {
                make_room(&mut open, &mut sample)?;
            }
        }
        for done in open {
            sample.add(done.late, done.exchange.wait())?;
        }
        Ok(sample)
    }
}

/// A request that was started.
struct Open {
    /// How much later than due.
    late: Duration,
    exchange: Exchange,
}

/// Waits until a moment; gives how long ago it then is.
fn late_for(due: Instant) -> Duration {
    let now = Instant::now();
    let left = due - now;
    if left.is_zero() {
        return now - due;
    }
    clock::sleep(left);
    Instant::now() - due
}

/// Takes out what is done, up to the first that is not.
fn take_done(open: &mut VecDeque<Open>, sample: &mut Sample) -> Result<(), Failure> {
    while open.front().is_some_and(|first| first.exchange.ready()) {
        let Some(done) = open.pop_front() else { break };
        sample.add(done.late, done.exchange.wait())?;
    }
    Ok(())
}

/// Takes out what is done, and waits for those that are longest under way until there is room:
/// for a few more, as looking at all is as many calls of the host.
fn make_room(open: &mut VecDeque<Open>, sample: &mut Sample) -> Result<(), Failure> {
    for it in std::mem::take(open) {
        match it.exchange.ready() {
            true => sample.add(it.late, it.exchange.wait())?,
            false => open.push_back(it),
        }
    }
    while open.len() > MOST_OPEN - ROOM {
        let Some(first) = open.pop_front() else { break };
        sample.add(first.late, first.exchange.wait())?;
    }
    Ok(())
}
