//! What is no plugin, and functions that cannot be called.

use super::*;

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

/// What is refused here, the engine refuses as well, and the other way round; but for modules of
/// several memories, which the engine makes itself.
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
        let own = core.matches("(memory").count() > 1;
        assert_eq!(
            compiled.is_ok(),
            fine || own,
            "{core}: {:?}",
            compiled.err()
        );
    }
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
