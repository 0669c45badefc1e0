//! Structs and enums.

use syn::{Attribute, Fields, Generics, Ident, ItemEnum, ItemStruct, Visibility};

use super::{LONGER, Scope, is_flags, no_generics};
use crate::model::{Body, Definition, Home, Member, Type};
use crate::{docs, name};

/// More than these do not fit into the number that flags travel in.
const MOST_FLAGS: usize = 32;

impl Scope<'_> {
    pub(super) fn structure(&mut self, item: &ItemStruct, home: Home) -> Option<()> {
        let flags = is_flags(&item.attrs);
        let sound = self.outside(&item.vis, &item.generics, &item.ident);
        let Fields::Named(fields) = &item.fields else {
            return self.refuse_at(
                &item.ident,
                "exported structs have fields with names: `struct Name { field: Type }`",
            );
        };
        if fields.named.is_empty() {
            return self.refuse_at(&item.ident, "an exported struct has at least one field");
        }
        if flags && fields.named.len() > MOST_FLAGS {
            return self.refuse_at(
                &item.ident,
                format!("there can be {MOST_FLAGS} flags at most"),
            );
        }
        let members: Vec<Option<Member>> = fields
            .named
            .iter()
            .map(|field| {
                let ident = field.ident.as_ref()?;
                let name = self.take(name::snake(ident));
                let ty = self.owned(&field.ty);
                if !is_public(&field.vis) {
                    return self.refuse_at(
                        ident,
                        format!("the field `{ident}` must be `pub`, as all of an exported struct"),
                    );
                }
                if flags && !matches!(ty, Some(Type::Primitive("bool", _))) {
                    return self.refuse_at(&field.ty, "every field of `#[flags]` is a `bool`");
                }
                Some(Member {
                    ident: ident.clone(),
                    name: name?,
                    docs: docs::text(&field.attrs),
                    ty: Some(ty?),
                })
            })
            .collect();
        let members = members.into_iter().collect::<Option<Vec<_>>>()?;
        sound?;
        let body = if flags {
            Body::Flags(members)
        } else {
            Body::Record(members)
        };
        self.enter(&item.ident, home, &item.attrs, body)
    }

    pub(super) fn enumeration(&mut self, item: &ItemEnum, home: Home) -> Option<()> {
        let sound = self.outside(&item.vis, &item.generics, &item.ident);
        if item.variants.is_empty() {
            return self.refuse_at(&item.ident, "an exported enum has at least one case");
        }
        let members: Vec<Option<Member>> = item
            .variants
            .iter()
            .map(|variant| {
                let name = self.take(name::camel(&variant.ident));
                if let Some((_, number)) = &variant.discriminant {
                    return self.refuse_at(
                        number,
                        "outside of Rust a case is its name: leave the number out",
                    );
                }
                let ty = match &variant.fields {
                    Fields::Unit => None,
                    Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                        match fields.unnamed.first() {
                            Some(field) => Some(self.owned(&field.ty)?),
                            None => None,
                        }
                    }
                    Fields::Unnamed(fields) => {
                        return self.refuse_at(
                            fields,
                            "a case holds one value: write a tuple `((A, B))` or a struct",
                        );
                    }
                    Fields::Named(fields) => {
                        return self.refuse_at(
                            fields,
                            "a case holds one value: make these fields a struct of its own",
                        );
                    }
                };
                Some(Member {
                    ident: variant.ident.clone(),
                    name: name?,
                    docs: docs::text(&variant.attrs),
                    ty,
                })
            })
            .collect();
        let members = members.into_iter().collect::<Option<Vec<_>>>()?;
        sound?;
        if members.iter().all(|member| member.ty.is_none()) && !derives_clone(&item.attrs) {
            return self.refuse_at(
                &item.ident,
                format!("write `#[derive(Clone, Copy)]` above `enum {}`", item.ident),
            );
        }
        self.enter(&item.ident, home, &item.attrs, Body::Variant(members))
    }

    /// Whether a type can be named from outside of its module.
    fn outside(
        &mut self,
        visibility: &Visibility,
        generics: &Generics,
        ident: &Ident,
    ) -> Option<()> {
        let sound = self.take(no_generics(generics, ident));
        if !is_public(visibility) {
            return self.refuse_at(
                ident,
                format!("an exported function uses `{ident}`: make it `pub`"),
            );
        }
        sound
    }

    fn enter(
        &mut self,
        ident: &Ident,
        home: Home,
        attributes: &[Attribute],
        body: Body,
    ) -> Option<()> {
        let plain = self.take(name::type_name(ident))?;
        let free = |name: &str| {
            name != self.json
                && !self.taken.iter().any(|taken| taken == name)
                && self
                    .entered
                    .iter()
                    .all(|definition| definition.name != name)
        };
        let longer = format!("{plain}{LONGER}");
        let name = if free(&plain) {
            plain
        } else if free(&longer) {
            longer
        } else {
            return self.refuse_at(
                ident,
                format!(
                    "another function or type is called `{plain}` outside of Rust, too: rename one"
                ),
            );
        };
        self.entered.push(Definition {
            ident: ident.clone(),
            home,
            name,
            docs: docs::text(attributes),
            body,
        });
        Some(())
    }
}

/// Whether more than the own module sees it. How much more the compiler checks.
fn is_public(visibility: &Visibility) -> bool {
    !matches!(visibility, Visibility::Inherited)
}

fn derives_clone(attributes: &[Attribute]) -> bool {
    let mut found = false;
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
    {
        // What is no list of paths is the compiler's to refuse.
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "Clone");
            Ok(())
        });
    }
    found
}
