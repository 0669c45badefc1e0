//! `cargo xtask bench`: the runner beside Chaos Toolkit, in the same run on the same machine.

mod experiments;
pub(crate) mod measure;
mod plugins;

pub(crate) use experiments::one_probe;

use crate::tool::cargo;
use crate::{Failure, Outcome, root, service, target};
use measure::{Measured, measure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xshell::{Shell, cmd};

/// The reference's versions, as the behaviour was written down from them.
const REFERENCE: [&str; 2] = ["chaostoolkit==1.19.0", "chaostoolkit-lib==1.44.0"];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Measure this part alone.
    part: Option<Part>,
    /// Repetitions of each short measurement.
    #[arg(long, default_value_t = 15)]
    runs: usize,
    /// Measure chaos-wasm alone: no Python packages are installed.
    #[arg(long)]
    without_reference: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Runs, beside Chaos Toolkit.
    Runs,
    /// Plugins, beside a bare wasmtime host.
    Plugins,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let measures = |part| options.part.is_none_or(|only| only == part);
    let shell = Shell::new()?;
    shell.change_dir(root());
    eprintln!("building the release ...");
    cargo(
        &shell,
        "build --quiet --locked --release --package chaos-wasm",
    )
    .run()?;
    cargo(
        &shell,
        "build --quiet --locked --release --package chaos-host-api --example bare_http",
    )
    .run()?;
    let reference = if options.without_reference || !measures(Part::Runs) {
        None
    } else {
        Some(install_reference(&shell)?)
    };
    let folder = target().join("bench");
    fs::create_dir_all(&folder)?;
    let bench = Bench {
        folder,
        ours: target().join("release").join("chaos-wasm"),
        reference,
        runs: options.runs,
    };
    if measures(Part::Runs) {
        bench.one_probe()?;
        bench.http_probes()?;
        bench.many_activities()?;
        bench.background()?;
        bench.continuous()?;
    }
    if measures(Part::Plugins) {
        bench.plugins(&shell)?;
    }
    Ok(())
}

/// Chaos Toolkit at its leanest, in a folder of its own.
fn install_reference(shell: &Shell) -> Result<PathBuf, Failure> {
    let folder = target().join("bench-reference");
    let program = folder.join("bin").join("chaos");
    if !program.exists() {
        eprintln!("installing Chaos Toolkit into {} ...", folder.display());
        cmd!(shell, "python3 -m venv {folder}").run()?;
        let pip = folder.join("bin").join("pip");
        cmd!(shell, "{pip} install --quiet {REFERENCE...}").run()?;
    }
    Ok(program)
}

struct Bench {
    folder: PathBuf,
    ours: PathBuf,
    reference: Option<PathBuf>,
    runs: usize,
}

impl Bench {
    /// The commands to compare: name, command line up to the experiment.
    fn commands(&self) -> Vec<(&'static str, Vec<String>)> {
        let state = self.folder.join("state").display().to_string();
        let journal = self.journal().display().to_string();
        let mut commands = vec![(
            "chaos-wasm",
            vec![
                self.ours.display().to_string(),
                "--no-log-file".to_owned(),
                "run".to_owned(),
                "--journal-path".to_owned(),
                journal.clone(),
                "--state-dir".to_owned(),
                state,
            ],
        )];
        if let Some(reference) = &self.reference {
            commands.push((
                "chaos",
                vec![
                    reference.display().to_string(),
                    "--no-version-check".to_owned(),
                    "--no-log-file".to_owned(),
                    "run".to_owned(),
                    "--journal-path".to_owned(),
                    journal,
                ],
            ));
        }
        commands
    }

    fn journal(&self) -> PathBuf {
        self.folder.join("journal.json")
    }

    fn read_journal(&self) -> Result<Value, Failure> {
        Ok(serde_json::from_slice(&fs::read(self.journal())?)?)
    }

    fn write(&self, name: &str, experiment: &Value) -> Result<PathBuf, Failure> {
        let path = self.folder.join(name);
        fs::write(&path, serde_json::to_vec(experiment)?)?;
        Ok(path)
    }

    fn measure(
        &self,
        command: &[String],
        experiment: &Path,
        more: &[&str],
        runs: usize,
    ) -> Result<Measured, Failure> {
        let mut line = command.to_vec();
        line.extend(more.iter().map(|&text| text.to_owned()));
        line.push(experiment.display().to_string());
        measure(&line, runs, &[])
    }

    fn one_probe(&self) -> Outcome {
        println!("\nOne process probe, from start to end:");
        let experiment = self.write("one-probe.json", &experiments::one_probe())?;
        let mut walls = Vec::new();
        for (name, command) in self.commands() {
            let measured = self.measure(&command, &experiment, &[], self.runs)?;
            println!("  {name:<11} {measured}");
            walls.push(measured.wall());
        }
        print_ratio(&walls);
        Ok(())
    }

    fn http_probes(&self) -> Outcome {
        const PROBES: usize = 200;
        println!("\n{PROBES} HTTP probes, each on a fresh connection:");
        let service = service::Background::start(&self.folder)?;
        let url = format!("http://{}/checkout", service.address);
        let bare = target().join("release").join("examples").join("bare_http");
        let mut bares = Vec::new();
        for _ in 0..self.runs {
            let output = Command::new(&bare)
                .args([&url, &PROBES.to_string()])
                .output()?;
            let seconds = String::from_utf8_lossy(&output.stdout)
                .trim()
                .parse::<f64>();
            bares.push(seconds.map_err(|error| Failure(format!("bare_http: {error}")))?);
        }
        let bare = measure::median(bares) * 1000.0 / PROBES as f64;
        println!("  bare        {bare:.3} ms each, by the same HTTP library");
        let experiment = self.write("http.json", &experiments::http_probes(&url, PROBES))?;
        for (name, command) in self.commands() {
            let mut each = Vec::new();
            for _ in 0..self.runs {
                self.measure(&command, &experiment, &[], 1)?;
                let seconds = self.read_journal()?["duration"]
                    .as_f64()
                    .unwrap_or_default();
                each.push(seconds * 1000.0 / PROBES as f64);
            }
            let each = measure::median(each);
            println!(
                "  {name:<11} {each:.3} ms each, {:+.3} ms over bare",
                each - bare
            );
        }
        Ok(())
    }

    fn many_activities(&self) -> Outcome {
        println!("\nMany activities in one run (os.path.exists):");
        for (name, command) in self.commands() {
            for count in [1_000, 5_000, 10_000] {
                let experiment = self.write("many.json", &experiments::many(count))?;
                let measured = self.measure(&command, &experiment, &[], 3)?;
                let journal = fs::metadata(self.journal())?.len() as f64 / 1024.0 / 1024.0;
                println!("  {name:<11} {count:>6}: {measured}; journal {journal:.1} MiB");
            }
        }
        Ok(())
    }

    fn background(&self) -> Outcome {
        println!("\n1,000 processes in the background (sleep 0.5):");
        let experiment = self.write("background.json", &experiments::background(1_000))?;
        for (name, command) in self.commands() {
            let measured = self.measure(&command, &experiment, &[], 3)?;
            println!("  {name:<11} {measured}");
        }
        Ok(())
    }

    fn continuous(&self) -> Outcome {
        for period in [0.01, 0.001] {
            println!(
                "\nA continuous hypothesis every {} ms, for 3 s:",
                period * 1000.0
            );
            let experiment = self.write("continuous.json", &experiments::continuous(3))?;
            let frequency = period.to_string();
            let options = [
                "--hypothesis-strategy",
                "during-method-only",
                "--hypothesis-frequency",
                frequency.as_str(),
            ];
            for (name, command) in self.commands() {
                let measured = self.measure(&command, &experiment, &options, 1)?;
                let beats = experiments::Beats::of(&self.read_journal()?, period);
                println!("  {name:<11} {beats}; CPU {:.2} s", measured.cpu());
            }
        }
        Ok(())
    }
}

fn print_ratio(walls: &[f64]) {
    if let [ours, reference] = walls {
        println!("  {:.0} times as fast", reference / ours);
    }
}
