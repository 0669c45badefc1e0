//! What a plugin offers: its functions, their parameters and types. Pure; read by
//! [`inspect`](mod@super::inspect).

mod capability;
mod find;
mod text;

pub use capability::Capability;
pub use find::NotFound;
pub use text::named_types;

use serde::{Deserialize, Serialize};

/// Everything that is known of a component without running it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Signature {
    /// How it is called.
    pub form: Form,
    /// In the order of the component's type.
    pub functions: Vec<Function>,
    /// Interfaces it imports, as it spells them: `chaos:host/http@0.1.0`. Its capabilities.
    pub imports: Vec<String>,
    /// What is called when there are no typed functions: `invoke`, `wasi:cli/run@0.2.6`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Functions of the right interfaces that cannot be called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Refused>,
    /// The text of the `plugin.toml` that it was built with: its author's word, not to be trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
}

/// A function that is there but cannot be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Refused {
    /// The export that holds it.
    pub interface: String,
    /// What it would be for.
    pub kind: Kind,
    /// As in WIT.
    pub name: String,
    /// Why: "the parameter 'connection' is a resource, which has no JSON".
    pub reason: String,
}

/// How a component is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Typed functions in interfaces named `probes`, `actions` or `controls`.
    Typed,
    /// `invoke: func(name: string, arguments: string) -> result<string, string>`, JSON texts.
    Untyped,
    /// `wasi:cli/run`: a JSON object on standard input, a JSON value on standard output.
    Command,
}

/// One function that can be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Function {
    /// The export that holds it, spelled as in the component: `shop:checkout/probes@1.0.0`.
    pub interface: String,
    /// What it is for.
    pub kind: Kind,
    /// As in WIT: `p99-latency`.
    pub name: String,
    /// In order.
    pub parameters: Vec<Field>,
    /// `None`: it gives nothing.
    pub result: Option<Type>,
    /// What its author says of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
}

/// What a function is for, by the name of its interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It looks.
    Probe,
    /// It may change something.
    Action,
    /// It accompanies a run.
    Control,
}

/// A parameter, or a record's field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Field {
    /// As in WIT.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// What its author says of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
}

/// A type of the component model, as far as values of it can be written in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// `bool`.
    Bool,
    /// `s8`.
    S8,
    /// `u8`.
    U8,
    /// `s16`.
    S16,
    /// `u16`.
    U16,
    /// `s32`.
    S32,
    /// `u32`.
    U32,
    /// `s64`.
    S64,
    /// `u64`.
    U64,
    /// `f32`.
    F32,
    /// `f64`.
    F64,
    /// `char`.
    Char,
    /// `string`.
    String,
    /// `option<T>`.
    Option(Box<Type>),
    /// `list<T>`.
    List(Box<Type>),
    /// `tuple<...>`.
    Tuple(Vec<Type>),
    /// `result<T, E>`.
    Result {
        /// What it gives.
        ok: Option<Box<Type>>,
        /// How it fails.
        err: Option<Box<Type>>,
    },
    /// `record`.
    Record {
        /// As in WIT.
        name: String,
        /// In order.
        fields: Vec<Field>,
    },
    /// `variant`.
    Variant {
        /// As in WIT.
        name: String,
        /// Each with what it carries.
        cases: Vec<(String, Option<Type>)>,
    },
    /// `enum`.
    Enum {
        /// As in WIT.
        name: String,
        /// In order.
        cases: Vec<String>,
    },
    /// `flags`.
    Flags {
        /// As in WIT.
        name: String,
        /// In order.
        flags: Vec<String>,
    },
}

/// The field of a record that stands for any JSON value, as its text.
pub(crate) const JSON_TEXT: &str = "json-text";

impl Type {
    /// Whether it is `record NAME { json-text: string }`: any JSON value, for functions whose
    /// values have no fixed type.
    pub fn is_any_json(&self) -> bool {
        match self {
            Type::Record { fields, .. } => match fields.as_slice() {
                [only] => only.name == JSON_TEXT && only.ty == Type::String,
                _ => false,
            },
            _ => false,
        }
    }
}

/// `shop:checkout/probes` of `shop:checkout/probes@1.0.0`.
pub(crate) fn without_version(export: &str) -> &str {
    let name = export.rfind('/').map_or(0, |slash| slash + 1);
    let version = export.get(name..).and_then(|rest| rest.find('@'));
    let end = version.map_or(export.len(), |at| name + at);
    export.get(..end).unwrap_or(export)
}

/// `probes` of `shop:checkout/probes@1.0.0`, and of `probes`.
pub(crate) fn interface_name(export: &str) -> &str {
    let name = without_version(export);
    name.rsplit_once('/')
        .map_or(name, |(_, interface)| interface)
}

impl Kind {
    /// By the name of its interface.
    pub fn of_interface(name: &str) -> Option<Kind> {
        match name {
            "probes" => Some(Kind::Probe),
            "actions" => Some(Kind::Action),
            "controls" => Some(Kind::Control),
            _ => None,
        }
    }
}
