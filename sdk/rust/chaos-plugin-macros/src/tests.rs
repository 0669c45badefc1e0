//! What modules become, and what is said about those that cannot be exported.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail by panicking"
)]

mod refusals;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemMod;

use crate::model::{Interface, Kind, Package};
use crate::{docs, read, share, wit};

fn module(tokens: TokenStream) -> ItemMod {
    syn::parse2(tokens).unwrap()
}

fn interface(tokens: TokenStream) -> Interface {
    let read = read::interface("probes", &module(tokens), None);
    read.unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn package() -> Package {
    Package {
        namespace: "acme".to_owned(),
        name: "shop".to_owned(),
        version: "1.2.0".to_owned(),
    }
}

/// The lines of the interface, without package and world.
fn lines(tokens: TokenStream) -> Vec<String> {
    let text = wit::package(&package(), Kind::Probes, &interface(tokens));
    let lines: Vec<String> = text.lines().map(|line| line.replace('%', "")).collect();
    assert_eq!(lines[0], "package acme:shop@1.2.0;");
    assert_eq!(
        lines[lines.len() - 1],
        "world probes-world { export probes; }"
    );
    lines[2..lines.len() - 2].to_vec()
}

#[test]
fn signatures_become_an_interface() {
    let lines = lines(quote! {
        pub mod probes {
            pub fn scalars(a: u8, b: i64, c: f32, d: bool, e: char) -> f64 { 0.0 }
            pub fn borrowed(a: &str, b: &[f64], c: Option<&str>, d: Option<&[String]>, e: &Option<u8>) {}
            pub fn nested(a: Vec<Option<(String, u32)>>) -> Vec<Result<u8, ()>> { vec![] }
            pub fn p99_latency(url: std::string::String) -> Result<f64, String> { Ok(0.0) }
            pub fn foreign() -> Result<(), std::io::Error> { Ok(()) }
            pub fn boxed() -> Result<u8, Box<dyn std::error::Error>> { Ok(1) }
            pub fn alias() -> anyhow::Result<u8> { Ok(1) }
            type Foreign = std::io::Error;
            pub fn foreign_by_alias() -> Result<(), Foreign> {
                Ok(())
            }
            pub fn typed() -> Result<(), Vec<u8>> { Ok(()) }
            pub fn type_(match_: u8) {}
            fn private(anything: &mut usize) {}
            pub(crate) fn half_private(anything: &mut usize) {}
        }
    });
    assert_eq!(
        lines,
        [
            "scalars: func(a: u8, b: s64, c: f32, d: bool, e: char) -> f64;",
            "borrowed: func(a: string, b: list<f64>, c: option<string>, d: option<list<string>>, e: option<u8>);",
            "nested: func(a: list<option<tuple<string, u32>>>) -> list<result<u8>>;",
            "p99-latency: func(url: string) -> result<f64, string>;",
            "foreign: func() -> result<_, string>;",
            "boxed: func() -> result<u8, string>;",
            "alias: func() -> result<u8, string>;",
            "foreign-by-alias: func() -> result<_, string>;",
            "typed: func() -> result<_, list<u8>>;",
            "type: func(match: u8);",
        ]
    );
}

#[test]
fn types_that_are_used_are_in_the_interface() {
    let lines = lines(quote! {
        mod probes {
            pub struct Report { pub mood: Mood, pub type_: Option<Score> }
            #[derive(Clone)]
            pub enum Mood { Glad, VerySad }
            pub enum Shape { Dot, Circle(f64), Both((u8, u8)) }
            #[flags]
            pub struct Access { pub read: bool, pub write: bool }
            pub type Score = f64;
            pub struct Unused<'a>(&'a usize);
            pub fn report(shape: &Shape, access: Option<&Access>, any: Json) -> Result<Report, Mood> { todo!() }
            pub fn json() -> chaos_plugin::Json { todo!() }
        }
    });
    assert_eq!(
        lines,
        [
            "record json-type { json-text: string }",
            "variant shape { dot, circle(f64), both(tuple<u8, u8>), }",
            "flags access { read, write, }",
            "enum mood { glad, very-sad, }",
            "record report-type { mood: mood, type: option<f64>, }",
            "report: func(shape: shape, access: option<access>, any: json-type) -> result<report-type, mood>;",
            "json: func() -> json-type;",
        ]
    );
}

#[test]
fn comments_become_one_line_of_json() {
    let interface = interface(quote! {
        /// About "all".
        mod probes {
            /// A pair.
            pub struct Pair {
                /// The left one.
                pub left: u8,
                pub right: u8,
            }
            /// First line.
            ///
            /// Tab \t and backslash.
            pub fn first(
                /// What it is about.
                about_it: &Pair,
                other: u8,
            ) {}
            pub fn silent() {}
        }
    });
    assert_eq!(
        docs::document("acme:shop/probes@1.2.0", &interface),
        concat!(
            r#"{"interface":"acme:shop/probes@1.2.0","docs":"About \"all\".","#,
            r#""functions":{"first":{"docs":"First line.\n\nTab \\t and backslash.","params":{"about-it":"What it is about."}}},"#,
            r#""types":{"pair":{"docs":"A pair.","members":{"left":"The left one."}}}}"#,
            "\n"
        )
    );
}

#[test]
fn all_mistakes_are_shown_at_once_and_the_module_stays() {
    let expanded = share::attribute(
        Kind::Probes,
        TokenStream::new(),
        quote! {
            mod probes {
                pub async fn first(a: usize) {}
                pub fn second(a: Duration) -> HashMap<u8, u8> { todo!() }
            }
        },
    );
    let text = expanded.to_string();
    assert_eq!(text.matches("compile_error").count(), 4, "{text}");
    assert!(
        text.starts_with("mod probes { pub async fn first"),
        "{text}"
    );
    assert!(!text.contains("generate"), "{text}");
}

#[test]
fn arguments_are_read() {
    let says = |arguments: TokenStream| {
        share::attribute(
            Kind::Probes,
            arguments,
            quote!(
                mod probes {
                    pub fn f() {}
                }
            ),
        )
        .to_string()
    };
    assert!(says(quote!(package = "acme:shop@1.2.0-rc.1")).contains("acme:shop/probes@1.2.0-rc.1"));
    assert!(
        says(quote!(types = crate::types)).starts_with("crate :: types :: __chaos_plugin_types")
    );
    for (arguments, part) in [
        (quote!(package = "shop"), "write a WIT package"),
        (quote!(package = "acme:shop@1.2"), "write a WIT package"),
        (quote!(package = "Acme:shop@1.2.0"), "write a WIT package"),
        (
            quote!(package = "a:b@1.0.0", package = "a:b@1.0.0"),
            "given twice",
        ),
        (quote!(types = types), "from the root of the crate"),
        (quote!(typs = crate::types), "unknown argument `typs`"),
    ] {
        let text = says(arguments.clone());
        assert!(text.contains(part), "{arguments}: {text}");
        assert!(text.starts_with("mod probes { pub fn f () { } }"), "{text}");
    }
}

#[test]
fn shared_types_are_found() {
    let shared = quote! {
        #[derive(Clone)] pub enum Mood { Glad }
        pub struct Report { pub mood: Mood }
    };
    let text = share::with_types(quote! {
        { #shared } "actions" crate::types ("acme:shop@1.2.0") {
            mod actions { pub fn act(report: Report) {} }
        }
    })
    .to_string();
    assert!(text.contains("crate :: types :: Report"), "{text}");
    assert!(text.contains("%act: func(%report: %report)"), "{text}");
    let text = share::with_types(
        quote!({ #shared } "probes" crate::types () { mod probes { pub fn f(a: Repot) {} } }),
    );
    assert!(
        text.to_string()
            .contains("neither this module nor the one of"),
        "{text}"
    );
}

#[test]
fn controls_have_given_names_and_parameters() {
    let says = |module: TokenStream| {
        share::attribute(Kind::Controls, TokenStream::new(), module).to_string()
    };
    let text = says(quote!(
        mod c {
            pub fn after_activity(state: String, limit: Option<u32>, context: &str) {}
            pub fn before_method() -> std::io::Result<()> {
                Ok(())
            }
        }
    ));
    assert!(!text.contains("compile_error"), "{text}");
    // What is not written is not exported.
    assert!(
        text.contains("%before-method") && !text.contains("%after-method"),
        "{text}"
    );
    for (function, part) in [
        (
            quote!(
                pub fn before_activty(a: &str) {}
            ),
            "no control is called so",
        ),
        (
            quote!(
                pub fn before_activity(context: u8) {}
            ),
            "write `context: &str`",
        ),
        (
            quote!(
                pub fn after_activity(state: u8) {}
            ),
            "write `state: &str`",
        ),
        (
            quote!(
                pub fn before_activity(state: &str) {}
            ),
            "no `state` before",
        ),
        (
            quote!(
                pub fn before_activity(a: &str) -> u8 {
                    1
                }
            ),
            "returns nothing",
        ),
        (
            quote!(
                pub fn before_activity(a: &str) -> Result<(), u8> {
                    Ok(())
                }
            ),
            "returns nothing",
        ),
    ] {
        let text = says(quote!(mod c { #function }));
        assert!(text.contains(part), "{function}: {text}");
    }
}
