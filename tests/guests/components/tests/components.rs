//! The plugins in this workspace as components: what they export, what they import, and the
//! comments that they carry. Nothing is executed.
//!
//! They are built first, by this cargo, unless `GUESTS` names the folder of the built modules.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail by panicking"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

use serde_json::Value;
use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, WitPrinter};

const TARGET: &str = "wasm32-unknown-unknown";

/// The folder of the built modules.
fn modules() -> &'static Path {
    static MODULES: OnceLock<PathBuf> = OnceLock::new();
    MODULES.get_or_init(|| {
        if let Some(folder) = env::var_os("GUESTS") {
            return folder.into();
        }
        let guests = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let target = guests.join("target");
        let built = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--release",
                "--target",
                TARGET,
                "--target-dir",
            ])
            .arg(&target)
            .current_dir(guests)
            .status()
            .expect("cargo runs");
        assert!(
            built.success(),
            "is the target there? `rustup target add {TARGET}`"
        );
        target.join(TARGET).join("release")
    })
}

/// A plugin as a component.
fn component(name: &str) -> Vec<u8> {
    let module = fs::read(modules().join(name).with_extension("wasm")).unwrap();
    ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}

/// The names of what a component imports and exports, as in its WIT.
fn named(component: &[u8], word: &str) -> BTreeSet<String> {
    let decoded = wit_component::decode(component).unwrap();
    let mut printer = WitPrinter::default();
    printer
        .print(decoded.resolve(), decoded.package(), &[])
        .unwrap();
    let text = printer.output.to_string();
    let names = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(word)?.strip_suffix(';'));
    names.map(|name| name.trim().to_owned()).collect()
}

fn imports(name: &str) -> Vec<String> {
    named(&component(name), "import ").into_iter().collect()
}

/// The documents in the section `chaos-docs`, wherever in the component it is.
fn documents(component: &[u8]) -> Vec<Value> {
    let mut documents = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::CustomSection(section) = payload.unwrap()
            && section.name() == "chaos-docs"
        {
            let text = std::str::from_utf8(section.data()).unwrap();
            documents.extend(
                text.lines()
                    .map(|line| serde_json::from_str::<Value>(line).unwrap()),
            );
        }
    }
    documents
}

#[test]
fn a_plugin_imports_what_it_uses_and_the_log() {
    assert_eq!(imports("by_hand"), ["chaos:host/log@0.1.0"]);
    assert_eq!(imports("accompany"), ["chaos:host/log@0.1.0"]);
}

#[test]
fn a_plugin_that_uses_everything_imports_everything() {
    let names = [
        "clock",
        "configuration",
        "http",
        "kubernetes-read",
        "kubernetes-types",
        "kubernetes-write",
        "log",
        "random",
        "secrets",
    ];
    assert_eq!(
        imports("echo"),
        names.map(|name| format!("chaos:host/{name}@0.1.0"))
    );
}

#[test]
fn exports_are_named_by_crate_or_by_wit() {
    let exports = |name: &str| {
        named(&component(name), "export ")
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        exports("echo"),
        ["local:echo/actions@0.1.0", "local:echo/probes@0.1.0"]
    );
    assert_eq!(exports("by_hand"), ["acme:shop/probes@1.2.0"]);
    assert_eq!(exports("accompany"), ["local:accompany/controls@0.1.0"]);
}

#[test]
fn controls_that_are_not_written_are_not_exported() {
    let component = component("accompany");
    let documents = documents(&component);
    assert_eq!(documents.len(), 1);
    assert_eq!(
        documents[0]["functions"]["before-experiment"]["params"]["word"],
        "`forbidden`, unless given."
    );
    let decoded = wit_component::decode(&component).unwrap();
    let mut interfaces = decoded.resolve().interfaces.iter();
    let controls = interfaces.find(|(_, interface)| interface.name.as_deref() == Some("controls"));
    let functions = &controls.unwrap().1.functions;
    let names: BTreeSet<&str> = functions.keys().map(String::as_str).collect();
    let written = [
        "after-activity",
        "after-experiment",
        "before-activity",
        "before-experiment",
    ];
    assert_eq!(names, BTreeSet::from(written));
    let parameters = functions["before-experiment"].params.iter();
    let parameters: Vec<&str> = parameters.map(|param| param.name.as_str()).collect();
    assert_eq!(parameters, ["context", "word"]);
}

#[test]
fn comments_travel_with_the_component() {
    let documents = documents(&component("echo"));
    let of = |interface: &str| {
        documents
            .iter()
            .find(|document| document["interface"] == interface)
            .expect(interface)
    };
    assert_eq!(documents.len(), 2);
    let probes = of("local:echo/probes@0.1.0");
    assert_eq!(probes["docs"], "Values that come back as they went in.");
    assert_eq!(
        probes["functions"]["text"]["docs"],
        "Gives back a text.\n\nAs it is: \"quotes\", back\\slashes and\nseveral lines."
    );
    assert_eq!(probes["functions"]["text"]["params"]["value"], "Any text.");
    assert_eq!(
        probes["types"]["access-type"]["members"]["write"],
        "Also to create."
    );
    assert_eq!(
        of("local:echo/actions@0.1.0")["functions"]["delete-pod"]["docs"],
        "Deletes a pod."
    );
}
