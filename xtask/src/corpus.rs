//! `cargo xtask corpus DIR`: what of other people's experiments would run natively.

use crate::{Failure, Outcome, root, target};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use xshell::{Shell, cmd};

pub(crate) fn run(folder: &Path) -> Outcome {
    let shell = Shell::new()?;
    shell.change_dir(root());
    cmd!(shell, "cargo build --quiet --locked --package chaos-wasm")
        .quiet()
        .run()?;
    let mut documents = Vec::new();
    collect(folder, &mut documents)?;
    documents.sort();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut native = 0;
    let mut others = 0;
    println!("{:<9} {:>11}  experiment", "runs", "activities");
    for document in &documents {
        let Some(report) = validate(document)? else {
            others += 1;
            continue;
        };
        let (word, line) = summarise(&report, &mut reasons);
        native += usize::from(word == "natively");
        let name = document.strip_prefix(folder).unwrap_or(document);
        println!("{word:<9} {line:>11}  {}", name.display());
    }
    println!();
    println!(
        "{} experiments: {native} run natively; {others} other files.",
        documents.len() - others
    );
    for (reason, count) in reasons {
        println!("{count:>4}  {reason}");
    }
    Ok(())
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
    let names_parts = |problem: &&Value| {
        let message = problem["message"].as_str().unwrap_or_default();
        [
            "experiment requires a title",
            "an experiment requires a method",
        ]
        .iter()
        .any(|part| message.starts_with(part))
    };
    let missing = report["problems"]
        .as_array()
        .map_or(0, |problems| problems.iter().filter(names_parts).count());
    Ok((missing < 2).then_some(report))
}

fn summarise(report: &Value, reasons: &mut BTreeMap<String, usize>) -> (&'static str, String) {
    let empty = Vec::new();
    let activities = report["activities"].as_array().unwrap_or(&empty);
    let served = activities
        .iter()
        .filter(|activity| activity["native"] == true)
        .count();
    let problems = report["problems"].as_array().unwrap_or(&empty);
    let errors = problems
        .iter()
        .filter(|problem| problem["severity"] == "error");
    let mut environment_only = true;
    for error in errors {
        let message = error["message"].as_str().unwrap_or_default();
        environment_only &= depends_on_machine(message);
        let hint = error["hint"].as_str().map(|hint| format!(" ({hint})"));
        *reasons
            .entry(format!("{message}{}", hint.unwrap_or_default()))
            .or_default() += 1;
    }
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
