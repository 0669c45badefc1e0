//! What the author put beside the code: documentation and the manifest. Untrusted text.

use super::types::TypeReader;
use crate::plugin::signature::{Field, Function, Type, interface_name};
use serde::Deserialize;
use std::collections::HashMap;
use wasmparser::CustomSectionReader;

/// Bytes of documentation that are read, over all sections.
const DOCS_BYTES: usize = 1024 * 1024;

/// Bytes of the manifest.
pub(super) const MANIFEST_BYTES: usize = 64 * 1024;

/// Characters of one text.
const TEXT: usize = 10_000;

/// The custom sections of a component and of the modules within it. Where two say something of
/// the same thing, the first counts.
#[derive(Default)]
pub(super) struct Sections {
    /// `chaos-manifest`: the text of `plugin.toml`.
    pub(super) manifest: Option<String>,
    /// There is one that cannot be read.
    pub(super) manifest_is_unfit: bool,
    interfaces: Vec<Interface>,
    docs_bytes: usize,
}

/// One line of `chaos-docs`: what is said of an interface. See `sdk/rust/README.md`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Interface {
    interface: String,
    functions: HashMap<String, Documented>,
    types: HashMap<String, Declared>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Documented {
    docs: String,
    params: HashMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Declared {
    members: HashMap<String, String>,
}

impl Sections {
    pub(super) fn add(&mut self, section: &CustomSectionReader<'_>) {
        let data = section.data();
        match section.name() {
            "chaos-docs" => {
                self.docs_bytes = self.docs_bytes.saturating_add(data.len());
                if self.docs_bytes <= DOCS_BYTES {
                    let lines = data.split(|byte| *byte == b'\n');
                    self.interfaces
                        .extend(lines.filter_map(|line| serde_json::from_slice(line).ok()));
                }
            }
            "chaos-manifest" if self.manifest.is_none() => match std::str::from_utf8(data) {
                Ok(text) if data.len() <= MANIFEST_BYTES => self.manifest = Some(clean(text)),
                _ => self.manifest_is_unfit = true,
            },
            _ => {}
        }
    }

    /// What is said of an exported interface, by its full name or its bare one.
    pub(super) fn interface(&self, export: &str) -> Option<&Interface> {
        let of = |name: &str| self.interfaces.iter().find(|docs| docs.interface == name);
        of(export).or_else(|| of(interface_name(export)))
    }
}

impl Interface {
    /// Adds what is said of a function, its parameters and its types.
    pub(super) fn describe(&self, function: &mut Function, budget: &mut TypeReader<'_>) {
        if let Some(said) = self.functions.get(&function.name) {
            function.docs = short(&said.docs, budget);
            describe(&mut function.parameters, &said.params, budget);
        }
        for parameter in &mut function.parameters {
            self.describe_type(&mut parameter.ty, budget);
        }
        if let Some(result) = &mut function.result {
            self.describe_type(result, budget);
        }
    }

    fn describe_type(&self, ty: &mut Type, budget: &mut TypeReader<'_>) {
        match ty {
            Type::Record { name, fields } => {
                if let Some(said) = self.types.get(name) {
                    describe(fields, &said.members, budget);
                }
                for field in fields {
                    self.describe_type(&mut field.ty, budget);
                }
            }
            Type::Option(inner) | Type::List(inner) => self.describe_type(inner, budget),
            Type::Tuple(types) => types
                .iter_mut()
                .for_each(|ty| self.describe_type(ty, budget)),
            Type::Result { ok, err } => {
                let both = ok.iter_mut().chain(err);
                both.for_each(|ty| self.describe_type(ty, budget));
            }
            Type::Variant { cases, .. } => {
                let types = cases.iter_mut().filter_map(|(_, ty)| ty.as_mut());
                types.for_each(|ty| self.describe_type(ty, budget));
            }
            _ => {}
        }
    }
}

fn describe(fields: &mut [Field], said: &HashMap<String, String>, budget: &mut TypeReader<'_>) {
    for field in fields {
        if let Some(docs) = said.get(&field.name) {
            field.docs = short(docs, budget);
        }
    }
}

/// Nothing when there is no room for it: it is only documentation.
fn short(text: &str, budget: &mut TypeReader<'_>) -> String {
    let text: String = text.chars().take(TEXT).collect();
    match budget.has(text.len()) {
        true => clean(text.trim()),
        false => String::new(),
    }
}

/// Without what could drive a terminal or turn the order of letters around; lines are kept.
fn clean(text: &str) -> String {
    let kept = |c: &char| match *c {
        '\n' | '\t' => true,
        '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' => false,
        c => !c.is_control(),
    };
    text.chars().filter(kept).collect()
}
