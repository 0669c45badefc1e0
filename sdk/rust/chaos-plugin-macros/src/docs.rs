//! Comments as the JSON document that travels in the component's section `chaos-docs`.
//!
//! `sdk/rust/README.md` describes it.

use std::fmt::Write as _;

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use crate::model::{Body, Definition, Function, Interface};

/// The text of doc comments, without the space that usually follows the slashes.
pub(crate) fn text(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = attributes.iter().filter_map(line).collect();
    lines.join("\n").trim().to_owned()
}

/// Whether an attribute is a doc comment.
pub(crate) fn is_comment(attribute: &Attribute) -> bool {
    line(attribute).is_some()
}

fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    if !pair.path.is_ident("doc") {
        return None;
    }
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = &pair.value
    else {
        return None;
    };
    let text = text.value();
    let lines: Vec<&str> = text
        .split('\n')
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect();
    Some(lines.join("\n"))
}

/// One line of JSON, with its end; what has no comment is left out.
pub(crate) fn document(name: &str, interface: &Interface) -> String {
    let functions = Object::of(
        interface
            .functions
            .iter()
            .map(|it| (it.name.as_str(), function(it))),
    );
    let types = Object::of(
        interface
            .types
            .iter()
            .map(|it| (it.name.as_str(), definition(it))),
    );
    let mut document = Object::default();
    document.text("interface", name);
    document.text("docs", &interface.docs);
    document.object("functions", functions);
    document.object("types", types);
    format!("{}\n", document.end())
}

fn function(function: &Function) -> Object {
    let mut params = Object::default();
    for param in &function.params {
        params.text(&param.name, &param.docs);
    }
    let mut object = Object::default();
    object.text("docs", &function.docs);
    object.object("params", params);
    object
}

fn definition(definition: &Definition) -> Object {
    let (Body::Record(all) | Body::Variant(all) | Body::Flags(all)) = &definition.body;
    let mut members = Object::default();
    for member in all {
        members.text(&member.name, &member.docs);
    }
    let mut object = Object::default();
    object.text("docs", &definition.docs);
    object.object("members", members);
    object
}

/// A JSON object that is being written. Empty texts and objects are not entered.
#[derive(Default)]
struct Object(String);

impl Object {
    fn of<'a>(entries: impl Iterator<Item = (&'a str, Object)>) -> Self {
        let mut object = Self::default();
        for (key, value) in entries {
            object.object(key, value);
        }
        object
    }

    fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.key(key);
            quote_into(&mut self.0, text);
        }
    }

    fn object(&mut self, key: &str, object: Object) {
        if !object.0.is_empty() {
            self.key(key);
            self.0.push_str(&object.end());
        }
    }

    fn key(&mut self, key: &str) {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        quote_into(&mut self.0, key);
        self.0.push(':');
    }

    fn end(self) -> String {
        format!("{{{}}}", self.0)
    }
}

fn quote_into(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
