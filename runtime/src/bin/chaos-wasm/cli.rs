//! What can be typed: verbs, flags, defaults and environment variables.

mod plugin;

pub(crate) use plugin::{
    InspectFormat, Language, Plugin, PluginAction, PluginBuild, PluginCall, PluginInspect,
    PluginInstall, PluginNew, PluginPlace, PluginTest,
};

use crate::policy::PolicyCommand;
use crate::rights::RightsOptions;
use crate::selftest::Selftest;
use chaos_wasm::configuration::{OverrideError, Overrides};
use chaos_wasm::experiment::{HypothesisStrategy, RollbackStrategy};
use chaos_wasm::run::Dry;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;
use std::time::Duration;

/// Runs chaos-engineering experiments written for Chaos Toolkit.
#[derive(Debug, Parser)]
#[command(
    name = "chaos-wasm",
    version,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where `--help` lists the options of every command.
const EVERYWHERE: &str = "Options of every command";

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Display debug level traces
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) verbose: bool,
    /// Accepted for Chaos Toolkit's sake: there never is a version check
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) no_version_check: bool,
    /// Change directory before doing anything else (the log file stays where it is)
    #[arg(long, value_name = "DIR", global = true, help_heading = EVERYWHERE, value_hint = ValueHint::DirPath)]
    pub(crate) change_dir: Option<PathBuf>,
    /// Write no log file
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) no_log_file: bool,
    /// File that the log is appended to
    #[arg(
        long,
        value_name = "PATH",
        default_value = "chaostoolkit.log",
        global = true, help_heading = EVERYWHERE,
        value_hint = ValueHint::FilePath
    )]
    pub(crate) log_file: PathBuf,
    /// Least important level that reaches the log file
    #[arg(long, value_name = "LEVEL", default_value = "debug", global = true, help_heading = EVERYWHERE)]
    pub(crate) log_file_level: FileLevel,
    /// How the console's log looks
    #[arg(long, value_name = "FORMAT", default_value = "string", global = true, help_heading = EVERYWHERE)]
    pub(crate) log_format: LogFormat,
    /// Settings file [default: ~/.chaostoolkit/settings.yaml]
    #[arg(long, value_name = "PATH", global = true, help_heading = EVERYWHERE, value_hint = ValueHint::FilePath)]
    pub(crate) settings: Option<PathBuf>,
    /// Chaos Toolkit's exit codes (0 and 1) and default rollback strategy
    #[arg(
        long,
        global = true, help_heading = EVERYWHERE,
        env = "CHAOS_WASM_COMPAT",
        action = ArgAction::SetTrue,
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    pub(crate) compat: bool,
}

/// `--log-file-level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileLevel {
    Debug,
    Info,
    Warning,
    Error,
}

/// `--log-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people
    String,
    /// One JSON object a line
    Json,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the experiment at SOURCE, a file or an http(s) URL
    Run(Run),
    /// Say everything that is wrong with experiments, running nothing
    Validate(Validate),
    /// Write down which activities a package offers
    Discover(Discover),
    /// Create an experiment by answering questions
    Init(Init),
    /// Show versions, settings or what runs natively
    Info(Info),
    /// Check or explain a policy file
    Policy(PolicyCommand),
    /// Read or change the settings file
    Settings(Settings),
    /// Work with plugins: probes, actions and controls as WebAssembly components
    Plugin(Plugin),
    /// Set hostile plugins on this install and say whether each ends as it should
    Selftest(Selftest),
    /// Print a shell's completion script
    Completions(Completions),
    /// Print the manual page, or write one for every command
    Man(Man),
}

impl Command {
    /// As typed, for the log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Command::Run(_) => "run",
            Command::Validate(_) => "validate",
            Command::Discover(_) => "discover",
            Command::Init(_) => "init",
            Command::Info(_) => "info",
            Command::Policy(_) => "policy",
            Command::Settings(_) => "settings",
            Command::Plugin(_) => "plugin",
            Command::Selftest(_) => "selftest",
            Command::Completions(_) => "completions",
            Command::Man(_) => "man",
        }
    }
}

/// Values for configuration and secrets.
#[derive(Debug, Args)]
pub(crate) struct Substitutions {
    /// Value of a declared configuration key; TYPE is str, int, float, bool, bytes or json
    #[arg(long, value_name = "NAME[:TYPE]=VALUE", value_parser = variable)]
    var: Vec<String>,
    /// File with values: JSON or YAML with `configuration` and `secrets`; any other file holds
    /// environment variables, one NAME=VALUE a line
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    var_file: Vec<PathBuf>,
}

impl Substitutions {
    /// What they come to: `--var` over `--var-file`, later ones over earlier ones.
    ///
    /// # Errors
    /// A file is of no use.
    pub(crate) fn overrides(&self) -> Result<Overrides, OverrideError> {
        let mut overrides = Overrides::default();
        for path in &self.var_file {
            overrides.var_file(path)?;
        }
        for text in &self.var {
            overrides.var(text)?;
        }
        Ok(overrides)
    }
}

/// Only looks whether it is one, so that a mistake is a usage error.
fn variable(text: &str) -> Result<String, OverrideError> {
    Overrides::default().var(text)?;
    Ok(text.to_owned())
}

/// `run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Path or http(s) URL of the experiment
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) source: String,
    /// Where the journal is written
    #[arg(
        long,
        value_name = "PATH",
        default_value = "./journal.json",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) journal_path: PathBuf,
    /// Leave out what is named here, do the rest
    #[arg(long, value_name = "WHAT")]
    pub(crate) dry: Option<DryChoice>,
    /// Skip the checks of this machine (programs, environment variables). What an experiment
    /// cannot be run with stays an error
    #[arg(long)]
    pub(crate) no_validation: bool,
    /// Accept any TLS certificate when fetching SOURCE
    #[arg(long)]
    pub(crate) no_verify_tls: bool,
    /// When rollbacks are played; beats the experiment's and the settings' own
    #[arg(long, value_name = "STRATEGY")]
    pub(crate) rollback_strategy: Option<RollbackChoice>,
    #[command(flatten)]
    pub(crate) substitutions: Substitutions,
    /// File with controls that accompany the run: a map of names to controls. Python's do not run
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) control_file: Vec<PathBuf>,
    /// When the hypothesis is checked; beats the experiment's and the settings' own
    #[arg(long, value_name = "STRATEGY")]
    pub(crate) hypothesis_strategy: Option<HypothesisChoice>,
    /// Time between the starts of two checks while the method runs
    #[arg(long, value_name = "SECONDS", default_value = "1.0", value_parser = seconds)]
    pub(crate) hypothesis_frequency: Duration,
    /// End the run as soon as a check fails while the method runs
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// End it as soon as this share of the checks, or more, failed; implies --fail-fast [default: 0]
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) fail_fast_ratio: Option<f64>,
    /// Time allowed to an activity that names none
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    pub(crate) default_timeout: Duration,
    /// Where runs keep their crash logs [default: $XDG_STATE_HOME/chaos-wasm]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) state_dir: Option<PathBuf>,
    /// Run although an earlier run of the same experiment was cut off
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) rights: RightsOptions,
}

/// `validate`.
#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// Paths or http(s) URLs of experiments
    #[arg(required = true, value_name = "SOURCE", value_hint = ValueHint::FilePath)]
    pub(crate) sources: Vec<String>,
    /// Accept any TLS certificate when fetching SOURCE
    #[arg(long)]
    pub(crate) no_verify_tls: bool,
    #[command(flatten)]
    pub(crate) substitutions: Substitutions,
    /// `json`: every problem and every activity, on standard output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ReportFormat,
    #[command(flatten)]
    pub(crate) rights: RightsOptions,
}

/// `discover`.
#[derive(Debug, Args)]
pub(crate) struct Discover {
    /// kubernetes, http, process, stdlib, or a plugin's .wasm file
    pub(crate) package: String,
    /// Accepted for Chaos Toolkit's sake: no system is ever looked at
    #[arg(long)]
    pub(crate) no_system_info: bool,
    /// Accepted for Chaos Toolkit's sake: nothing is ever installed
    #[arg(long)]
    pub(crate) no_install: bool,
    /// Where the outcome is written
    #[arg(
        long,
        value_name = "PATH",
        default_value = "./discovery.json",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) discovery_path: PathBuf,
}

/// `init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Outcome of `discover` to choose activities from
    #[arg(
        long,
        value_name = "PATH",
        default_value = "./discovery.json",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) discovery_path: PathBuf,
    /// Where the experiment is written; YAML if it ends in .yaml or .yml
    #[arg(
        long,
        value_name = "PATH",
        default_value = "./experiment.json",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) experiment_path: PathBuf,
}

/// `info`.
#[derive(Debug, Args)]
pub(crate) struct Info {
    /// What about
    pub(crate) target: InfoTarget,
}

/// `info`'s argument.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum InfoTarget {
    /// Versions and platform
    Core,
    /// The settings file as it is, secrets included
    Settings,
    /// Which packages' activities run natively
    Extensions,
}

/// `settings`.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    #[command(subcommand)]
    pub(crate) action: SettingsAction,
}

/// `settings`' verbs.
///
/// KEY is a dotted path: `controls[0].name`; a dot within a key is escaped: `auths.example\.com`.
#[derive(Debug, Subcommand)]
pub(crate) enum SettingsAction {
    /// Show the whole file; secrets are not hidden
    Show {
        /// Output format
        #[arg(long, default_value = "yaml")]
        format: StructuredFormat,
    },
    /// Show one value
    Get {
        /// Dotted path of the value, for instance `controls[0].name` or `auths.example\.com`
        key: String,
        /// Output format
        #[arg(long, default_value = "yaml")]
        format: ValueFormat,
    },
    /// Change a value that is there. Comments in the file are lost
    Set {
        /// Dotted path of the value
        key: String,
        /// New value, as JSON: text needs its quotes ('"text"')
        #[arg(allow_negative_numbers = true)]
        value: String,
    },
    /// Remove a value and everything below it. Comments in the file are lost
    Remove {
        /// Dotted path of the value
        key: String,
    },
}

/// `settings show --format`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum StructuredFormat {
    Json,
    Yaml,
}

/// `settings get --format`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ValueFormat {
    String,
    Json,
    Yaml,
}

/// `validate --format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people, in the log
    Text,
    /// For programs, on standard output
    Json,
}

/// `completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Shell to complete in
    pub(crate) shell: clap_complete::Shell,
}

/// `man`.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write a page for every command into this directory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
}

/// `--dry`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DryChoice {
    /// No probe is executed
    Probes,
    /// No action is executed
    Actions,
    /// No activity is executed
    Activities,
    /// Pauses are not slept
    Pause,
}

impl From<DryChoice> for Dry {
    fn from(choice: DryChoice) -> Dry {
        match choice {
            DryChoice::Probes => Dry::Probes,
            DryChoice::Actions => Dry::Actions,
            DryChoice::Activities => Dry::Activities,
            DryChoice::Pause => Dry::Pause,
        }
    }
}

/// `--rollback-strategy`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RollbackChoice {
    Default,
    Always,
    Never,
    Deviated,
}

impl From<RollbackChoice> for RollbackStrategy {
    fn from(choice: RollbackChoice) -> RollbackStrategy {
        match choice {
            RollbackChoice::Default => RollbackStrategy::Default,
            RollbackChoice::Always => RollbackStrategy::Always,
            RollbackChoice::Never => RollbackStrategy::Never,
            RollbackChoice::Deviated => RollbackStrategy::Deviated,
        }
    }
}

/// `--hypothesis-strategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HypothesisChoice {
    Default,
    BeforeMethodOnly,
    AfterMethodOnly,
    DuringMethodOnly,
    Continuously,
    /// Chaos Toolkit's former spelling
    #[value(name = "continously", hide = true)]
    Misspelt,
}

impl From<HypothesisChoice> for HypothesisStrategy {
    fn from(choice: HypothesisChoice) -> HypothesisStrategy {
        match choice {
            HypothesisChoice::Default => HypothesisStrategy::Default,
            HypothesisChoice::BeforeMethodOnly => HypothesisStrategy::BeforeMethodOnly,
            HypothesisChoice::AfterMethodOnly => HypothesisStrategy::AfterMethodOnly,
            HypothesisChoice::DuringMethodOnly => HypothesisStrategy::DuringMethodOnly,
            HypothesisChoice::Continuously | HypothesisChoice::Misspelt => {
                HypothesisStrategy::Continuously
            }
        }
    }
}

/// A positive time that a clock can hold.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .trim()
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() && seconds <= LONGEST_SECONDS => Ok(duration),
        _ => Err(format!(
            "must be more than 0 and at most {LONGEST_SECONDS} seconds"
        )),
    }
}

/// A century: deadlines reckoned from it still fit into every clock.
const LONGEST_SECONDS: f64 = 3_155_760_000.0;

fn percent(text: &str) -> Result<f64, String> {
    match text.trim().trim_end_matches('%').parse::<f64>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("not a percentage between 0 and 100".to_owned()),
    }
}
