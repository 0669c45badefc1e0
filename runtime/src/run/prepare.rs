//! Everything before the first activity, so that what can go wrong goes wrong while nothing has
//! been injected; and the way out.

use super::controls::Blocks;
use super::driver::Driver;
use super::journal_file::JournalFile;
use super::machine::{Machine, Status};
use super::moment::Clock;
use super::record::{Beginning, FORMAT, Record};
use super::signals::Signals;
use super::step::{Context, Event};
use super::under_way::Steps;
use super::{Dry, Ended, NotRun, Options};
use crate::configuration;
use crate::experiment::{Experiment, HypothesisStrategy};
use crate::journal::{Journal, View};
use crate::plan::{Plan, StepId};
use crate::verdict::Verdict;
use crate::wal::{self, Lease, Occupied, RunFolder, Wal};
use chaos_host_api::Door;
use chaos_host_api::ledger::{Done, Intent, Ledger, NotWritten};
use chaos_host_api::policy::Policy;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tracing::{error, info, warn};

/// A run that can begin.
pub(super) struct Prepared {
    pub(super) driver: Driver,
    journal_file: JournalFile,
    folder: RunFolder,
    state_dir: PathBuf,
    lease: Lease,
}

pub(super) async fn prepare(experiment: Experiment, options: Options) -> Result<Prepared, NotRun> {
    let signals = Signals::listen()
        .map_err(|error| NotRun::Invalid(format!("cannot listen for signals: {error}")))?;
    let run = ulid::Ulid::generate().to_string();
    let source = std::fs::canonicalize(&options.source).map_or_else(
        |_| options.source.clone(),
        |path| path.display().to_string(),
    );
    let lease =
        Lease::take(&options.state_dir, &source, &run, options.force).map_err(|occupied| {
            match occupied {
                Occupied::Unusable { .. } => NotRun::Unwritable(chain(&occupied)),
                occupied => NotRun::Occupied(occupied.to_string()),
            }
        })?;
    let folder = RunFolder::of(&options.state_dir, &run);
    let state_dir = options.state_dir.clone();
    match begin(experiment, options, run, source, signals, &lease).await {
        Ok((driver, journal_file)) => Ok(Prepared {
            driver,
            journal_file,
            folder,
            state_dir,
            lease,
        }),
        Err(not_run) => {
            folder.remove();
            lease.release();
            Err(not_run)
        }
    }
}

async fn begin(
    experiment: Experiment,
    options: Options,
    run: String,
    source: String,
    mut signals: Signals,
    lease: &Lease,
) -> Result<(Driver, JournalFile), NotRun> {
    let journal_file = JournalFile::open(&options.journal_path)
        .map_err(|error| NotRun::Unwritable(chain(&error)))?;
    let unwritable = |error: std::io::Error| {
        NotRun::Unwritable(format!(
            "cannot write the run's log below {}: {error}; choose another folder with --state-dir",
            options.state_dir.display()
        ))
    };
    let folder = RunFolder::create(&options.state_dir, &run).map_err(unwritable)?;
    let wal = Wal::create(&folder, lease).map_err(unwritable)?;
    let policy = options.policy.as_ref();
    let permit = policy.and_then(Policy::builtin_permit).map(Arc::new);
    let budget = policy.map(|policy| policy.budget.clone());
    let ceilings = budget.unwrap_or_default().lowered_by(&experiment.ceilings);
    let resolving = configuration::resolve(
        &experiment,
        &options.overrides,
        options.default_timeout,
        &options.redaction,
        &options.plugins,
        permit.as_ref(),
        &ceilings,
    );
    let resolved = tokio::select! {
        resolved = resolving => resolved,
        signal = signals.next() => {
            return Err(NotRun::Interrupted(signal));
        }
    };
    let variables = resolved.map_err(|error| NotRun::Invalid(chain(&error)))?;

    let plan = Plan::new(&experiment, &options);
    let title = variables.substitute_text(&experiment.title);
    announce(&plan, &title);

    let (sender, events) = mpsc::unbounded_channel();
    let ledger = Arc::new(Reporter(sender.clone()));
    let context = Context {
        door: Arc::new(
            Door::new(ledger, ceilings.clone())
                .with_environment(options.overrides.process_environment()),
        ),
        variables: Arc::new(variables),
        plugins: options.plugins.clone(),
        controls: experiment.controls.clone(),
        permit,
        default_timeout: options.default_timeout,
        skip_pauses: options.dry == Some(Dry::Pause),
        events: sender,
    };
    let clock = Clock::start();
    let mut driver = Driver {
        machine: Machine::new(Arc::clone(&plan.outline)),
        journal: Journal::default(),
        wal,
        clock,
        context: Arc::new(context),
        redaction: options.redaction.clone(),
        frequency: options.frequency,
        events,
        signals,
        steps: Steps::default(),
        blocks: Blocks::default(),
        ticker: None,
        plan,
    };
    let beginning = Beginning {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        run,
        at: clock.now(),
        source,
        pid: std::process::id(),
        platform: platform(),
        node: node(),
        notes: notes(&experiment),
        experiment: journaled(experiment.source, title, options.dry),
        outline: Arc::clone(&driver.plan.outline),
        ceilings: experiment.ceilings,
    };
    driver.append(Record::RunBegan(Box::new(beginning)));
    Ok((driver, journal_file))
}

impl Prepared {
    pub(super) async fn run(self) -> Ended {
        let Driver {
            machine,
            journal,
            wal,
            mut signals,
            ..
        } = driven(self.driver).await;
        // Everything is in the file before anybody is told.
        if let Err(reason) = wal.close() {
            warn!("The write-ahead log of this run is incomplete: {reason}");
        }
        let mut verdict = Verdict::of(&machine);
        say_the_end(&machine);
        let view = journal.view(&machine, verdict);
        let copy = JournalFile::open(&self.folder.journal()).and_then(|file| file.write(&view));
        if let Err(error) = &copy {
            warn!("{}", chain(error));
        }
        let journal_lost = write(self.journal_file, &view, &mut signals).await.err();
        if let Some(reason) = &journal_lost {
            error!("{reason}");
            if verdict == Verdict::Passed {
                verdict = Verdict::Failed;
            }
        }
        self.lease.release();
        if let Err(error) = wal::prune(&self.state_dir) {
            warn!("cannot remove old runs: {error}");
        }
        let clean = machine.status() == Status::Completed && !machine.deviated();
        Ended {
            reference_code: u8::from(
                !clean || machine.facts().rollback_crashed || journal_lost.is_some(),
            ),
            journal,
            machine,
            verdict,
            journal_lost,
        }
    }
}

/// Runs it to the end as a task of its own: the runtime wakes a task by putting it into a queue,
/// but the future that it was started with by a system call.
async fn driven(mut driver: Driver) -> Driver {
    let task = tokio::spawn(async move {
        driver.run().await;
        driver
    });
    match task.await {
        Ok(driver) => driver,
        // Nobody aborts it.
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    }
}

/// Writes the journal; its error is for people. A signal ends the waiting for who reads a pipe.
async fn write(file: JournalFile, journal: &View<'_>, signals: &mut Signals) -> Result<(), String> {
    if !file.may_wait() {
        return file.write(journal).map_err(|error| chain(&error));
    }
    let journal = serde_json::to_value(journal).map_err(|error| error.to_string())?;
    let writing = tokio::task::spawn_blocking(move || file.write(&journal));
    tokio::select! {
        written = writing => match written {
            Ok(written) => written.map_err(|error| chain(&error)),
            Err(error) => Err(error.to_string()),
        },
        _ = signals.next() => Err("a signal ended the wait for who reads the journal".to_owned()),
    }
}

fn announce(plan: &Plan, title: &Value) {
    info!("Running experiment: {}", crate::python::str(title));
    if let Some(dry) = plan.outline.dry {
        warn!("Running experiment with dry {}", dry.name());
    }
    info!("Steady-state strategy: {}", plan.hypothesis.log_name());
    info!(
        "Rollbacks strategy: {}",
        plan.outline.rollback_strategy.log_name()
    );
    if plan.hypothesis == HypothesisStrategy::Skip {
        info!("Skipping Steady-State Hypothesis as requested");
    } else if plan.probes.is_empty() {
        info!("No steady state hypothesis defined. That's ok, just exploring.");
    }
}

fn say_the_end(machine: &Machine) {
    let status = match machine.status() {
        _ if machine.deviated() => "deviated",
        Status::Completed => "completed",
        Status::Failed => "failed",
        Status::Aborted => "aborted",
        Status::Interrupted => "interrupted",
    };
    info!("Experiment ended with status: {status}");
    if machine.deviated() {
        info!("The steady-state has deviated, a weakness may have been discovered");
    }
}

/// The experiment for the journal: as written, title substituted, `dry` set, inline secrets masked.
fn journaled(source: Arc<Value>, title: Value, dry: Option<Dry>) -> Value {
    // Not copied, unless somebody else still holds the document.
    let mut source = Arc::unwrap_or_clone(source);
    if let Some(document) = source.as_object_mut() {
        document.insert("title".to_owned(), title);
        document.insert("dry".to_owned(), json!(dry));
        if let Some(secrets) = document.get_mut("secrets") {
            configuration::mask_inline_secrets(secrets);
        }
    }
    source
}

fn notes(experiment: &Experiment) -> Vec<String> {
    let warnings = experiment.warnings.iter();
    warnings
        .map(|problem| format!("{} (at {})", problem.message, problem.pointer))
        .collect()
}

fn platform() -> String {
    let system = rustix::system::uname();
    let part = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
    format!(
        "{}-{}-{}",
        part(system.sysname()),
        part(system.release()),
        part(system.machine())
    )
}

fn node() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let part = error.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        cause = error.source();
    }
    text
}

/// Tells the driver what passes the door.
struct Reporter(mpsc::UnboundedSender<Event>);

impl Ledger for Reporter {
    fn intent(&self, intent: Intent) -> BoxFuture<'_, Result<(), NotWritten>> {
        let cleans_up = matches!(intent.step.parse(), Ok(StepId::Rollback(_)));
        async move {
            let gone = || NotWritten("the run is over".to_owned());
            let (sender, receiver) = oneshot::channel();
            self.0
                .send(Event::Intent(intent, sender))
                .map_err(|_| gone())?;
            let durable = receiver.await.map_err(|_| gone())?;
            match durable.wait().await {
                // A system left changed is worse than a log that lacks how it was put back.
                Err(_) if cleans_up => Ok(()),
                written => written.map_err(NotWritten),
            }
        }
        .boxed()
    }

    fn done(&self, done: Done) {
        let _ = self.0.send(Event::Done(done));
    }
}
