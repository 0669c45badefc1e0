//! What a component's imports are bound to, once for each component.

use super::component::Cause;
use super::engine::engine;
use super::host;
use super::state::State;
use std::sync::LazyLock;
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

/// Why a component cannot be linked.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// It wants what this host does not have.
    #[error(
        "it imports {}, which this host does not offer; it offers chaos:host@0.1 ({}) and WASI 0.2",
        .0.join(", "),
        INTERFACES.join(", ")
    )]
    Unknown(Vec<String>),
    /// It wants something of that name, but of another type.
    #[error("its imports do not fit what this host offers")]
    Unfit {
        /// Which of them, and how.
        source: Cause,
    },
    /// A mistake of the runner's.
    #[error("the host's functions cannot be linked")]
    Host {
        /// Which of them, and why.
        source: Cause,
    },
}

/// Binds a component's imports. Nothing that is not offered is bound to anything.
///
/// # Errors
/// See [`LinkError`].
pub(super) fn link(component: &Component) -> Result<InstancePre<State>, LinkError> {
    let ty = component.component_type();
    let imports: Vec<&str> = ty
        .imports(component.engine())
        .map(|(name, _)| name)
        .collect();
    offered(imports.iter().copied())?;
    let with = |prefix| imports.iter().any(|name| name.starts_with(prefix));
    let linker = linker(with("wasi:")).map_err(|error| LinkError::Host {
        source: error.into(),
    })?;
    linker
        .instantiate_pre(component)
        .map_err(|error| LinkError::Unfit {
            source: error.into(),
        })
}

/// Checks the names of imports.
///
/// # Errors
/// Those that are not offered.
pub(super) fn offered<'n>(imports: impl Iterator<Item = &'n str>) -> Result<(), LinkError> {
    let unknown: Vec<String> = imports
        .filter(|name| !is_offered(name))
        .map(str::to_owned)
        .collect();
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(LinkError::Unknown(unknown)),
    }
}

/// The interfaces of `chaos:host`.
const INTERFACES: &[&str] = &[
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

/// The packages and interfaces of WASI that are bound, all in their second preview.
const WASI: &[&str] = &[
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:http/",
    "wasi:io/",
    "wasi:random/",
    "wasi:sockets/",
];

fn is_offered(import: &str) -> bool {
    let Some((name, version)) = import.split_once('@') else {
        return false;
    };
    match name.strip_prefix("chaos:host/") {
        Some(interface) => version.starts_with("0.1.") && INTERFACES.contains(&interface),
        None => version.starts_with("0.2.") && WASI.iter().any(|known| name.starts_with(known)),
    }
}

type Linked = Result<Linker<State>, String>;

/// Linking WASI takes a quarter of a millisecond: it is left out where nobody asks for it.
fn linker(with_wasi: bool) -> Result<&'static Linker<State>, String> {
    static OURS: LazyLock<Linked> = LazyLock::new(|| make(host::add_to_linker));
    static WITH_WASI: LazyLock<Linked> = LazyLock::new(|| {
        make(|linker| {
            host::add_to_linker(linker)?;
            wasmtime_wasi::p2::add_to_linker_async(linker)?;
            wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)
        })
    });
    let made: &'static Linked = if with_wasi { &WITH_WASI } else { &OURS };
    made.as_ref().map_err(Clone::clone)
}

fn make(fill: impl FnOnce(&mut Linker<State>) -> wasmtime::Result<()>) -> Linked {
    let engine: &Engine = engine()?;
    let mut linker = Linker::new(engine);
    fill(&mut linker).map_err(|error| format!("{error:#}"))?;
    Ok(linker)
}
