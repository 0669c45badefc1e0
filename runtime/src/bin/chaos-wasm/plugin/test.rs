//! `plugin test`.

use crate::cli::PluginTest;
use crate::exit::{Exit, chain};
use crate::rights::loader;
use crate::session::Session;
use crate::stdout;
use chaos_wasm::plugin::case::{self, Found};
use chaos_wasm::plugin::{Plugins, Rights};
use tracing::error;

pub(super) fn perform(session: &Session, arguments: &PluginTest) -> Exit {
    session.wait(async { begin(arguments).await.unwrap_or_else(|exit| exit) })
}

async fn begin(arguments: &PluginTest) -> Result<Exit, Exit> {
    let not_ready = |problem: case::NotReady| {
        error!("{}", chain(&problem));
        Exit::usage()
    };
    let component = case::built(&arguments.folder).map_err(not_ready)?;
    let cases = case::cases(&arguments.folder).map_err(not_ready)?;
    let engaged = Plugins::engage(&component, &Rights::default(), &loader()).await;
    let plugin = engaged.map_err(|(message, hint)| {
        error!("{message}\n{hint}");
        Exit::failed()
    })?;
    let (mut passed, mut failed) = (0, 0);
    for Found { name, case } in cases {
        let ended = match case {
            Ok(case) => case::run(&plugin, case).await,
            Err(problem) => Err(vec![problem.to_string()]),
        };
        let text = match ended {
            Ok(()) => {
                passed += 1;
                format!("ok      {name}\n")
            }
            Err(problems) => {
                failed += 1;
                let lines = problems.iter().flat_map(|problem| problem.lines());
                let lines: String = lines.map(|line| format!("        {line}\n")).collect();
                format!("FAILED  {name}\n{lines}")
            }
        };
        let printed = stdout::print(&text);
        if printed != Exit::OK {
            return Err(printed);
        }
    }
    let printed = stdout::print(&format!("{passed} passed, {failed} failed\n"));
    Ok(match failed {
        0 => printed,
        _ => Exit::failed(),
    })
}
