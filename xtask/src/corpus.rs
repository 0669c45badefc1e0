//! `cargo xtask corpus DIR`: what of other people's experiments would run natively.

use crate::tool::cargo;
use crate::{Failure, Outcome, root, target};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use xshell::Shell;

pub(crate) fn run(folder: &Path) -> Outcome {
    let shell = Shell::new()?;
    shell.change_dir(root());
    cargo(&shell, "build --quiet --locked --package chaos-wasm")
        .quiet()
        .run()?;
    let mut documents = Vec::new();
    collect(folder, &mut documents)?;
    documents.sort();
    let mut reasons = Reasons::default();
    let mut native = 0;
    let mut others = Vec::new();
    println!("{:<9} {:>11}  experiment", "runs", "activities");
    for document in &documents {
        let name = document.strip_prefix(folder).unwrap_or(document);
        let Some(report) = validate(document)? else {
            others.push(name);
            continue;
        };
        let (word, line) = summarise(&report, &mut reasons);
        native += usize::from(word == "natively");
        println!("{word:<9} {line:>11}  {}", name.display());
    }
    println!();
    println!(
        "{} experiments: {native} run natively; {} other files.",
        documents.len() - others.len(),
        others.len()
    );
    reasons.print();
    if !others.is_empty() {
        println!("\nNo experiments:");
        others
            .iter()
            .for_each(|name| println!("      {}", name.display()));
    }
    Ok(())
}

/// Why experiments do not run, each with how many of them it concerns.
#[derive(Default)]
struct Reasons {
    /// By Python package: what it is, the functions, the experiments that call them.
    packages: BTreeMap<String, (String, BTreeSet<String>, usize)>,
    problems: BTreeMap<String, usize>,
    /// What a machine must have: not counted against the experiment.
    machine: BTreeMap<String, usize>,
}

impl Reasons {
    /// The errors of one experiment.
    fn add(&mut self, activities: &[Value], errors: &[&Value]) {
        let mut packages = BTreeSet::new();
        for error in errors {
            let text = |key: &str| error[key].as_str().unwrap_or_default();
            let (message, hint) = (text("message"), text("hint"));
            let called = activities
                .iter()
                .find(|activity| text("pointer").starts_with(&provider_of(activity)));
            let called = called.and_then(|activity| {
                Some((activity["module"].as_str()?, activity["func"].as_str()?))
            });
            if let Some((module, function)) = called.filter(|_| is_of_package(message)) {
                let package = module.split('.').next().unwrap_or(module);
                let entry = self.packages.entry(package.to_owned()).or_default();
                if let Some((what, _)) = hint.split_once(", and Python") {
                    entry.0 = what.to_owned();
                }
                entry.1.insert(format!("{module}.{function}"));
                entry.2 += usize::from(packages.insert(package));
                continue;
            }
            let reasons = match depends_on_machine(message) {
                true => &mut self.machine,
                false => &mut self.problems,
            };
            let hint = match hint {
                "" => String::new(),
                hint => format!(" ({hint})"),
            };
            *reasons.entry(format!("{message}{hint}")).or_default() += 1;
        }
    }

    fn print(&self) {
        println!("\nFunctions of Python packages that are not served here, with the experiments:");
        for (package, (what, functions, experiments)) in &self.packages {
            let what = match what.as_str() {
                "" => package,
                what => what,
            };
            println!("{experiments:>4}  {what}");
            for function in functions {
                println!("        {function}");
            }
        }
        for (title, reasons) in [
            ("Other problems", &self.problems),
            ("What the machine must have", &self.machine),
        ] {
            println!("\n{title}:");
            for (reason, count) in reasons {
                println!("{count:>4}  {reason}");
            }
        }
    }
}

fn provider_of(activity: &Value) -> String {
    let pointer = activity["pointer"].as_str().unwrap_or_default();
    format!("{pointer}/provider/")
}

/// Problems that another version of this program may not have any more.
fn is_of_package(message: &str) -> bool {
    message.starts_with("could not find Python module")
        || message.contains("is not served natively yet")
        || message.contains("does not expose a function called")
}

fn collect(folder: &Path, documents: &mut Vec<PathBuf>) -> Outcome {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, documents)?;
        } else if matches!(
            path.extension().and_then(|extension| extension.to_str()),
            Some("json" | "yaml" | "yml")
        ) {
            documents.push(path);
        }
    }
    Ok(())
}

/// What `chaos-wasm validate` says; `None` for a file that is no experiment at all.
fn validate(document: &Path) -> Result<Option<Value>, Failure> {
    let output = Command::new(target().join("debug").join("chaos-wasm"))
        .args(["--no-log-file", "validate", "--format", "json"])
        .arg(document)
        .stderr(Stdio::null())
        .output()?;
    let Some(code) = output.status.code().filter(|code| [0, 2].contains(code)) else {
        return Err(Failure(format!(
            "validating {} ended with {}",
            document.display(),
            output.status
        )));
    };
    let report: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure(format!("{}: exit code {code}: {error}", document.display())))?;
    let report = match report {
        Value::Array(mut reports) if !reports.is_empty() => reports.remove(0),
        report => report,
    };
    let empty = Vec::new();
    let problems = report["problems"].as_array().unwrap_or(&empty);
    let says = |starts: &[&str]| {
        let messages = problems
            .iter()
            .filter_map(|problem| problem["message"].as_str());
        let named = messages.filter(|message| starts.iter().any(|start| message.contains(start)));
        named.count()
    };
    let lacks_parts = says(&[
        "experiment requires a title",
        "an experiment requires a method",
    ]) > 1;
    let holds_other = says(&[
        "the document is empty",
        "the file holds more than one YAML document",
    ]) > 0;
    Ok((!lacks_parts && !holds_other).then_some(report))
}

fn summarise(report: &Value, reasons: &mut Reasons) -> (&'static str, String) {
    let empty = Vec::new();
    let activities = report["activities"].as_array().unwrap_or(&empty);
    let served = activities
        .iter()
        .filter(|activity| activity["native"] == true)
        .count();
    let problems = report["problems"].as_array().unwrap_or(&empty);
    let errors: Vec<&Value> = problems
        .iter()
        .filter(|problem| problem["severity"] == "error")
        .collect();
    let message = |error: &&Value| error["message"].as_str().unwrap_or_default().to_owned();
    let environment_only = errors
        .iter()
        .map(message)
        .all(|text| depends_on_machine(&text));
    reasons.add(activities, &errors);
    let word = if environment_only { "natively" } else { "not" };
    (word, format!("{served}/{}", activities.len()))
}

/// Problems that say nothing of the experiment: another machine has them not.
fn depends_on_machine(message: &str) -> bool {
    [
        "Configuration makes reference to an environment key",
        "Secrets make reference to an environment key",
        "path '",
    ]
    .iter()
    .any(|start| message.starts_with(start))
}
