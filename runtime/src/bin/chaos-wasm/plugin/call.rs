//! `plugin call`.

use crate::cli::PluginCall;
use crate::exit::Exit;
use crate::rights::loader;
use crate::session::Session;
use crate::stdout;
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::{Door, Effect, Pass};
use chaos_wasm::plugin::signature::{Function, Type};
use chaos_wasm::plugin::{Guests, Kind, Plugins};
use chaos_wasm::provider::{Call, Failure};
use chaos_wasm::substitution::Variables;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use tracing::error;

pub(crate) fn perform(session: &Session, arguments: &PluginCall) -> Exit {
    session.wait(async { begin(session, arguments).await.unwrap_or_else(|exit| exit) })
}

async fn begin(session: &Session, arguments: &PluginCall) -> Result<Exit, Exit> {
    let rights = arguments.rights.rights()?;
    let overrides = session.overrides(&arguments.substitutions)?;
    let path = file(arguments)?;
    let engaged = Plugins::engage(&path, &rights, &loader()).await;
    let engaged = engaged.map_err(|(message, hint)| {
        error!("{message}\n{hint}");
        Exit::usage()
    })?;
    let signature = &engaged.plugin.signature;
    let function = signature.find(None, &arguments.function).ok();
    let given = read(&arguments.arguments, function).map_err(|name| {
        error!("the argument '{name}' is given twice");
        Exit::usage()
    })?;
    let ceilings = rights.policy.map(|policy| policy.budget);
    let door = Door::new(
        Arc::new(NoLedger),
        ceilings.unwrap_or_else(Ceilings::default),
    )
    .with_environment(overrides.process_environment());
    let (door, variables) = (
        Arc::new(door),
        Arc::new(Variables {
            configuration: overrides.configuration.clone(),
            secrets: overrides.secrets.clone(),
        }),
    );
    let guests = Guests::default();
    let deadline = Deadline::after(arguments.timeout);
    let call = Call {
        door: &door,
        pass: Pass::new("call", Effect::Mutate, deadline),
        variables: &variables,
        plugins: &Plugins::default(),
        guests: &guests,
        has_tolerance: true,
    };
    let kind = function.map_or(Kind::Action, |function| function.kind);
    let result = engaged
        .call(
            &arguments.function,
            kind,
            &given,
            engaged.limits.clone(),
            Map::new(),
            &call,
        )
        .await;
    if arguments.usage {
        let used = json!({ "calls": guests.take(), "rights": engaged.permit.usage() });
        crate::stderr::write(&format!("{used:#}\n"));
    }
    match result {
        Ok(value) => Ok(stdout::print(&format!("{value:#}\n"))),
        Err(failure) => {
            error!("{failure}");
            Err(match failure {
                Failure::Denied(_) => Exit::code(chaos_wasm::verdict::Verdict::Denied.exit_code()),
                _ => Exit::failed(),
            })
        }
    }
}

/// A file, or an installed plugin's.
fn file(arguments: &PluginCall) -> Result<PathBuf, Exit> {
    if arguments.file.is_file() {
        return Ok(arguments.file.clone());
    }
    let found = arguments
        .rights
        .places("")
        .find(&arguments.file.to_string_lossy());
    found.map(|(_, path)| path).map_err(|reason| {
        error!("{reason}");
        Exit::usage()
    })
}

/// A text for a parameter that is one; else JSON, or text where it is none.
fn read(
    arguments: &[(String, String)],
    function: Option<&Function>,
) -> Result<Map<String, Value>, String> {
    let mut given = Map::new();
    for (name, text) in arguments {
        let asked = name.replace('_', "-");
        let parameters = function.iter().flat_map(|function| &function.parameters);
        let is_text = parameters
            .filter(|parameter| parameter.name == asked)
            .any(|parameter| match &parameter.ty {
                Type::String | Type::Char => true,
                Type::Option(inner) => matches!(**inner, Type::String | Type::Char),
                _ => false,
            });
        let value = match serde_json::from_str(text) {
            Ok(value) if !is_text => value,
            _ => Value::String(text.clone()),
        };
        if given.insert(name.clone(), value).is_some() {
            return Err(name.clone());
        }
    }
    Ok(given)
}
