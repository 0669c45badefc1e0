//! How long an HTTP endpoint takes to answer.
//!
//! Requests are started at a fixed rate, whatever became of the earlier ones, and each latency is
//! counted from the moment at which its request was due: an endpoint that stalls cannot hide that
//! by holding up the requests that would have shown it.

mod load;
mod sample;
#[cfg(test)]
mod tests;

/// How long an endpoint takes to answer. All latencies are in seconds.
///
/// A request without a good answer (none in time, or one with a status of 400 and above) counts as
/// slower than all others.
#[chaos_plugin::probes]
pub mod probes {
    use crate::load::{Failure, Load};

    /// What to ask with.
    #[derive(Debug, Clone, Copy)]
    pub enum Method {
        /// The whole answer is read and counts.
        Get,
        /// The answer's body is left out.
        Head,
    }

    /// What came of all requests.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Report {
        /// How many were sent.
        pub requests: u32,
        /// How many of them had no good answer.
        pub errors: u32,
        /// `errors` as a part of `requests`, from 0 to 1.
        pub error_rate: f64,
        /// What became of the first of them.
        pub first_error: Option<String>,
        /// The median; null if a request without a good answer is there, as for the others.
        pub p50: Option<f64>,
        /// The 90th percentile.
        pub p90: Option<f64>,
        /// The 95th percentile.
        pub p95: Option<f64>,
        /// The 99th percentile.
        pub p99: Option<f64>,
        /// The fastest good answer; null if there is none, as for the others.
        pub min: Option<f64>,
        /// The mean of the good answers.
        pub mean: Option<f64>,
        /// The slowest good answer.
        pub max: Option<f64>,
        /// How much later than due a request was started at most. Contained in its latency.
        pub late: f64,
    }

    /// The 95th percentile. Fails if more than 5 % of the requests had no good answer.
    pub fn p95_latency(
        /// Where to ask.
        url: &str,
        /// How many requests to send. Default: 100.
        requests: Option<u32>,
        /// How many to start in a second. Default: 50.
        rate: Option<f64>,
        /// Seconds that each may take. Default: 5.
        timeout: Option<f64>,
        /// `get` or `head`. Default: `get`.
        method: Option<Method>,
        /// Names and values of headers.
        headers: Option<Vec<(String, String)>>,
    ) -> Result<f64, Failure> {
        let load = Load::new(url, requests, rate, timeout, method, headers)?;
        load.run()?.percentile(95.0)
    }

    /// The 99th percentile. Fails if more than 1 % of the requests had no good answer.
    pub fn p99_latency(
        /// Where to ask.
        url: &str,
        /// How many requests to send. Default: 100.
        requests: Option<u32>,
        /// How many to start in a second. Default: 50.
        rate: Option<f64>,
        /// Seconds that each may take. Default: 5.
        timeout: Option<f64>,
        /// `get` or `head`. Default: `get`.
        method: Option<Method>,
        /// Names and values of headers.
        headers: Option<Vec<(String, String)>>,
    ) -> Result<f64, Failure> {
        let load = Load::new(url, requests, rate, timeout, method, headers)?;
        load.run()?.percentile(99.0)
    }

    /// Any percentile, by nearest rank. Fails if it is among the requests without a good answer.
    pub fn percentile_latency(
        /// Where to ask.
        url: &str,
        /// Above 0, up to 100.
        percentile: f64,
        /// How many requests to send. Default: 100.
        requests: Option<u32>,
        /// How many to start in a second. Default: 50.
        rate: Option<f64>,
        /// Seconds that each may take. Default: 5.
        timeout: Option<f64>,
        /// `get` or `head`. Default: `get`.
        method: Option<Method>,
        /// Names and values of headers.
        headers: Option<Vec<(String, String)>>,
    ) -> Result<f64, Failure> {
        if !(percentile > 0.0 && percentile <= 100.0) {
            return Err(Failure::Argument("percentile", "above 0, up to 100"));
        }
        let load = Load::new(url, requests, rate, timeout, method, headers)?;
        load.run()?.percentile(percentile)
    }

    /// The part of the requests that had no good answer, from 0 to 1.
    pub fn error_rate(
        /// Where to ask.
        url: &str,
        /// How many requests to send. Default: 100.
        requests: Option<u32>,
        /// How many to start in a second. Default: 50.
        rate: Option<f64>,
        /// Seconds that each may take. Default: 5.
        timeout: Option<f64>,
        /// `get` or `head`. Default: `get`.
        method: Option<Method>,
        /// Names and values of headers.
        headers: Option<Vec<(String, String)>>,
    ) -> Result<f64, Failure> {
        let load = Load::new(url, requests, rate, timeout, method, headers)?;
        Ok(load.run()?.error_rate())
    }

    /// Everything at once.
    pub fn summary(
        /// Where to ask.
        url: &str,
        /// How many requests to send. Default: 100.
        requests: Option<u32>,
        /// How many to start in a second. Default: 50.
        rate: Option<f64>,
        /// Seconds that each may take. Default: 5.
        timeout: Option<f64>,
        /// `get` or `head`. Default: `get`.
        method: Option<Method>,
        /// Names and values of headers.
        headers: Option<Vec<(String, String)>>,
    ) -> Result<Report, Failure> {
        let load = Load::new(url, requests, rate, timeout, method, headers)?;
        Ok(load.run()?.summary())
    }
}
