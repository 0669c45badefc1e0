//! One command measured over several runs, in a process of its own: the system gives the peak
//! memory of all ended children together, and a child's counts from before it began to be one.

use crate::{Failure, Outcome};
use nix::sys::resource::{UsageWho, getrusage};
use serde_json::{Value, json};
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// `cargo xtask measure`.
#[derive(clap::Args)]
pub(crate) struct Options {
    runs: usize,
    #[arg(trailing_var_arg = true, required = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// Runs a command and prints what was measured, as JSON.
pub(crate) fn run(options: &Options) -> Outcome {
    let (program, arguments) = options
        .command
        .split_first()
        .ok_or_else(|| Failure("nothing to measure".to_owned()))?;
    let mut walls = Vec::new();
    let mut exit = 0;
    for _ in 0..options.runs {
        let begun = Instant::now();
        let status = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        walls.push(begun.elapsed().as_secs_f64());
        exit = status.code().filter(|code| *code != 0).unwrap_or(exit);
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds =
        |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    let cpu = (seconds(usage.user_time()) + seconds(usage.system_time())) / options.runs as f64;
    let measured = json!({
        "walls": walls,
        "cpu": cpu,
        "peak_mib": usage.max_rss() as f64 / 1024.0,
        "exit": exit,
    });
    println!("{measured}");
    Ok(())
}

/// Several runs of one command.
pub(super) struct Measured {
    walls: Vec<f64>,
    cpu: f64,
    peak: f64,
}

/// Runs a command `runs` times, with variables besides the inherited ones. An exit code other than
/// 0 is a failure: a run that went wrong is not a fast one.
pub(super) fn measure(
    command: &[String],
    runs: usize,
    environment: &[(&str, &Path)],
) -> Result<Measured, Failure> {
    let output = Command::new(&*crate::PROGRAM)
        .arg("measure")
        .arg(runs.to_string())
        .args(command)
        .envs(environment.iter().copied())
        .current_dir(std::env::temp_dir())
        .stderr(Stdio::inherit())
        .output()?;
    let measured: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure(format!("measuring failed: {error}")))?;
    if measured["exit"] != 0 {
        let line = command.join(" ");
        return Err(Failure(format!("'{line}' ended with {}", measured["exit"])));
    }
    let number = |key: &str| measured[key].as_f64().unwrap_or(f64::NAN);
    Ok(Measured {
        walls: measured["walls"]
            .as_array()
            .map(|walls| walls.iter().filter_map(Value::as_f64).collect())
            .unwrap_or_default(),
        cpu: number("cpu"),
        peak: number("peak_mib"),
    })
}

impl Measured {
    /// Median wall time, seconds.
    pub(super) fn wall(&self) -> f64 {
        median(self.walls.clone())
    }

    /// Mean CPU time, seconds.
    pub(super) fn cpu(&self) -> f64 {
        self.cpu
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
            self.cpu * 1000.0,
            self.peak
        )
    }
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
