//! Records what Chaos Toolkit does with the conformance cases.
//!
//! `CHAOS_REFERENCE=/path/to/venv cargo run -p chaos-tests --bin conformance-record [NAME-PART]`
//!
//! The environment needs `chaostoolkit`, `chaostoolkit-lib[jsonpath,vault]` and
//! `chaostoolkit-kubernetes`. Rewrites `experiments/expected/*.json` and prints what changed.

use chaos_tests::conformance::{Runner, folder, in_parallel, load, observe};
use serde::Serialize;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let reference = env::var_os("CHAOS_REFERENCE")
        .map(PathBuf::from)
        .ok_or_else(|| io::Error::other("set CHAOS_REFERENCE to a virtual environment"))?;
    let part = env::args().nth(1).unwrap_or_default();
    let (mut total, mut changed) = (0, 0);
    for suite in load()? {
        let file = folder().join(format!("expected/{}.json", suite.name));
        let before: Map<String, Value> = match fs::read(&file) {
            Ok(text) => serde_json::from_slice(&text)?,
            Err(_) => Map::new(),
        };
        let observed = in_parallel(&suite.cases, 4, |case| match before.get(&case.name) {
            Some(known) if !case.name.contains(&part) => Ok(known.clone()),
            _ => observe(case, Runner::Reference(&reference)),
        });
        let mut after = Map::new();
        for (case, observed) in suite.cases.iter().zip(observed) {
            let observed =
                observed.map_err(|error| io::Error::other(format!("{}: {error}", case.name)))?;
            if before.get(&case.name) != Some(&observed) {
                changed += 1;
                println!("changed: {}", case.name);
            }
            after.insert(case.name.clone(), observed);
        }
        for gone in before.keys().filter(|name| !after.contains_key(*name)) {
            println!("gone: {gone}");
        }
        total += after.len();
        fs::create_dir_all(folder().join("expected"))?;
        fs::write(&file, pretty(&after)?)?;
    }
    println!("{total} cases, {changed} changed");
    Ok(())
}

/// Indented by one space: the files stay small and differences readable.
fn pretty(map: &Map<String, Value>) -> io::Result<String> {
    let mut bytes = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, format);
    map.serialize(&mut serializer)?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(io::Error::other)
}
