//! `run`.

use crate::cli::{HypothesisChoice, Run};
use crate::controls::Global;
use crate::exit::{Exit, chain};
use crate::rights::base;
use crate::session::Session;
use crate::validate::{self, Support};
use chaos_wasm::notification::{Event, Notifier};
use chaos_wasm::run::machine::Status;
use chaos_wasm::run::{Ended, Options};
use std::path::Path;
use tracing::{error, info, warn};

pub(crate) fn perform(session: &Session, arguments: &Run) -> Exit {
    session.wait(async { begin(session, arguments).await.unwrap_or_else(|exit| exit) })
}

async fn begin(session: &Session, arguments: &Run) -> Result<Exit, Exit> {
    let invalid = Exit::invalid(session.compat);
    let overrides = session.overrides(&arguments.substitutions)?;
    let rights = arguments.rights.rights()?;
    let settings = session.settings();
    let state_dir = arguments
        .state_dir
        .clone()
        .or_else(|| base("XDG_STATE_HOME", ".local/state"))
        .ok_or_else(|| {
            error!("There is no home directory to keep crash logs in; name one with --state-dir");
            invalid
        })?;
    let global = Global::read(session, &settings, &arguments.control_file)?;
    let document = session
        .load(&arguments.source, &settings, arguments.no_verify_tls)
        .await
        .map_err(|problem| {
            error!("{}", chain(&problem));
            invalid
        })?;
    let notifier = session.notifier(&settings);
    if !notifier.is_silent() {
        let payload = document.value().clone();
        notifier.notify(Event::RunStarted, payload, None).await;
    }
    let support = Support {
        overrides: &overrides,
        checks_machine: !arguments.no_validation,
        rights: &rights,
        places: &arguments.rights.places(&arguments.source),
    };
    let checked = validate::check(session, &document, &support).await;
    let (mut experiment, plugins) = checked.map_err(|_| invalid)?;
    let plugins = global
        .accompany(&mut experiment, plugins, &support)
        .await
        .map_err(|()| invalid)?;
    // The experiment has all of it that a run needs.
    drop(document);
    let settings_runtime = session.runtime_of(&settings)?;
    let options = Options {
        hypothesis_strategy: arguments.hypothesis_strategy.map(|choice| {
            if choice == HypothesisChoice::Misspelt {
                warn!(
                    "\nThe \"--hypothesis-strategy=continously\" command is depreciating and will \
                     be removed in a future version\nInstead, please use \
                     \"--hypothesis-strategy=continuously\""
                );
            }
            choice.into()
        }),
        rollback_strategy: arguments.rollback_strategy.map(Into::into),
        settings_runtime,
        frequency: arguments.hypothesis_frequency,
        fail_fast: arguments
            .fail_fast_ratio
            .or(arguments.fail_fast.then_some(0.0)),
        dry: arguments.dry.map(Into::into),
        compat: session.compat,
        default_timeout: arguments.default_timeout,
        overrides,
        journal_path: arguments.journal_path.clone(),
        state_dir,
        force: arguments.force,
        redaction: session.redaction.clone(),
        plugins,
        policy: rights.policy,
        source: arguments.source.clone(),
    };
    // Large, like everything that waits for a whole run.
    match Box::pin(chaos_wasm::run::run(experiment, options)).await {
        Ok(ended) => {
            tell(&notifier, &ended).await;
            Ok(conclude(&ended, session.compat, &arguments.journal_path))
        }
        Err(reason) => {
            error!("{}", chain(&reason));
            Err(Exit::not_run(&reason, session.compat))
        }
    }
}

async fn tell(notifier: &Notifier, ended: &Ended) {
    if notifier.is_silent() {
        return;
    }
    let event = match ended.status() {
        Status::Completed => Event::RunCompleted,
        _ => Event::RunFailed,
    };
    notifier.notify(event, ended.journal(), None).await;
    if ended.deviated() {
        notifier
            .notify(Event::RunDeviated, ended.journal(), None)
            .await;
    }
}

fn conclude(ended: &Ended, compat: bool, journal: &Path) -> Exit {
    let code = ended.exit_code(compat);
    let verdict = serde_json::to_value(ended.verdict).unwrap_or_default();
    let journal = match ended.journal_lost {
        None => format!("journal: {}", journal.display()),
        Some(_) => "the journal could not be written".to_owned(),
    };
    info!(
        "Verdict: {} (exit code {code}); {journal}",
        verdict.as_str().unwrap_or_default(),
    );
    Exit::code(code)
}
