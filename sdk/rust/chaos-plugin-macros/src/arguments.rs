//! What is written in an attribute's brackets.

use heck::ToKebabCase;
use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Path, Token};

use crate::model::Package;
use crate::name;

/// The arguments of `#[probes]` and `#[actions]`.
#[derive(Default)]
pub(crate) struct Arguments {
    /// `types = crate::types`.
    pub(crate) types: Option<Path>,
    /// `package = "acme:checkout@1.2.0"`.
    pub(crate) package: Option<LitStr>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut arguments = Self::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            let twice = || syn::Error::new(key.span(), format!("`{key}` is given twice"));
            if key != "types" && key != "package" {
                return Err(syn::Error::new(
                    key.span(),
                    format!(
                        "unknown argument `{key}`: there are `types = crate::types` and `package = \"namespace:name@1.0.0\"`"
                    ),
                ));
            }
            input.parse::<Token![=]>()?;
            if key == "types" {
                if arguments.types.is_some() {
                    return Err(twice());
                }
                arguments.types = Some(absolute(input.parse()?)?);
            } else {
                if arguments.package.is_some() {
                    return Err(twice());
                }
                arguments.package = Some(input.parse()?);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(arguments)
    }
}

/// The generated code names these types from several modules' depth.
fn absolute(path: Path) -> syn::Result<Path> {
    if path.leading_colon.is_some()
        || path
            .segments
            .first()
            .is_some_and(|first| first.ident == "crate")
    {
        return Ok(path);
    }
    Err(syn::Error::new_spanned(
        path,
        "write the path from the root of the crate: `crate::types`",
    ))
}

/// The package that was asked for, else one made of the crate's name and version.
pub(crate) fn package(written: Option<&LitStr>) -> syn::Result<Package> {
    match written {
        Some(written) => read_package(&written.value()).ok_or_else(|| {
            syn::Error::new(
                written.span(),
                "write a WIT package: `namespace:name@1.0.0`, names in lower case with hyphens",
            )
        }),
        None => {
            let read = |key: &str, default: &str| {
                std::env::var(key).unwrap_or_else(|_| default.to_owned())
            };
            crate_package(
                &read("CARGO_PKG_NAME", "plugin"),
                &read("CARGO_PKG_VERSION", "0.0.0"),
            )
        }
    }
}

fn read_package(text: &str) -> Option<Package> {
    let (names, version) = text.split_once('@')?;
    let (namespace, name) = names.split_once(':')?;
    let named = name::is_kebab(namespace) && name::is_kebab(name);
    (named && is_version(version)).then(|| Package {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
    })
}

/// Three numbers, then perhaps `-` and a name for what comes before them.
fn is_version(text: &str) -> bool {
    let (numbers, before) = text
        .split_once('-')
        .map_or((text, None), |(numbers, before)| (numbers, Some(before)));
    let is_number = |part: &str| {
        part.parse::<u64>()
            .is_ok_and(|number| number.to_string() == part)
    };
    let is_label = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    };
    numbers.split('.').count() == 3
        && numbers.split('.').all(is_number)
        && before.is_none_or(|before| before.split('.').all(is_label))
}

fn crate_package(name: &str, version: &str) -> syn::Result<Package> {
    let kebab = name.to_kebab_case();
    if !name::is_kebab(&kebab) {
        return Err(syn::Error::new(
            Span::call_site(),
            format!(
                "the crate's name `{name}` cannot name a WIT package: write `package = \"local:name@{version}\"` in the attribute"
            ),
        ));
    }
    Ok(Package {
        namespace: "local".to_owned(),
        name: kebab,
        // What is after the plus says how it was built, not what it is.
        version: version.split('+').next().unwrap_or(version).to_owned(),
    })
}
