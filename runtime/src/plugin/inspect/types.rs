//! From the validator's types to the signature's.

use crate::plugin::signature::{Field, Type};
use crate::plugin::value::json_name;
use std::collections::HashMap;
use wasmparser::PrimitiveValType;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncType, ComponentInstanceType, ComponentValType,
};
use wasmparser::types::Types;

/// How deep a type may nest. Values are walked recursively, and no author needs so much.
pub(super) const DEPTH: usize = 32;

/// Types within all signatures of a component, each counted where it is used: a few declarations
/// that use each other twice would otherwise grow without bound.
pub(super) const TYPES: usize = 100_000;

/// Bytes of names and documentation within all signatures of a component, counted likewise.
pub(super) const NAME_BYTES: usize = 8 * 1024 * 1024;

/// The names that an interface gives its types.
#[derive(Default)]
pub(super) struct Names<'t>(HashMap<ComponentAnyTypeId, &'t str>);

impl<'t> Names<'t> {
    /// Adds those that an instance exports, unless a type has a name already.
    pub(super) fn add(&mut self, types: &Types, instance: &'t ComponentInstanceType) {
        for (name, item) in &instance.exports {
            let ComponentEntityType::Type { created, .. } = item.ty else {
                continue;
            };
            for id in originals(types, created) {
                self.0.entry(id).or_insert(name);
            }
        }
    }

    fn get(&self, types: &Types, id: ComponentDefinedTypeId) -> Option<&'t str> {
        let mut ids = originals(types, ComponentAnyTypeId::Defined(id));
        ids.find_map(|id| self.0.get(&id).copied())
    }
}

/// A type, the one that it is an alias of, and so on.
fn originals(
    types: &Types,
    id: ComponentAnyTypeId,
) -> impl Iterator<Item = ComponentAnyTypeId> + '_ {
    std::iter::successors(Some(id), |id| types.peel_alias(*id))
}

/// Parameters and result.
pub(super) type Shape = (Vec<Field>, Option<Type>);

/// Whether it is `func(name: string, arguments: string) -> result<string, string>`.
pub(super) fn is_invoke((parameters, result): &Shape) -> bool {
    let texts = parameters.iter().all(|field| field.ty == Type::String);
    let text = || Some(Box::new(Type::String));
    let answer = Type::Result {
        ok: text(),
        err: text(),
    };
    texts && parameters.len() == 2 && *result == Some(answer)
}

pub(super) struct TypeReader<'t> {
    types: &'t Types,
    /// Of all interfaces: one's record may hold another's that it does not name itself.
    elsewhere: Names<'t>,
    types_left: usize,
    bytes_left: usize,
}

impl<'t> TypeReader<'t> {
    pub(super) fn new(types: &'t Types, elsewhere: Names<'t>) -> TypeReader<'t> {
        TypeReader {
            types,
            elsewhere,
            types_left: TYPES,
            bytes_left: NAME_BYTES,
        }
    }

    /// Takes `bytes` from what is left for names; `false` once there was not enough.
    pub(super) fn affords(&mut self, bytes: usize) -> bool {
        // Nothing is left for anybody after the first refusal.
        self.bytes_left = self.bytes_left.saturating_sub(bytes);
        self.bytes_left > 0 && self.types_left > 0
    }

    /// Takes `bytes` if they are there.
    pub(super) fn has(&mut self, bytes: usize) -> bool {
        let enough = bytes < self.bytes_left;
        if enough {
            self.bytes_left -= bytes;
        }
        enough
    }

    fn text(&mut self, text: &str) -> Result<String, String> {
        match self.affords(text.len()) {
            true => Ok(text.to_owned()),
            false => Err(TOO_LARGE.to_owned()),
        }
    }

    /// # Errors
    /// Why the function cannot be called, for its author.
    pub(super) fn function(
        &mut self,
        function: &ComponentFuncType,
        names: &Names<'_>,
    ) -> Result<Shape, String> {
        if function.async_ {
            return Err("it is `async`; write an ordinary function".to_owned());
        }
        let mut parameters = Vec::new();
        for (name, ty) in &function.params {
            let field = self.field(name, ty, names, 0);
            let why = |why| format!("its parameter '{}' {why}", json_name(name));
            parameters.push(field.map_err(why)?);
        }
        let result = match &function.result {
            Some(ty) => Some(
                self.value(ty, names, 0)
                    .map_err(|why| format!("its result {why}"))?,
            ),
            None => None,
        };
        Ok((parameters, result))
    }

    fn field(
        &mut self,
        name: &str,
        ty: &ComponentValType,
        names: &Names<'_>,
        depth: usize,
    ) -> Result<Field, String> {
        Ok(Field {
            ty: self.value(ty, names, depth)?,
            name: self.text(name)?,
            docs: String::new(),
        })
    }

    fn value(
        &mut self,
        ty: &ComponentValType,
        names: &Names<'_>,
        depth: usize,
    ) -> Result<Type, String> {
        self.types_left = self.types_left.saturating_sub(1);
        if self.types_left == 0 {
            return Err(TOO_LARGE.to_owned());
        }
        if depth > DEPTH {
            return Err(format!("nests deeper than {DEPTH} levels"));
        }
        match ty {
            ComponentValType::Primitive(ty) => primitive(*ty),
            ComponentValType::Type(id) => self.defined(*id, names, depth),
        }
    }

    fn defined(
        &mut self,
        id: ComponentDefinedTypeId,
        names: &Names<'_>,
        depth: usize,
    ) -> Result<Type, String> {
        let types = self.types;
        let name = names
            .get(types, id)
            .or_else(|| self.elsewhere.get(types, id));
        let name = |kind: &'static str| name.unwrap_or(kind);
        let mut inner = |ty: &ComponentValType| self.value(ty, names, depth + 1);
        Ok(match &types[id] {
            ComponentDefinedType::Primitive(ty) => primitive(*ty)?,
            ComponentDefinedType::Record(record) => {
                let mut fields = Vec::new();
                for (name, ty) in &record.fields {
                    fields.push(self.field(name, ty, names, depth + 1)?);
                }
                Type::Record {
                    name: self.text(name("record"))?,
                    fields,
                }
            }
            ComponentDefinedType::Variant(variant) => {
                let mut cases = Vec::new();
                for (name, case) in &variant.cases {
                    let ty = match &case.ty {
                        Some(ty) => Some(self.value(ty, names, depth + 1)?),
                        None => None,
                    };
                    cases.push((self.text(name)?, ty));
                }
                Type::Variant {
                    name: self.text(name("variant"))?,
                    cases,
                }
            }
            ComponentDefinedType::List { element, .. } => Type::List(Box::new(inner(element)?)),
            ComponentDefinedType::Option { ty, .. } => Type::Option(Box::new(inner(ty)?)),
            ComponentDefinedType::Tuple(tuple) => {
                let types = tuple.types.iter().map(inner);
                Type::Tuple(types.collect::<Result<_, String>>()?)
            }
            ComponentDefinedType::Result { ok, err, .. } => Type::Result {
                ok: ok.as_ref().map(&mut inner).transpose()?.map(Box::new),
                err: err.as_ref().map(&mut inner).transpose()?.map(Box::new),
            },
            ComponentDefinedType::Flags(flags) => Type::Flags {
                name: self.text(name("flags"))?,
                flags: flags
                    .iter()
                    .map(|name| self.text(name))
                    .collect::<Result<_, _>>()?,
            },
            ComponentDefinedType::Enum(cases) => Type::Enum {
                name: self.text(name("enum"))?,
                cases: cases
                    .iter()
                    .map(|name| self.text(name))
                    .collect::<Result<_, _>>()?,
            },
            ComponentDefinedType::Own(_) | ComponentDefinedType::Borrow(_) => {
                return Err("holds a resource, which JSON cannot; pass its data instead".to_owned());
            }
            ComponentDefinedType::Future { .. } => {
                return Err("holds a future, which plugins may not use".to_owned());
            }
            ComponentDefinedType::Stream { .. } => {
                return Err("holds a stream, which plugins may not use; use a list".to_owned());
            }
            ComponentDefinedType::Map { .. } => {
                return Err(
                    "holds a map, which plugins may not use; use a list of pairs".to_owned(),
                );
            }
            ComponentDefinedType::FixedLengthList { .. } => {
                return Err(
                    "holds a list of fixed length, which plugins may not use; use a list or a \
                     tuple"
                        .to_owned(),
                );
            }
        })
    }
}

/// Told by the whole component's refusal.
const TOO_LARGE: &str = "is too large";

fn primitive(ty: PrimitiveValType) -> Result<Type, String> {
    Ok(match ty {
        PrimitiveValType::Bool => Type::Bool,
        PrimitiveValType::S8 => Type::S8,
        PrimitiveValType::U8 => Type::U8,
        PrimitiveValType::S16 => Type::S16,
        PrimitiveValType::U16 => Type::U16,
        PrimitiveValType::S32 => Type::S32,
        PrimitiveValType::U32 => Type::U32,
        PrimitiveValType::S64 => Type::S64,
        PrimitiveValType::U64 => Type::U64,
        PrimitiveValType::F32 => Type::F32,
        PrimitiveValType::F64 => Type::F64,
        PrimitiveValType::Char => Type::Char,
        PrimitiveValType::String => Type::String,
        PrimitiveValType::ErrorContext => {
            return Err("holds an error context, which plugins may not use".to_owned());
        }
    })
}
