//! `plugin`.

mod author;
mod call;
mod inspect;
mod install;
mod test;

use crate::cli::{Plugin, PluginAction};
use crate::exit::Exit;
use crate::session::Session;
use chaos_wasm::plugin::inspect::COMPONENT_BYTES;
use std::io::Read as _;
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

/// A component's bytes, at most one more than may be.
pub(crate) fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let most = COMPONENT_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(most)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
