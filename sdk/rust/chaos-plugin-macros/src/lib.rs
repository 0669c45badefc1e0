//! The attributes of `chaos-plugin`, which re-exports and explains them.
//!
//! A module of plain Rust goes in. Out comes the module as it was, and beside it the same
//! functions as exports of a WebAssembly component: `read` makes a `model` of the module's
//! signatures and reports everything that cannot be exported, `wit` writes that model down as an
//! interface, `docs` its comments, `glue` the code that ties both to the user's functions.

mod arguments;
mod controls;
mod docs;
mod glue;
mod hint;
mod model;
mod name;
mod read;
mod share;
mod syntax;
#[cfg(test)]
mod tests;
mod types;
mod wit;

use proc_macro::TokenStream;

use crate::model::Kind;

/// Exports the public functions of a module as probes: what an experiment may ask about a system.
///
/// See the crate's documentation for what signatures may be made of.
/// `#[probes(types = crate::types)]` adds the types of a module under `#[types]`;
/// `#[probes(package = "acme:checkout@1.2.0")]` sets the name of the WIT package, which otherwise
/// is `local:` with the crate's own name and version.
#[proc_macro_attribute]
pub fn probes(arguments: TokenStream, module: TokenStream) -> TokenStream {
    share::attribute(Kind::Probes, arguments.into(), module.into()).into()
}

/// Exports the public functions of a module as actions: what an experiment may do to a system.
///
/// Takes the same arguments as `#[probes]`.
#[proc_macro_attribute]
pub fn actions(arguments: TokenStream, module: TokenStream) -> TokenStream {
    share::attribute(Kind::Actions, arguments.into(), module.into()).into()
}

/// Exports the public functions of a module as controls, which accompany a run.
///
/// They are `before_` and `after_` with `experiment`, `hypothesis`, `method`, `rollback` or
/// `activity`, as many of them as wanted: what is not there is not called. A parameter `context`
/// gets the JSON text of that part of the experiment, `state`, of the `after_` ones, that of the
/// journal's part; all others are `arguments` of the control's declaration. They return nothing or
/// `Result<(), E>`; an error of a `before_` one interrupts the run.
///
/// Takes the same arguments as `#[probes]`.
#[proc_macro_attribute]
pub fn controls(arguments: TokenStream, module: TokenStream) -> TokenStream {
    share::attribute(Kind::Controls, arguments.into(), module.into()).into()
}

/// Makes the types of a module available to `#[probes(types = ..)]` and `#[actions(types = ..)]`.
#[proc_macro_attribute]
pub fn types(arguments: TokenStream, module: TokenStream) -> TokenStream {
    share::types(arguments.into(), module.into()).into()
}

/// The second step of an attribute with `types = ..`: now with those types in sight.
#[doc(hidden)]
#[proc_macro]
pub fn __with_types(input: TokenStream) -> TokenStream {
    share::with_types(input.into()).into()
}
