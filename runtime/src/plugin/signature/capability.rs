//! What a plugin can reach, in words.

use super::{Signature, interface_name, without_version};
use serde::Serialize;

/// Something that a plugin may ask of its host. Whether it gets it is decided call by call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Capability {
    /// For people: "send HTTP requests (as granted)".
    pub words: String,
    /// The imports that it stands for.
    pub imports: Vec<String>,
}

impl Signature {
    /// What it can reach, the weightiest first. What every program imports and no host minds
    /// (types, streams, an exit code) comes last, as one.
    pub fn capabilities(&self) -> Vec<Capability> {
        let mut found: Vec<(usize, Capability)> = Vec::new();
        for import in &self.imports {
            let (rank, words) = words(import);
            match found.iter_mut().find(|(_, known)| known.words == words) {
                Some((_, known)) => known.imports.push(import.clone()),
                None => found.push((
                    rank,
                    Capability {
                        words,
                        imports: vec![import.clone()],
                    },
                )),
            }
        }
        found.sort_by_key(|(rank, _)| *rank);
        found
            .into_iter()
            .map(|(_, capability)| capability)
            .collect()
    }
}

/// The package and interface (a trailing `*` for any), its rank and its words.
const WORDS: &[(&str, &str)] = &[
    ("chaos:host/http", "send HTTP requests (as granted)"),
    (
        "wasi:http/outgoing-handler",
        "send HTTP requests (as granted)",
    ),
    (
        "chaos:host/kubernetes-write",
        "change Kubernetes objects (as granted; not from a probe)",
    ),
    (
        "chaos:host/kubernetes-read",
        "look at Kubernetes objects (as granted)",
    ),
    (
        "chaos:host/secrets",
        "put secrets into requests without seeing them (as granted)",
    ),
    (
        "chaos:host/configuration",
        "read the experiment's configuration (as granted)",
    ),
    ("wasi:sockets/*", "network sockets (none is ever opened)"),
    ("wasi:filesystem/*", "files (it sees none)"),
    (
        "wasi:cli/environment",
        "environment variables and arguments (it sees none)",
    ),
    ("chaos:host/log", "write to the run's log"),
    (
        "wasi:cli/std*",
        "standard input, output and error (kept for the log)",
    ),
    ("chaos:host/clock", "tell the time and wait"),
    ("wasi:clocks/*", "tell the time and wait"),
    ("chaos:host/random", "random numbers"),
    ("wasi:random/*", "random numbers"),
    ("chaos:host/kubernetes-types", PLUMBING),
    ("wasi:http/types", PLUMBING),
    ("wasi:io/*", PLUMBING),
    ("wasi:cli/*", PLUMBING),
];

const PLUMBING: &str = "plumbing (types, streams, exit code)";

fn words(import: &str) -> (usize, String) {
    let name = without_version(import);
    let known = WORDS
        .iter()
        .position(|(pattern, _)| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *pattern,
        });
    match known.and_then(|rank| WORDS.get(rank).map(|(_, words)| (rank, *words))) {
        Some((rank, words)) => (rank + 1, words.to_owned()),
        None => {
            let words = format!(
                "'{}', which this host does not have: it will not load",
                interface_name(import)
            );
            (0, words)
        }
    }
}
