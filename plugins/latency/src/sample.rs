//! What was measured, and what it comes to.

use std::time::Duration;

use chaos_plugin::http::{Error, Response};

use crate::load::Failure;
use crate::probes::Report;

/// What became of requests.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    /// Of good answers, in no order.
    latencies: Vec<Duration>,
    errors: usize,
    first_error: Option<String>,
    late: Duration,
}

impl Sample {
    /// Counts a request that was so late and ended so.
    ///
    /// # Errors
    /// The request was not allowed, or is none: then none is.
    pub(crate) fn add(
        &mut self,
        late: Duration,
        end: Result<Response, Error>,
    ) -> Result<(), Failure> {
        self.late = self.late.max(late);
        let error = match end {
            Ok(answer) if answer.status < 400 => {
                self.latencies.push(late + answer.elapsed);
                return Ok(());
            }
            Ok(answer) => format!("status {}", answer.status),
            Err(error @ (Error::Denied(_) | Error::Invalid(_))) => return Err(error.into()),
            Err(error) => error.to_string(),
        };
        self.errors += 1;
        self.first_error.get_or_insert(error);
        Ok(())
    }

    fn requests(&self) -> usize {
        self.latencies.len() + self.errors
    }

    /// From 0 to 1; 0 of none.
    pub(crate) fn error_rate(&self) -> f64 {
        self.errors as f64 / self.requests().max(1) as f64
    }

    /// In seconds.
    pub(crate) fn percentile(mut self, percentile: f64) -> Result<f64, Failure> {
        self.latencies.sort_unstable();
        self.rank(percentile).ok_or_else(|| Failure::Unknown {
            percentile,
            errors: self.errors,
            requests: self.requests(),
            first: self.first_error.unwrap_or_default(),
        })
    }

    /// All of it.
    pub(crate) fn summary(mut self) -> Report {
        self.latencies.sort_unstable();
        let count = self.latencies.len();
        let sum: Duration = self.latencies.iter().sum();
        Report {
            requests: u32::try_from(self.requests()).unwrap_or(u32::MAX),
            errors: u32::try_from(self.errors).unwrap_or(u32::MAX),
            error_rate: self.error_rate(),
            p50: self.rank(50.0),
            p90: self.rank(90.0),
            p95: self.rank(95.0),
            p99: self.rank(99.0),
            min: self.latencies.first().map(Duration::as_secs_f64),
            mean: (count > 0).then(|| sum.as_secs_f64() / count as f64),
            max: self.latencies.last().map(Duration::as_secs_f64),
            late: self.late.as_secs_f64(),
            first_error: self.first_error,
        }
    }

    /// The nearest rank of sorted latencies, of which those of errors come last and are endless.
    fn rank(&self, percentile: f64) -> Option<f64> {
        let rank = (percentile * self.requests() as f64 / 100.0).ceil() as usize;
        let latency = self.latencies.get(rank.max(1) - 1)?;
        Some(latency.as_secs_f64())
    }
}
