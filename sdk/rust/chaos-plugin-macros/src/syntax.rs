//! Looking at types as they are written.

use syn::{GenericArgument, Ident, PathArguments, PathSegment};

/// Without parentheses, and without the invisible ones that macros leave.
pub(crate) fn bare(mut ty: &syn::Type) -> &syn::Type {
    loop {
        ty = match ty {
            syn::Type::Group(group) => &group.elem,
            syn::Type::Paren(paren) => &paren.elem,
            other => return other,
        };
    }
}

pub(crate) fn last(ty: &syn::Type) -> Option<&PathSegment> {
    match ty {
        syn::Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

/// The name of a type that is written without a path or parameters.
pub(crate) fn single(ty: &syn::Type) -> Option<&Ident> {
    match bare(ty) {
        syn::Type::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

/// The last word of a path that leads to this crate or the standard library, or is only a word.
pub(crate) fn known(ty: &syn::Type) -> Option<&PathSegment> {
    let syn::Type::Path(path) = ty else {
        return None;
    };
    let segments = &path.path.segments;
    let first = segments.first()?.ident.to_string();
    let rooted =
        segments.len() == 1 || ["std", "core", "alloc", "chaos_plugin"].contains(&first.as_str());
    (path.qself.is_none() && rooted).then(|| segments.last())?
}

pub(crate) fn is_str(ty: &syn::Type) -> bool {
    single(ty).is_some_and(|ident| ident == "str")
}

pub(crate) fn generic_types(segment: &PathSegment) -> Vec<&syn::Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return Vec::new();
    };
    arguments
        .args
        .iter()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
        .collect()
}
