//! Components for tests, made of WIT: no guest toolchain is needed.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

/// A component of the last world in a WIT text; its functions trap.
pub(super) fn component(wit: &str) -> Vec<u8> {
    component_with(wit, &[])
}

/// The same, with custom sections in its module.
pub(super) fn component_with(wit: &str, sections: &[(&str, &str)]) -> Vec<u8> {
    encode(wit, None, sections)
}

/// A component of the last world in a WIT text around a module in the text format.
pub(super) fn component_around(wit: &str, module: &str) -> Vec<u8> {
    encode(wit, Some(module), &[])
}

fn encode(wit: &str, module: Option<&str>, sections: &[(&str, &str)]) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).unwrap();
    let world = *resolve.packages[package].worlds.values().last().unwrap();
    let mangling = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let mut module = match module {
        Some(text) => wat::parse_str(text).unwrap(),
        None => dummy_module(&resolve, world, mangling),
    };
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    for (name, text) in sections {
        append(&mut module, name, text.as_bytes());
    }
    let encoder = ComponentEncoder::default().module(&module).unwrap();
    encoder.validate(false).encode().unwrap()
}

/// Adds a custom section.
pub(super) fn append(wasm: &mut Vec<u8>, name: &str, data: &[u8]) {
    let leb = |mut number: usize| {
        let mut bytes = Vec::new();
        while number >= 0x80 {
            bytes.push((number & 0x7F) as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    };
    let name_length = leb(name.len());
    wasm.push(0);
    wasm.extend(leb(name_length.len() + name.len() + data.len()));
    wasm.extend(name_length);
    wasm.extend_from_slice(name.as_bytes());
    wasm.extend_from_slice(data);
}
