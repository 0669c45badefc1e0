//! What a plugin offers: its functions, their parameters and types. Pure; read by `inspect`.

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
