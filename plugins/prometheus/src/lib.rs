//! Prometheus: the probes of the Python extension `chaosprometheus`, by the same names and
//! arguments. The experiment's configuration says where it is: `prometheus_base_url`; without it
//! is `http://localhost:9090`.

mod mean;
mod moment;
mod server;
#[cfg(test)]
mod tests;

/// What Prometheus has measured.
///
/// Moments are RFC 3339 (`2026-01-01T10:00:00Z`), a date with or without time (UTC), seconds since
/// 1970, or relative: `now`, `yesterday`, `5 minutes ago`, `1h30m`, `in 2 hours`.
#[chaos_plugin::probes]
pub mod probes {
    use crate::mean;
    use crate::moment;
    use crate::server::{Failure, Parameters, Server};
    use chaos_plugin::Json;

    /// How a mean is computed.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum MeanType {
        /// Their sum, divided by how many there are.
        Arithmetic,
        /// For values that multiply. All must be above 0.
        Geometric,
        /// For rates. None may be below 0.
        Harmonic,
    }

    /// Evaluates a query at one moment. Gives Prometheus's answer as it is.
    pub fn query(
        /// In PromQL.
        query: &str,
        /// The moment. Default: Prometheus's now.
        when: Option<&str>,
        /// Seconds that Prometheus may take to evaluate it. Default: its own.
        timeout: Option<f64>,
        /// Whether the server's certificate must be valid. Certificates are always verified;
        /// `false` makes a note of it in the log.
        verify_tls: Option<bool>,
    ) -> Result<Json, Failure> {
        let mut parameters = Parameters::new(query);
        parameters.number("timeout", timeout);
        if let Some(when) = when.filter(|when| !when.is_empty()) {
            parameters.text("time", moment::rfc3339(moment::parse(when)?));
        }
        Server::configured(verify_tls)?.ask("query", "Prometheus query", &parameters)
    }

    /// Evaluates a query over a range of time. Gives Prometheus's answer as it is.
    pub fn query_interval(
        /// In PromQL.
        query: &str,
        /// The range's first moment.
        start: &str,
        /// The range's last moment.
        end: &str,
        /// Seconds from one value to the next. Default: 1.
        step: Option<f64>,
        /// Seconds that Prometheus may take to evaluate it. Default: its own.
        timeout: Option<f64>,
        /// As for `query`.
        verify_tls: Option<bool>,
    ) -> Result<Json, Failure> {
        let mut parameters = Parameters::new(query);
        parameters.number("timeout", timeout);
        let step = step.unwrap_or(1.0);
        parameters.number("step", Some(step).filter(|step| *step != 0.0));
        parameters.text("start", moment::rfc3339(moment::parse(start)?));
        parameters.text("end", moment::rfc3339(moment::parse(end)?));
        Server::configured(verify_tls)?.ask("query_range", "Prometheus query range", &parameters)
    }

    /// The mean of the values that a query has had, up to now. Of several series the first counts.
    pub fn compute_mean(
        /// In PromQL.
        query: &str,
        /// Since when: `1d`, `2 hours`. Default: `1d`.
        window: Option<&str>,
        /// `arithmetic`, `geometric` or `harmonic`. Default: `arithmetic`.
        mean_type: Option<MeanType>,
    ) -> Result<f64, Failure> {
        let window = window.unwrap_or("1d");
        let values = Server::configured(None)?.values_since(query, window)?;
        mean::of(&values, mean_type.unwrap_or(MeanType::Arithmetic))
    }

    /// The mean CPU usage of all nodes in percent, of the metric `node_cpu_seconds_total`.
    pub fn nodes_cpu_usage_mean(
        /// Since when: `1d`, `2 hours`. Default: `1d`.
        window: Option<&str>,
    ) -> Result<f64, Failure> {
        let usage = r#"100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[1m])))"#;
        compute_mean(usage, window, None)
    }
}
