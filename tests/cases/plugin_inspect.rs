//! `plugin inspect` and `discover` of a plugin's file.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::{Finished, Sandbox};
use serde_json::{Value, json};
use std::path::PathBuf;

/// A component; what each is stands in its name.
fn component(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/inspect");
    PathBuf::from(folder).join(format!("{name}.wasm"))
}

fn sandbox(names: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new().unwrap();
    for name in names {
        let bytes = std::fs::read(component(name)).unwrap();
        sandbox.write(&format!("{name}.wasm"), bytes).unwrap();
    }
    sandbox
}

fn run(sandbox: &Sandbox, arguments: &[&str]) -> Finished {
    sandbox.run(sandbox.chaos(arguments).unwrap()).unwrap()
}

#[test]
fn a_plugin_is_shown_for_people() {
    let sandbox = sandbox(&["checkout", "versions"]);
    let ended = run(&sandbox, &["plugin", "inspect", "checkout.wasm"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(
        ended.stdout,
        "\
File    checkout.wasm
Size    3.8 KiB
Digest  sha256:d67ac99cd78f06908581fd8f8328e9eaccfbf8fd6f4412a1712e9d9685b33ace
Form    typed functions

Probes (shop:checkout/probes@1.0.0-rc.1)
  p99-latency: func(url: string, requests: u32) -> result<f64, string>
      The 99th percentile of response times.
      - url  Where to look.
  draw: func(shape: shape, rights: rights, %from: char) -> report
  nothing: func()

Actions (shop:checkout/actions@1.0.0-rc.1)
  kill: func(why: option<report>, r: result, s: result<_, u8>, t: result<s64>) -> result<_, string>

Types
  enum mood { glad, very-sad }
  record report { greeting: string, times-said: u32, mood: mood, %type: option<list<tuple<string, f64>>> }
  variant shape { dot, circle(f64), many(list<report>) }
  flags rights { read, write-all }

Can reach
  nothing: it imports nothing

Its plugin.toml
  [plugin]
  name = \"a\"
"
    );
    let ended = run(&sandbox, &["plugin", "inspect", "versions.wasm"]);
    assert!(
        ended.stdout.ends_with(
            "\
Can reach
  send HTTP requests (as granted)       chaos:host/http@0.1.0
  plumbing (types, streams, exit code)  wasi:io/error@0.2.6
"
        ),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_plugin_is_shown_for_programs_and_as_wit() {
    let sandbox = sandbox(&["versions", "resources"]);
    let json = ["plugin", "inspect", "--format", "json", "versions.wasm"];
    let report: Value = serde_json::from_str(&run(&sandbox, &json).stdout).unwrap();
    assert_eq!(report["file"], "versions.wasm");
    assert_eq!(report["bytes"], 2692);
    assert_eq!(report["signature"]["form"], "typed");
    assert_eq!(
        report["signature"]["functions"][0],
        json!({"interface": "y:two/probes", "kind": "probe", "name": "up", "parameters": [], "result": "bool"})
    );
    assert_eq!(
        report["capabilities"][0],
        json!({"words": "send HTTP requests (as granted)", "imports": ["chaos:host/http@0.1.0"]})
    );
    let wit = ["plugin", "inspect", "--format", "wit", "resources.wasm"];
    assert_eq!(
        run(&sandbox, &wit).stdout,
        "\
package root:component;

package a:b {
    interface probes {
        fine: func();
    }
}

world plugin {
    export a:b/probes;
}
"
    );
    let text = run(&sandbox, &["plugin", "inspect", "resources.wasm"]).stdout;
    assert!(
        text.contains("Cannot be called\n  get  its result holds a resource, which JSON cannot;"),
        "{text}"
    );
}

#[test]
fn what_is_no_plugin_is_refused_with_what_to_do() {
    let sandbox = sandbox(&["module", "async", "cut-off"]);
    sandbox.write("script.wasm", "#!/bin/sh\n").unwrap();
    for (file, said) in [
        (
            "module.wasm",
            "turn it into one with `chaos-wasm plugin build`",
        ),
        (
            "async.wasm",
            "its probe 'f' cannot be called: it is `async`; write an ordinary function",
        ),
        (
            "cut-off.wasm",
            "it is damaged, or uses a feature of WebAssembly that plugins may not: ",
        ),
        ("script.wasm", "it is not WebAssembly"),
        (
            "missing.wasm",
            "cannot read missing.wasm: No such file or directory",
        ),
        (".", "cannot read .: Is a directory"),
    ] {
        let ended = run(&sandbox, &["plugin", "inspect", file]);
        assert_eq!((ended.code, &*ended.stdout), (2, ""), "{file}");
        assert!(ended.stderr.contains(said), "{file}: {}", ended.stderr);
    }
}

/// What compilers make without further tools, and `run` takes.
#[test]
fn a_core_module_is_what_becomes_of_it() {
    let sandbox = sandbox(&[]);
    let command = r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "_start") (call $exit (i32.const 0))))"#;
    let command = wat::parse_str(command).unwrap();
    sandbox.write("command.wasm", command).unwrap();
    let typed = chaos_wasm::plugin::selftest::guest("counts").unwrap();
    sandbox.write("typed.wasm", typed).unwrap();
    for (file, form) in [("command", "command"), ("typed", "typed")] {
        let file = format!("{file}.wasm");
        let ended = run(&sandbox, &["plugin", "inspect", &file, "--format", "json"]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let report: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(report["signature"]["form"], form);
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read_to_its_end() {
    let sandbox = sandbox(&[]);
    let path = sandbox.write("large.wasm", b"\0asm\x0d\0\x01\0").unwrap();
    let file = std::fs::File::options().append(true).open(path).unwrap();
    file.set_len(1 << 40).unwrap();
    let ended = run(&sandbox, &["plugin", "inspect", "large.wasm"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("has more than 67108864 bytes"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_plugin_can_be_discovered() {
    let sandbox = sandbox(&["checkout", "command"]);
    let ended = run(&sandbox, &["discover", "checkout.wasm"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let discovery = sandbox.json("discovery.json").unwrap();
    assert_eq!(discovery["target"], "checkout");
    assert_eq!(
        discovery["extension"],
        json!({"name": "checkout", "version": "1.0.0-rc.1"})
    );
    assert_eq!(
        discovery["activities"][0],
        json!({
            "type": "probe", "name": "p99-latency", "mod": "checkout.wasm",
            "doc": "The 99th percentile of response times.",
            "arguments": [{"name": "url", "type": "string"}, {"name": "requests", "type": "integer"}],
        })
    );
    assert_eq!(
        discovery["activities"][3]["arguments"][0],
        json!({"name": "why", "type": "mapping", "default": null})
    );
    let ended = run(&sandbox, &["discover", "command.wasm"]);
    assert!(
        ended.stderr.contains("does not describe its functions"),
        "{}",
        ended.stderr
    );
    let ended = run(&sandbox, &["discover", "missing.wasm"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("cannot read missing.wasm"),
        "{}",
        ended.stderr
    );
}
