#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod offers;
mod refusals;
mod said;

use super::*;
use crate::plugin::fixture::{append, component, component_with};
use crate::plugin::signature::{Field, NotFound, Type, named_types};
use proptest::prelude::*;
use std::error::Error as _;

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
