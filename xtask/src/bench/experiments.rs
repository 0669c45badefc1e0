use serde_json::{Value, json};
use std::fmt;
use std::path::Path;

fn experiment(hypothesis: Option<Value>, method: Vec<Value>) -> Value {
    let mut experiment = json!({
        "title": "bench",
        "description": "measured",
        "method": method,
    });
    if let Some(probe) = hypothesis {
        experiment["steady-state-hypothesis"] = json!({"title": "h", "probes": [probe]});
    }
    experiment
}

pub(crate) fn one_probe() -> Value {
    let provider = json!({"type": "process", "path": "true"});
    let probe = json!({"type": "probe", "name": "p", "provider": provider});
    experiment(None, vec![probe])
}

pub(super) fn http_probes(url: &str, count: usize) -> Value {
    let provider = json!({"type": "http", "url": url});
    let probe = json!({"type": "probe", "name": "p", "provider": provider});
    experiment(None, vec![probe; count])
}

fn exists() -> Value {
    json!({"type": "python", "module": "os.path", "func": "exists", "arguments": {"path": "/"}})
}

pub(super) fn many(count: usize) -> Value {
    let probe = json!({"type": "probe", "name": "p", "provider": exists()});
    experiment(None, vec![probe; count])
}

pub(super) fn plugin_probes(module: &Path, count: usize) -> Value {
    let arguments = json!({"value": 1.5});
    let provider =
        json!({"type": "wasm", "module": module, "func": "number", "arguments": arguments});
    let probe = json!({"type": "probe", "name": "p", "provider": provider});
    experiment(None, vec![probe; count])
}

pub(super) fn background(count: usize) -> Value {
    let provider = json!({"type": "process", "path": "sleep", "arguments": ["0.5"]});
    let probe = json!({"type": "probe", "name": "p", "background": true, "provider": provider});
    experiment(None, vec![probe; count])
}

pub(super) fn continuous(seconds: u32) -> Value {
    let probe = json!({"type": "probe", "name": "p", "tolerance": true, "provider": exists()});
    let sleep = json!({"type": "process", "path": "sleep", "arguments": [seconds.to_string()]});
    let action = json!({"type": "action", "name": "wait", "provider": sleep});
    experiment(Some(probe), vec![action])
}

/// How evenly a continuous hypothesis was checked.
pub(super) struct Beats {
    count: usize,
    /// Seconds from the first to the last.
    span: f64,
    /// Distance of each start from its place in a steady beat, seconds, sorted.
    jitter: Vec<f64>,
}

impl Beats {
    /// From a journal.
    pub(super) fn of(journal: &Value, period: f64) -> Beats {
        let checks = journal["steady_states"]["during"].as_array();
        let starts: Vec<f64> = checks
            .into_iter()
            .flatten()
            .filter_map(|check| seconds(check["probes"][0]["start"].as_str()?))
            .collect();
        let first = starts.first().copied().unwrap_or_default();
        let mut jitter: Vec<f64> = starts
            .iter()
            .map(|start| {
                let beats = ((start - first) / period).round();
                (start - first - beats * period).abs()
            })
            .collect();
        jitter.sort_by(f64::total_cmp);
        Beats {
            count: starts.len(),
            span: starts.last().copied().unwrap_or_default() - first,
            jitter,
        }
    }
}

impl fmt::Display for Beats {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let p99 = self.jitter.get(self.jitter.len() * 99 / 100);
        let mean = self.span / self.count.saturating_sub(1).max(1) as f64;
        write!(
            formatter,
            "{} checks, one in {:.2} ms, jitter p99 {:.2} ms",
            self.count,
            mean * 1000.0,
            p99.copied().unwrap_or_default() * 1000.0
        )
    }
}

/// Seconds within the day of `2026-11-22T11:26:21.767473+00:00`.
fn seconds(timestamp: &str) -> Option<f64> {
    let time = timestamp.split('T').nth(1)?.get(..15)?;
    let mut parts = time.split(':');
    let mut part = || parts.next()?.parse::<f64>().ok();
    Some(part()? * 3600.0 + part()? * 60.0 + part()?)
}
