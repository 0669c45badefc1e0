//! `cargo xtask test`: every check and test.

use crate::tool::{self, cargo};
use crate::{Failure, Outcome, corpus, demo, guest, language, root, script_engine};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;
use xshell::{Shell, cmd};

pub(crate) fn run() -> Outcome {
    let shell = Shell::new()?;
    shell.change_dir(root());
    step("format", || cargo(&shell, "fmt --all --check").run_echo())?;
    step("lints", || {
        cargo(
            &shell,
            "clippy --quiet --workspace --all-targets --locked -- -D warnings",
        )
        .run_echo()
    })?;
    step("documentation", || {
        // The documentation is for who works on it: links to private items lead somewhere.
        let flags = "-D warnings -A rustdoc::private_intra_doc_links";
        let _flags = shell.push_env("RUSTDOCFLAGS", flags);
        cargo(
            &shell,
            "doc --quiet --workspace --no-deps --document-private-items --locked",
        )
        .run_echo()
    })?;
    step("licences, sources, duplicates", || {
        let deny = tool::cargo_deny(&shell)?;
        // Advisories need a database from outside; CI with a network runs `cargo deny check`.
        cmd!(shell, "{deny} --locked check licenses bans sources").run_echo()
    })?;
    step("script engine", || {
        script_engine::run(&script_engine::Options::default())?;
        script_engine::test()
    })?;
    step("build", || {
        cargo(&shell, "build --quiet --workspace --all-targets --locked").run_echo()
    })?;
    step("demo", demo::run)?;
    let shared = root().join("../shared/corpus");
    if shared.is_dir() {
        step("corpus", || corpus::run(&shared))?;
    } else {
        eprintln!("== corpus: no ../shared/corpus here; the project's own cases stand in for it");
    }
    step("guests, plugins and their SDK", guest::test)?;
    step("guests in other languages", language::build)?;
    step("tests", || tests(&shell))
}

fn step(name: &str, check: impl FnOnce() -> Outcome) -> Outcome {
    eprintln!("== {name}");
    let begun = Instant::now();
    check().map_err(|Failure(reason)| Failure(format!("{name}: {reason}")))?;
    eprintln!(
        "== {name}: passed in {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Runs all tests, and closes with one line about all of them.
fn tests(shell: &Shell) -> Outcome {
    let mut command: Command =
        cargo(shell, "test --quiet --workspace --locked --no-fail-fast").into();
    let mut running = command.stdout(Stdio::piped()).spawn()?;
    let mut counts = [0_u64; 3];
    for line in running
        .stdout
        .take()
        .into_iter()
        .flat_map(|out| BufReader::new(out).lines())
    {
        let line = line?;
        println!("{line}");
        if let Some(result) = line.strip_prefix("test result: ") {
            for (count, word) in counts.iter_mut().zip(["passed", "failed", "ignored"]) {
                *count += counted(result, word);
            }
        }
    }
    let status = running.wait()?;
    let [passed, failed, ignored] = counts;
    println!("\n{passed} passed, {failed} failed, {ignored} skipped");
    if !status.success() || passed == 0 {
        return Err(Failure(format!("cargo test ended with {status}")));
    }
    Ok(())
}

/// The number before a word: 3 of `ok. 3 passed; 0 failed`.
fn counted(result: &str, word: &str) -> u64 {
    let mut words = result.split_whitespace();
    let mut before = 0;
    words
        .find_map(|next| {
            if next.trim_end_matches(';') == word {
                return Some(before);
            }
            before = next.parse().unwrap_or(before);
            None
        })
        .unwrap_or_default()
}

/// Runs a command with its output shown.
trait RunEcho {
    fn run_echo(self) -> Outcome;
}

impl RunEcho for xshell::Cmd<'_> {
    fn run_echo(self) -> Outcome {
        Ok(self.quiet().run()?)
    }
}
