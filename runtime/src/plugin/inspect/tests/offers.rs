//! What a component offers, and what it imports.

use super::*;

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
