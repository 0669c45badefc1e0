//! `plugin inspect`.

use crate::cli::{InspectFormat, PluginInspect};
use crate::exit::{Exit, chain};
use crate::session::Session;
use crate::stdout;
use chaos_wasm::plugin::signature::{Capability, Field, Form, Kind, Signature, Type, named_types};
use chaos_wasm::plugin::{digest, inspect};
use serde::Serialize;
use tracing::error;

/// What is shown, as JSON.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report {
    file: String,
    bytes: usize,
    digest: String,
    signature: Signature,
    capabilities: Vec<Capability>,
}

pub(super) fn perform(session: &Session, arguments: &PluginInspect) -> Exit {
    let file = arguments.file.display().to_string();
    let bytes = match super::read(&arguments.file) {
        Ok(bytes) => bytes,
        Err(problem) => {
            error!("{problem}");
            return Exit::invalid(session.compat);
        }
    };
    let signature = match inspect(&bytes) {
        Ok(signature) => signature,
        Err(problem) => {
            error!("'{file}' is not a plugin: {}", chain(&problem));
            return Exit::invalid(session.compat);
        }
    };
    let report = Report {
        file,
        bytes: bytes.len(),
        digest: digest(&bytes),
        capabilities: signature.capabilities(),
        signature,
    };
    stdout::print(&match arguments.format {
        InspectFormat::Text => report.text(),
        InspectFormat::Json => report.json(),
        InspectFormat::Wit => report.signature.wit(),
    })
}

impl Report {
    fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    fn text(&self) -> String {
        let signature = &self.signature;
        let form = match signature.form {
            Form::Typed => "typed functions",
            Form::Untyped => "`invoke`: calls any name with a JSON object; nothing is described",
            Form::Command => "a command: a JSON object on standard input, a value on its output",
        };
        let mut text = table(
            "",
            &[
                vec!["File", &self.file],
                vec!["Size", &size(self.bytes)],
                vec!["Digest", &self.digest],
                vec!["Form", form],
            ],
        );
        for (kind, title) in [
            (Kind::Probe, "Probes"),
            (Kind::Action, "Actions"),
            (Kind::Control, "Controls"),
        ] {
            text += &functions(signature, kind, title);
        }
        text += &types(signature);
        if !signature.refused.is_empty() {
            text += "\nCannot be called\n";
            let rows: Vec<Vec<&str>> = signature
                .refused
                .iter()
                .map(|refused| vec![refused.name.as_str(), refused.reason.as_str()])
                .collect();
            text += &table("  ", &rows);
        }
        text += "\nCan reach\n";
        if self.capabilities.is_empty() {
            text += "  nothing: it imports nothing\n";
        }
        let imports: Vec<String> = self
            .capabilities
            .iter()
            .map(|capability| capability.imports.join(" "))
            .collect();
        let rows: Vec<Vec<&str>> = self
            .capabilities
            .iter()
            .zip(&imports)
            .map(|(capability, imports)| vec![capability.words.as_str(), imports.as_str()])
            .collect();
        text += &table("  ", &rows);
        if let Some(manifest) = &signature.manifest {
            text += "\nIts plugin.toml\n";
            text += &indented(manifest, "  ");
        }
        text
    }
}

/// The functions of a kind, by interface.
fn functions(signature: &Signature, kind: Kind, title: &str) -> String {
    let mut text = String::new();
    let mut interface = "";
    for function in signature.functions.iter().filter(|f| f.kind == kind) {
        if function.interface != interface {
            interface = &function.interface;
            text += &format!("\n{title} ({interface})\n");
        }
        text += &format!("  {}\n", function.wit());
        text += &indented(&function.docs, "      ");
        text += &described(&function.parameters);
    }
    text
}

/// The parameters or fields of which something is said, by their names in experiments.
fn described(fields: &[Field]) -> String {
    let said = fields.iter().filter(|field| !field.docs.is_empty());
    let said: Vec<(String, String)> = said
        .map(|field| (field.name.replace('-', "_"), field.docs.replace('\n', " ")))
        .collect();
    let rows: Vec<Vec<&str>> = said
        .iter()
        .map(|(name, docs)| vec![name.as_str(), docs.as_str()])
        .collect();
    table("      - ", &rows)
}

/// What the names of types in signatures mean.
fn types(signature: &Signature) -> String {
    let mut text = String::new();
    for ty in named_types(&signature.functions) {
        let Some(declaration) = ty.declaration() else {
            continue;
        };
        text += &match ty.is_any_json() {
            true => format!("  {}: any JSON value\n", ty.wit()),
            false => format!("  {declaration}\n"),
        };
        if let Type::Record { fields, .. } = ty {
            text += &described(fields);
        }
    }
    match text.is_empty() {
        true => text,
        false => format!("\nTypes\n{text}"),
    }
}

fn indented(text: &str, by: &str) -> String {
    text.lines()
        .map(|line| format!("{by}{line}").trim_end().to_owned() + "\n")
        .collect()
}

/// Rows whose columns stand below each other.
fn table(indent: &str, rows: &[Vec<&str>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(column, cell)| format!("{cell:<width$}", width = width(column)))
            .collect();
        text += format!("{indent}{}", cells.join("  ")).trim_end();
        text.push('\n');
    }
    text
}

fn size(bytes: usize) -> String {
    let kib = bytes as f64 / 1024.0;
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{kib:.1} KiB"),
        _ => format!("{:.1} MiB", kib / 1024.0),
    }
}
