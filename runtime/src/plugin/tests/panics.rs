//! A host function that panics ends the call it was made for, and nothing else.

use super::*;
use crate::plugin::call::{self, Entry};
use crate::plugin::engine::engine;
use crate::plugin::result;
use crate::plugin::state::State;
use bytes::Bytes;
use wasmtime::component::{Component, Linker};

#[tokio::test]
async fn a_panic_of_the_hosts_ends_the_call() {
    let text = r#"(component
        (import "bait" (func $bait))
        (core func $lowered (canon lower (func $bait)))
        (core module $m (import "host" "bait" (func $bait)) (func (export "go") (call $bait)))
        (core instance $i (instantiate $m
            (with "host" (instance (export "bait" (func $lowered))))))
        (func (export "go") (canon lift (core func $i "go"))))"#;
    let engine = engine().unwrap();
    let component = Component::new(engine, wat::parse_str(text).unwrap()).unwrap();
    let mut linker = Linker::<State>::new(engine);
    let bait = |_: wasmtime::StoreContextMut<'_, State>, (): ()| -> wasmtime::Result<()> {
        panic!("bait taken")
    };
    linker.root().func_wrap("bait", bait).unwrap();
    let instance = linker.instantiate_pre(&component).unwrap();
    let entry = Entry {
        export: component.get_export_index(None, "go").unwrap(),
        arguments: Vec::new(),
        results: 0,
        input: Bytes::new(),
        output_is_result: false,
        read: result::of_function,
    };
    let called = call::call(instance, entry, guest(Limits::default(), LONG)).await;
    let Err(Failure::Unexpected(text)) = called.result.map(|_| ()) else {
        panic!("a panic is not expected");
    };
    assert!(text.contains("please report it"), "{text}");
}
