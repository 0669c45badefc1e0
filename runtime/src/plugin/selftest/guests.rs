//! The kit's guests: source, made components of here.

use std::borrow::Cow;
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A guest's name and its text, `tests/hostile/NAME.wat`.
type Source = (&'static str, &'static str);

macro_rules! sources {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../../tests/hostile/", $name, ".wat"))),)*]
    };
}

/// All of them.
const SOURCES: &[Source] = sources! {
    "alloc" "alloc-first" "arguments" "arguments-spin" "bomb" "callback" "counts" "handles" "http"
    "kubernetes"
    "log" "memories" "newer" "random" "recursion" "results" "secrets" "sleep" "sleep-start" "spin"
    "spin-host" "spin-start" "table" "threads" "trap" "unfit" "unknown" "wasi-environment"
    "wasi-exit" "wasi-exit-typed" "wasi-files" "wasi-http" "wasi-poll" "wasi-sockets" "wasi-stderr"
    "wasi-stdout" "wide"
};

/// The contract, one text a file; each begins with the package's name.
const CONTRACT: &[&str] = &[
    include_str!("../../../../host-api/wit/host.wit"),
    include_str!("../../../../host-api/wit/http.wit"),
    include_str!("../../../../host-api/wit/kubernetes.wit"),
    include_str!("../../../../host-api/wit/worlds.wit"),
];

const PACKAGE: &str = "package chaos:host@0.1.0;";

/// Begins the lines of a guest's text that declare its interfaces, in WIT.
const DECLARES: &str = ";;: ";

/// The names of all guests.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(name, _)| *name)
}

/// A guest's bytes: a component, or a core module that the loader makes one of.
///
/// # Errors
/// There is no such guest, or its text is wrong.
pub(super) fn bytes(name: &str) -> Result<Vec<u8>, String> {
    let source = SOURCES.iter().find(|(own, _)| *own == name);
    let (_, text) = source.ok_or_else(|| format!("the kit has no guest '{name}'"))?;
    let whole = unrolled(text).ok_or("what stands between its stars is not closed")?;
    let mut bytes = wat::parse_str(whole).map_err(|error| error.to_string())?;
    let wit: String = text
        .lines()
        .filter_map(|line| line.strip_prefix(DECLARES))
        .flat_map(|line| [line, "\n"])
        .collect();
    if !wit.is_empty() {
        declare(&mut bytes, &wit)?;
    }
    Ok(bytes)
}

/// A text in which what stands between a line `;;* N` and the next star stands N times.
fn unrolled(text: &str) -> Option<Cow<'_, str>> {
    let Some((before, rest)) = text.split_once(";;* ") else {
        return Some(text.into());
    };
    let (times, rest) = rest.split_once('\n')?;
    let (block, after) = rest.split_once(";;*")?;
    let block = block.repeat(times.parse().ok()?);
    Some(format!("{before}{block}{after}").into())
}

/// Adds the types of a world with these interfaces, which imports all that the host offers unless
/// the guest declares one of its own.
fn declare(module: &mut Vec<u8>, interfaces: &str) -> Result<(), String> {
    let contract: String = CONTRACT
        .iter()
        .map(|text| text.replacen(PACKAGE, "", 1))
        .collect();
    let exports: String = ["probes", "actions"]
        .into_iter()
        .filter(|name| interfaces.contains(&format!("interface {name} ")))
        .map(|name| format!("export {name}; "))
        .collect();
    let world = format!("world guest {{ include chaos:host/host@0.1.0; {exports}}}");
    let own_world = interfaces.contains("world guest ");
    let world = if own_world { "" } else { &world };
    let wit = format!("package hostile:guest; {interfaces} {world}");
    let mut resolve = Resolve::default();
    let host = resolve.push_str("host.wit", &format!("{PACKAGE}{contract}"));
    host.map_err(|error| format!("{error:#}"))?;
    let package = resolve.push_str("guest.wit", &wit);
    let package = package.map_err(|error| format!("{error:#}"))?;
    let world = resolve.packages[package].worlds.values().last().copied();
    let world = world.ok_or("there is no world")?;
    embed_component_metadata(module, &resolve, world, StringEncoding::UTF8)
        .map_err(|error| format!("{error:#}"))
}
