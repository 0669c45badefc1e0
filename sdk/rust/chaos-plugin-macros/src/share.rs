//! Types that several modules use.
//!
//! An attribute sees the tokens of its own module alone. `#[types]` therefore leaves a macro in its
//! module that hands the module's types on: `#[probes(types = crate::types)]` becomes a call of
//! that macro with everything known so far, which becomes a call of `__with_types!` with all.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Item, ItemMod, LitStr, Path, braced, parenthesized};

use crate::arguments::{self, Arguments};
use crate::model::Kind;
use crate::{controls, glue, read};

/// `#[probes]`, `#[actions]` and `#[controls]`.
pub(crate) fn attribute(kind: Kind, arguments: TokenStream, module: TokenStream) -> TokenStream {
    let written = module.clone();
    let parsed = syn::parse2::<Arguments>(arguments)
        .and_then(|arguments| Ok((arguments, syn::parse2::<ItemMod>(module)?)));
    let (arguments, module) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return with_errors(written, vec![error]),
    };
    let Some(path) = arguments.types else {
        return expand(kind, arguments.package.as_ref(), module, None);
    };
    let kind = kind.interface();
    let package = arguments.package.into_iter();
    quote! {
        #path::__chaos_plugin_types! { #kind #path (#(#package)*) { #module } }
    }
}

/// `#[types]`.
pub(crate) fn types(arguments: TokenStream, module: TokenStream) -> TokenStream {
    let written = module.clone();
    let parsed =
        syn::parse2::<syn::parse::Nothing>(arguments).and_then(|_| syn::parse2::<ItemMod>(module));
    let mut module = match parsed {
        Ok(module) => module,
        Err(error) => return with_errors(written, vec![error]),
    };
    let Some((_, items)) = &module.content else {
        let error = syn::Error::new_spanned(
            &module,
            "the attribute needs to see the types: write the module's content here, in braces",
        );
        return with_errors(quote!(#module), vec![error]);
    };
    let passed: Vec<Item> = items
        .iter()
        .filter(|item| matches!(item, Item::Struct(_) | Item::Enum(_) | Item::Type(_)))
        .cloned()
        .collect();
    let abi = glue::abi_of_items(&module.ident, &passed);
    read::clean(&mut module);
    let ItemMod {
        attrs,
        vis,
        mod_token,
        ident,
        content,
        ..
    } = &module;
    let items = content.iter().flat_map(|(_, items)| items);
    quote! {
        #(#attrs)*
        #vis #mod_token #ident {
            #(#items)*

            #[doc(hidden)]
            #[allow(unused_macros, reason = "used where functions take these types")]
            macro_rules! __chaos_plugin_types {
                ($($rest:tt)*) => { ::chaos_plugin::__with_types! { { #(#passed)* } $($rest)* } };
            }
            #[doc(hidden)]
            #[allow(unused_imports, reason = "used where functions take these types")]
            pub(crate) use __chaos_plugin_types;
        }
        #abi
    }
}

/// What [`attribute`] left for now.
struct Rest {
    types: Vec<Item>,
    kind: Kind,
    path: Path,
    package: Option<LitStr>,
    module: ItemMod,
}

impl Parse for Rest {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let content;
        braced!(content in input);
        let mut types = Vec::new();
        while !content.is_empty() {
            types.push(content.parse()?);
        }
        let kind: LitStr = input.parse()?;
        let path = input.parse()?;
        let bracketed;
        parenthesized!(bracketed in input);
        let package = if bracketed.is_empty() {
            None
        } else {
            Some(bracketed.parse()?)
        };
        let body;
        braced!(body in input);
        let kind = match kind.value() {
            name if name == Kind::Probes.interface() => Kind::Probes,
            name if name == Kind::Actions.interface() => Kind::Actions,
            _ => Kind::Controls,
        };
        Ok(Self {
            types,
            kind,
            path,
            package,
            module: body.parse()?,
        })
    }
}

/// The second step.
pub(crate) fn with_types(input: TokenStream) -> TokenStream {
    match syn::parse2::<Rest>(input) {
        Ok(rest) => expand(
            rest.kind,
            rest.package.as_ref(),
            rest.module,
            Some((&rest.path, &rest.types)),
        ),
        Err(error) => error.into_compile_error(),
    }
}

fn expand(
    kind: Kind,
    package: Option<&LitStr>,
    mut module: ItemMod,
    shared: Option<(&Path, &[Item])>,
) -> TokenStream {
    let package = arguments::package(package);
    let interface = read::interface(kind.interface(), &module, shared);
    let interface = match kind {
        Kind::Controls => interface.and_then(controls::check),
        Kind::Probes | Kind::Actions => interface,
    };
    read::clean(&mut module);
    match (package, interface) {
        (Ok(package), Ok(interface)) => {
            let beside = glue::interface(kind, &package, &module.ident, &interface);
            quote!(#module #beside)
        }
        (package, interface) => {
            let errors = package
                .err()
                .into_iter()
                .chain(interface.err().into_iter().flatten());
            with_errors(quote!(#module), errors.collect())
        }
    }
}

/// The user's code as it was, so that nothing else is reported missing, and the errors.
pub(crate) fn with_errors(written: TokenStream, errors: Vec<syn::Error>) -> TokenStream {
    let errors = errors.into_iter().map(syn::Error::into_compile_error);
    quote!(#written #(#errors)*)
}
