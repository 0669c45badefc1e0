//! The driver: one task owns the machine and the log; everything that happens comes to it.

use super::controls::Blocks;
use super::machine::{Machine, Next, Status};
use super::moment::Clock;
use super::record::{Judgement, Outcome, Record, Signal};
use super::signals::Signals;
use super::step::{Context, Event, Step};
use super::ticker::Ticker;
use super::under_way::{Part, Steps, UnderWay};
use crate::experiment::RollbackStrategy;
use crate::journal::Journal;
use crate::log::{CRITICAL, Redaction};
use crate::plan::{Plan, Stage, StepId};
use crate::provider::CRASHED;
use crate::tolerance::Tolerance;
use crate::wal::{Durable, Wal};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tracing::{error, info, warn};

pub(super) struct Driver {
    pub(super) plan: Plan,
    pub(super) machine: Machine,
    pub(super) journal: Journal,
    pub(super) wal: Wal,
    pub(super) clock: Clock,
    pub(super) context: Arc<Context>,
    pub(super) redaction: Redaction,
    pub(super) frequency: Duration,
    pub(super) events: mpsc::UnboundedReceiver<Event>,
    pub(super) signals: Signals,
    pub(super) steps: Steps,
    pub(super) blocks: Blocks,
    pub(super) ticker: Option<Ticker>,
}

impl Driver {
    /// Runs to the end; the machine and the journal then tell what happened.
    pub(super) async fn run(&mut self) {
        loop {
            match self.machine.next() {
                Next::End if self.machine.is_leaving() => break,
                Next::End if self.is_idle() && self.may_end() => break,
                // Nothing but the last controls is left; a signal now changes nothing.
                _ if self.over().is_some() && self.is_idle() => break,
                Next::Begin(stage)
                    if self.over().is_none() && self.is_idle() && self.may_begin(stage) =>
                {
                    self.begin(stage);
                    continue;
                }
                Next::End | Next::Begin(_) => {}
                Next::Steps(steps) => {
                    for step in steps {
                        self.start(step);
                    }
                }
            }
            if self.machine.is_cut() {
                self.steps.cut();
                self.cut_controls();
            }
            let ticker = self.ticker.as_mut();
            tokio::select! {
                Some(event) = self.events.recv() => self.take(event),
                signal = self.signals.next() => self.signal(signal),
                () = beat(ticker) => self.check(),
                Some(_) = self.steps.tasks.join_next() => {}
            }
            self.look_at_check();
        }
        self.stop_ticker();
        self.leave().await;
        let (at, seconds) = self.over().unwrap_or_else(|| {
            self.say_how_rollbacks_went();
            (self.clock.now(), self.clock.seconds())
        });
        let record = Record::RunEnded {
            at,
            seconds,
            spent: self.context.door.budget().spent(),
            rights: self.context.plugins.rights(),
        };
        self.append(record);
    }

    /// Writes a record and lets it take effect.
    pub(super) fn append(&mut self, mut record: Record) {
        record.redact(&self.redaction);
        self.wal.append(&record);
        self.fold(record);
    }

    fn append_durably(&mut self, mut record: Record) -> Durable {
        record.redact(&self.redaction);
        let durable = self.wal.append_durably(&record);
        self.fold(record);
        durable
    }

    fn fold(&mut self, record: Record) {
        match self.machine.apply(&record) {
            Ok(()) => self.journal.apply(record),
            // A mistake of the runner's own; the run goes on with what it knows.
            Err(illegal) => error!("{illegal}; please report this"),
        }
    }

    fn begin(&mut self, stage: Stage) {
        let at = self.clock.now();
        match stage {
            Stage::Before => self.announce_check(),
            Stage::Method => {
                if self.plan.outline.during {
                    self.start_ticker();
                }
                info!("Playing your experiment's method now...");
                if self.plan.method.is_empty() {
                    info!("No declared activities, let's move on.");
                }
            }
            Stage::After => {
                self.stop_ticker();
                self.announce_check();
            }
            Stage::Rollbacks => {
                self.stop_ticker();
                self.announce_rollbacks();
                info!("Let's rollback...");
                if self.plan.rollbacks.is_empty() {
                    info!("No declared rollbacks, let's move on.");
                }
            }
        }
        self.append(Record::StageBegan { stage, at });
    }

    fn announce_check(&self) {
        info!("Steady state hypothesis: {}", self.plan.hypothesis_title);
    }

    fn announce_rollbacks(&self) {
        match self.plan.outline.rollback_strategy {
            RollbackStrategy::Always => warn!("Rollbacks were explicitly requested to be played"),
            RollbackStrategy::Deviated => {
                warn!("Rollbacks will be played only because the experiment deviated");
            }
            RollbackStrategy::Default | RollbackStrategy::Never => {}
        }
    }

    /// Says why rollbacks were not played, if they were not.
    pub(super) fn say_how_rollbacks_went(&self) {
        if self.machine.stage() != Some(Stage::Rollbacks) && !self.machine.is_leaving() {
            match self.plan.outline.rollback_strategy {
                RollbackStrategy::Never => {
                    warn!("Rollbacks were explicitly requested to not be played");
                }
                RollbackStrategy::Deviated => warn!(
                    "Rollbacks were explicitely requested to be played only if the experiment \
                     deviated. Since this is not the case, we will not play them."
                ),
                RollbackStrategy::Default | RollbackStrategy::Always => {}
            }
        }
        if self.machine.is_leaving() {
            let left: Vec<String> = self
                .machine
                .rollbacks_left()
                .filter_map(|step| self.plan.entry(step))
                .map(|entry| format!("'{}'", entry.activity.name))
                .collect();
            if left.is_empty() {
                warn!("Left at once; every rollback had been begun.");
            } else {
                warn!("Left at once; rollbacks not played: {}", left.join(", "));
            }
        }
    }

    fn start_ticker(&mut self) {
        info!(
            "Executing the steady-state hypothesis continuously every {} seconds",
            crate::python::str(&json!(self.frequency.as_secs_f64()))
        );
        match Ticker::start(self.frequency) {
            Ok(ticker) => self.ticker = Some(ticker),
            Err(error) => error!("cannot check the hypothesis continuously: {error}"),
        }
    }

    fn stop_ticker(&mut self) {
        if self.ticker.take().is_some() {
            info!("Continuous steady state hypothesis terminated");
        }
    }

    pub(super) fn begin_check(&mut self) {
        self.announce_check();
        let (check, _) = self.machine.checks();
        let at = self.clock.now();
        self.append(Record::CheckBegan { check, at });
    }

    fn start(&mut self, id: StepId) {
        if self.steps.under_way.contains_key(&id) {
            return;
        }
        let Some(entry) = self.plan.entry(id).cloned() else {
            return;
        };
        if matches!(id, StepId::Rollback(_)) {
            let name = &entry.activity.name;
            let name = if entry.by_reference { "None" } else { name };
            info!("Rollback: {name}");
        }
        let (cut, is_cut) = oneshot::channel();
        let under_way = UnderWay {
            cut: Some(cut),
            part: Part::Pausing,
        };
        self.steps.under_way.insert(id, under_way);
        let [before, after] = self.controls_of(id);
        let step = Step {
            id,
            dry: self.plan.is_dry(&entry),
            entry,
            before,
            after,
            // A system left changed is worse than a control that is not heeded.
            unstoppable: matches!(id, StepId::Rollback(_)) && !self.plan.outline.compat,
            context: Arc::clone(&self.context),
        };
        self.steps.tasks.spawn(step.execute(is_cut));
    }

    pub(super) fn take(&mut self, event: Event) {
        match event {
            Event::Begin { step, timeout, go } => {
                let record = Record::ActivityBegan {
                    step,
                    at: self.clock.now(),
                    timeout: timeout.as_secs_f64(),
                };
                let Some(entry) = self.plan.entry(step) else {
                    return;
                };
                let activity = &entry.activity;
                let background = if activity.background {
                    " [in background]"
                } else {
                    ""
                };
                let is_action = activity.kind == crate::experiment::Kind::Action;
                let kind = if is_action { "Action" } else { "Probe" };
                info!("{kind}: {}{background}", activity.name);
                let must_be_durable = is_action && !self.plan.is_dry(entry);
                let durable = if must_be_durable {
                    Some(self.append_durably(record))
                } else {
                    self.append(record);
                    None
                };
                self.steps.is_now(step, Part::Acting(self.clock.seconds()));
                let _ = go.send(durable);
            }
            Event::Ended {
                step,
                seconds,
                outcome,
                judgement,
                pausing,
                record,
            } => {
                if pausing {
                    self.steps.is_now(step, Part::Over);
                } else {
                    self.steps.under_way.remove(&step);
                }
                self.ended(step, seconds, outcome, judgement, pausing);
                if let Some(record) = record {
                    let _ = record.send(self.state_of(step));
                }
            }
            Event::Left { step } => {
                self.steps.under_way.remove(&step);
                self.append(Record::StepLeft { step });
            }
            Event::Crashed { step } => self.crashed(step),
            Event::Skipped { step, unexpected } => {
                self.steps.under_way.remove(&step);
                let before = self.machine.status();
                let message = unexpected.clone();
                self.append(Record::StepSkipped { step, unexpected });
                if let Some(message) = message {
                    self.say_unexpected(step, before, &message);
                }
            }
            Event::Intent(intent, durable) => {
                let answer = self.append_durably(Record::Intent(intent));
                let _ = durable.send(answer);
            }
            Event::Done(done) => self.append(Record::Done(done)),
            Event::Guest { step, guest } => self.append(Record::Guest { step, guest }),
            Event::Control(ended) => self.controlled(*ended),
            Event::Accompanied(block) => self.accompanied(block),
        }
    }

    /// A step will say no more, for a mistake of the runner's own: says for it what is missing.
    fn crashed(&mut self, step: StepId) {
        let Some(under_way) = self.steps.under_way.get(&step) else {
            return;
        };
        let message = CRASHED.to_owned();
        self.take(match under_way.part {
            Part::Pausing => Event::Skipped {
                step,
                unexpected: Some(message),
            },
            Part::Acting(since) => Event::Ended {
                step,
                seconds: self.clock.seconds() - since,
                outcome: Outcome::Unexpected { message },
                judgement: None,
                pausing: false,
                record: None,
            },
            Part::Over => Event::Left { step },
        });
    }

    fn ended(
        &mut self,
        step: StepId,
        seconds: f64,
        outcome: Outcome,
        judgement: Option<Judgement>,
        pausing: bool,
    ) {
        let (_, missed_checks) = self.machine.checks();
        let status = self.machine.status();
        let is_probe = !matches!(step, StepId::Method(_) | StepId::Rollback(_));
        let unexpected = match &outcome {
            Outcome::Unexpected { message } => Some(message.clone()),
            _ => None,
        };
        let said = is_probe.then(|| (outcome.clone(), judgement.clone()));
        self.append(Record::ActivityEnded {
            step,
            at: self.clock.now(),
            seconds,
            outcome,
            judgement,
            pausing,
        });
        if let Some(message) = unexpected {
            self.say_unexpected(step, status, &message);
        }
        if let Some((outcome, judgement)) = said {
            self.say_how_check_went(step, &outcome, judgement.as_ref());
        }
        if self.machine.checks().1 > missed_checks
            && status != Status::Failed
            && self.machine.status() == Status::Failed
        {
            let (checks, missed) = self.machine.checks();
            let ratio = missed as f64 * 100.0 / checks as f64;
            info!("Terminating immediately the experiment after {ratio:.1}% hypothesis deviated");
        }
    }

    /// Says what ended the method, when something unexpected just did; says of any other
    /// unexpected failure that it happened.
    fn say_unexpected(&self, step: StepId, before: Status, message: &str) {
        let aborted = self.machine.status() == Status::Aborted && before != Status::Aborted;
        if aborted && matches!(step, StepId::During(..)) {
            error!(target: CRITICAL, "{message}");
        } else if aborted {
            error!(
                target: CRITICAL,
                "Experiment ran into an un expected fatal error, aborting now.\n{message}"
            );
        } else {
            error!("  => failed: {message}");
        }
    }

    fn say_how_check_went(&self, step: StepId, outcome: &Outcome, judgement: Option<&Judgement>) {
        let Some(entry) = self.plan.entry(step) else {
            return;
        };
        let name = &entry.activity.name;
        let last = self.plan.probes.len() - 1;
        let is_last = matches!(
            step,
            StepId::Before(index) | StepId::During(_, index) | StepId::After(index) if index == last
        );
        match (outcome, judgement) {
            (Outcome::Cut, _) => return,
            (outcome, Some(Judgement::Met)) if outcome.is_success() => {
                if is_last {
                    info!("Steady state hypothesis is met!");
                }
                return;
            }
            (Outcome::Succeeded { output, .. }, Some(Judgement::Missed)) => {
                let tolerance = entry
                    .tolerance
                    .as_deref()
                    .map_or(&Value::Null, Tolerance::written);
                warn!(
                    "  => expected {}, got {}",
                    shortened(tolerance),
                    shortened(output)
                );
            }
            (_, Some(Judgement::Unjudgeable { message })) => {
                error!("  => cannot be judged: {message}");
            }
            _ => warn!("Probe terminated unexpectedly, so its tolerance could not be validated"),
        }
        if matches!(step, StepId::During(..)) {
            warn!("Continuous steady state probe '{name}' is not in the given tolerance");
        } else {
            error!(
                target: CRITICAL,
                "Steady state probe '{name}' is not in the given tolerance so failing this experiment"
            );
        }
    }

    fn signal(&mut self, signal: Signal) {
        let again = !self.machine.signals().is_empty();
        let cleaning = self.machine.stage() == Some(Stage::Rollbacks);
        match signal {
            Signal::Interrupt => warn!("Received a termination signal (Ctrl-C)..."),
            Signal::Terminate => {
                warn!("Caught SIGTERM signal, interrupting experiment now");
                error!(target: CRITICAL, "SIGTERM signal received");
            }
            Signal::HangUp => {
                warn!("The terminal was closed (SIGHUP), interrupting experiment now")
            }
            Signal::Graceful => warn!("Received the exit signal: 20"),
            Signal::Ungraceful => {
                warn!("Received the exit signal: 30");
                warn!("Ignoring rollbacks as per signal");
            }
        }
        let at = self.clock.now();
        self.append(Record::Signalled { signal, at });
        if again {
            return;
        }
        if self.over().is_some() {
            warn!("The last controls are being called; a second signal leaves at once.");
        } else if cleaning && self.plan.outline.compat {
            warn!(
                "Received an exit signal.Terminating now without running the remaining rollbacks."
            );
        } else if cleaning {
            warn!("Rollbacks are under way and go on; a second signal leaves at once.");
        } else if self.machine.plays_rollbacks() && !self.plan.outline.compat {
            warn!("Stopping and cleaning up; a second signal leaves at once.");
        }
    }

    /// Ends whatever is still under way, which only a second signal leaves behind.
    async fn leave(&mut self) {
        self.steps.tasks.shutdown().await;
        while let Ok(event) = self.events.try_recv() {
            // Who asks to go on will not: its task has ended.
            if !matches!(event, Event::Begin { .. } | Event::Intent(..)) {
                self.take(event);
            }
        }
        let mut under_way: Vec<StepId> =
            self.steps.under_way.drain().map(|(step, _)| step).collect();
        under_way.sort();
        for entry in under_way
            .into_iter()
            .filter_map(|step| self.plan.entry(step))
        {
            let name = &entry.activity.name;
            warn!("Left while '{name}' was under way; what it began may have happened.");
        }
    }
}

async fn beat(ticker: Option<&mut Ticker>) {
    match ticker {
        Some(ticker) => ticker.beat().await,
        None => std::future::pending().await,
    }
}

/// As JSON, cut to a line that people read.
fn shortened(value: &Value) -> String {
    const LONG: usize = 200;
    let text = value.to_string();
    match text.char_indices().nth(LONG) {
        Some((cut, _)) => format!("{}... ({} characters)", &text[..cut], text.chars().count()),
        None => text,
    }
}
