//! `#[controls]`: functions whose names the contract gives, and some of whose parameters.

use crate::model::{Failure, Function, Interface, Type};
use crate::name;

/// What happens in a run, in its order. Controls run before and after each.
const MOMENTS: &[&str] = &["experiment", "hypothesis", "method", "rollback", "activity"];

/// The part of the experiment that a control gets, and that of the journal. Its other parameters
/// are the experiment's to give, as `arguments`.
const CONTEXT: &str = "context";
const STATE: &str = "state";

/// The interface, if its functions are controls.
pub(crate) fn check(interface: Interface) -> Result<Interface, Vec<syn::Error>> {
    let errors: Vec<syn::Error> = interface.functions.iter().filter_map(mistake).collect();
    if errors.is_empty() {
        Ok(interface)
    } else {
        Err(errors)
    }
}

/// The controls' names.
fn names() -> impl Iterator<Item = String> {
    MOMENTS
        .iter()
        .flat_map(|moment| ["before", "after"].map(|when| format!("{when}-{moment}")))
}

fn mistake(function: &Function) -> Option<syn::Error> {
    let error = |message: String| Some(syn::Error::new(function.ident.span(), message));
    if !names().any(|name| name == function.name) {
        let all: Vec<String> = names().map(|name| name::rust(&name)).collect();
        return error(format!(
            "no control is called so; there are {}",
            all.join(", ")
        ));
    }
    for param in &function.params {
        let is_text = param.ty == Type::String;
        match &*param.name {
            CONTEXT if !is_text => {
                return error("`context` is a JSON text: write `context: &str`".to_owned());
            }
            STATE if function.name.starts_with("before") => {
                return error("there is no `state` before something, only after it".to_owned());
            }
            STATE if !is_text => {
                return error("`state` is a JSON text: write `state: &str`".to_owned());
            }
            _ => {}
        }
    }
    let fails_by_text = matches!(
        &function.result.error,
        None | Some(Failure::Text | Failure::Typed(Type::String))
    );
    if function.result.ok.is_some() || !fails_by_text {
        return error(format!(
            "`{}` returns nothing, or `Result<(), E>` whose error has a text",
            function.ident
        ));
    }
    None
}
