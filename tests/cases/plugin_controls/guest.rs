//! Plugins that export controls, written by hand: no toolchain is needed.

use std::fmt::Write;

/// What a control does when it is called.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    /// Logs its name, its context and its state, a line each.
    Tells,
    /// Logs its name and returns an error: `not today`.
    Refuses,
    /// Refuses when its argument `limit` is 0.
    RefusesAtZero,
    Crashes,
    /// Never ends.
    Spins,
    /// Requests a URL, and returns the error's text if that fails.
    Fetches(&'static str, String),
}

/// A component that exports these controls.
pub(crate) fn plugin(controls: &[(&str, Does)]) -> Vec<u8> {
    let mut bodies = String::new();
    let mut lifts = String::new();
    let mut exports = String::new();
    let mut data = Data::new();
    let refusal = data.add("not today");
    for (name, does) in controls {
        let after = name.starts_with("after");
        let (mut params, mut flat) = (
            r#"(param "context" string)"#.to_owned(),
            "i32 i32".to_owned(),
        );
        if after {
            params.push_str(r#" (param "state" string)"#);
            flat.push_str(" i32 i32");
        }
        let text = data.add(name);
        let tell_state = match after {
            true => "(call $tell (local.get 2) (local.get 3))",
            false => "",
        };
        let tell_name = format!("(call $tell {text})");
        let body = match does {
            Does::Tells => {
                format!(
                    "{tell_name} (call $tell (local.get 0) (local.get 1)) {tell_state} (call $well)"
                )
            }
            Does::Refuses => format!("{tell_name} (call $badly {refusal})"),
            Does::RefusesAtZero => {
                params.push_str(r#" (param "limit" u32)"#);
                flat.push_str(" i32");
                let limit = if after { 4 } else { 2 };
                format!(
                    "(if (result i32) (local.get {limit}) (then (call $well)) (else (call $badly {refusal})))"
                )
            }
            Does::Crashes => "unreachable".to_owned(),
            Does::Spins => "(loop $again (br $again)) unreachable".to_owned(),
            Does::Fetches(method, url) => {
                let (method, url) = (data.add(method), data.add(url));
                format!("(call $fetch {method} {url})")
            }
        };
        writeln!(
            bodies,
            r#"(func (export "{name}") (param {flat}) (result i32) {body})"#
        )
        .unwrap();
        writeln!(
            lifts,
            r#"(func ${name} {params} (result (result (error string)))
               (canon lift (core func $i "{name}") (memory $libc "memory") (realloc (func $libc "realloc"))))"#
        )
        .unwrap();
        writeln!(exports, r#"(export "{name}" (func ${name}))"#).unwrap();
    }
    let text = format!(
        r#"
(component
  (import "chaos:host/log@0.1.0" (instance $log
    (type $l (enum "debug" "info" "warning" "error"))
    (export "level" (type $level (eq $l)))
    (export "write" (func (param "level" $level) (param "message" string)))))
  (import "chaos:host/http@0.1.0" (instance $http
    (type $q (record (field "method" string) (field "url" string)
      (field "headers" (list (tuple string string))) (field "body" (list u8))
      (field "timeout-ms" (option u32)) (field "redirects" u8)))
    (export "request" (type $request (eq $q)))
    (type $a (record (field "status" u16) (field "headers" (list (tuple string string)))
      (field "body" (list u8)) (field "elapsed-ns" u64)))
    (export "response" (type $response (eq $a)))
    (type $e (variant (case "denied" string) (case "timed-out" string)
      (case "not-connected" string) (case "invalid" string) (case "broken" string)))
    (export "error" (type $error (eq $e)))
    (export "send" (func (param "request" $request) (result (result $response (error $error)))))))
  (core module $memory
    (memory (export "memory") 4)
    (global $next (mut i32) (i32.const 65536))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (local.get $at)))
  (core instance $libc (instantiate $memory))
  (core func $write (canon lower (func $log "write") (memory $libc "memory")))
  (core func $send (canon lower (func $http "send")
    (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core module $m
    (import "libc" "memory" (memory 4))
    (import "host" "write" (func $write (param i32 i32 i32)))
    (import "host" "send"
      (func $send (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (data (i32.const 4096) "{data}")
    (func $tell (param i32 i32) (call $write (i32.const 1) (local.get 0) (local.get 1)))
    (func $well (result i32) (i32.store8 (i32.const 16) (i32.const 0)) (i32.const 16))
    (func $badly (param i32 i32) (result i32)
      (i32.store8 (i32.const 16) (i32.const 1))
      (i32.store (i32.const 20) (local.get 0))
      (i32.store (i32.const 24) (local.get 1))
      (i32.const 16))
    (func $fetch (param i32 i32 i32 i32) (result i32)
      (call $send (local.get 0) (local.get 1) (local.get 2) (local.get 3)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))
      (if (result i32) (i32.load8_u (i32.const 64))
        (then (call $badly (i32.load (i32.const 76)) (i32.load (i32.const 80))))
        (else (call $well))))
    {bodies})
  (core instance $i (instantiate $m
    (with "libc" (instance $libc))
    (with "host" (instance
      (export "write" (func $write))
      (export "send" (func $send))))))
  {lifts}
  (instance $controls {exports})
  (export "demo:accompany/controls@0.1.0" (instance $controls)))
"#,
        data = data.text
    );
    wat::parse_str(text).unwrap()
}

/// Texts in the guest's memory.
struct Data {
    text: String,
}

impl Data {
    fn new() -> Data {
        Data {
            text: String::new(),
        }
    }

    /// Adds one; its place and length, as arguments.
    fn add(&mut self, text: &str) -> String {
        let at = 4096 + self.text.len();
        self.text.push_str(text);
        format!("(i32.const {at}) (i32.const {})", text.len())
    }
}
