//! Reads what a component offers from its own type. Nothing of it is executed or compiled.

mod sections;
#[cfg(test)]
mod tests;
mod types;

use super::component::{ComponentError, component};
use super::signature::{Form, Function, Kind, Refused, Signature, interface_name, without_version};
use sections::{MANIFEST_BYTES, Sections};
use sha2::{Digest as _, Sha256};
use types::{NAME_BYTES, Names, TYPES, TypeReader};
use wasmparser::component_types::{ComponentEntityType, ComponentInstanceTypeId};
use wasmparser::types::Types;
use wasmparser::{BinaryReaderError, Parser, Payload, ValidPayload, Validator, WasmFeatures};

/// The largest component that is looked at: 64 MiB. Python's, with its interpreter, have 40.
pub const COMPONENT_BYTES: usize = 64 * 1024 * 1024;

/// Why a file is not a plugin.
#[derive(Debug, thiserror::Error)]
pub enum NotAPlugin {
    /// It is larger than [`COMPONENT_BYTES`].
    #[error("it has {0} bytes, more than the {COMPONENT_BYTES} that are allowed")]
    TooLarge(usize),
    /// It is not WebAssembly at all.
    #[error("it is not WebAssembly (it does not begin with `\\0asm`){}", text_hint(*.0))]
    NotWasm(bool),
    /// It is a module, the form that compilers make.
    #[error(
        "it is a core WebAssembly module, not a component; turn it into one with \
         `chaos-wasm plugin build`"
    )]
    CoreModule,
    /// It is a module of which no component can be made.
    #[error(transparent)]
    NotEncodable(ComponentError),
    /// It cannot be read, or uses what plugins may not.
    #[error("it is damaged, or uses a feature of WebAssembly that plugins may not")]
    Invalid(#[from] BinaryReaderError),
    /// It ends before its end.
    #[error("it is cut off; copy or build it again")]
    CutOff,
    /// Its types, written out, are larger than anybody needs.
    #[error(
        "its functions' types are too large: more than {TYPES} types or {NAME_BYTES} bytes of names"
    )]
    TooComplex,
    /// What its author asks for, and lowers, cannot be known.
    #[error("its manifest has more than {MANIFEST_BYTES} bytes, or is no text")]
    Manifest,
    /// A function needs what the host does not have.
    #[error("its {} '{name}' cannot be called: {reason}", .kind.noun())]
    Unsupported {
        /// What the function is for.
        kind: Kind,
        /// The function.
        name: String,
        /// Why it cannot.
        reason: String,
    },
    /// `invoke` has another type than it must.
    #[error(
        "it exports `invoke` with another type than \
         `func(name: string, arguments: string) -> result<string, string>`"
    )]
    Invoke,
    /// It is a component that offers nothing; the first of its exports.
    #[error(
        "it exports no function in an interface named `probes`, `actions` or `controls`, no \
         `invoke` and no `wasi:cli/run`{}", exports(.0)
    )]
    NothingOffered(Vec<String>),
}

fn text_hint(is_text: bool) -> &'static str {
    match is_text {
        true => "; it is WebAssembly's text format: assemble it first",
        false => "",
    }
}

fn exports(names: &[String]) -> String {
    match names.is_empty() {
        true => "; it exports nothing at all".to_owned(),
        false => format!("; its exports: {}", names.join(", ")),
    }
}

/// What names a plugin's file for good, as a policy pins it: `sha256:` and 64 hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{:x}", Sha256::digest(bytes))
}

/// What the component in `bytes`, or the one that its core module becomes, offers, and what it
/// imports.
///
/// # Errors
/// It is neither, or offers nothing that can be called.
pub fn inspect(bytes: &[u8]) -> Result<Signature, NotAPlugin> {
    if bytes.len() > COMPONENT_BYTES {
        return Err(NotAPlugin::TooLarge(bytes.len()));
    }
    if Parser::is_core_wasm(bytes) {
        let made = component(bytes.to_vec()).map_err(|error| match error {
            ComponentError::BareModule => NotAPlugin::CoreModule,
            other => NotAPlugin::NotEncodable(other),
        })?;
        return of_component(&made);
    }
    if !Parser::is_component(bytes) {
        let is_text = bytes.trim_ascii_start().starts_with(b"(");
        return Err(NotAPlugin::NotWasm(is_text));
    }
    of_component(bytes)
}

fn of_component(bytes: &[u8]) -> Result<Signature, NotAPlugin> {
    let refusal = match Outline::read(bytes, features()) {
        Ok(outline) => return outline.signature(),
        Err(refusal) => refusal,
    };
    // What the engine would refuse may be a function's fault: naming that is more help.
    let lenient = Outline::read(bytes, WasmFeatures::all()).and_then(Outline::signature);
    Err(
        match lenient.map(|signature| signature.refused.into_iter().next()) {
            Ok(Some(refused)) => NotAPlugin::Unsupported {
                kind: refused.kind,
                name: refused.name,
                reason: refused.reason,
            },
            _ => refusal,
        },
    )
}

/// What plugins may use: what the engine is set to (see `engine::config`), and one memory a module.
fn features() -> WasmFeatures {
    WasmFeatures::WASM3
        .union(WasmFeatures::COMPONENT_MODEL)
        .difference(WasmFeatures::GC)
        .difference(WasmFeatures::EXCEPTIONS)
        .difference(WasmFeatures::MEMORY64)
        .difference(WasmFeatures::MULTI_MEMORY)
        .difference(WasmFeatures::TAIL_CALL)
        .difference(WasmFeatures::RELAXED_SIMD)
        .difference(WasmFeatures::THREADS)
}

/// A component's outside.
struct Outline<'b> {
    types: Types,
    imports: Vec<&'b str>,
    exports: Vec<&'b str>,
    sections: Sections,
}

impl<'b> Outline<'b> {
    /// Bodies of functions are passed over: they say nothing here, and the compiler reads them.
    fn read(bytes: &'b [u8], features: WasmFeatures) -> Result<Outline<'b>, NotAPlugin> {
        let mut validator = Validator::new_with_features(features);
        let mut depth = 0_usize;
        let (mut imports, mut exports) = (Vec::new(), Vec::new());
        let mut sections = Sections::default();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            match &payload {
                Payload::Version { .. } => depth += 1,
                Payload::ComponentImportSection(section) if depth == 1 => {
                    for import in section.clone() {
                        imports.push(import?.name.name);
                    }
                }
                Payload::ComponentExportSection(section) if depth == 1 => {
                    for export in section.clone() {
                        exports.push(export?.name.name);
                    }
                }
                Payload::CustomSection(section) => sections.add(section),
                _ => {}
            }
            match validator.payload(&payload)? {
                ValidPayload::End(types) if depth == 1 => {
                    return Ok(Outline {
                        types,
                        imports,
                        exports,
                        sections,
                    });
                }
                ValidPayload::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        Err(NotAPlugin::CutOff)
    }

    fn signature(self) -> Result<Signature, NotAPlugin> {
        if self.sections.manifest_is_unfit {
            return Err(NotAPlugin::Manifest);
        }
        let mut signature = Signature {
            form: Form::Typed,
            functions: Vec::new(),
            imports: self.imports.iter().map(|name| (*name).to_owned()).collect(),
            entry: None,
            refused: Vec::new(),
            manifest: self.sections.manifest.clone(),
        };
        let mut reader = TypeReader::new(&self.types, self.names());
        for export in &self.exports {
            let Some(kind) = Kind::of_interface(interface_name(export)) else {
                continue;
            };
            if let Some(instance) = self.instance(export) {
                self.functions(export, kind, instance, &mut reader, &mut signature)?;
            }
        }
        if signature.functions.is_empty() && signature.refused.is_empty() {
            self.enter(&mut signature)?;
        }
        Ok(signature)
    }

    fn functions(
        &self,
        interface: &str,
        kind: Kind,
        instance: ComponentInstanceTypeId,
        reader: &mut TypeReader<'_>,
        signature: &mut Signature,
    ) -> Result<(), NotAPlugin> {
        let instance = &self.types[instance];
        let docs = self.sections.interface(interface);
        let mut names = Names::default();
        names.add(&self.types, instance);
        for (name, item) in &instance.exports {
            let ComponentEntityType::Func(id) = item.ty else {
                continue;
            };
            // A resource's constructor, methods and static functions.
            if name.starts_with('[') {
                continue;
            }
            let function = reader.function(&self.types[id], &names);
            if !reader.affords(interface.len() + name.len()) {
                return Err(NotAPlugin::TooComplex);
            }
            match function {
                Ok((parameters, result)) => {
                    let mut function = Function {
                        interface: interface.to_owned(),
                        kind,
                        name: name.clone(),
                        parameters,
                        result,
                        docs: String::new(),
                    };
                    if let Some(docs) = docs {
                        docs.describe(&mut function, reader);
                    }
                    signature.functions.push(function);
                }
                Err(reason) => signature.refused.push(Refused {
                    interface: interface.to_owned(),
                    kind,
                    name: name.clone(),
                    reason,
                }),
            }
        }
        Ok(())
    }

    /// What is called when there are no typed functions.
    fn enter(&self, signature: &mut Signature) -> Result<(), NotAPlugin> {
        if self.exports.contains(&"invoke")
            && let Some(ComponentEntityType::Func(id)) = self.export("invoke")
        {
            let mut reader = TypeReader::new(&self.types, Names::default());
            let types = reader.function(&self.types[id], &Names::default());
            if !types.is_ok_and(|types| types::is_invoke(&types)) {
                return Err(NotAPlugin::Invoke);
            }
            signature.form = Form::Untyped;
            signature.entry = Some("invoke".to_owned());
            return Ok(());
        }
        let run = |name: &&&str| without_version(name) == "wasi:cli/run";
        if let Some(run) = self.exports.iter().find(run)
            && self.instance(run).is_some()
        {
            signature.form = Form::Command;
            signature.entry = Some((*run).to_owned());
            return Ok(());
        }
        let names = self.exports.iter().take(10).map(|name| (*name).to_owned());
        Err(NotAPlugin::NothingOffered(names.collect()))
    }

    /// The names of all types that pass through the component's outside.
    fn names(&self) -> Names<'_> {
        let mut names = Names::default();
        let imports = self.imports.iter().filter_map(|name| {
            let item = self.types.component_item_for_import(name)?;
            Some(item.ty)
        });
        let exports = self.exports.iter().filter_map(|name| self.export(name));
        for ty in exports.chain(imports) {
            if let ComponentEntityType::Instance(id) = ty {
                names.add(&self.types, &self.types[id]);
            }
        }
        names
    }

    fn export(&self, name: &str) -> Option<ComponentEntityType> {
        Some(self.types.component_item_for_export(name)?.ty)
    }

    fn instance(&self, name: &str) -> Option<ComponentInstanceTypeId> {
        match self.export(name)? {
            ComponentEntityType::Instance(id) => Some(id),
            _ => None,
        }
    }
}
