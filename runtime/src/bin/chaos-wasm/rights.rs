//! What the operator allows: `--policy`, `--grant`, and where plugins are.

use crate::cli::PluginPlace;
use crate::exit::{Exit, chain};
use chaos_host_api::grant::Grant;
use chaos_host_api::policy::Policy;
use chaos_wasm::plugin::{CompileLimits, Compiler, Loader, Places, Rights};
use clap::{Args, ValueHint};
use std::path::{Path, PathBuf};
use tracing::error;

/// The options about it.
#[derive(Debug, Args)]
pub(crate) struct RightsOptions {
    /// The operator's policy: what plugins and built-in activities may do, and how much of it.
    /// Without one, plugins may do nothing, and built-in activities what the experiment says
    #[arg(long, value_name = "PATH", env = "CHAOS_WASM_POLICY", value_hint = ValueHint::FilePath)]
    policy: Option<PathBuf>,
    /// Grant every plugin of this run one thing more, for instance
    /// 'http GET http://127.0.0.1:8080/*'
    #[arg(long = "grant", value_name = "GRANT")]
    grants: Vec<Grant>,
    #[command(flatten)]
    place: PluginPlace,
}

impl RightsOptions {
    /// What they come to.
    ///
    /// # Errors
    /// The policy cannot be read; it was said.
    pub(crate) fn rights(&self) -> Result<Rights, Exit> {
        let policy = self.policy.as_deref().map(read_policy).transpose()?;
        Ok(Rights {
            policy,
            grants: self.grants.iter().cloned().collect(),
        })
    }

    /// Where plugins of an experiment at `source` (a path or URL) are looked for.
    pub(crate) fn places(&self, source: &str) -> Places {
        let beside = Path::new(source)
            .parent()
            .filter(|_| !source.contains("://"));
        Places {
            beside: beside.map(Path::to_path_buf).unwrap_or_default(),
            installed: self.place.folder(),
        }
    }
}

impl PluginPlace {
    /// Where installed plugins are; `None` without a home directory.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        let own = self.plugin_dir.clone();
        own.or_else(|| Some(base("XDG_DATA_HOME", ".local/share")?.join("plugins")))
    }
}

/// Reads a policy file.
///
/// # Errors
/// It cannot be read; it was said.
pub(crate) fn read_policy(path: &Path) -> Result<Policy, Exit> {
    let text = std::fs::read_to_string(path).map_err(|problem| {
        error!("Cannot read the policy {}: {problem}", path.display());
        Exit::usage()
    })?;
    Policy::parse(&text, path).map_err(|problem| {
        error!("{}", chain(&problem));
        Exit::usage()
    })
}

/// Loads plugins, compiling each once, in a process apart.
pub(crate) fn loader() -> Loader {
    // When the system does not say where this program is, the next best is its name.
    let program = std::env::current_exe().unwrap_or_else(|_| "chaos-wasm".into());
    let cache = base("XDG_CACHE_HOME", ".cache").map(|base| base.join("native"));
    let limits = CompileLimits::default();
    Loader::new(cache.as_deref(), Compiler::Apart { program, limits })
}

/// This program's folder below one of the XDG base directory specification.
pub(crate) fn base(variable: &str, below_home: &str) -> Option<PathBuf> {
    let configured = std::env::var_os(variable).map(PathBuf::from);
    let base = configured.filter(|path| path.is_absolute()).or_else(|| {
        let home = std::env::home_dir().filter(|home| home.is_absolute())?;
        Some(home.join(below_home))
    })?;
    Some(base.join("chaos-wasm"))
}
