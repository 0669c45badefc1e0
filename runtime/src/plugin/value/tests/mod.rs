#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod any;
mod calls;
mod echo;
mod round_trips;
mod table;

use super::*;
use crate::document::{Pointer, Problem, Problems};
use crate::plugin::signature::{Field, Function, Kind, Type};
use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};
use wasmtime::component::Val;

fn read(json: &Value, ty: &Type) -> Result<Val, Vec<String>> {
    let mut problems = Problems::new();
    let value = from_json(json, ty, &Pointer::root(), &mut problems);
    assert_eq!(value.is_none(), problems.has_errors());
    value.ok_or_else(|| problems.iter().map(shown).collect())
}

/// `/at: message (hint)`
fn shown(problem: &Problem) -> String {
    let hint = problem.hint.as_ref();
    let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{}: {}{hint}", problem.pointer, problem.message)
}

/// What comes out again of what was put in.
fn through(json: Value, ty: &Type) -> Result<Value, Vec<String>> {
    read(&json, ty).map(|value| to_json(&value).unwrap())
}

fn refused(json: Value, ty: &Type) -> String {
    let problems = read(&json, ty).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.concat()
}

fn option(ty: Type) -> Type {
    Type::Option(Box::new(ty))
}

fn list(ty: Type) -> Type {
    Type::List(Box::new(ty))
}

fn field(name: &str, ty: Type) -> Field {
    Field {
        name: name.to_owned(),
        ty,
        docs: String::new(),
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn mood() -> Type {
    Type::Enum {
        name: "mood".to_owned(),
        cases: names(&["glad", "very-sad", "GET-all"]),
    }
}

fn rights() -> Type {
    Type::Flags {
        name: "rights".to_owned(),
        flags: names(&["read", "write-all"]),
    }
}

fn shape() -> Type {
    Type::Variant {
        name: "shape".to_owned(),
        cases: vec![
            ("dot".to_owned(), None),
            ("wide-circle".to_owned(), Some(Type::F64)),
            ("maybe".to_owned(), Some(option(Type::U8))),
        ],
    }
}

fn report() -> Type {
    Type::Record {
        name: "report".to_owned(),
        fields: vec![
            field("greeting", Type::String),
            field("times-said", Type::U32),
            field("type", option(Type::Bool)),
        ],
    }
}

fn result(ok: Option<Type>, err: Option<Type>) -> Type {
    Type::Result {
        ok: ok.map(Box::new),
        err: err.map(Box::new),
    }
}

const INTEGERS: [(Type, i128, i128); 8] = [
    (Type::S8, i8::MIN as i128, i8::MAX as i128),
    (Type::U8, 0, u8::MAX as i128),
    (Type::S16, i16::MIN as i128, i16::MAX as i128),
    (Type::U16, 0, u16::MAX as i128),
    (Type::S32, i32::MIN as i128, i32::MAX as i128),
    (Type::U32, 0, u32::MAX as i128),
    (Type::S64, i64::MIN as i128, i64::MAX as i128),
    (Type::U64, 0, u64::MAX as i128),
];
