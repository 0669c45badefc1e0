//! `#[controls]`: functions whose names and parameters the contract gives.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, ItemMod};

use crate::glue::{self, Bindings};
use crate::model::{Failure, Function, Interface, Type};
use crate::share::with_errors;
use crate::{docs, name, read};

/// What happens in a run, in its order. Controls run before and after each.
const MOMENTS: &[&str] = &["experiment", "hypothesis", "method", "rollback", "activity"];

/// Where the contract has them.
const NAMESPACE: &str = "chaos";
const PACKAGE: &str = "host";
const VERSION: &str = "0.1.0";

/// The module, and the exports beside it.
pub(crate) fn attribute(arguments: TokenStream, module: TokenStream) -> TokenStream {
    let written = module.clone();
    let parsed =
        syn::parse2::<syn::parse::Nothing>(arguments).and_then(|_| syn::parse2::<ItemMod>(module));
    let mut module = match parsed {
        Ok(module) => module,
        Err(error) => return with_errors(written, vec![error]),
    };
    let interface = read::interface("controls", &module, None).and_then(check);
    read::clean(&mut module);
    match interface {
        Ok(interface) => {
            let beside = beside(&module.ident, &interface);
            quote!(#module #beside)
        }
        Err(errors) => with_errors(quote!(#module), errors),
    }
}

/// The controls' names, each with that of the Rust function.
fn names() -> impl Iterator<Item = String> {
    MOMENTS
        .iter()
        .flat_map(|moment| ["before", "after"].map(|when| format!("{when}-{moment}")))
}

/// How many texts a control takes: the part of the experiment, and after it that of the journal.
fn texts(name: &str) -> usize {
    if name.starts_with("before") { 1 } else { 2 }
}

fn check(interface: Interface) -> Result<Interface, Vec<syn::Error>> {
    let errors: Vec<syn::Error> = interface.functions.iter().filter_map(mistake).collect();
    if errors.is_empty() {
        Ok(interface)
    } else {
        Err(errors)
    }
}

fn mistake(function: &Function) -> Option<syn::Error> {
    let error = |message: String| Some(syn::Error::new(function.ident.span(), message));
    if !names().any(|name| name == function.name) {
        let all: Vec<String> = names().map(|name| name::rust(&name)).collect();
        return error(format!(
            "no control is called so; there are {}",
            all.join(", ")
        ));
    }
    let expected = texts(&function.name);
    if function.params.len() != expected
        || function.params.iter().any(|param| param.ty != Type::String)
    {
        let params = if expected == 1 {
            "context: &str"
        } else {
            "context: &str, state: &str"
        };
        return error(format!(
            "the parameters of `{}` are `({params})`, JSON texts",
            function.ident
        ));
    }
    let fails_by_text = matches!(
        &function.result.error,
        None | Some(Failure::Text | Failure::Typed(Type::String))
    );
    if function.result.ok.is_some() || !fails_by_text {
        return error(format!(
            "`{}` returns nothing, or `Result<(), E>` whose error has a text",
            function.ident
        ));
    }
    None
}

fn beside(module: &Ident, interface: &Interface) -> TokenStream {
    let written = |name: &str| {
        interface
            .functions
            .iter()
            .find(|function| function.name == name)
    };
    let calls = interface
        .functions
        .iter()
        .map(|function| call(module, function));
    let functions = names().map(|name| {
        let ident = format_ident!("{}", name::rust(&name));
        let params = &[format_ident!("context"), format_ident!("state")][..texts(&name)];
        let body = match written(&name) {
            Some(_) => quote!({
                ::chaos_plugin::log::install_panic_hook();
                super::#ident(#(#params),*)
            }),
            None => quote!({ ::core::result::Result::Ok(()) }),
        };
        quote! {
            fn #ident(#(#params: ::std::string::String),*) -> ::core::result::Result<(), ::std::string::String> #body
        }
    });
    let exports = glue::bindings(&Bindings {
        wit: &wit(),
        world: "controls-world",
        with: &[],
        guest: glue::guest(NAMESPACE, PACKAGE, "controls"),
        functions: functions.collect(),
        docs: &docs::document(
            &format!("{NAMESPACE}:{PACKAGE}/controls@{VERSION}"),
            interface,
        ),
    });
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, unused_variables, unsafe_code, unreachable_pub, missing_docs, clippy::all, clippy::pedantic, reason = "generated")]
        mod __chaos_controls {
            #(#calls)*
            #[cfg(target_family = "wasm")]
            #exports
        }
    }
}

fn call(module: &Ident, function: &Function) -> TokenStream {
    let ident = &function.ident;
    let params = &[format_ident!("context"), format_ident!("state")][..texts(&function.name)];
    let arguments = function
        .params
        .iter()
        .zip(params)
        .map(|(param, name)| param.passing.argument(name));
    let span = ident.span();
    let called = quote_spanned!(span=> super::#module::#ident(#(#arguments),*));
    let called = match &function.result.error {
        None => quote_spanned!(span=> #called; ::core::result::Result::Ok(())),
        Some(Failure::Text) => {
            quote_spanned!(span=> #called.map_err(|error| ::chaos_plugin::__private::text(&error)))
        }
        Some(Failure::Typed(_)) => called,
    };
    quote! {
        pub(super) fn #ident(#(#params: ::std::string::String),*) -> ::core::result::Result<(), ::std::string::String> {
            #called
        }
    }
}

/// The contract's interface, as `wit/worlds.wit` has it, in a world that exports it.
fn wit() -> String {
    let functions: String = names()
        .map(|name| {
            let params = ["context: string", "state: string"][..texts(&name)].join(", ");
            format!("{name}: func({params}) -> result<_, string>;\n")
        })
        .collect();
    format!(
        "package local:controls;\n\
         world controls-world {{ export {NAMESPACE}:{PACKAGE}/controls@{VERSION}; }}\n\
         package {NAMESPACE}:{PACKAGE}@{VERSION} {{ interface controls {{\n{functions}}} }}\n"
    )
}
