use crate::{Failure, root};
use serde_json::Value;
use std::fmt;
use std::process::Command;

/// Several runs of one command.
pub(super) struct Measured {
    walls: Vec<f64>,
    cpus: Vec<f64>,
    peaks: Vec<f64>,
}

/// Runs a command `runs` times. An exit code other than 0 is a failure: a run that went wrong is
/// not a fast one.
pub(super) fn measure(command: &[String], runs: usize) -> Result<Measured, Failure> {
    let output = Command::new("python3")
        .arg(root().join("tests").join("bench").join("measure.py"))
        .arg(runs.to_string())
        .args(command)
        .current_dir(std::env::temp_dir())
        .output()?;
    let runs: Vec<Value> = serde_json::from_slice(&output.stdout).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        Failure(format!("measuring failed: {error}: {said}"))
    })?;
    let column =
        |key: &str| -> Vec<f64> { runs.iter().filter_map(|run| run[key].as_f64()).collect() };
    if let Some(bad) = runs.iter().find(|run| run["exit"] != 0) {
        return Err(Failure(format!(
            "'{}' ended with {}",
            command.join(" "),
            bad["exit"]
        )));
    }
    Ok(Measured {
        walls: column("wall"),
        cpus: column("cpu"),
        peaks: column("rss_mib"),
    })
}

impl Measured {
    /// Median wall time, seconds.
    pub(super) fn wall(&self) -> f64 {
        median(self.walls.clone())
    }

    /// Median CPU time, seconds.
    pub(super) fn cpu(&self) -> f64 {
        median(self.cpus.clone())
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let least = self.walls.iter().copied().fold(f64::INFINITY, f64::min);
        write!(
            formatter,
            "{:.1} ms (least {:.1}), CPU {:.1} ms, peak {:.1} MiB",
            self.wall() * 1000.0,
            least * 1000.0,
            self.cpu() * 1000.0,
            median(self.peaks.clone())
        )
    }
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
