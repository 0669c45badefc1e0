//! `validate`, and the same checks for `run`.

use crate::cli::{ReportFormat, Validate};
use crate::exit::{Exit, chain};
use crate::rights::loader;
use crate::session::Session;
use crate::stdout;
use chaos_wasm::configuration::Overrides;
use chaos_wasm::document::{Document, Location, Pointer, Problem, Problems, Severity, render};
use chaos_wasm::experiment::Experiment;
use chaos_wasm::notification::Event;
use chaos_wasm::plugin::{Places, Plugins, Rights};
use chaos_wasm::preflight;
use chaos_wasm::provider::Provider;
use chaos_wasm::provider::modules::Modules;
use serde::Serialize;
use serde_json::Value;
use tracing::{error, info, warn};

pub(crate) fn perform(session: &Session, arguments: &Validate) -> Exit {
    session.wait(async { begin(session, arguments).await.unwrap_or_else(|exit| exit) })
}

async fn begin(session: &Session, arguments: &Validate) -> Result<Exit, Exit> {
    let overrides = session.overrides(&arguments.substitutions)?;
    let rights = arguments.rights.rights()?;
    let settings = session.settings();
    let notifier = session.notifier(&settings);
    let several = arguments.sources.len() > 1;
    let mut exit = Exit::OK;
    let mut reports = Vec::new();
    for source in &arguments.sources {
        let loaded = session
            .load(source, &settings, arguments.no_verify_tls)
            .await;
        let document = match loaded {
            Ok(document) => document,
            Err(problem) => {
                exit = exit.max(Exit::invalid(session.compat));
                match arguments.format {
                    ReportFormat::Text => error!("{}", chain(&problem)),
                    ReportFormat::Json => reports.push(Report::unreadable(source, chain(&problem))),
                }
                continue;
            }
        };
        let tell = async |event, error| {
            if !notifier.is_silent() {
                let payload = document.value().clone();
                notifier.notify(event, payload, error).await;
            }
        };
        tell(Event::ValidateStarted, None).await;
        let places = arguments.rights.places(source);
        let support = Support {
            overrides: &overrides,
            checks_machine: true,
            rights: &rights,
            places: &places,
        };
        let outcome = match arguments.format {
            ReportFormat::Text => check(session, &document, &support).await.map(|_| ()),
            ReportFormat::Json => {
                let (_, problems) = examine(&document, &support).await;
                reports.push(Report::of(session, &document, &problems));
                first_error(&problems)
            }
        };
        match outcome {
            Ok(()) => {
                tell(Event::ValidateCompleted, None).await;
                if arguments.format == ReportFormat::Text {
                    let of = if several {
                        format!("{source}: ")
                    } else {
                        String::new()
                    };
                    info!("{of}experiment syntax and semantic look valid");
                }
            }
            Err(first) => {
                exit = exit.max(Exit::invalid(session.compat));
                let error = format!("An exception was raised: InvalidExperiment('{first}')");
                tell(Event::ValidateFailed, Some(error)).await;
            }
        }
    }
    Ok(match arguments.format {
        ReportFormat::Text => exit,
        ReportFormat::Json => {
            let mut text = serde_json::to_string_pretty(&reports).unwrap_or_default();
            text.push('\n');
            exit.max(stdout::print(&text))
        }
    })
}

/// The first error's message, if there is one.
fn first_error(problems: &Problems) -> Result<(), String> {
    match problems.errors().next() {
        None => Ok(()),
        Some(first) => Err(first.message.clone()),
    }
}

/// What an experiment is checked against.
pub(crate) struct Support<'s> {
    /// Values from the command line.
    pub(crate) overrides: &'s Overrides,
    /// Also this machine's programs and environment.
    pub(crate) checks_machine: bool,
    /// What the operator allows.
    pub(crate) rights: &'s Rights,
    /// Where plugins are.
    pub(crate) places: &'s Places,
}

/// Reads and checks an experiment, saying in the log what is wrong.
///
/// # Errors
/// It cannot be run; the first reason.
pub(crate) async fn check(
    session: &Session,
    document: &Document,
    support: &Support<'_>,
) -> Result<(Experiment, Plugins), String> {
    if support.checks_machine {
        info!("Validating the experiment's syntax");
    }
    let (experiment, problems) = examine(document, support).await;
    let (warnings, errors) = apart(problems.iter());
    let rendered = |problems: &Problems| render(document, problems, |line| session.hides(line));
    if warnings.iter().next().is_some() {
        warn!("{}", rendered(&warnings).trim_end());
    }
    if errors.has_errors() {
        error!("{}", rendered(&errors).trim_end());
    }
    first_error(&errors)?;
    if support.checks_machine {
        info!("Experiment looks valid");
    }
    experiment.ok_or_else(|| "the experiment cannot be read".to_owned())
}

/// The experiment, if it is one, and everything that is to be said about it.
async fn examine(
    document: &Document,
    support: &Support<'_>,
) -> (Option<(Experiment, Plugins)>, Problems) {
    let Support {
        overrides,
        checks_machine,
        rights,
        places,
    } = support;
    let modules = rights.modules();
    let (experiment, mut problems) = match Experiment::read_with(document, &modules) {
        Ok(experiment) => {
            let (mut problems, _) = apart(experiment.warnings.iter());
            if *checks_machine {
                preflight::check(&experiment, overrides, &modules, &mut problems);
            }
            let plugins = Plugins::gather(
                &experiment,
                overrides,
                rights,
                places,
                loader,
                &mut problems,
            );
            let plugins = Box::pin(plugins).await;
            (Some((experiment, plugins)), problems)
        }
        Err(problems) => (None, problems),
    };
    document.warn_of_duplicates(&mut problems);
    (experiment, problems)
}

/// Warnings and errors.
fn apart<'p>(problems: impl Iterator<Item = &'p Problem>) -> (Problems, Problems) {
    let (mut warnings, mut errors) = (Problems::new(), Problems::new());
    for problem in problems {
        let Problem {
            pointer, message, ..
        } = problem;
        let copy = match problem.severity {
            Severity::Warning => warnings.warning(pointer, message),
            Severity::Error => errors.error(pointer, message),
        };
        copy.hint = problem.hint.clone();
    }
    (warnings, errors)
}

/// What `--format json` says about one source.
#[derive(Serialize)]
struct Report {
    path: String,
    valid: bool,
    problems: Vec<Finding>,
    activities: Vec<Listed>,
}

#[derive(Serialize)]
struct Finding {
    severity: &'static str,
    pointer: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    message: String,
    hint: Option<String>,
}

/// One activity of a document, valid or not.
#[derive(Serialize)]
struct Listed {
    pointer: String,
    name: Option<String>,
    /// `probe` or `action`.
    r#type: Option<String>,
    /// The provider's type.
    provider: Option<String>,
    module: Option<String>,
    func: Option<String>,
    /// Whether it can be run here.
    native: bool,
    /// Why not.
    reason: Option<String>,
}

impl Report {
    fn unreadable(source: &str, message: String) -> Report {
        let finding = Finding {
            severity: "error",
            pointer: None,
            line: None,
            column: None,
            message,
            hint: None,
        };
        Report {
            path: source.to_owned(),
            valid: false,
            problems: vec![finding],
            activities: Vec::new(),
        }
    }

    fn of(session: &Session, document: &Document, problems: &Problems) -> Report {
        let pointers: Vec<&Pointer> = problems.iter().map(|problem| &problem.pointer).collect();
        let locations = document.locate_all(&pointers);
        Report {
            path: document.name().to_owned(),
            valid: !problems.has_errors(),
            problems: locations
                .into_iter()
                .zip(problems.iter())
                .map(|(at, problem)| Finding::of(session, at, problem))
                .collect(),
            activities: activities(document.value()),
        }
    }
}

impl Finding {
    fn of(session: &Session, at: Option<Location>, problem: &Problem) -> Finding {
        let masked = |text: &str| session.redaction.text(text).into_owned();
        Finding {
            severity: match problem.severity {
                Severity::Warning => "warning",
                Severity::Error => "error",
            },
            pointer: Some(problem.pointer.as_str().to_owned()),
            line: at.map(|at| at.line),
            column: at.map(|at| at.column),
            message: masked(&problem.message),
            hint: problem.hint.as_deref().map(masked),
        }
    }
}

/// Everything in the document that has a provider, in document order; `ref`s are not repeated.
fn activities(document: &Value) -> Vec<Listed> {
    let mut found = Vec::new();
    for section in [
        "configuration",
        "steady-state-hypothesis",
        "method",
        "rollbacks",
    ] {
        if let Some(value) = document.get(section) {
            collect(value, &Pointer::root().key(section), &mut found);
        }
    }
    found
}

fn collect(value: &Value, at: &Pointer, found: &mut Vec<Listed>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &at.index(index), found);
            }
        }
        Value::Object(map) => {
            if let Some(provider) = map.get("provider").filter(|provider| provider.is_object()) {
                found.push(Listed::of(value, provider, at));
            }
            for (key, item) in map.iter().filter(|(key, _)| holds_activities(key, at)) {
                collect(item, &at.key(key), found);
            }
        }
        _ => {}
    }
}

/// Activities are not looked for among an activity's own data, nor among controls.
fn holds_activities(key: &str, at: &Pointer) -> bool {
    match key {
        "tolerance" | "probes" => true,
        _ => at.as_str() == "/configuration",
    }
}

impl Listed {
    fn of(activity: &Value, provider: &Value, at: &Pointer) -> Listed {
        let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
        let name = text(activity, "name");
        let mut problems = Problems::new();
        let parsed = Provider::parse(
            provider,
            name.as_deref().unwrap_or_default(),
            &at.key("provider"),
            &mut problems,
        );
        if let Some(provider) = &parsed {
            let name = name.as_deref().unwrap_or_default();
            Modules::default().check(provider, name, &at.key("provider"), &mut problems);
        }
        let reason = problems.errors().next().map(|first| first.message.clone());
        Listed {
            pointer: at.as_str().to_owned(),
            name,
            r#type: text(activity, "type"),
            provider: text(provider, "type"),
            module: text(provider, "module"),
            func: text(provider, "func"),
            native: reason.is_none() && parsed.is_some(),
            reason,
        }
    }
}
