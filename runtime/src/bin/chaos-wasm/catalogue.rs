//! What runs natively, package by package, in the words of the reference's `discover`.

use chaos_wasm::experiment::Kind;
use chaos_wasm::plugin::signature::{self as plugin, Signature, Type};
use chaos_wasm::provider::signature::{Argument, Function, Presence};
use chaos_wasm::provider::{kubernetes, stdlib};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A set of activities that can be discovered.
pub(crate) struct Package {
    /// What `discover` calls it.
    pub(crate) name: &'static str,
    /// What else it may be called.
    aliases: &'static [&'static str],
    /// The extension that users know.
    pub(crate) extension: &'static str,
    /// What it does something to.
    pub(crate) target: &'static str,
    /// For `info extensions`.
    pub(crate) description: &'static str,
    activities: fn() -> Vec<Activity>,
}

/// Every package.
pub(crate) const PACKAGES: [Package; 4] = [
    Package {
        name: "kubernetes",
        aliases: &["chaostoolkit-kubernetes", "chaosk8s", "k8s"],
        extension: "chaostoolkit-kubernetes",
        target: "kubernetes",
        description: "Kubernetes objects, nodes and pods",
        activities: || functions(kubernetes::functions()),
    },
    Package {
        name: "stdlib",
        aliases: &["python"],
        extension: "stdlib",
        target: "python",
        description: "Functions of Python's standard library",
        activities: || functions(stdlib::functions()),
    },
    Package {
        name: "http",
        aliases: &[],
        extension: "http",
        target: "http",
        description: "The `http` provider: HTTP requests",
        activities: || provider("http", "request", HTTP_DOC, HTTP),
    },
    Package {
        name: "process",
        aliases: &[],
        extension: "process",
        target: "process",
        description: "The `process` provider: programs of this machine",
        activities: || provider("process", "run", PROCESS_DOC, PROCESS),
    },
];

const HTTP_DOC: &str = "Sends an HTTP request; gives the answer's status, headers and body.";
const HTTP: &[Argument] = &[
    Argument::required("url", "string"),
    Argument::optional("method", "string", "\"GET\""),
    Argument::optional("headers", "mapping", "null"),
    Argument::optional("arguments", "object", "null"),
    Argument::optional("timeout", "object", "null"),
    Argument::optional("verify_tls", "boolean", "true"),
    Argument::optional("max_retries", "integer", "0"),
];

const PROCESS_DOC: &str = "Runs a program; gives its exit code and what it printed.";
const PROCESS: &[Argument] = &[
    Argument::required("path", "string"),
    Argument::optional("arguments", "object", "null"),
    Argument::optional("timeout", "number", "null"),
];

/// One activity, as a discovery lists it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Activity {
    /// `probe` or `action`.
    pub(crate) r#type: String,
    /// The function.
    pub(crate) name: String,
    /// The Python module; of `http` and `process` activities, the provider's type.
    pub(crate) r#mod: String,
    /// What it does.
    #[serde(default)]
    pub(crate) doc: Option<String>,
    /// What it accepts.
    #[serde(default)]
    pub(crate) arguments: Vec<Parameter>,
}

/// One argument of an activity.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: String,
    /// Its default: absent where it has to be given, `null` where that is the default.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) default: Option<Value>,
    /// Its portable type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) r#type: Option<String>,
}

/// Tells a `null` from nothing.
fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

impl Package {
    /// The package that `name` means.
    pub(crate) fn find(name: &str) -> Option<&'static Package> {
        PACKAGES
            .iter()
            .find(|package| package.name == name || package.aliases.contains(&name))
    }

    /// What it offers.
    pub(crate) fn activities(&self) -> Vec<Activity> {
        (self.activities)()
    }
}

fn functions(functions: impl IntoIterator<Item = &'static Function>) -> Vec<Activity> {
    functions
        .into_iter()
        .map(|function| Activity {
            r#type: function.kind.name().to_owned(),
            name: function.name.to_owned(),
            r#mod: function.module.to_owned(),
            doc: Some(function.doc.to_owned()),
            arguments: function.arguments.iter().map(Parameter::from).collect(),
        })
        .collect()
}

/// Both as a probe and as an action.
fn provider(kind: &str, name: &str, doc: &str, arguments: &[Argument]) -> Vec<Activity> {
    [Kind::Probe, Kind::Action]
        .map(|role| Activity {
            r#type: role.name().to_owned(),
            name: name.to_owned(),
            r#mod: kind.to_owned(),
            doc: Some(doc.to_owned()),
            arguments: arguments.iter().map(Parameter::from).collect(),
        })
        .into()
}

impl Activity {
    /// What a plugin's file offers to experiments.
    pub(crate) fn of_plugin(signature: &Signature, file: &str) -> Vec<Activity> {
        let activity = |function: &plugin::Function| {
            let kind = match function.kind {
                plugin::Kind::Probe => Kind::Probe,
                plugin::Kind::Action => Kind::Action,
                plugin::Kind::Control => return None,
            };
            let docs = Some(&function.docs).filter(|docs| !docs.is_empty());
            Some(Activity {
                r#type: kind.name().to_owned(),
                name: function.name.clone(),
                r#mod: file.to_owned(),
                doc: docs.cloned(),
                arguments: function.parameters.iter().map(Parameter::from).collect(),
            })
        };
        signature.functions.iter().filter_map(activity).collect()
    }
}

impl From<&plugin::Field> for Parameter {
    fn from(field: &plugin::Field) -> Parameter {
        let (ty, default) = match &field.ty {
            Type::Option(inner) => (&**inner, Some(Value::Null)),
            ty => (ty, None),
        };
        Parameter {
            name: field.name.replace('-', "_"),
            default,
            r#type: Some(portable(ty).to_owned()),
        }
    }
}

/// The reference's name for the JSON that a value of this type is.
fn portable(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "boolean",
        Type::S8 | Type::U8 | Type::S16 | Type::U16 | Type::S32 | Type::U32 => "integer",
        Type::S64 | Type::U64 => "integer",
        // These may be names: "NaN".
        Type::F32 | Type::F64 => "object",
        Type::Char | Type::String | Type::Enum { .. } => "string",
        Type::List(_) | Type::Tuple(_) | Type::Flags { .. } => "list",
        any if any.is_any_json() => "object",
        Type::Record { .. } => "mapping",
        Type::Option(_) | Type::Variant { .. } | Type::Result { .. } => "object",
    }
}

impl From<&Argument> for Parameter {
    fn from(argument: &Argument) -> Parameter {
        Parameter {
            name: argument.name.to_owned(),
            default: match argument.presence {
                Presence::Required => None,
                Presence::Injected => Some(Value::Null),
                Presence::Default(_) => Some(argument.default().unwrap_or_default()),
            },
            r#type: Some(argument.type_name.to_owned()),
        }
    }
}
