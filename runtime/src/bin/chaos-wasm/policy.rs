//! `policy`: what a policy file says.

use crate::exit::Exit;
use crate::rights::read_policy;
use crate::stdout;
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// `policy`.
#[derive(Debug, Args)]
pub(crate) struct PolicyCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say whether a policy file can be used, and what is doubtful about it
    Check(File),
    /// Say in words what a policy file allows
    Explain(File),
}

#[derive(Debug, Args)]
struct File {
    /// The policy file
    #[arg(default_value = "chaos-wasm.toml", value_hint = ValueHint::FilePath)]
    path: PathBuf,
}

pub(crate) fn perform(command: &PolicyCommand) -> Exit {
    let (Action::Check(file) | Action::Explain(file)) = &command.action;
    let policy = match read_policy(&file.path) {
        Ok(policy) => policy,
        Err(exit) => return exit,
    };
    let mut text = String::new();
    match command.action {
        Action::Explain(_) => {
            for line in policy.explain() {
                text.push_str(&line);
                text.push('\n');
            }
        }
        Action::Check(_) => {
            let unpinned = policy
                .plugins
                .iter()
                .filter(|(_, own)| own.digest.is_none());
            for (name, _) in unpinned {
                text.push_str(&format!(
                    "warning: [plugins.{name}] names no digest: any file called {name}.wasm gets \
                     its grants (`chaos-wasm plugin inspect` prints the digest)\n"
                ));
            }
            text.push_str(&format!("{} can be used\n", file.path.display()));
        }
    }
    stdout::print(&text)
}
