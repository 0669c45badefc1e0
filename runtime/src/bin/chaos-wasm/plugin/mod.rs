//! `plugin`.

mod author;
mod call;
mod inspect;
mod install;
mod test;

use crate::cli::{Plugin, PluginAction};
use crate::exit::{Exit, chain};
use crate::session::Session;
use chaos_wasm::plugin::component;
use std::path::Path;

pub(crate) fn perform(session: &Session, arguments: &Plugin) -> Exit {
    match &arguments.action {
        PluginAction::New(arguments) => author::new(arguments),
        PluginAction::Build(arguments) => author::build(arguments),
        PluginAction::Test(arguments) => test::perform(session, arguments),
        PluginAction::Install(arguments) => install::install(arguments),
        PluginAction::List(arguments) => install::list(arguments),
        PluginAction::Call(arguments) => call::perform(session, arguments),
        PluginAction::Inspect(arguments) => inspect::perform(session, arguments),
    }
}

/// A plugin file's bytes.
///
/// # Errors
/// It cannot be read or is too large, in words.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    component::read(path).map_err(|problem| chain(&problem))
}
