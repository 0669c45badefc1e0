//! JSON into a plugin, as values of the types that it declares.

use super::path::Path;
use super::words::{FLOAT, alternatives, range, refusal, suggestion};
use super::{EXACT, json_name, wit_name};
use crate::document::{Pointer, Problem, Problems};
use crate::experiment::nearest;
use crate::plugin::signature::{Field, JSON_TEXT, Type};
use crate::substitution::Extent;
use serde_json::{Map, Number, Value};
use wasmtime::component::Val;

/// Values that one call's arguments may consist of. Each takes 40 bytes, however short its JSON.
pub const NODES: usize = 1_000_000;

/// Of more problems than this, only the first are told.
const PROBLEMS: usize = 50;

/// The value of type `ty` that `json` (of the document, at `at`) stands for.
///
/// `None`: it is none; every reason goes to `problems`.
pub fn from_json(json: &Value, ty: &Type, at: &Pointer, problems: &mut Problems) -> Option<Val> {
    Reader::new(problems, Substituted::Yes).value(json, ty, &Path::Start(at))
}

/// Whether `${name}` was replaced already, or may still become something else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Substituted {
    Yes,
    NotYet,
}

pub(super) struct Reader<'p> {
    problems: &'p mut Problems,
    substituted: Substituted,
    nodes: usize,
    told: usize,
}

impl<'p> Reader<'p> {
    pub(super) fn new(problems: &'p mut Problems, substituted: Substituted) -> Reader<'p> {
        Reader {
            problems,
            substituted,
            nodes: 0,
            told: 0,
        }
    }

    pub(super) fn value(&mut self, json: &Value, ty: &Type, at: &Path<'_>) -> Option<Val> {
        self.take(1, at)?;
        if self.substituted == Substituted::NotYet
            && let Value::String(text) = json
            && self.decided_later(text, ty)
        {
            return Some(Val::Bool(false));
        }
        match ty {
            Type::Bool => match json {
                Value::Bool(value) => Some(Val::Bool(*value)),
                _ => self.refuse(json, "true or false", ty, at),
            },
            Type::S8 => self.whole(json, ty, at, Val::S8),
            Type::U8 => self.whole(json, ty, at, Val::U8),
            Type::S16 => self.whole(json, ty, at, Val::S16),
            Type::U16 => self.whole(json, ty, at, Val::U16),
            Type::S32 => self.whole(json, ty, at, Val::S32),
            Type::U32 => self.whole(json, ty, at, Val::U32),
            Type::S64 => self.whole(json, ty, at, Val::S64),
            Type::U64 => self.whole(json, ty, at, Val::U64),
            Type::F32 => match float(json).map(|value| (value, value as f32)) {
                Some((wide, value)) if value.is_finite() || !wide.is_finite() => {
                    Some(Val::Float32(value))
                }
                _ => self.refuse(json, FLOAT, ty, at),
            },
            Type::F64 => match float(json) {
                Some(value) => Some(Val::Float64(value)),
                None => self.refuse(json, FLOAT, ty, at),
            },
            Type::Char => match json.as_str().and_then(only_character) {
                Some(value) => Some(Val::Char(value)),
                None => self.refuse(json, "a text of one character", ty, at),
            },
            Type::String => match json {
                Value::String(text) => Some(Val::String(text.clone())),
                _ => self.refuse(json, "a text", ty, at),
            },
            Type::Option(inner) => self.option(json, inner, ty, at),
            Type::List(inner) => match json {
                Value::Array(items) => {
                    // Before anything is allocated for them.
                    self.affords(items.len(), at)?;
                    let mut values = Vec::with_capacity(items.len());
                    let items = items.iter().map(|item| (item, &**inner));
                    self.items(items, &mut values, at)
                        .then_some(Val::List(values))
                }
                _ => self.refuse(json, "a list", ty, at),
            },
            Type::Tuple(types) => match json {
                Value::Array(items) if items.len() == types.len() => {
                    let mut values = Vec::with_capacity(items.len());
                    self.items(items.iter().zip(types), &mut values, at)
                        .then_some(Val::Tuple(values))
                }
                _ => self.refuse(json, &format!("a list of {} values", types.len()), ty, at),
            },
            any if any.is_any_json() => Some(Val::Record(vec![(
                JSON_TEXT.to_owned(),
                Val::String(json.to_string()),
            )])),
            Type::Record { fields, .. } => match json {
                Value::Object(given) => {
                    let values = self.members(given, fields, "field", at)?;
                    let names = fields.iter().map(|field| field.name.clone());
                    Some(Val::Record(names.zip(values).collect()))
                }
                _ => self.refuse(json, "an object", ty, at),
            },
            Type::Enum { cases, .. } => {
                let names = cases.iter().map(String::as_str);
                match json {
                    Value::String(text) => {
                        let case = self.one_of(text, names, ty, at)?;
                        Some(Val::Enum(case.to_owned()))
                    }
                    _ => self.refuse(json, &alternatives(names), ty, at),
                }
            }
            Type::Variant { cases, .. } => {
                let cases = cases.iter().map(|(name, ty)| (name.as_str(), ty.as_ref()));
                let (name, value) = self.case(json, cases, ty, at)?;
                Some(Val::Variant(name.to_owned(), value))
            }
            Type::Result { ok, err } => {
                let cases = [("ok", ok.as_deref()), ("err", err.as_deref())];
                let (name, value) = self.case(json, cases.into_iter(), ty, at)?;
                Some(Val::Result(match name {
                    "ok" => Ok(value),
                    _ => Err(value),
                }))
            }
            Type::Flags { flags, .. } => self.flags(json, flags, ty, at),
        }
    }

    /// The values of parameters or fields, in their order.
    pub(super) fn members(
        &mut self,
        given: &Map<String, Value>,
        fields: &[Field],
        what: &str,
        at: &Path<'_>,
    ) -> Option<Vec<Val>> {
        self.take(fields.len(), at)?;
        let mut sound = true;
        let mut places: Vec<Option<(&String, &Value)>> = vec![None; fields.len()];
        for (key, value) in given {
            let name = wit_name(key);
            let place = fields.iter().position(|field| field.name == *name);
            match place.and_then(|place| places.get_mut(place)) {
                Some(place @ None) => *place = Some((key, value)),
                Some(Some((first, _))) => {
                    sound = false;
                    let message =
                        format!("the {what} '{key}' is given twice: there is '{first}', too");
                    self.tell(&Path::Key(at, key), message);
                }
                None => {
                    sound = false;
                    let names = fields.iter().map(|field| field.name.as_str());
                    let hint = suggestion(&name, names.clone(), what);
                    let message = format!("there is no {what} '{key}'");
                    if let Some(problem) = self.tell(&Path::Key(at, key), message) {
                        problem.hint(hint);
                    }
                }
            }
        }
        let mut values = Vec::with_capacity(fields.len());
        for (field, place) in fields.iter().zip(places) {
            let value = match (place, &field.ty) {
                (Some((key, value)), ty) => self.value(value, ty, &Path::Key(at, key)),
                (None, Type::Option(_)) => Some(Val::Option(None)),
                (None, ty) => {
                    let name = json_name(&field.name);
                    self.tell(at, format!("the {what} '{name}' ({}) is missing", ty.wit()));
                    None
                }
            };
            match value {
                Some(value) => values.push(value),
                None => sound = false,
            }
        }
        sound.then_some(values)
    }

    fn items<'i>(
        &mut self,
        items: impl Iterator<Item = (&'i Value, &'i Type)>,
        values: &mut Vec<Val>,
        at: &Path<'_>,
    ) -> bool {
        let mut sound = true;
        for (index, (item, ty)) in items.enumerate() {
            match self.value(item, ty, &Path::Index(at, index)) {
                Some(value) => values.push(value),
                None => sound = false,
            }
            if self.told > PROBLEMS || self.nodes > NODES {
                return false;
            }
        }
        sound
    }

    fn whole<T: TryFrom<i128>>(
        &mut self,
        json: &Value,
        ty: &Type,
        at: &Path<'_>,
        val: impl FnOnce(T) -> Val,
    ) -> Option<Val> {
        let wide = matches!(ty, Type::S64 | Type::U64);
        let number = match json {
            Value::Number(number) => whole(number),
            Value::String(text) if wide => digits(text),
            _ => None,
        };
        match number.and_then(|number| T::try_from(number).ok()) {
            Some(number) => Some(val(number)),
            None => self.refuse(json, range(ty), ty, at),
        }
    }

    fn option(&mut self, json: &Value, inner: &Type, ty: &Type, at: &Path<'_>) -> Option<Val> {
        if json.is_null() {
            return Some(Val::Option(None));
        }
        // Only here `null` could mean two things.
        let value = if let Type::Option(_) = inner {
            match sole(json) {
                Some(("some", value)) => self.value(value, inner, &Path::Key(at, "some")),
                _ => self.refuse(json, "null or {\"some\": ...}", ty, at),
            }
        } else {
            self.value(json, inner, at)
        };
        value.map(|value| Val::Option(Some(Box::new(value))))
    }

    /// The case that `json` names, and what it carries.
    fn case<'c>(
        &mut self,
        json: &Value,
        cases: impl Iterator<Item = (&'c str, Option<&'c Type>)> + Clone,
        ty: &Type,
        at: &Path<'_>,
    ) -> Option<(&'c str, Option<Box<Val>>)> {
        let names = cases.clone().map(|(name, _)| name);
        let (written, carried) = match (json, sole(json)) {
            (Value::String(text), _) => (text.as_str(), None),
            (_, Some((text, value))) => (text, Some(value)),
            _ => return self.refuse(json, &alternatives(names), ty, at),
        };
        let name = self.one_of(written, names, ty, at)?;
        let declared = cases.into_iter().find(|(case, _)| *case == name)?.1;
        match (declared, carried) {
            (None, None) => Some((name, None)),
            (Some(ty), Some(value)) => {
                let value = self.value(value, ty, &Path::Key(at, written))?;
                Some((name, Some(Box::new(value))))
            }
            (Some(ty), None) => {
                let message = format!("'{written}' needs a value: {{\"{written}\": {}}}", ty.wit());
                self.tell(at, message);
                None
            }
            (None, Some(_)) => {
                let message = format!("'{written}' takes no value: write \"{written}\"");
                self.tell(at, message);
                None
            }
        }
    }

    fn flags(&mut self, json: &Value, flags: &[String], ty: &Type, at: &Path<'_>) -> Option<Val> {
        let Value::Array(items) = json else {
            return self.refuse(json, "a list of names", ty, at);
        };
        let names = || flags.iter().map(String::as_str);
        let mut set = Vec::new();
        let mut sound = true;
        for (index, item) in items.iter().enumerate() {
            let at = Path::Index(at, index);
            let name = match item {
                Value::String(text) if self.may_change(text) => continue,
                Value::String(text) => self.one_of(text, names(), ty, &at),
                _ => self.refuse(item, &alternatives(names()), ty, &at),
            };
            match name {
                Some(name) if set.iter().any(|other| other == name) => {
                    sound = false;
                    self.tell(&at, format!("'{}' is given twice", json_name(name)));
                }
                Some(name) => set.push(name.to_owned()),
                None => sound = false,
            }
            if self.told > PROBLEMS {
                return None;
            }
        }
        sound.then_some(Val::Flags(set))
    }

    /// The one of `names` that `written` is.
    fn one_of<'c>(
        &mut self,
        written: &str,
        names: impl Iterator<Item = &'c str> + Clone,
        ty: &Type,
        at: &Path<'_>,
    ) -> Option<&'c str> {
        let wanted = wit_name(written);
        if let Some(name) = names.clone().find(|name| *name == wanted) {
            return Some(name);
        }
        let near = nearest(&wanted, names.clone());
        let json = Value::from(written);
        let message = refusal(&json, &alternatives(names), ty);
        if let Some(problem) = self.tell(at, message)
            && let Some(near) = near
        {
            problem.hint(format!("did you mean '{}'?", json_name(near)));
        }
        None
    }

    /// Whether substitution may turn `text` into a value of type `ty`.
    fn decided_later(&self, text: &str, ty: &Type) -> bool {
        match Extent::of(text) {
            Extent::None => false,
            Extent::Whole => true,
            // It stays a text.
            Extent::Part => match ty {
                Type::Option(inner) => self.decided_later(text, inner),
                Type::String
                | Type::Char
                | Type::S64
                | Type::U64
                | Type::F32
                | Type::F64
                | Type::Enum { .. }
                | Type::Variant { .. }
                | Type::Result { .. } => true,
                _ => false,
            },
        }
    }

    fn may_change(&self, text: &str) -> bool {
        self.substituted == Substituted::NotYet && Extent::of(text) != Extent::None
    }

    fn take(&mut self, nodes: usize, at: &Path<'_>) -> Option<()> {
        self.affords(nodes, at)?;
        self.nodes += nodes;
        Some(())
    }

    fn affords(&mut self, nodes: usize, at: &Path<'_>) -> Option<()> {
        if nodes <= NODES.saturating_sub(self.nodes) {
            return Some(());
        }
        // Said once.
        if self.nodes <= NODES {
            self.nodes = NODES + 1;
            self.tell(at, format!("there are more than {NODES} values"));
        }
        None
    }

    fn refuse<T>(&mut self, json: &Value, expected: &str, ty: &Type, at: &Path<'_>) -> Option<T> {
        self.tell(at, refusal(json, expected, ty));
        None
    }

    fn tell(&mut self, at: &Path<'_>, message: String) -> Option<&mut Problem> {
        self.told += 1;
        if self.told > PROBLEMS {
            return None;
        }
        Some(self.problems.error(&at.pointer(), message))
    }
}

fn whole(number: &Number) -> Option<i128> {
    if let Some(number) = number.as_u64() {
        return Some(i128::from(number));
    }
    if let Some(number) = number.as_i64() {
        return Some(i128::from(number));
    }
    // `3.0`, `1e3`. Beyond 2^53 it may have been rounded when it was read.
    let number = number.as_f64()?;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i128)
}

fn digits(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn float(json: &Value) -> Option<f64> {
    match json {
        Value::Number(number) => number.as_f64().filter(|number| number.is_finite()),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

fn only_character(text: &str) -> Option<char> {
    let mut characters = text.chars();
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

/// The one member of an object that has just one.
fn sole(json: &Value) -> Option<(&str, &Value)> {
    let object = json.as_object()?;
    let (key, value) = object.iter().next()?;
    (object.len() == 1).then_some((key.as_str(), value))
}
