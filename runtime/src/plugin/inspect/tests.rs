#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use super::*;
use crate::plugin::signature::{Field, NotFound, Type, named_types};
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
    // `actions` does not name `mood` itself.
    let named = named_types([&signature.functions[3]]);
    let named: Vec<String> = named.iter().map(|ty| ty.wit()).collect();
    assert_eq!(named, ["mood", "report"]);
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

#[test]
fn interfaces_of_any_package_and_version_count() {
    let wit = "
        package root:it;
        world plugin {
            import chaos:host/http@0.1.0;
            export y:two/probes;
            export x:one/probes@1.0.0;
            export x:one/probes@1.1.0;
            export x:one/others@1.0.0;
            export controls: interface { before-method: func(context: string) -> result<_, string>; }
            export loose: func();
        }
        package chaos:host@0.1.0 { interface http { get: func(url: string) -> string; } }
        package y:two { interface probes { up: func() -> bool; only-here: func(); } }
        package x:one@1.0.0 { interface probes { up: func() -> bool; } interface others { up: func(); } }
        package x:one@1.1.0 { interface probes { up: func() -> bool; } }";
    let signature = inspect(&component(wit)).unwrap();
    let mut names: Vec<String> = signature
        .functions
        .iter()
        .map(Function::full_name)
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "controls#before-method",
            "x:one/probes@1.0.0#up",
            "x:one/probes@1.1.0#up",
            "y:two/probes#only-here",
            "y:two/probes#up",
        ]
    );
    assert_eq!(signature.imports, ["chaos:host/http@0.1.0"]);

    let found = |kind, name: &str| signature.find(kind, name).map(Function::full_name);
    let probe = |name| found(Some(Kind::Probe), name);
    assert_eq!(probe("only-here").unwrap(), "y:two/probes#only-here");
    assert_eq!(probe("only_here").unwrap(), "y:two/probes#only-here");
    for name in ["x:one/probes@1.1.0#up", "x:one/probes@1.1.0.up"] {
        assert_eq!(probe(name).unwrap(), "x:one/probes@1.1.0#up");
    }
    assert_eq!(probe("y:two/probes#up").unwrap(), "y:two/probes#up");
    let Err(NotFound::Ambiguous { names, .. }) = probe("up") else {
        unreachable!()
    };
    assert_eq!(names.len(), 3);
    assert!(matches!(
        probe("x:one/probes#up"),
        Err(NotFound::Ambiguous { .. })
    ));
    assert!(found(None, "before_method").is_ok());
    assert_eq!(
        found(Some(Kind::Action), "only-here")
            .unwrap_err()
            .to_string(),
        "'only-here' of the plugin is a probe, not an action"
    );
    assert_eq!(
        probe("only-her").unwrap_err().to_string(),
        "the plugin has no probe 'only-her'; did you mean 'only-here'?"
    );
    assert_eq!(
        found(Some(Kind::Action), "kill").unwrap_err().to_string(),
        "the plugin has no action 'kill'; it offers none"
    );
    for name in [
        "",
        "#",
        "here",
        "probes",
        "y:two/probes#",
        "#up",
        "z:two/probes#up",
        "up#up",
    ] {
        assert!(
            matches!(probe(name), Err(NotFound::Unknown { .. })),
            "{name}"
        );
    }
}

#[test]
fn an_interface_both_imported_and_exported_is_the_exported_one() {
    let wit = "
        package a:b;
        interface probes { up: func() -> bool; }
        world plugin { import probes; export probes; }";
    let signature = inspect(&component(wit)).unwrap();
    assert_eq!(wits(&signature), ["up: func() -> bool"]);
    assert_eq!(signature.imports, ["a:b/probes"]);
}

#[test]
fn types_used_from_elsewhere_keep_their_names() {
    let wit = "
        package a:b;
        interface types { record point { x: f64 } enum side { left, right } }
        interface probes {
            use types.{point as place, side};
            type many = list<place>;
            at: func(all: many, side: side) -> option<place>;
        }
        world plugin { export probes; }";
    let signature = inspect(&component(wit)).unwrap();
    assert_eq!(
        wits(&signature),
        ["at: func(all: list<place>, side: side) -> option<place>"]
    );
}

#[test]
fn functions_with_resources_are_refused_one_by_one() {
    let wit = "
        package a:b;
        interface probes {
            resource conn { constructor(url: string); ping: func() -> bool; open: static func() -> conn; }
            use-it: func(deep: list<option<borrow<conn>>>);
            get-it: func() -> conn;
            fine: func();
        }
        world plugin { export probes; }";
    let signature = inspect(&component(wit)).unwrap();
    assert_eq!(wits(&signature), ["fine: func()"]);
    let refused: Vec<String> = signature
        .refused
        .iter()
        .map(|refused| format!("{}: {}", refused.name, refused.reason))
        .collect();
    assert_eq!(
        refused,
        [
            "use-it: its parameter 'deep' holds a resource, which JSON cannot; pass its data instead",
            "get-it: its result holds a resource, which JSON cannot; pass its data instead",
        ]
    );
    assert_eq!(
        signature
            .find(Kind::Probe, "get_it")
            .unwrap_err()
            .to_string(),
        "the plugin's 'get_it' cannot be called: its result holds a resource, which JSON cannot; \
         pass its data instead"
    );
}

#[test]
fn what_the_engine_would_refuse_is_named_by_its_function() {
    for (function, reason) in [
        (
            "f: async func()",
            "it is `async`; write an ordinary function",
        ),
        (
            "f: func(a: stream<u8>)",
            "its parameter 'a' holds a stream, which plugins may not use; use a list",
        ),
        (
            "f: func() -> future<u8>",
            "its result holds a future, which plugins may not use",
        ),
        (
            "f: func(a: map<string, u8>)",
            "its parameter 'a' holds a map, which plugins may not use; use a list of pairs",
        ),
        (
            "f: func(a: list<u8, 4>)",
            "its parameter 'a' holds a list of fixed length, which plugins may not use; use a list or a tuple",
        ),
        (
            "f: func(a: error-context)",
            "its parameter 'a' holds an error context, which plugins may not use",
        ),
    ] {
        let wit = format!(
            "package a:b; interface probes {{ g: func(); {function}; }} world w {{ export probes; }}"
        );
        let expected = format!("its probe 'f' cannot be called: {reason}");
        assert_eq!(refusal(&component(&wit)), expected);
    }
}

#[test]
fn types_may_nest_and_multiply_within_bounds() {
    let nested = |depth: usize| {
        let ty = format!("{}u8{}", "list<".repeat(depth), ">".repeat(depth));
        let wit = format!(
            "package a:b; interface probes {{ f: func(a: {ty}); g: func(); }} world w {{ export probes; }}"
        );
        inspect(&component(&wit)).unwrap()
    };
    assert!(nested(types::DEPTH).refused.is_empty());
    assert_eq!(
        nested(types::DEPTH + 1).refused[0].reason,
        "its parameter 'a' nests deeper than 32 levels"
    );
    // Each record holds the one before it twice.
    let doubled = |times: usize| {
        let records = (1..=times).map(|n| {
            let below = n - 1;
            format!("record r{n} {{ a: r{below}, b: r{below} }}")
        });
        let records: String = records.collect();
        let wit = format!(
            "package a:b; interface probes {{ record r0 {{ a: u8 }} {records} f: func(a: r{times}); g: func(a: r{times}); }}
             world w {{ export probes; }}"
        );
        inspect(&component(&wit))
    };
    assert!(doubled(10).is_ok());
    assert!(matches!(doubled(15), Err(NotAPlugin::TooComplex)));
}

#[test]
fn names_are_counted_wherever_they_are_used() {
    let long = "n".repeat(10_000);
    let functions: String = (0..900)
        .map(|n| format!("do{n}: func(a: {long});"))
        .collect();
    let wit = format!(
        "package a:b; interface probes {{ enum {long} {{ a }} {functions} }} world w {{ export probes; }}"
    );
    assert!(matches!(
        inspect(&component(&wit)),
        Err(NotAPlugin::TooComplex)
    ));
}

#[test]
fn invoke_and_commands_are_entered_by_name() {
    let invoke = "package a:b; world w { export invoke: func(name: string, arguments: string) -> result<string, string>; }";
    let signature = inspect(&component(invoke)).unwrap();
    assert_eq!(signature.form, Form::Untyped);
    assert_eq!(signature.entry.as_deref(), Some("invoke"));
    for other in [
        "func(name: string) -> result<string, string>",
        "func(name: string, arguments: list<u8>) -> result<string, string>",
        "func(name: string, arguments: string) -> string",
        "func(name: string, arguments: string)",
    ] {
        let wit = format!("package a:b; world w {{ export invoke: {other}; }}");
        assert!(
            matches!(inspect(&component(&wit)), Err(NotAPlugin::Invoke)),
            "{other}"
        );
    }
    let command = "
        package a:b;
        world w { export wasi:cli/run@0.2.6; }
        package wasi:cli@0.2.6 { interface run { run: func() -> result; } }";
    let signature = inspect(&component(command)).unwrap();
    assert_eq!(signature.form, Form::Command);
    assert_eq!(signature.entry.as_deref(), Some("wasi:cli/run@0.2.6"));
}

#[test]
fn what_is_no_plugin_is_told_why() {
    let not_wasm = "it is not WebAssembly (it does not begin with `\\0asm`)";
    assert_eq!(refusal(b""), not_wasm);
    assert_eq!(refusal(b"#!/bin/sh\n"), not_wasm);
    assert_eq!(
        refusal(b" (component)"),
        format!("{not_wasm}; it is WebAssembly's text format: assemble it first")
    );
    assert_eq!(
        refusal(&wat::parse_str("(module)").unwrap()),
        "it is a core WebAssembly module, not a component; turn it into one with \
         `chaos-wasm plugin build`"
    );
    let nothing = "it exports no function in an interface named `probes`, `actions` or \
                   `controls`, no `invoke` and no `wasi:cli/run`; ";
    assert_eq!(
        refusal(&wat::parse_str("(component)").unwrap()),
        format!("{nothing}it exports nothing at all")
    );
    let wit =
        "package a:b; interface things { f: func(); } world w { export things; export g: func(); }";
    assert_eq!(
        refusal(&component(wit)),
        format!("{nothing}its exports: g, a:b/things")
    );
    let mut bytes = component(CHECKOUT);
    bytes.truncate(bytes.len() - 1);
    assert!(refusal(&bytes).starts_with("it is damaged, or uses a feature of"));
    let header = bytes.get(..8).unwrap();
    let mut huge = header.to_vec();
    huge.resize(COMPONENT_BYTES + 1, 0);
    assert_eq!(
        refusal(&huge),
        "it has 67108865 bytes, more than the 67108864 that are allowed"
    );
}

/// What is refused here, the engine refuses as well, and the other way round.
#[test]
fn vetting_and_the_engine_agree() {
    let engine = crate::plugin::engine::engine().unwrap();
    for (core, fine) in [
        ("(module (memory 1))", true),
        ("(module (func (result v128) (v128.const i64x2 0 0)))", true),
        ("(module (memory i64 1))", false),
        ("(module (memory 1) (memory 1))", false),
        ("(module (memory 1 1 shared))", false),
        ("(module (tag))", false),
        ("(module (type (struct)))", false),
    ] {
        let text = format!(
            "(component (core {core} (instance $i) (export \"wasi:cli/run@0.2.0\" (instance $i)))",
            core = core.strip_prefix('(').unwrap()
        );
        let bytes = wat::parse_str(&text).unwrap();
        assert_eq!(inspect(&bytes).is_ok(), fine, "{core}");
        let compiled = wasmtime::component::Component::new(engine, &bytes);
        assert_eq!(compiled.is_ok(), fine, "{core}: {:?}", compiled.err());
    }
}

#[test]
fn documentation_is_joined_by_name_and_cleaned() {
    let docs = concat!(
        r#"{"interface": "shop:checkout/probes@1.0.0-rc.1", "docs": "All.", "functions": {
            "p99-latency": {"docs": "The \u001b[31m99th\u202e percentile.\nOf many.", "params": {"url": "Where.", "x": "?"}},
            "gone": {"docs": "?"}},
            "types": {"report": {"docs": "?", "members": {"greeting": "To whom."}}}}"#,
        "\n",
    )
    .replace("\n            ", " ");
    let more = "not JSON\n{\"interface\": 1}\n{\"interface\": \"probes\", \"functions\": {\"draw\": {\"docs\": \"later\"}}}\n\
                {\"interface\": \"actions\", \"functions\": {\"kill\": {\"docs\": \"By the bare name.\"}}}";
    let bytes = component_with(CHECKOUT, &[("chaos-docs", &docs), ("chaos-docs", more)]);
    let signature = inspect(&bytes).unwrap();
    let function = |name| signature.find(None, name).unwrap();
    assert_eq!(
        function("p99-latency").docs,
        "The [31m99th percentile.\nOf many."
    );
    assert_eq!(function("p99-latency").parameters[0].docs, "Where.");
    assert_eq!(
        function("draw").docs,
        "",
        "the first document of an interface counts"
    );
    assert_eq!(function("kill").docs, "By the bare name.");
    let Some(Type::Record { fields, .. }) = &function("draw").result else {
        unreachable!()
    };
    assert_eq!(fields[0].docs, "To whom.");
}

#[test]
fn documentation_and_manifest_are_bounded() {
    let long = "d".repeat(100_000);
    let docs = format!(
        "{{\"interface\": \"actions\", \"functions\": {{\"kill\": {{\"docs\": \"{long}\"}}}}}}"
    );
    let signature = inspect(&component_with(CHECKOUT, &[("chaos-docs", &docs)])).unwrap();
    assert_eq!(signature.find(None, "kill").unwrap().docs.len(), 10_000);
    let spaces = " ".repeat(2_000_000);
    let sections = [("chaos-docs", spaces.as_str()), ("chaos-docs", &docs)];
    let signature = inspect(&component_with(CHECKOUT, &sections)).unwrap();
    assert_eq!(signature.find(None, "kill").unwrap().docs, "");

    let manifest = |sections: &[(&str, &str)]| {
        inspect(&component_with(CHECKOUT, sections))
            .unwrap()
            .manifest
    };
    assert_eq!(manifest(&[]), None);
    assert_eq!(
        manifest(&[
            ("chaos-manifest", "[plugin]\r\nname = \"a\"\u{7}\n"),
            ("chaos-manifest", "b")
        ]),
        Some("[plugin]\nname = \"a\"\n".to_owned())
    );
    assert_eq!(manifest(&[("chaos-manifest", &spaces)]), None);
    let mut bytes = component(CHECKOUT);
    append(&mut bytes, "chaos-manifest", b"outside");
    assert_eq!(
        inspect(&bytes).unwrap().manifest.as_deref(),
        Some("outside")
    );
    append(&mut bytes, "chaos-docs", b"\xFF\xFE{");
    assert!(inspect(&bytes).is_ok());
}

#[test]
fn capabilities_are_imports_in_words() {
    let signature = Signature {
        form: Form::Typed,
        functions: Vec::new(),
        imports: [
            "wasi:io/streams@0.2.6",
            "chaos:host/http@0.1.0",
            "wasi:cli/environment@0.2.6",
            "wasi:http/outgoing-handler@0.2.6",
            "wasi:cli/exit@0.2.6",
            "wasi:cli/stdout@0.2.6",
            "evil:corp/backdoor@1.0.0",
            "chaos:host/kubernetes-write@0.1.0",
        ]
        .map(str::to_owned)
        .to_vec(),
        entry: None,
        refused: Vec::new(),
        manifest: None,
    };
    let capabilities = signature.capabilities();
    let words: Vec<(&str, usize)> = capabilities
        .iter()
        .map(|capability| (capability.words.as_str(), capability.imports.len()))
        .collect();
    assert_eq!(
        words,
        [
            (
                "'backdoor', which this host does not have: it will not load",
                1
            ),
            ("send HTTP requests (as granted)", 2),
            (
                "change Kubernetes objects (as granted; not from a probe)",
                1
            ),
            ("environment variables and arguments (it sees none)", 1),
            ("standard input, output and error (kept for the log)", 1),
            ("plumbing (types, streams, exit code)", 2),
        ]
    );
}

#[test]
fn the_signature_as_wit_says_the_same() {
    let signature = inspect(&component(CHECKOUT)).unwrap();
    let wit = signature.wit();
    let again = inspect(&component(&wit)).unwrap();
    assert_eq!(again, signature, "{wit}");
    for wit in [
        "package a:b; world w { export probes: interface { f: func(%type: string) -> result<_, string>; } }",
        "package a:b; world w { export invoke: func(name: string, arguments: string) -> result<string, string>; }",
    ] {
        let signature = inspect(&component(wit)).unwrap();
        let written = signature.wit();
        assert_eq!(
            inspect(&component(&written)).unwrap(),
            signature,
            "{written}"
        );
    }
}

#[test]
fn a_signature_survives_being_kept() {
    let signature = inspect(&component(CHECKOUT)).unwrap();
    let text = serde_json::to_string(&signature).unwrap();
    let read: Signature = serde_json::from_str(&text).unwrap();
    assert_eq!(read, signature);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Bytes are changed, left out and put in where it hurts: within a real component.
    #[test]
    fn damaged_components_are_refused_or_read(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..8),
    ) {
        static WHOLE: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| component(CHECKOUT));
        let mut bytes = WHOLE.clone();
        for (index, byte, how) in changes {
            let at = index.index(bytes.len());
            match how {
                0 => drop(bytes.remove(at)),
                1 => bytes.insert(at, byte),
                _ => bytes[at] = byte,
            }
        }
        if let Ok(signature) = inspect(&bytes) {
            let _ = (signature.wit(), signature.capabilities());
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = inspect(&bytes);
        bytes.splice(0..0, *b"\0asm\x0d\0\x01\0");
        let _ = inspect(&bytes);
    }
}
