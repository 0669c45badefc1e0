//! Which part may use what. The rules are the project's architecture; a test holds them, so that
//! a wrong import is found by whoever writes it.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// The parts that decide. They do no I/O, read no clock and know no asynchronous runtime.
const PURE: &[&str] = &[
    "runtime/src/document",
    "runtime/src/experiment",
    "runtime/src/journal",
    "runtime/src/plan",
    "runtime/src/python",
    "runtime/src/run/machine",
    "runtime/src/substitution.rs",
    "runtime/src/tolerance",
    "runtime/src/verdict.rs",
];

/// What a part that decides has no business with.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "tokio::",
];

/// The crates that can reach the world: `host-api` alone may name them.
const AUTHORITY: &[&str] = &[
    "hyper",
    "hyper-util",
    "kube",
    "reqwest",
    "rustls",
    "tokio-rustls",
];

/// The ways out that the standard library and tokio leave open.
const WAYS_OUT: &[&str] = &[
    "std::net::Tcp",
    "std::net::Udp",
    "std::process::Command",
    "tokio::net",
    "tokio::process",
];

/// The command line's crates, and the only folder that may name them.
const COMMAND_LINE: &[&str] = &["clap", "clap_complete", "clap_mangen", "indicatif"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Every Rust file at or below a path, with its text; tests left out.
fn sources(path: &str) -> Vec<(PathBuf, String)> {
    let mut found = every_source(path);
    found.retain(|(path, _)| {
        let mut parts = path.components().map(|part| part.as_os_str());
        !parts.any(|part| part == "tests" || part == "tests.rs")
    });
    found
}

/// Every Rust file at or below a path, with its text.
fn every_source(path: &str) -> Vec<(PathBuf, String)> {
    let mut open = vec![root().join(path)];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            open.extend(entries.map(|entry| entry.unwrap().path()));
            continue;
        }
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        if is_rust {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    assert!(
        !found.is_empty(),
        "no source at {path}: this test looks at the wrong place"
    );
    found
}

/// The lines of code of a file: neither comments nor its own tests.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]" && line.trim() != "mod tests {")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
}

fn mentions(path: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in sources(path) {
        for (number, line) in code(&text) {
            for word in words.iter().filter(|word| line.contains(**word)) {
                let file = file.strip_prefix(root()).unwrap().display();
                found.push(format!("{file}:{number} uses {word}"));
            }
        }
    }
    found
}

#[test]
fn what_decides_is_pure() {
    let found: Vec<String> = PURE
        .iter()
        .flat_map(|path| mentions(path, IMPURE))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_the_door_reaches_the_world() {
    let manifest = fs::read_to_string(root().join("runtime/Cargo.toml")).unwrap();
    for name in AUTHORITY {
        let named = manifest.lines().any(|line| {
            line.starts_with(&format!("{name}.")) || line.starts_with(&format!("{name} "))
        });
        assert!(
            !named,
            "runtime/Cargo.toml names {name}: calls go through host-api's door"
        );
    }
    let found = mentions("runtime/src", WAYS_OUT);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_the_command_line_knows_its_crates() {
    let uses: Vec<String> = COMMAND_LINE
        .iter()
        .map(|name| format!("{name}::"))
        .collect();
    let uses: Vec<&str> = uses.iter().map(String::as_str).collect();
    for path in ["runtime/src", "host-api/src"] {
        let found: Vec<String> = mentions(path, &uses)
            .into_iter()
            .filter(|line| !line.starts_with("runtime/src/bin/"))
            .collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

#[test]
fn webassembly_stays_in_its_room() {
    for path in ["runtime/src", "host-api/src"] {
        let found: Vec<String> = mentions(path, &["wasmtime::", "wasmtime_"])
            .into_iter()
            .filter(|line| !line.starts_with("runtime/src/plugin/"))
            .collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

/// The only files with code that the compiler cannot vouch for: where native code is loaded, in the
/// product and in the bare host that it is measured against.
const UNSAFE: [&str; 2] = ["runtime/src/plugin/native.rs", "tests/bench/src/bare.rs"];

#[test]
fn loading_native_code_alone_is_unsafe() {
    // Put together here, so that this file does not have them.
    let words = ["unsafe", "_code"].concat();
    let block = ["unsafe", " {"].concat();
    let forbidden = format!("#![forbid({words})]");
    let mut found = Vec::new();
    for path in ["host-api", "runtime", "tests", "xtask"] {
        for (file, text) in every_source(path) {
            let file = file.strip_prefix(root()).unwrap().to_owned();
            // What runs in the sandbox is held by the sandbox: an interpreter written in C is within.
            if file.starts_with("runtime/script-engine") {
                continue;
            }
            let lines = text.lines().filter(|line| line.trim() != forbidden);
            let mut lines = lines.filter(|line| line.contains(&words) || line.contains(&block));
            if !UNSAFE.map(Path::new).contains(&&*file) && lines.next().is_some() {
                found.push(file.display().to_string());
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    for crate_root in [
        "host-api/src/lib.rs",
        "runtime/src/bin/chaos-wasm/main.rs",
        "tests/harness/lib.rs",
        "xtask/src/main.rs",
    ] {
        let text = fs::read_to_string(root().join(crate_root)).unwrap();
        assert!(text.contains(&forbidden), "{crate_root} lacks {forbidden}");
    }
}

#[test]
fn readers_of_documents_guess_nothing() {
    for path in ["runtime/src", "host-api/src"] {
        let found = mentions(path, &["serde(untagged", "serde(flatten"]);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

#[test]
fn files_are_short_and_named_for_what_they_hold() {
    const LINES: usize = 520;
    const EMPTY_NAMES: &[&str] = &[
        "utils", "util", "common", "helpers", "helper", "manager", "misc",
    ];
    for path in ["host-api/src", "runtime/src", "xtask/src"] {
        for (file, text) in sources(path) {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(
                !EMPTY_NAMES.contains(&name.as_str()),
                "{} says nothing",
                file.display()
            );
            let lines = text.lines().count();
            assert!(
                lines <= LINES,
                "{} has {lines} lines; split it by concept",
                file.display()
            );
        }
    }
}
