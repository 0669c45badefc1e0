//! The model as WIT text.
//!
//! All names are written with `%`, so that none of them is taken for a word of the language.

use std::fmt::Write as _;

use crate::model::{
    Body, Definition, Failure, Function, Interface, Kind, Member, Outcome, Package, Type,
};

/// A package with the interface and a world that exports it.
pub(crate) fn package(package: &Package, kind: Kind, interface: &Interface) -> String {
    let name = kind.interface();
    let Package {
        namespace,
        name: package,
        version,
    } = package;
    let mut out = format!("package %{namespace}:%{package}@{version};\ninterface {name} {{\n");
    if interface.uses_json() {
        let _ = writeln!(out, "record %{} {{ json-text: string }}", interface.json);
    }
    for definition in &interface.types {
        write_definition(&mut out, interface, definition);
    }
    for function in &interface.functions {
        write_function(&mut out, interface, function);
    }
    let _ = writeln!(out, "}}\nworld {name}-world {{ export {name}; }}");
    out
}

fn write_definition(out: &mut String, interface: &Interface, definition: &Definition) {
    let name = &definition.name;
    let (keyword, members) = match &definition.body {
        Body::Record(members) => ("record", members),
        Body::Variant(members) if members.iter().all(|member| member.ty.is_none()) => {
            ("enum", members)
        }
        Body::Variant(members) => ("variant", members),
        Body::Flags(members) => ("flags", members),
    };
    let _ = write!(out, "{keyword} %{name} {{ ");
    for Member { name, ty, .. } in members {
        let _ = match (&definition.body, ty) {
            (Body::Record(_), Some(ty)) => write!(out, "%{name}: {}, ", ty_text(interface, ty)),
            (Body::Variant(_), Some(ty)) => write!(out, "%{name}({}), ", ty_text(interface, ty)),
            _ => write!(out, "%{name}, "),
        };
    }
    out.push_str("}\n");
}

fn write_function(out: &mut String, interface: &Interface, function: &Function) {
    let params: Vec<String> = function
        .params
        .iter()
        .map(|param| format!("%{}: {}", param.name, ty_text(interface, &param.ty)))
        .collect();
    let _ = write!(out, "%{}: func({})", function.name, params.join(", "));
    if let Some(result) = result_text(interface, &function.result) {
        let _ = write!(out, " -> {result}");
    }
    out.push_str(";\n");
}

fn result_text(interface: &Interface, outcome: &Outcome) -> Option<String> {
    let ok = outcome.ok.as_ref().map(|ok| ty_text(interface, ok));
    let Some(error) = &outcome.error else {
        return ok;
    };
    let error = match error {
        Failure::Typed(ty) => ty_text(interface, ty),
        Failure::Text => "string".to_owned(),
    };
    Some(format!("result<{}, {error}>", ok.as_deref().unwrap_or("_")))
}

fn ty_text(interface: &Interface, ty: &Type) -> String {
    let text = |ty: &Type| ty_text(interface, ty);
    match ty {
        Type::Primitive(wit, _) => (*wit).to_owned(),
        Type::String => "string".to_owned(),
        Type::Json => format!("%{}", interface.json),
        Type::Option(inner) => format!("option<{}>", text(inner)),
        Type::List(inner) => format!("list<{}>", text(inner)),
        Type::Tuple(parts) => format!(
            "tuple<{}>",
            parts.iter().map(text).collect::<Vec<_>>().join(", ")
        ),
        Type::Result(ok, error) => match (ok, error) {
            (None, None) => "result".to_owned(),
            (Some(ok), None) => format!("result<{}>", text(ok)),
            (ok, Some(error)) => {
                format!(
                    "result<{}, {}>",
                    ok.as_ref().map_or("_".to_owned(), |ok| text(ok)),
                    text(error)
                )
            }
        },
        // Every name that is used was entered by `types`.
        Type::Named(ident) => interface
            .definition(ident)
            .map_or_else(String::new, |found| format!("%{}", found.name)),
    }
}
