//! Signatures as WIT, for people.

use super::{Field, Form, Function, Kind, Signature, Type, interface_name, without_version};
use std::collections::HashSet;

impl Kind {
    /// `probe`.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Probe => "probe",
            Kind::Action => "action",
            Kind::Control => "control",
        }
    }

    /// `a probe`.
    pub fn with_article(self) -> &'static str {
        match self {
            Kind::Probe => "a probe",
            Kind::Action => "an action",
            Kind::Control => "a control",
        }
    }
}

impl Function {
    /// `p99-latency: func(url: string, requests: u32) -> result<f64, string>`.
    pub fn wit(&self) -> String {
        let parameters: Vec<String> = self.parameters.iter().map(Field::wit).collect();
        let result = match &self.result {
            Some(ty) => format!(" -> {}", ty.wit()),
            None => String::new(),
        };
        format!(
            "{}: func({}){result}",
            escaped(&self.name),
            parameters.join(", ")
        )
    }
}

impl Field {
    /// `requests: u32`.
    pub fn wit(&self) -> String {
        format!("{}: {}", escaped(&self.name), self.ty.wit())
    }
}

impl Type {
    /// As it stands in a signature: `list<u8>`; records and their like by name.
    pub fn wit(&self) -> String {
        let joined = |types: &[Type]| -> String {
            let types: Vec<String> = types.iter().map(Type::wit).collect();
            types.join(", ")
        };
        match self {
            Type::Bool => "bool".to_owned(),
            Type::S8 => "s8".to_owned(),
            Type::U8 => "u8".to_owned(),
            Type::S16 => "s16".to_owned(),
            Type::U16 => "u16".to_owned(),
            Type::S32 => "s32".to_owned(),
            Type::U32 => "u32".to_owned(),
            Type::S64 => "s64".to_owned(),
            Type::U64 => "u64".to_owned(),
            Type::F32 => "f32".to_owned(),
            Type::F64 => "f64".to_owned(),
            Type::Char => "char".to_owned(),
            Type::String => "string".to_owned(),
            Type::Option(inner) => format!("option<{}>", inner.wit()),
            Type::List(inner) => format!("list<{}>", inner.wit()),
            Type::Tuple(types) => format!("tuple<{}>", joined(types)),
            Type::Result { ok, err } => match (ok, err) {
                (None, None) => "result".to_owned(),
                (Some(ok), None) => format!("result<{}>", ok.wit()),
                (None, Some(err)) => format!("result<_, {}>", err.wit()),
                (Some(ok), Some(err)) => format!("result<{}, {}>", ok.wit(), err.wit()),
            },
            Type::Record { name, .. }
            | Type::Variant { name, .. }
            | Type::Enum { name, .. }
            | Type::Flags { name, .. } => escaped(name),
        }
    }

    /// The declaration of a type that has a name.
    pub fn declaration(&self) -> Option<String> {
        let (word, name, members): (_, _, Vec<String>) = match self {
            Type::Record { name, fields } => {
                ("record", name, fields.iter().map(Field::wit).collect())
            }
            Type::Variant { name, cases } => {
                let case = |(case, ty): &(String, Option<Type>)| match ty {
                    Some(ty) => format!("{}({})", escaped(case), ty.wit()),
                    None => escaped(case),
                };
                ("variant", name, cases.iter().map(case).collect())
            }
            Type::Enum { name, cases } => (
                "enum",
                name,
                cases.iter().map(|case| escaped(case)).collect(),
            ),
            Type::Flags { name, flags } => (
                "flags",
                name,
                flags.iter().map(|flag| escaped(flag)).collect(),
            ),
            _ => return None,
        };
        Some(format!(
            "{word} {} {{ {} }}",
            escaped(name),
            members.join(", ")
        ))
    }

    /// The types that this one is made of.
    fn parts(&self) -> Vec<&Type> {
        match self {
            Type::Option(inner) | Type::List(inner) => vec![&**inner],
            Type::Tuple(types) => types.iter().collect(),
            Type::Result { ok, err } => ok.iter().chain(err).map(|ty| &**ty).collect(),
            Type::Record { fields, .. } => fields.iter().map(|field| &field.ty).collect(),
            Type::Variant { cases, .. } => cases.iter().filter_map(|(_, ty)| ty.as_ref()).collect(),
            _ => Vec::new(),
        }
    }
}

/// The types that have names among those that `functions` use, each after those that it is made
/// of, and once.
pub fn named_types<'f>(functions: impl IntoIterator<Item = &'f Function>) -> Vec<&'f Type> {
    let mut found = Found::default();
    for function in functions {
        let parameters = function.parameters.iter().map(|field| &field.ty);
        for ty in parameters.chain(&function.result) {
            found.add(ty);
        }
    }
    found.types
}

#[derive(Default)]
struct Found<'t> {
    types: Vec<&'t Type>,
    /// What they are declared as; documentation may differ.
    declared: HashSet<String>,
}

impl<'t> Found<'t> {
    fn add(&mut self, ty: &'t Type) {
        let declaration = ty.declaration();
        let known = |declaration| self.declared.contains(declaration);
        if declaration.as_ref().is_some_and(known) {
            return;
        }
        for part in ty.parts() {
            self.add(part);
        }
        if let Some(declaration) = declaration {
            self.declared.insert(declaration);
            self.types.push(ty);
        }
    }
}

impl Signature {
    /// Everything as a WIT document: what its author would have to write, docs included.
    pub fn wit(&self) -> String {
        let mut packages: Vec<(String, Vec<&str>)> = Vec::new();
        for function in &self.functions {
            let name = package(&function.interface);
            let index = match packages.iter().position(|(known, _)| *known == name) {
                Some(index) => index,
                None => {
                    packages.push((name, Vec::new()));
                    packages.len() - 1
                }
            };
            if let Some((_, interfaces)) = packages.get_mut(index)
                && !interfaces.contains(&function.interface.as_str())
            {
                interfaces.push(&function.interface);
            }
        }
        let mut world: Vec<String> = Vec::new();
        world.extend(self.imports.iter().map(|name| format!("import {name};")));
        let mut text = String::from("package root:component;\n");
        for (package, interfaces) in &packages {
            let bodies: Vec<String> = interfaces.iter().map(|it| self.interface(it)).collect();
            if package.is_empty() {
                let inline = interfaces.iter().zip(&bodies);
                world.extend(inline.map(|(name, body)| format!("export {name}: interface {body}")));
            } else {
                world.extend(interfaces.iter().map(|name| format!("export {name};")));
                let named = interfaces.iter().zip(&bodies);
                let named: Vec<String> = named
                    .map(|(name, body)| format!("interface {} {body}", interface_name(name)))
                    .collect();
                text += &format!("\npackage {package} {}\n", braces(&named));
            }
        }
        match self.form {
            Form::Typed => {}
            Form::Untyped => world.push(INVOKE.to_owned()),
            Form::Command => world.extend(self.entry.iter().map(|it| format!("export {it};"))),
        }
        text += &format!("\nworld plugin {}\n", braces(&world));
        text
    }

    /// The body of an exported interface.
    fn interface(&self, interface: &str) -> String {
        let functions = || self.functions.iter().filter(|f| f.interface == interface);
        let types = named_types(functions());
        let mut items: Vec<String> = types.iter().filter_map(|ty| ty.declaration()).collect();
        for function in functions() {
            items.push(format!("{}{};", comment(&function.docs), function.wit()));
        }
        braces(&items)
    }
}

const INVOKE: &str =
    "export invoke: func(name: string, arguments: string) -> result<string, string>;";

/// Items within braces, one step to the right.
fn braces(items: &[String]) -> String {
    let lines = items.iter().flat_map(|item| item.lines());
    let lines: String = lines.map(|line| format!("    {line}\n")).collect();
    format!("{{\n{lines}}}")
}

fn comment(docs: &str) -> String {
    docs.lines()
        .map(|line| format!("/// {line}").trim_end().to_owned() + "\n")
        .collect()
}

/// `shop:checkout@1.0.0` of `shop:checkout/probes@1.0.0`; nothing of `probes`.
fn package(interface: &str) -> String {
    let name = without_version(interface);
    let version = interface.get(name.len()..).unwrap_or_default();
    match name.rsplit_once('/') {
        Some((package, _)) => format!("{package}{version}"),
        None => String::new(),
    }
}

/// A name that is a keyword of WIT, marked as a name.
fn escaped(name: &str) -> String {
    match KEYWORDS.contains(&name) {
        true => format!("%{name}"),
        false => name.to_owned(),
    }
}

const KEYWORDS: &[&str] = &[
    "as",
    "async",
    "bool",
    "borrow",
    "char",
    "constructor",
    "enum",
    "error-context",
    "export",
    "f32",
    "f64",
    "flags",
    "from",
    "func",
    "future",
    "import",
    "include",
    "interface",
    "list",
    "map",
    "option",
    "own",
    "package",
    "record",
    "resource",
    "result",
    "s16",
    "s32",
    "s64",
    "s8",
    "static",
    "stream",
    "string",
    "tuple",
    "type",
    "u16",
    "u32",
    "u64",
    "u8",
    "use",
    "variant",
    "with",
    "world",
];
