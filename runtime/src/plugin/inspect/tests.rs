#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use super::*;
use crate::plugin::signature::{Field, NotFound, Type};
use proptest::prelude::*;
use std::error::Error as _;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

/// A component of the last world in a WIT text; its functions trap. `sections` are in its module.
fn component_with(wit: &str, sections: &[(&str, &str)]) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).unwrap();
    let world = *resolve.packages[package].worlds.values().last().unwrap();
    let mangling = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let mut module = dummy_module(&resolve, world, mangling);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    for (name, text) in sections {
        append(&mut module, name, text.as_bytes());
    }
    let encoder = ComponentEncoder::default().module(&module).unwrap();
    encoder.validate(false).encode().unwrap()
}

fn component(wit: &str) -> Vec<u8> {
    component_with(wit, &[])
}

/// Adds a custom section.
fn append(wasm: &mut Vec<u8>, name: &str, data: &[u8]) {
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

fn refusal(bytes: &[u8]) -> String {
    let error = inspect(bytes).unwrap_err();
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn wits(signature: &Signature) -> Vec<String> {
    signature.functions.iter().map(Function::wit).collect()
}

const CHECKOUT: &str = "
    package shop:checkout@1.0.0-rc.1;
    interface probes {
        enum mood { glad, very-sad }
        record report { greeting: string, times-said: u32, mood: mood, %type: option<list<tuple<string, f64>>> }
        variant shape { dot, circle(f64), many(list<report>) }
        flags rights { read, write-all }
        p99-latency: func(url: string, requests: u32) -> result<f64, string>;
        draw: func(shape: shape, rights: rights, %from: char) -> report;
        nothing: func();
    }
    interface actions {
        use probes.{report};
        kill: func(why: option<report>, r: result, s: result<_, u8>, t: result<s64>) -> result<_, string>;
    }
    world plugin { export probes; export actions; }";

#[test]
fn the_whole_signature_is_read_in_order() {
    let signature = inspect(&component(CHECKOUT)).unwrap();
    assert_eq!(signature.form, Form::Typed);
    assert_eq!(
        wits(&signature),
        [
            "p99-latency: func(url: string, requests: u32) -> result<f64, string>",
            "draw: func(shape: shape, rights: rights, %from: char) -> report",
            "nothing: func()",
            "kill: func(why: option<report>, r: result, s: result<_, u8>, t: result<s64>) -> result<_, string>",
        ]
    );
    let first = &signature.functions[0];
    assert_eq!(first.interface, "shop:checkout/probes@1.0.0-rc.1");
    assert_eq!(first.kind, Kind::Probe);
    assert_eq!(signature.functions[3].kind, Kind::Action);
    let Some(Type::Record { name, fields }) = &signature.functions[1].result else {
        unreachable!()
    };
    assert_eq!(name, "report");
    let fields: Vec<String> = fields.iter().map(Field::wit).collect();
    assert_eq!(
        fields,
        [
            "greeting: string",
            "times-said: u32",
            "mood: mood",
            "%type: option<list<tuple<string, f64>>>"
        ]
    );
}
