//! `selftest`: the hostile kit against this very install.

use crate::exit::{Exit, chain};
use crate::stdout;
use chaos_wasm::plugin::selftest::{self, Lines, Outcome};
use chaos_wasm::plugin::{CompileLimits, Compiler};
use clap::Args;
use serde_json::json;
use std::fmt::Write as _;
use std::time::Instant;

/// `selftest`.
#[derive(Debug, Args)]
pub(crate) struct Selftest {
    /// Print one JSON object a case instead of a table
    #[arg(long)]
    json: bool,
}

/// Needs no session: what guests log is part of the test, and kept from the log.
pub(crate) fn perform(arguments: &Selftest) -> Exit {
    let lines = Lines::instead_of_a_log();
    let program = std::env::current_exe().unwrap_or_else(|_| "chaos-wasm".into());
    let limits = CompileLimits::default();
    let compiler = Compiler::Apart { program, limits };
    let begun = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ran = match runtime {
        Ok(runtime) => {
            let ran = runtime.block_on(selftest::run(&compiler, &lines));
            runtime.shutdown_background();
            ran.map_err(|error| chain(&error))
        }
        Err(error) => Err(error.to_string()),
    };
    let outcomes = match ran {
        Ok(outcomes) => outcomes,
        Err(error) => {
            eprintln!("The self test cannot be run: {error}");
            return Exit::failed();
        }
    };
    let seconds = begun.elapsed().as_secs_f64();
    let printed = stdout::print(&match arguments.json {
        true => objects(&outcomes),
        false => table(&outcomes, seconds),
    });
    match outcomes.iter().all(|outcome| outcome.ok) {
        true => printed,
        false => Exit::failed().max(printed),
    }
}

fn objects(outcomes: &[Outcome]) -> String {
    let objects = outcomes.iter().map(|outcome| {
        let Outcome {
            name,
            tries,
            expected,
            happened,
            ok,
        } = outcome;
        let object = json!({
            "case": name, "tries": tries, "expected": expected, "happened": happened, "ok": ok,
        });
        format!("{object}\n")
    });
    objects.collect()
}

/// Characters of what happened that a line has room for; of what did not end as expected, all are
/// shown.
const SHOWN: usize = 72;

fn table(outcomes: &[Outcome], seconds: f64) -> String {
    let width = |of: fn(&Outcome) -> &str, head: &str| {
        let lengths = outcomes.iter().map(|outcome| of(outcome).chars().count());
        lengths.max().unwrap_or(0).max(head.len())
    };
    let (case, tries, expected) = (
        width(|outcome| &outcome.name, "Case"),
        width(|outcome| &outcome.tries, "Tries"),
        width(|outcome| &outcome.expected, "Expected"),
    );
    let mut text = String::new();
    let mut line = |ok: &str, cells: [&str; 4]| {
        let [name, tried, had_to, happened] = cells;
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "{ok:<3}  {name:<case$}  {tried:<tries$}  {had_to:<expected$}  {happened}"
        );
    };
    line("", ["Case", "Tries", "Expected", "Happened"]);
    for outcome in outcomes {
        let happened = match outcome.happened.char_indices().nth(SHOWN) {
            Some((end, _)) if outcome.ok => format!("{}...", &outcome.happened[..end]),
            _ => outcome.happened.clone(),
        };
        let ok = if outcome.ok { "ok" } else { "NOT" };
        let cells = [&outcome.name, &outcome.tries, &outcome.expected, &happened];
        line(ok, cells.map(String::as_str));
    }
    let good = outcomes.iter().filter(|outcome| outcome.ok).count();
    let all = outcomes.len();
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        "\n{good} of {all} cases ended as expected ({seconds:.1} s)"
    );
    text
}
