//! What a file is: a component, or a core module that can be made one.

use super::go;
use super::inspect::COMPONENT_BYTES;
use std::path::{Path, PathBuf};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME as PREVIEW1,
    WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER as COMMAND_ADAPTER,
    WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER as REACTOR_ADAPTER,
};
use wasmparser::{Encoding, Parser, Payload};
use wit_component::ComponentEncoder;

/// Bytes of a plugin's file.
const MOST_BYTES: u64 = COMPONENT_BYTES as u64;

pub(super) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a file is no component.
#[derive(Debug, thiserror::Error)]
pub enum ComponentError {
    /// It cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// It is too large.
    #[error("{path} has more than {most} bytes, too many for a plugin")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How many it may have.
        most: u64,
    },
    /// It is something else, or damaged.
    #[error("it is not WebAssembly, or it is damaged")]
    NotWebAssembly {
        /// What is wrong with it.
        source: Option<Cause>,
    },
    /// A core module that says nothing of its types.
    #[error(
        "it is a core module without component types and not a WASI command: build it as a component (`chaos-wasm plugin build`)"
    )]
    BareModule,
    /// A core module of which no component can be made.
    #[error("no component can be made of this core module")]
    NotEncodable {
        /// What is wrong with it.
        source: Cause,
    },
}

/// The bytes of a plugin's file.
///
/// # Errors
/// It cannot be read, or is too large.
pub fn read(path: &Path) -> Result<Vec<u8>, ComponentError> {
    use std::io::Read as _;
    let failed = |source| ComponentError::Read {
        path: path.to_owned(),
        source,
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len().min(MOST_BYTES);
    // One more, so that its end is found without growing.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        let path = path.to_owned();
        let most = MOST_BYTES;
        return Err(ComponentError::TooLarge { path, most });
    }
    Ok(bytes)
}

/// A component's bytes: the file's own, or those of the component that its core module becomes.
///
/// # Errors
/// It is neither; see [`ComponentError`].
pub fn component(bytes: Vec<u8>) -> Result<Vec<u8>, ComponentError> {
    let module = match look(&bytes)? {
        Kind::Component => return Ok(bytes),
        Kind::Module(module) => module,
    };
    let adapter = match (module.typed, module.preview1, module.start) {
        (_, true, true) => Some(COMMAND_ADAPTER),
        (true, true, false) => Some(REACTOR_ADAPTER),
        (true, false, _) => None,
        (false, ..) => return Err(ComponentError::BareModule),
    };
    // The compiler validates what comes of it.
    let encode = || {
        let bytes = match module.go && module.preview1 && module.start {
            true => go::with_room(bytes)?,
            false => bytes,
        };
        let mut encoder = ComponentEncoder::default().module(&bytes)?;
        if let Some(adapter) = adapter {
            encoder = encoder.adapter(PREVIEW1, adapter)?;
        }
        encoder.encode()
    };
    encode().map_err(|source| ComponentError::NotEncodable {
        source: source.into(),
    })
}

enum Kind {
    Component,
    Module(Module),
}

/// What a core module says of itself.
#[derive(Default)]
struct Module {
    /// It has sections that give its types as a component.
    typed: bool,
    /// It imports functions of WASI's preview 1.
    preview1: bool,
    /// It exports a command's start function.
    start: bool,
    /// Go's own compiler made it.
    go: bool,
}

fn look(bytes: &[u8]) -> Result<Kind, ComponentError> {
    let damaged = |error: wasmparser::BinaryReaderError| ComponentError::NotWebAssembly {
        source: Some(error.into()),
    };
    if !bytes.starts_with(b"\0asm") {
        return Err(ComponentError::NotWebAssembly { source: None });
    }
    let mut module = Module::default();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(damaged)? {
            Payload::Version {
                encoding: Encoding::Component,
                ..
            } => return Ok(Kind::Component),
            Payload::CustomSection(section) => {
                module.typed |= section.name().starts_with("component-type");
                module.go |= section.name() == go::MARK;
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    module.preview1 |= import.map_err(damaged)?.module == PREVIEW1;
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    module.start |= export.map_err(damaged)?.name == "_start";
                }
            }
            _ => {}
        }
    }
    Ok(Kind::Module(module))
}
