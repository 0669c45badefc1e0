//! The code beside the user's module.
//!
//! Two layers. The calls take owned values and pass them on as the user's functions want them;
//! they are compiled natively, too, so that `cargo test` finds every mistake of types. The exports,
//! for WebAssembly alone, are wit-bindgen's, told (`with`) to lift and lower the user's own types.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, LitByteStr, LitStr};

use crate::model::{Body, Definition, Failure, Function, Home, Interface, Kind, Package, Type};
use crate::{docs, name, types, wit};

/// Everything that an interface needs besides the user's module.
pub(crate) fn interface(
    kind: Kind,
    package: &Package,
    module: &Ident,
    interface: &Interface,
) -> TokenStream {
    let beside = format_ident!("__chaos_{}", kind.interface());
    let calls = interface
        .functions
        .iter()
        .map(|function| call(module, interface, function));
    let exports = exports(kind, package, module, interface);
    let abi = interface
        .types
        .iter()
        .filter(|definition| matches!(definition.home, Home::Here))
        .filter_map(|definition| {
            abi(
                &path(module, &definition.ident, &definition.home, 1),
                &definition.body,
            )
        });
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, unsafe_code, unreachable_pub, missing_docs, clippy::all, clippy::pedantic, reason = "generated")]
        mod #beside {
            #(#calls)*
            #[cfg(target_family = "wasm")]
            #exports
            #[cfg(target_family = "wasm")]
            const _: () = { #(#abi)* };
        }
    }
}

/// A function with owned parameters that calls the user's.
fn call(module: &Ident, interface: &Interface, function: &Function) -> TokenStream {
    let ident = &function.ident;
    let names: Vec<Ident> = (0..function.params.len())
        .map(|at| format_ident!("p{at}"))
        .collect();
    let (types, result) = signature(module, interface, function, 1);
    let arguments = function
        .params
        .iter()
        .zip(&names)
        .map(|(param, name)| param.passing.argument(name));
    let span = ident.span();
    let called = quote_spanned!(span=> super::#module::#ident(#(#arguments),*));
    let called = match &function.result.error {
        Some(Failure::Text) => {
            quote_spanned!(span=> #called.map_err(|error| ::chaos_plugin::__private::text(&error)))
        }
        _ => called,
    };
    quote! {
        pub(super) fn #ident(#(#names: #types),*) #result { #called }
    }
}

/// The Rust types of the parameters, and of the result with its arrow, `depth` modules below.
fn signature(
    module: &Ident,
    interface: &Interface,
    function: &Function,
    depth: usize,
) -> (Vec<TokenStream>, TokenStream) {
    let find = |ident: &Ident| match interface.definition(ident) {
        Some(found) => path(module, ident, &found.home, depth),
        None => quote!(#ident),
    };
    let params = function
        .params
        .iter()
        .map(|param| param.ty.rust(&find))
        .collect();
    let ok = function.result.ok.as_ref().map(|ok| ok.rust(&find));
    let error = function.result.error.as_ref().map(|error| match error {
        Failure::Typed(ty) => ty.rust(&find),
        Failure::Text => Type::String.rust(&find),
    });
    let result = match (ok, error) {
        (None, None) => quote!(),
        (Some(ok), None) => quote!(-> #ok),
        (ok, Some(error)) => {
            let ok = ok.unwrap_or_else(|| quote!(()));
            quote!(-> ::core::result::Result<#ok, #error>)
        }
    };
    (params, result)
}

/// The path of a type, from `depth` modules below the one that holds the user's.
fn path(module: &Ident, ident: &Ident, home: &Home, depth: usize) -> TokenStream {
    match home {
        Home::Here => {
            let up = std::iter::repeat_n(quote!(super::), depth);
            quote!(#(#up)* #module::#ident)
        }
        Home::Shared(path) => quote!(#path::#ident),
    }
}

fn exports(kind: Kind, package: &Package, module: &Ident, interface: &Interface) -> TokenStream {
    let name = package.interface(kind.interface());
    // exports, namespace, package and interface are modules within `glue`, which is in `beside`.
    let with: Vec<(String, TokenStream)> = interface
        .types
        .iter()
        .map(|definition| {
            let Definition {
                ident,
                home,
                name: wit,
                ..
            } = definition;
            (format!("{name}/{wit}"), path(module, ident, home, 6))
        })
        .chain(interface.uses_json().then(|| {
            (
                format!("{name}/{}", interface.json),
                quote!(::chaos_plugin::Json),
            )
        }))
        .collect();
    let functions = interface.functions.iter().map(|function| {
        let ident = &function.ident;
        let names: Vec<Ident> = (0..function.params.len())
            .map(|at| format_ident!("p{at}"))
            .collect();
        let (types, result) = signature(module, interface, function, 2);
        quote! {
            fn #ident(#(#names: #types),*) #result {
                ::chaos_plugin::log::install_panic_hook();
                super::#ident(#(#names),*)
            }
        }
    });
    let guest = guest(&package.namespace, &package.name, kind.interface());
    bindings(&Bindings {
        wit: &wit::package(package, kind, interface),
        world: &format!("{}-world", kind.interface()),
        with: &with,
        guest,
        functions: functions.collect(),
        docs: &docs::document(&name, interface),
    })
}

/// The path of the trait that wit-bindgen makes of an interface.
pub(crate) fn guest(namespace: &str, package: &str, interface: &str) -> TokenStream {
    let [namespace, package, interface] =
        [namespace, package, interface].map(|part| format_ident!("{}", name::rust(part)));
    quote!(exports::#namespace::#package::#interface::Guest)
}

/// What an exported interface is made of.
pub(crate) struct Bindings<'a> {
    pub(crate) wit: &'a str,
    pub(crate) world: &'a str,
    /// WIT names of types and the Rust paths to use for them.
    pub(crate) with: &'a [(String, TokenStream)],
    pub(crate) guest: TokenStream,
    pub(crate) functions: TokenStream,
    pub(crate) docs: &'a str,
}

/// The module `glue`: bindings, and the section with the comments.
pub(crate) fn bindings(bindings: &Bindings<'_>) -> TokenStream {
    let Bindings {
        wit,
        world,
        with,
        guest,
        functions,
        docs,
    } = bindings;
    let names = with.iter().map(|(name, _)| name);
    let paths = with.iter().map(|(_, path)| path);
    let section = LitByteStr::new(docs.as_bytes(), proc_macro2::Span::call_site());
    let length = docs.len();
    let runtime = LitStr::new(
        "::chaos_plugin::wit_bindgen::rt",
        proc_macro2::Span::call_site(),
    );
    quote! {
        mod glue {
            ::chaos_plugin::wit_bindgen::generate!({
                inline: #wit,
                path: [],
                world: #world,
                runtime_path: #runtime,
                with: { #(#names: #paths),* },
            });

            struct Exports;
            impl #guest for Exports { #functions }
            export!(Exports with_types_in self);

            #[unsafe(link_section = "chaos-docs")]
            #[used]
            static DOCS: [u8; #length] = *#section;
        }
    }
}

/// What wit-bindgen expects of types that it would otherwise have made itself: plain enums come
/// out of a number, flags out of bits.
pub(crate) fn abi(path: &TokenStream, body: &Body) -> Option<TokenStream> {
    match body {
        Body::Variant(members) if members.iter().all(|member| member.ty.is_none()) => {
            let repr = if members.len() > 256 {
                quote!(u16)
            } else {
                quote!(u8)
            };
            let cases = members.iter().enumerate().map(|(at, member)| {
                let (number, case) = (syn::Index::from(at), &member.ident);
                quote!(#number => Self::#case,)
            });
            Some(quote! {
                impl #path {
                    #[doc(hidden)]
                    pub unsafe fn _lift(number: #repr) -> Self {
                        match number { #(#cases)* _ => ::core::unreachable!("no such case") }
                    }
                }
            })
        }
        Body::Flags(members) => {
            let repr = match members.len() {
                0..=8 => quote!(u8),
                9..=16 => quote!(u16),
                _ => quote!(u32),
            };
            let fields: Vec<&Ident> = members.iter().map(|member| &member.ident).collect();
            let places: Vec<syn::Index> = (0..fields.len()).map(syn::Index::from).collect();
            Some(quote! {
                impl #path {
                    #[doc(hidden)]
                    pub fn bits(&self) -> #repr { 0 #(| ((self.#fields as #repr) << #places))* }
                    #[doc(hidden)]
                    pub fn empty() -> Self { Self { #(#fields: false),* } }
                    #[doc(hidden)]
                    pub fn from_bits_retain(bits: #repr) -> Self { Self { #(#fields: bits >> #places & 1 == 1),* } }
                }
                impl ::core::ops::BitOr for #path {
                    type Output = Self;
                    fn bitor(self, other: Self) -> Self { Self { #(#fields: self.#fields | other.#fields),* } }
                }
            })
        }
        _ => None,
    }
}

/// As [`abi`], for a module under `#[types]`, read leniently: what is wrong with a type is said
/// where a function uses it.
pub(crate) fn abi_of_items(module: &Ident, items: &[syn::Item]) -> TokenStream {
    let member = |ident: &Ident| crate::model::Member {
        ident: ident.clone(),
        name: String::new(),
        docs: String::new(),
        ty: None,
    };
    let bodies = items.iter().filter_map(|item| {
        let (ident, body) = match item {
            syn::Item::Struct(item) if types::is_flags(&item.attrs) => {
                let fields = item
                    .fields
                    .iter()
                    .filter_map(|field| field.ident.as_ref())
                    .map(member)
                    .collect();
                (&item.ident, Body::Flags(fields))
            }
            syn::Item::Enum(item)
                if !item.variants.is_empty()
                    && item.variants.iter().all(|it| it.fields.is_empty()) =>
            {
                (
                    &item.ident,
                    Body::Variant(item.variants.iter().map(|it| member(&it.ident)).collect()),
                )
            }
            _ => return None,
        };
        abi(&quote!(#module::#ident), &body)
    });
    quote! {
        #[cfg(target_family = "wasm")]
        #[allow(dead_code, unsafe_code, unreachable_pub, missing_docs, clippy::all, clippy::pedantic, reason = "generated")]
        const _: () = { #(#bodies)* };
    }
}
