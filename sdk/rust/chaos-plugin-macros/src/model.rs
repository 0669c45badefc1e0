//! What a module exports, apart from how it is written in Rust or WIT.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

/// What the functions of a module are for; names the interface.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Probes,
    Actions,
    Controls,
}

impl Kind {
    pub(crate) fn interface(self) -> &'static str {
        match self {
            Self::Probes => "probes",
            Self::Actions => "actions",
            Self::Controls => "controls",
        }
    }
}

/// The WIT package that an interface belongs to.
pub(crate) struct Package {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) version: String,
}

impl Package {
    /// `local:checkout/probes@0.1.0`.
    pub(crate) fn interface(&self, interface: &str) -> String {
        let Self {
            namespace,
            name,
            version,
        } = self;
        format!("{namespace}:{name}/{interface}@{version}")
    }
}

/// An exported interface.
pub(crate) struct Interface {
    pub(crate) docs: String,
    pub(crate) functions: Vec<Function>,
    /// Those that the functions use, each once.
    pub(crate) types: Vec<Definition>,
    /// WIT's name of the record that stands for any JSON value, if one is used.
    pub(crate) json: String,
}

/// An exported function.
pub(crate) struct Function {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) params: Vec<Param>,
    pub(crate) result: Outcome,
}

/// A parameter.
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) ty: Type,
    pub(crate) passing: Passing,
}

/// How the function takes an argument that has arrived as an owned value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passing {
    Owned,
    /// `&T`, `&str`, `&[T]`.
    Borrowed,
    /// `Option<&str>`, `Option<&[T]>`.
    OptionDeref,
    /// `Option<&T>`.
    OptionRef,
}

impl Passing {
    pub(crate) fn argument(self, ident: &Ident) -> TokenStream {
        match self {
            Self::Owned => quote!(#ident),
            Self::Borrowed => quote!(&#ident),
            Self::OptionDeref => quote!(#ident.as_deref()),
            Self::OptionRef => quote!(#ident.as_ref()),
        }
    }
}

/// What a function gives.
pub(crate) struct Outcome {
    /// None for `()`.
    pub(crate) ok: Option<Type>,
    /// None for a function that cannot fail.
    pub(crate) error: Option<Failure>,
}

/// The error of a function's `Result`.
pub(crate) enum Failure {
    /// A type that the interface has.
    Typed(Type),
    /// Any other type: its text.
    Text,
}

/// A type, as WIT and Rust both know it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// WIT's name and Rust's.
    Primitive(&'static str, &'static str),
    String,
    /// `chaos_plugin::Json`.
    Json,
    Option(Box<Type>),
    List(Box<Type>),
    Tuple(Vec<Type>),
    Result(Option<Box<Type>>, Option<Box<Type>>),
    /// A struct or enum: its Rust name. WIT's is in its [`Definition`].
    Named(Ident),
}

/// A struct or enum that functions use.
pub(crate) struct Definition {
    pub(crate) ident: Ident,
    /// The Rust path of the module that it is in, from beside the attribute's module.
    pub(crate) home: Home,
    /// WIT's name.
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) body: Body,
}

/// Where a type was defined.
#[derive(Clone)]
pub(crate) enum Home {
    /// In the module under the attribute.
    Here,
    /// In the module of this path, under `#[types]`.
    Shared(syn::Path),
}

/// What a type is made of.
pub(crate) enum Body {
    Record(Vec<Member>),
    /// Each has a payload or none; all without: a WIT enum.
    Variant(Vec<Member>),
    Flags(Vec<Member>),
}

/// A field, case or flag.
pub(crate) struct Member {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) ty: Option<Type>,
}

impl Interface {
    /// The definition of a type that functions use.
    pub(crate) fn definition(&self, ident: &Ident) -> Option<&Definition> {
        self.types
            .iter()
            .find(|definition| definition.ident == *ident)
    }

    /// Whether any function takes or gives JSON.
    pub(crate) fn uses_json(&self) -> bool {
        let params = self
            .functions
            .iter()
            .flat_map(|function| &function.params)
            .map(|param| &param.ty);
        let oks = self
            .functions
            .iter()
            .filter_map(|function| function.result.ok.as_ref());
        let errors = self
            .functions
            .iter()
            .filter_map(|function| match &function.result.error {
                Some(Failure::Typed(ty)) => Some(ty),
                _ => None,
            });
        let members = self
            .types
            .iter()
            .flat_map(|definition| match &definition.body {
                Body::Record(members) | Body::Variant(members) | Body::Flags(members) => members,
            })
            .filter_map(|member| member.ty.as_ref());
        params
            .chain(oks)
            .chain(errors)
            .chain(members)
            .any(Type::has_json)
    }
}

impl Type {
    fn has_json(&self) -> bool {
        match self {
            Self::Json => true,
            Self::Primitive(..) | Self::String | Self::Named(_) => false,
            Self::Option(inner) | Self::List(inner) => inner.has_json(),
            Self::Tuple(parts) => parts.iter().any(Self::has_json),
            Self::Result(ok, error) => [ok, error]
                .into_iter()
                .flatten()
                .any(|part| part.has_json()),
        }
    }

    /// The owned Rust type; `path` gives the path of a struct or enum.
    pub(crate) fn rust(&self, path: &impl Fn(&Ident) -> TokenStream) -> TokenStream {
        match self {
            Self::Primitive(_, rust) => {
                let ident = format_ident!("{rust}");
                quote!(::core::primitive::#ident)
            }
            Self::String => quote!(::std::string::String),
            Self::Json => quote!(::chaos_plugin::Json),
            Self::Option(inner) => {
                let inner = inner.rust(path);
                quote!(::core::option::Option<#inner>)
            }
            Self::List(inner) => {
                let inner = inner.rust(path);
                quote!(::std::vec::Vec<#inner>)
            }
            Self::Tuple(parts) => {
                let parts = parts.iter().map(|part| part.rust(path));
                quote!((#(#parts,)*))
            }
            Self::Result(ok, error) => {
                let part = |part: &Option<Box<Type>>| {
                    part.as_ref().map_or(quote!(()), |part| part.rust(path))
                };
                let (ok, error) = (part(ok), part(error));
                quote!(::core::result::Result<#ok, #error>)
            }
            Self::Named(ident) => path(ident),
        }
    }
}
