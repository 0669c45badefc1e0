//! `plugin` and its verbs.

use super::{Substitutions, seconds};
use crate::rights::RightsOptions;
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;
use std::time::Duration;

/// `plugin`.
#[derive(Debug, Args)]
pub(crate) struct Plugin {
    #[command(subcommand)]
    pub(crate) action: PluginAction,
}

/// `plugin`'s verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum PluginAction {
    /// Write a new plugin: a working probe, its tests, and the SDK
    New(PluginNew),
    /// Build the plugin in a folder: NAME.wasm, a component
    Build(PluginBuild),
    /// Run the cases in a plugin's folder (tests/*.json) against what was built there
    Test(PluginTest),
    /// Copy a component to where experiments find it by its name
    Install(PluginInstall),
    /// List installed plugins
    List(PluginPlace),
    /// Call one function of a plugin, with what --grant and --policy allow it
    Call(PluginCall),
    /// Show what a plugin offers and what it can reach; nothing of it is executed
    Inspect(PluginInspect),
}

/// `plugin new`.
#[derive(Debug, Args)]
pub(crate) struct PluginNew {
    /// Its name; a folder of this name is made
    pub(crate) name: String,
    /// What it is written in
    #[arg(long, value_name = "LANGUAGE", default_value = "rust")]
    pub(crate) lang: Language,
}

/// `plugin new --lang`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Rust, with the SDK chaos-plugin
    Rust,
}

/// `plugin build`.
#[derive(Debug, Args)]
pub(crate) struct PluginBuild {
    /// The plugin's folder
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
}

/// `plugin test`.
#[derive(Debug, Args)]
pub(crate) struct PluginTest {
    /// The plugin's folder
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
}

/// Where installed plugins are.
#[derive(Debug, Args)]
pub(crate) struct PluginPlace {
    /// Where installed plugins are [default: $XDG_DATA_HOME/chaos-wasm/plugins]
    #[arg(long, value_name = "DIR", env = "CHAOS_WASM_PLUGINS", value_hint = ValueHint::DirPath)]
    pub(crate) plugin_dir: Option<PathBuf>,
}

/// `plugin install`.
#[derive(Debug, Args)]
pub(crate) struct PluginInstall {
    /// A component
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Install it over another file of its name
    #[arg(long)]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) place: PluginPlace,
}

/// `plugin call`.
#[derive(Debug, Args)]
pub(crate) struct PluginCall {
    /// A component, or the name of an installed plugin
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// One of its functions
    pub(crate) function: String,
    /// Its arguments; a value is JSON where the function wants more than a text
    #[arg(value_name = "NAME=VALUE", value_parser = argument)]
    pub(crate) arguments: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) rights: RightsOptions,
    /// Time allowed to the call
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// Also say what it used and what it was allowed and denied
    #[arg(long)]
    pub(crate) usage: bool,
    #[command(flatten)]
    pub(crate) substitutions: Substitutions,
}

fn argument(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// `plugin inspect`.
#[derive(Debug, Args)]
pub(crate) struct PluginInspect {
    /// A component
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: InspectFormat,
}

/// `plugin inspect --format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InspectFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// As a WIT document
    Wit,
}
