use super::observation::Places;
use crate::sandbox::{Finished, PATIENCE, Sandbox};
use crate::service::Service;
use rustix::process::Signal;
use serde_json::{Map, Value};
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The cases of one file.
#[derive(Debug)]
pub struct Suite {
    /// The file's name without extension: the recordings' too.
    pub name: String,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// One experiment and how to run it.
#[derive(Debug, Clone)]
pub struct Case {
    /// Unique among all cases.
    pub name: String,
    /// The case as its file has it.
    definition: Map<String, Value>,
}

/// Who runs a case.
#[derive(Debug, Clone, Copy)]
pub enum Runner<'r> {
    /// The `chaos` command of an environment that has Chaos Toolkit installed.
    Reference(&'r Path),
    /// This project's binary with `--compat`.
    Compat,
}

/// Reads every case, file by file.
///
/// # Errors
/// Unreadable files, nameless cases, names given twice.
pub fn load() -> io::Result<Vec<Suite>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(super::folder().join("cases"))?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<io::Result<_>>()?;
    files.sort();
    let mut suites = Vec::new();
    let mut names = std::collections::HashSet::new();
    for file in files {
        let definitions: Vec<Map<String, Value>> = serde_json::from_slice(&std::fs::read(&file)?)?;
        let mut cases = Vec::new();
        for definition in definitions {
            let name = definition.get("name").and_then(Value::as_str);
            let name = name
                .ok_or_else(|| io::Error::other("a case has no name"))?
                .to_owned();
            if !names.insert(name.clone()) {
                return Err(io::Error::other(format!("two cases are called {name}")));
            }
            cases.push(Case { name, definition });
        }
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        suites.push(Suite { name, cases });
    }
    Ok(suites)
}

/// What is left when a case was run: enough to say what came of it.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) finished: Finished,
    pub(super) sandbox: Sandbox,
    pub(super) service: Service,
    pub(super) places: Places,
}

impl Case {
    /// The row of the behaviour that it covers.
    pub fn about(&self) -> &str {
        self.text("about").unwrap_or_default()
    }

    /// The experiment as written, placeholders not filled; `None` when it isn't given as JSON.
    pub(super) fn experiment(&self) -> Option<&Value> {
        self.definition.get("experiment")
    }

    /// The file that the journal is expected in.
    pub(super) fn journal_name(&self) -> &str {
        self.text("journal").unwrap_or("journal.json")
    }

    /// How often something happens depends on timing: compared without numbers and order.
    pub(super) fn depends_on_timing(&self) -> bool {
        self.definition.get("timing") == Some(&Value::Bool(true))
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.definition.get(key).and_then(Value::as_str)
    }

    fn strings(&self, key: &str) -> Vec<&str> {
        let list = self.definition.get(key).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    fn map(&self, key: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.definition
            .get(key)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
    }

    pub(super) fn run(&self, runner: Runner<'_>) -> io::Result<Ran> {
        let sandbox = Sandbox::new()?;
        let service = Service::start()?;
        let places = Places::of(&service, &sandbox);
        for (path, answer) in self.map("answers") {
            let field = |name: &str| answer.get(name).and_then(Value::as_str);
            service.answer(
                path,
                answer.get("status").and_then(Value::as_u64).unwrap_or(200) as u16,
                field("type").unwrap_or("application/json"),
                &places.fill(field("body").unwrap_or_default()),
            );
        }
        for (name, content) in self.map("files") {
            let path = sandbox.write(name, places.fill(content.as_str().unwrap_or_default()))?;
            if name.ends_with(".sh") {
                std::fs::set_permissions(path, Permissions::from_mode(0o755))?;
            }
        }
        if let Some(experiment) = self.experiment() {
            let text = serde_json::to_string_pretty(experiment)?;
            sandbox.write("experiment.json", places.fill(&text))?;
        }
        let running = sandbox.start(self.command(runner, &sandbox, &places)?)?;
        let signals = self.definition.get("signals").and_then(Value::as_array);
        for signal in signals.into_iter().flatten() {
            self.await_moment(signal, &sandbox, &service)?;
            running.signal(signal_of(signal)?)?;
        }
        let finished = running.wait(PATIENCE)?;
        Ok(Ran {
            finished,
            sandbox,
            service,
            places,
        })
    }

    fn command(
        &self,
        runner: Runner<'_>,
        sandbox: &Sandbox,
        places: &Places,
    ) -> io::Result<Command> {
        let mut command = match runner {
            Runner::Reference(environment) => {
                let mut command = sandbox.command(&environment.join("bin/chaos"));
                command.arg("--no-version-check");
                command.env("PYTHONWARNINGS", "ignore");
                command
            }
            Runner::Compat => sandbox.chaos::<_, &str>([])?,
        };
        let verb = self.text("command").unwrap_or("run");
        command.arg("--no-log-file");
        command.args(self.strings("options").iter().map(|text| places.fill(text)));
        command.arg(verb);
        if matches!(runner, Runner::Compat) {
            command.arg("--compat");
        }
        command.args(self.strings("args").iter().map(|text| places.fill(text)));
        command.arg(places.fill(self.text("source").unwrap_or("experiment.json")));
        for (name, value) in self.map("env") {
            command.env(name, places.fill(value.as_str().unwrap_or_default()));
        }
        Ok(command)
    }

    /// Waits for a request, a file or a time, as the signal says.
    fn await_moment(&self, signal: &Value, sandbox: &Sandbox, service: &Service) -> io::Result<()> {
        let text = |key: &str| signal.get(key).and_then(Value::as_str);
        let came = if let Some(path) = text("on_request") {
            service.await_requests(path, 1, PATIENCE)
        } else if let Some(name) = text("on_file") {
            sandbox.await_file(name, PATIENCE)
        } else {
            true
        };
        if !came {
            return Err(io::Error::other(format!(
                "{}: {signal} never came",
                self.name
            )));
        }
        let pause = signal.get("after_ms").and_then(Value::as_u64).unwrap_or(50);
        std::thread::sleep(Duration::from_millis(pause));
        Ok(())
    }
}

fn signal_of(signal: &Value) -> io::Result<Signal> {
    match signal.get("signal").and_then(Value::as_str) {
        Some("INT") => Ok(Signal::INT),
        Some("TERM") => Ok(Signal::TERM),
        Some("USR1") => Ok(Signal::USR1),
        Some("USR2") => Ok(Signal::USR2),
        other => Err(io::Error::other(format!("unknown signal {other:?}"))),
    }
}
