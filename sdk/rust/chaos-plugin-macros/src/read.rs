//! From a module's items to the model.

use syn::punctuated::Punctuated;
use syn::{FnArg, Item, ItemFn, ItemMod, Pat, Path, ReturnType, Safety, Visibility};

use crate::model::{Function, Interface, Outcome, Param};
use crate::types::Scope;
use crate::{docs, name};

/// The interface that a module's public functions make, or all that stands against it.
///
/// `what` they are called, for messages.
pub(crate) fn interface(
    what: &str,
    module: &ItemMod,
    shared: Option<(&Path, &[Item])>,
) -> Result<Interface, Vec<syn::Error>> {
    let Some((_, items)) = &module.content else {
        return Err(vec![syn::Error::new_spanned(
            module,
            "the attribute needs to see the functions: write the module's content here, in braces",
        )]);
    };
    let public: Vec<&ItemFn> = items.iter().filter_map(public_function).collect();
    let taken = public
        .iter()
        .filter_map(|function| name::snake(&function.sig.ident).ok())
        .collect();
    let mut scope = Scope::new(items, shared, taken);
    if public.is_empty() {
        scope.refuse::<()>(syn::Error::new_spanned(
            &module.ident,
            format!(
                "`{}` has no public function, so there are no {what} to export: write `pub fn ..`",
                module.ident
            ),
        ));
    }
    let functions = public
        .iter()
        .filter_map(|item| function(&mut scope, item))
        .collect();
    let (types, json, errors) = scope.end();
    if errors.is_empty() {
        Ok(Interface {
            docs: docs::text(&module.attrs),
            functions,
            types,
            json,
        })
    } else {
        Err(errors)
    }
}

/// Takes out what only these attributes understand: `#[flags]`, and comments on parameters.
pub(crate) fn clean(module: &mut ItemMod) {
    let Some((_, items)) = &mut module.content else {
        return;
    };
    for item in items {
        match item {
            Item::Struct(item) => item
                .attrs
                .retain(|attribute| !attribute.path().is_ident("flags")),
            Item::Fn(item) => clean_params(&mut item.sig.inputs),
            _ => {}
        }
    }
}

fn clean_params(params: &mut Punctuated<FnArg, syn::Token![,]>) {
    for param in params {
        if let FnArg::Typed(param) = param {
            param.attrs.retain(|attribute| !docs::is_comment(attribute));
        }
    }
}

/// `pub` only: `pub(crate)` and the like are the plugin's own business.
fn public_function(item: &Item) -> Option<&ItemFn> {
    match item {
        Item::Fn(item) if matches!(item.vis, Visibility::Public(_)) => Some(item),
        _ => None,
    }
}

fn function(scope: &mut Scope<'_>, item: &ItemFn) -> Option<Function> {
    let sound = plain(scope, item);
    let signature = &item.sig;
    let name = scope.take(name::snake(&signature.ident));
    let params: Vec<Option<Param>> = signature
        .inputs
        .iter()
        .map(|input| param(scope, input))
        .collect();
    let result = match &signature.output {
        ReturnType::Default => Some(Outcome {
            ok: None,
            error: None,
        }),
        ReturnType::Type(_, ty) => scope.outcome(ty),
    };
    sound?;
    Some(Function {
        ident: signature.ident.clone(),
        name: name?,
        docs: docs::text(&item.attrs),
        params: params.into_iter().collect::<Option<_>>()?,
        result: result?,
    })
}

/// Whether a function is nothing but that.
fn plain(scope: &mut Scope<'_>, item: &ItemFn) -> Option<()> {
    let signature = &item.sig;
    let mut sound = Some(());
    let mut refuse = |tokens: &dyn quote::ToTokens, message: &str| {
        sound = scope.refuse(syn::Error::new_spanned(tokens, message));
    };
    if let Some(word) = &signature.asyncness {
        refuse(
            word,
            "exported functions are not `async`: `http::Request::begin` has several requests under way at once",
        );
    }
    if let Safety::Unsafe(word) = &signature.safety {
        refuse(word, "exported functions are not `unsafe`");
    }
    if let Some(abi) = &signature.abi {
        refuse(abi, "leave the ABI out: the attribute exports the function");
    }
    if !signature.generics.params.is_empty() {
        refuse(
            &signature.generics,
            "exported functions have no type parameters or lifetimes: write the types out",
        );
    }
    if let Some(variadic) = &signature.variadic {
        refuse(
            variadic,
            "exported functions have a fixed number of parameters",
        );
    }
    if let Some(condition) = item
        .attrs
        .iter()
        .find(|attribute| attribute.path().is_ident("cfg"))
    {
        refuse(
            condition,
            "an exported function is always there: put the condition into its body",
        );
    }
    sound
}

fn param(scope: &mut Scope<'_>, input: &FnArg) -> Option<Param> {
    let FnArg::Typed(input) = input else {
        return scope.refuse(syn::Error::new_spanned(
            input,
            "exported functions belong to a module, not to a type: take `self` out",
        ));
    };
    let name = match &*input.pat {
        Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => {
            scope.take(name::snake(&pattern.ident))
        }
        pattern => scope.refuse(syn::Error::new_spanned(
            pattern,
            "experiments give arguments by name: write a name here, and take it apart in the body",
        )),
    };
    let ty = scope.param(&input.ty);
    let (ty, passing) = ty?;
    Some(Param {
        name: name?,
        docs: docs::text(&input.attrs),
        ty,
        passing,
    })
}
