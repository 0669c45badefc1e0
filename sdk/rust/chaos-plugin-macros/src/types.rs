//! From the types of signatures to those of the model.

mod definition;

use quote::ToTokens as _;
use syn::{Attribute, Generics, Ident, Item, Path};

use crate::hint;
use crate::model::{Definition, Failure, Home, Outcome, Passing, Type};
use crate::syntax::{bare, generic_types, is_str, known, last, single};

const PRIMITIVES: &[(&str, &str)] = &[
    ("bool", "bool"),
    ("char", "char"),
    ("f32", "f32"),
    ("f64", "f64"),
    ("i8", "s8"),
    ("i16", "s16"),
    ("i32", "s32"),
    ("i64", "s64"),
    ("u8", "u8"),
    ("u16", "u16"),
    ("u32", "u32"),
    ("u64", "u64"),
];

/// What is put after the name of a type that a function has already: WIT has one name for each.
const LONGER: &str = "-type";

/// The types that signatures may name, and those that they did name.
pub(crate) struct Scope<'a> {
    here: &'a [Item],
    shared: Option<(&'a Path, &'a [Item])>,
    /// Names of functions, which no type can have as well.
    taken: Vec<String>,
    /// What the record is called that stands for any JSON value.
    json: String,
    under_way: Vec<Ident>,
    refused: Vec<Ident>,
    entered: Vec<Definition>,
    errors: Vec<syn::Error>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(
        here: &'a [Item],
        shared: Option<(&'a Path, &'a [Item])>,
        taken: Vec<String>,
    ) -> Self {
        let mut json = "json".to_owned();
        while taken.contains(&json) {
            json.push_str(LONGER);
        }
        Self {
            here,
            shared,
            taken,
            json,
            under_way: Vec::new(),
            refused: Vec::new(),
            entered: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// What was named, what JSON is called, and what cannot be exported.
    pub(crate) fn end(self) -> (Vec<Definition>, String, Vec<syn::Error>) {
        (self.entered, self.json, self.errors)
    }

    /// Notes a mistake and goes on, so that all are shown at once.
    pub(crate) fn refuse<T>(&mut self, error: syn::Error) -> Option<T> {
        self.errors.push(error);
        None
    }

    fn refuse_at<T>(
        &mut self,
        tokens: &impl quote::ToTokens,
        message: impl std::fmt::Display,
    ) -> Option<T> {
        self.refuse(syn::Error::new_spanned(tokens, message))
    }

    /// As [`Self::refuse`], for what stops at its first mistake.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => self.refuse(error),
        }
    }

    /// A parameter's type, and how it is passed.
    pub(crate) fn param(&mut self, ty: &syn::Type) -> Option<(Type, Passing)> {
        let ty = bare(ty);
        if let syn::Type::Reference(_) = ty {
            return Some((self.borrowed(ty)?, Passing::Borrowed));
        }
        if let Some(segment) = known(ty)
            && segment.ident == "Option"
            && let [inner] = generic_types(segment)[..]
            && let syn::Type::Reference(reference) = bare(inner)
        {
            let passing = match bare(&reference.elem) {
                syn::Type::Slice(_) => Passing::OptionDeref,
                text if is_str(text) => Passing::OptionDeref,
                _ => Passing::OptionRef,
            };
            return Some((Type::Option(Box::new(self.borrowed(inner)?)), passing));
        }
        Some((self.owned(ty)?, Passing::Owned))
    }

    fn borrowed(&mut self, ty: &syn::Type) -> Option<Type> {
        let syn::Type::Reference(reference) = bare(ty) else {
            return self.owned(ty);
        };
        if let Some(lifetime) = &reference.lifetime {
            return self.refuse_at(
                lifetime,
                "arguments live as long as the call: leave the lifetime out",
            );
        }
        if reference.mutability.is_some() {
            return self.refuse_at(ty, "an argument comes from an experiment and cannot be changed: take it by value or by `&`");
        }
        match bare(&reference.elem) {
            text if is_str(text) => Some(Type::String),
            syn::Type::Slice(slice) => Some(Type::List(Box::new(self.owned(&slice.elem)?))),
            other => self.owned(other),
        }
    }

    /// The type of a function's result.
    pub(crate) fn outcome(&mut self, ty: &syn::Type) -> Option<Outcome> {
        let ty = bare(ty);
        let Some(segment) = last(ty).filter(|segment| segment.ident == "Result") else {
            let ok = self.unless_unit(ty)?;
            return Some(Outcome { ok, error: None });
        };
        match generic_types(segment)[..] {
            // The other type is in an alias: of `std::io`, `anyhow`, or the author's own.
            [ok] => Some(Outcome {
                ok: self.unless_unit(ok)?,
                error: Some(Failure::Text),
            }),
            [ok, error] => {
                let ok = self.unless_unit(ok);
                let error = self.failure(error);
                Some(Outcome {
                    ok: ok?,
                    error: Some(error?),
                })
            }
            _ => self.refuse_at(ty, "write `Result<T, E>`"),
        }
    }

    fn unless_unit(&mut self, ty: &syn::Type) -> Option<Option<Type>> {
        match bare(ty) {
            syn::Type::Tuple(tuple) if tuple.elems.is_empty() => Some(None),
            ty => self.owned(ty).map(Some),
        }
    }

    /// An error is typed if the module has its type; of any other there is the text.
    fn failure(&mut self, ty: &syn::Type) -> Option<Failure> {
        if let Some((Item::Type(alias), _)) = single(ty).and_then(|ident| self.find(ident))
            && alias.generics.params.is_empty()
        {
            return self.failure(&alias.ty);
        }
        let typed = match bare(ty) {
            syn::Type::Tuple(_) => true,
            ty => last(ty).is_some_and(|segment| {
                let name = segment.ident.to_string();
                let own = single(ty).is_some_and(|ident| self.find(ident).is_some());
                own || name == "String"
                    || name == "Json"
                    || primitive(&name).is_some()
                    || ["Option", "Vec"].contains(&&*name)
            }),
        };
        if typed {
            self.owned(ty).map(Failure::Typed)
        } else {
            Some(Failure::Text)
        }
    }

    fn owned(&mut self, ty: &syn::Type) -> Option<Type> {
        let ty = bare(ty);
        match ty {
            syn::Type::Path(_) => self.path(ty),
            syn::Type::Tuple(tuple) if tuple.elems.is_empty() => self.refuse_at(
                ty,
                "`()` has no value: leave it out, or write `Option<..>` or `bool`",
            ),
            syn::Type::Tuple(tuple) => {
                let parts: Vec<Option<Type>> =
                    tuple.elems.iter().map(|part| self.owned(part)).collect();
                Some(Type::Tuple(parts.into_iter().collect::<Option<_>>()?))
            }
            syn::Type::Reference(_) => self.refuse_at(
                ty,
                "a reference can only be a parameter, or the `Option` of one: write the owned type",
            ),
            syn::Type::Array(_) => self.refuse_at(ty, "arrays cannot be exported: write `Vec<T>`"),
            syn::Type::Slice(_) => self.refuse_at(ty, "write `&[T]` or `Vec<T>`"),
            syn::Type::ImplTrait(_) | syn::Type::TraitObject(_) => self.refuse_at(
                ty,
                "an experiment gives values, not code: name a type that has them",
            ),
            syn::Type::FnPtr(_) | syn::Type::Ptr(_) | syn::Type::Never(_) | syn::Type::Infer(_) => {
                self.refuse_at(ty, "this type has no values that an experiment could write")
            }
            _ => self.refuse_at(ty, "this type cannot be exported"),
        }
    }

    fn path(&mut self, ty: &syn::Type) -> Option<Type> {
        if let Some(ident) = single(ty)
            && self.find(ident).is_some()
        {
            return self.named(ident);
        }
        let Some(segment) = known(ty) else {
            return self.foreign(ty);
        };
        let name = segment.ident.to_string();
        let parts = generic_types(segment);
        match (name.as_str(), &parts[..]) {
            ("String", []) => Some(Type::String),
            ("Json", []) => Some(Type::Json),
            ("Option", [inner]) => Some(Type::Option(Box::new(self.owned(inner)?))),
            ("Vec", [inner]) => Some(Type::List(Box::new(self.owned(inner)?))),
            ("Result", [ok, error]) => {
                let ok = self.unless_unit(ok);
                let error = self.unless_unit(error);
                Some(Type::Result(ok?.map(Box::new), error?.map(Box::new)))
            }
            (name, []) if primitive(name).is_some() => primitive(name),
            _ => self.foreign(ty),
        }
    }

    fn foreign<T>(&mut self, ty: &syn::Type) -> Option<T> {
        let name = last(ty)
            .map(|segment| segment.ident.to_string())
            .unwrap_or_default();
        if let Some(hint) = hint::instead_of(&name) {
            return self.refuse_at(ty, format!("`{name}` cannot be exported: {hint}"));
        }
        let written = ty.to_token_stream().to_string().replace(' ', "");
        let place = match self.shared {
            Some(_) => "neither this module nor the one of `types = ..` has",
            None => "this module does not have",
        };
        self.refuse_at(
            ty,
            format!(
                "{place} a type `{written}`: define it as a struct or enum here, or in a module under `#[chaos_plugin::types]` that is named by `types = crate::..`"
            ),
        )
    }

    /// The item of a name, and where it is.
    fn find(&self, ident: &Ident) -> Option<(&'a Item, Home)> {
        let named = |items: &'a [Item]| {
            items
                .iter()
                .find(|item| item_ident(item).is_some_and(|name| name == ident))
        };
        if let Some(item) = named(self.here) {
            return Some((item, Home::Here));
        }
        let (path, items) = self.shared?;
        Some((named(items)?, Home::Shared(path.clone())))
    }

    fn named(&mut self, ident: &Ident) -> Option<Type> {
        if self
            .entered
            .iter()
            .any(|definition| definition.ident == *ident)
        {
            return Some(Type::Named(ident.clone()));
        }
        if self.refused.contains(ident) {
            return None;
        }
        if self.under_way.contains(ident) {
            return self.refuse_at(
                ident,
                format!("`{ident}` contains itself, which exported types cannot"),
            );
        }
        let (item, home) = self.find(ident)?;
        self.under_way.push(ident.clone());
        let made = match item {
            Item::Type(alias) => match no_generics(&alias.generics, ident) {
                Ok(()) => self.owned(&alias.ty),
                Err(error) => self.refuse(error),
            },
            Item::Struct(item) => self
                .structure(item, home)
                .map(|()| Type::Named(ident.clone())),
            Item::Enum(item) => self
                .enumeration(item, home)
                .map(|()| Type::Named(ident.clone())),
            _ => None,
        };
        self.under_way.pop();
        if made.is_none() {
            self.refused.push(ident.clone());
        }
        made
    }
}

/// Whether `#[flags]` is written above a struct.
pub(crate) fn is_flags(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("flags"))
}

fn no_generics(generics: &Generics, ident: &Ident) -> syn::Result<()> {
    if generics.params.is_empty() {
        return Ok(());
    }
    Err(syn::Error::new_spanned(
        generics,
        format!("`{ident}` is exported and cannot have parameters: write the types out"),
    ))
}

fn item_ident(item: &Item) -> Option<&Ident> {
    match item {
        Item::Struct(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        _ => None,
    }
}

fn primitive(name: &str) -> Option<Type> {
    let (rust, wit) = PRIMITIVES.iter().find(|(rust, _)| *rust == name)?;
    Some(Type::Primitive(wit, rust))
}
