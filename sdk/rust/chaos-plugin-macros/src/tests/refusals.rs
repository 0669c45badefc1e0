//! What is said about what cannot be exported, and where.

use proc_macro2::TokenStream;
use quote::quote;

use super::module;
use crate::read;

/// The tokens that mistakes are reported at, and the messages.
fn mistakes(tokens: TokenStream) -> Vec<(String, String)> {
    let errors = read::interface("probes", &module(tokens), None)
        .err()
        .expect("mistakes");
    errors
        .into_iter()
        .map(|error| {
            (
                error.span().source_text().unwrap_or_default(),
                error.to_string(),
            )
        })
        .collect()
}

/// The messages about one function in a module.
fn mistake(function: TokenStream) -> String {
    let found = mistakes(quote!(mod probes { #function }));
    let [(_, message)] = &found[..] else {
        panic!("{found:?}")
    };
    message.clone()
}

#[test]
fn functions_that_cannot_be_exported_are_refused() {
    for (function, part) in [
        (
            quote!(
                pub async fn f() {}
            ),
            "not `async`",
        ),
        (
            quote!(
                pub unsafe fn f() {}
            ),
            "not `unsafe`",
        ),
        (
            quote!(
                pub extern "C" fn f() {}
            ),
            "ABI",
        ),
        (
            quote!(
                pub fn f<T>() {}
            ),
            "no type parameters",
        ),
        (
            quote!(
                pub fn f<'a>() {}
            ),
            "no type parameters or lifetimes",
        ),
        (
            quote!(
                #[cfg(test)]
                pub fn f() {}
            ),
            "always there",
        ),
        (
            quote!(
                pub fn f(&self) {}
            ),
            "take `self` out",
        ),
        (
            quote!(
                pub fn f((a, b): (u8, u8)) {}
            ),
            "by name",
        ),
        (
            quote!(
                pub fn f(_a: u8) {}
            ),
            "starts with an underscore",
        ),
        (
            quote!(
                pub fn r#type() {}
            ),
            "write `type_`",
        ),
        (
            quote!(
                pub fn f(p_99: u8) {}
            ),
            "each word must start with a letter",
        ),
        (
            quote!(
                pub fn f(größe: u8) {}
            ),
            "letters outside of a-z",
        ),
        (
            quote!(
                pub fn camelCase() {}
            ),
            "write `camel_case`",
        ),
        (
            quote!(
                pub fn twice__() {}
            ),
            "write `twice`",
        ),
        (
            quote!(
                fn f() {}
            ),
            "no public function",
        ),
    ] {
        let message = mistake(function.clone());
        assert!(message.contains(part), "{function}: {message}");
    }
}

#[test]
fn types_that_cannot_be_exported_are_refused() {
    for (ty, part) in [
        (quote!(usize), "write `u32` or `u64`"),
        (quote!(i128), "at most 64 bits"),
        (quote!(HashMap<String, u8>), "write `Vec<(K, V)>`"),
        (
            quote!(std::collections::BTreeMap<String, u8>),
            "write `Vec<(K, V)>`",
        ),
        (quote!(std::time::Duration), "`f64`"),
        (quote!(serde_json::Value), "chaos_plugin::Json"),
        (quote!(Box<u8>), "type within"),
        (quote!(Unheard), "does not have a type `Unheard`"),
        (
            quote!(other::Report),
            "does not have a type `other::Report`",
        ),
        (quote!([u8; 4]), "write `Vec<T>`"),
        (quote!(()), "no value"),
        (quote!(Vec<&str>), "write the owned type"),
        (quote!(&mut String), "cannot be changed"),
        (quote!(&'static str), "leave the lifetime out"),
        (quote!(impl Into<String>), "values, not code"),
        (quote!(fn(u8)), "no values"),
        (quote!(Vec<str>), "write `&str` or `String`"),
    ] {
        let message = mistake(quote!(pub fn f(a: #ty) {}));
        assert!(message.contains(part), "{ty}: {message}");
    }
    assert!(
        mistake(quote!(
            pub fn f() -> &'static str {
                ""
            }
        ))
        .contains("write the owned type")
    );
}

#[test]
fn definitions_that_cannot_be_exported_are_refused() {
    for (definition, part) in [
        (
            quote!(
                struct T {
                    pub a: u8,
                }
            ),
            "make it `pub`",
        ),
        (
            quote!(
                pub struct T {
                    a: u8,
                }
            ),
            "the field `a` must be `pub`",
        ),
        (
            quote!(
                pub struct T(u8);
            ),
            "fields with names",
        ),
        (
            quote!(
                pub struct T;
            ),
            "fields with names",
        ),
        (
            quote!(
                pub struct T {}
            ),
            "at least one field",
        ),
        (
            quote!(
                pub struct T<A> {
                    pub a: A,
                }
            ),
            "cannot have parameters",
        ),
        (
            quote!(
                pub struct T {
                    pub a: Vec<T>,
                }
            ),
            "contains itself",
        ),
        (
            quote!(
                pub struct T {
                    pub a: usize,
                }
            ),
            "write `u32` or `u64`",
        ),
        (
            quote!(
                pub struct T {
                    pub r#type: u8,
                }
            ),
            "write `type_`",
        ),
        (
            quote!(
                #[flags]
                pub struct T {
                    pub a: u8,
                }
            ),
            "is a `bool`",
        ),
        (
            quote!(
                #[derive(Clone)]
                pub enum T {}
            ),
            "at least one case",
        ),
        (
            quote!(
                pub enum T {
                    A,
                    B,
                }
            ),
            "`#[derive(Clone, Copy)]`",
        ),
        (
            quote!(
                #[derive(Clone)]
                pub enum T {
                    A = 3,
                }
            ),
            "leave the number out",
        ),
        (
            quote!(
                pub enum T {
                    A(u8, u8),
                }
            ),
            "holds one value",
        ),
        (
            quote!(
                pub enum T {
                    A { a: u8 },
                }
            ),
            "make these fields a struct",
        ),
        (
            quote!(
                #[derive(Clone)]
                pub enum T {
                    HTTPOnly,
                }
            ),
            "write `HttpOnly`",
        ),
        (
            quote!(
                pub type T<A> = Vec<A>;
            ),
            "cannot have parameters",
        ),
    ] {
        let function = if definition.to_string().contains("< A >") {
            quote!(
                pub fn f(a: T) {}
            )
        } else {
            quote!(
                pub fn f(a: &T) {}
            )
        };
        let found = mistakes(quote!(mod probes { #definition #function }));
        let shown = found.iter().any(|(_, message)| message.contains(part));
        assert!(shown, "{definition}: {found:?}");
    }
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let source = "
        mod probes {
            pub struct Inner { pub sum: usize, hidden: u8 }
            pub fn first(inner: Vec<Inner>, at: &'static str, map: HashMap<String, u8>) -> Option<Other> { None }
            pub async fn second((a, b): (u8, u8), _lead: u8) {}
        }";
    let tokens = source.parse().unwrap();
    let places: Vec<String> = mistakes(tokens)
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    let expected = [
        "usize",
        "hidden",
        "'static",
        "HashMap<String, u8>",
        "Other",
        "async",
        "(a, b)",
        "_lead",
    ];
    assert_eq!(places, expected);
}

#[test]
fn a_mistake_in_a_type_is_shown_once() {
    let found = mistakes(quote! {
        mod probes {
            pub struct T { pub a: usize }
            pub fn first(t: T) {}
            pub fn second(t: T) -> T { t }
        }
    });
    assert_eq!(found.len(), 1, "{found:?}");
}
