//! Components within a component, as runtimes of other languages are made of: each has a memory of
//! its own, and the engine copies from one to the other.

use super::*;
use serde_json::json;

/// `go` of the outer component calls `go` of the inner one, which gives its argument back.
const COMPOSED: &str = r#"
(component
  (component $inner
    (core module $m
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
      (func (export "go") (param i32 i32) (result i32)
        (i32.store (i32.const 8) (local.get 0))
        (i32.store (i32.const 12) (local.get 1))
        (i32.const 8)))
    (core instance $i (instantiate $m))
    (func (export "go") (param "text" string) (result string)
      (canon lift (core func $i "go") (memory $i "memory") (realloc (func $i "realloc")))))
  (component $outer
    (import "go" (func $go (param "text" string) (result string)))
    (core module $own
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
    (core instance $own (instantiate $own))
    (core func $lowered
      (canon lower (func $go) (memory $own "memory") (realloc (func $own "realloc"))))
    (core module $m
      (import "" "go" (func $go (param i32 i32 i32)))
      (func (export "go") (param i32 i32) (result i32)
        (call $go (local.get 0) (local.get 1) (i32.const 8))
        (i32.const 8)))
    (core instance $i (instantiate $m (with "" (instance (export "go" (func $lowered))))))
    (func $lifted (param "text" string) (result string)
      (canon lift (core func $i "go") (memory $own "memory") (realloc (func $own "realloc"))))
    (instance $probes (export "go" (func $lifted)))
    (export "test:guest/probes" (instance $probes)))
  (instance $inner (instantiate $inner))
  (instance $outer (instantiate $outer (with "go" (func $inner "go"))))
  (export "test:guest/probes" (instance $outer "test:guest/probes")))
"#;

#[tokio::test]
async fn components_within_a_component_pass_texts_to_each_other() {
    let plugin = load(wat::parse_str(COMPOSED).unwrap()).await.unwrap();
    let function = plugin.signature.functions.first().unwrap();
    let given = object(r#"{"text": "hello"}"#);
    let called = plugin.call(function, &given, guest(small(), LONG)).await;
    assert_eq!(called.result, Ok(json!("hello")));
}

/// All their memories count, not each for itself.
#[tokio::test]
async fn their_memories_are_limited_together() {
    let plugin = load(wat::parse_str(COMPOSED).unwrap()).await.unwrap();
    let function = plugin.signature.functions.first().unwrap();
    let limits = Limits {
        memory_bytes: 2 * 65_536 - 1,
        ..small()
    };
    let given = object(r#"{"text": "hello"}"#);
    let called = plugin.call(function, &given, guest(limits, LONG)).await;
    assert!(failed(&called).contains("memory-bytes"), "{called:?}");
}

/// What the engine makes for itself, a guest may not bring.
#[tokio::test]
async fn a_module_of_several_memories_is_refused() {
    let component = wat::parse_str(
        r#"(component
          (core module $m (memory 1) (memory 1) (func (export "go")))
          (core instance $i (instantiate $m))
          (func $go (canon lift (core func $i "go")))
          (instance $probes (export "go" (func $go)))
          (export "test:guest/probes" (instance $probes)))"#,
    )
    .unwrap();
    let refused = load(component).await.unwrap_err();
    assert!(matches!(refused, Unusable::NotAPlugin(_)), "{refused:?}");
}
