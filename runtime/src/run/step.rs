//! One step: its pauses, its provider's call under a deadline, its tolerance.

use super::controls::{self, Accompaniment};
use super::record::{Judgement, Outcome};
use crate::document::{Pointer, Problems};
use crate::experiment::{Activity, Controls, Entry, Kind, Pause};
use crate::log::PROGRESS;
use crate::plan::StepId;
use crate::plugin::{GuestUse, Guests, Plugins};
use crate::provider::{Call, Failure, Provider};
use crate::substitution::Variables;
use crate::tolerance::{Judge, Tolerance, Unjudgeable};
use crate::wal::Durable;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::ledger::{Done, Intent};
use chaos_host_api::permit::Permit;
use chaos_host_api::{Door, Effect, Pass};
use futures_util::FutureExt;
use serde_json::Value;
use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tracing::{debug, error, info, trace, warn};

/// What the driver hears.
#[derive(Debug)]
pub(super) enum Event {
    /// The step asks to begin; the answer is what it must wait for.
    Begin {
        step: StepId,
        timeout: Duration,
        go: oneshot::Sender<Option<Durable>>,
    },
    /// Its activity ended.
    Ended {
        step: StepId,
        seconds: f64,
        outcome: Outcome,
        judgement: Option<Judgement>,
        pausing: bool,
        /// Who wants to see its record.
        record: Option<oneshot::Sender<String>>,
    },
    /// Its last pause is over, and its controls have been called.
    Left { step: StepId },
    /// The runner itself failed in it; nothing else will come from it.
    Crashed { step: StepId },
    /// It never came to its activity.
    Skipped {
        step: StepId,
        unexpected: Option<String>,
    },
    /// A call is about to leave the door.
    Intent(Intent, oneshot::Sender<Durable>),
    /// A call ended.
    Done(Done),
    /// A guest was called.
    Guest { step: StepId, guest: GuestUse },
    /// A control was called.
    Control(Box<controls::Ended>),
    /// All controls were called that were to be.
    Accompanied(controls::Block),
}

/// What all steps of a run share.
pub(super) struct Context {
    pub(super) door: Arc<Door>,
    pub(super) variables: Arc<Variables>,
    pub(super) plugins: Plugins,
    pub(super) controls: Controls,
    /// What built-in activities may do under a policy.
    pub(super) permit: Option<Arc<Permit>>,
    pub(super) default_timeout: Duration,
    pub(super) skip_pauses: bool,
    pub(super) events: mpsc::UnboundedSender<Event>,
}

/// One step to be executed.
pub(super) struct Step {
    pub(super) id: StepId,
    pub(super) entry: Entry,
    pub(super) dry: bool,
    /// Controls to be called before anything of it.
    pub(super) before: Option<Accompaniment>,
    /// Controls to be called when all of it is over, however it ended.
    pub(super) after: Option<Accompaniment>,
    /// It is played whatever a control says of it.
    pub(super) unstoppable: bool,
    pub(super) context: Arc<Context>,
}

/// Resolves when the step is to be cut off. Not to be asked again then.
pub(super) type Cut = oneshot::Receiver<()>;

impl Step {
    /// Executes it to its end, telling the driver of each part, whatever happens.
    pub(super) async fn execute(self, cut: Cut) {
        let executed = AssertUnwindSafe(self.perform(cut)).catch_unwind().await;
        if executed.is_err() {
            self.tell(Event::Crashed { step: self.id });
        }
    }

    async fn perform(&self, mut cut: Cut) {
        if let Some(called) = &self.before {
            let goes_on = self.context.accompany(called, None, Some(&mut cut)).await;
            if !goes_on && !self.unstoppable {
                return self.skip(None).await;
            }
        }
        let (before, after) = match self.pauses() {
            Ok(pauses) => pauses,
            Err(unexpected) => return self.skip(Some(unexpected)).await,
        };
        if let Some(seconds) = before {
            info!("Pausing before next activity for {seconds}s...");
            if self.pause(&seconds, &mut cut).await.is_err() {
                return self.skip(None).await;
            }
        }
        let timeout = self.timeout();
        let (go, answer) = oneshot::channel();
        self.tell(Event::Begin {
            step: self.id,
            timeout,
            go,
        });
        let Ok(durable) = answer.await else { return };
        let written = match durable {
            Some(durable) => durable.wait().await,
            None => Ok(()),
        };
        let begun = Instant::now();
        let mut outcome = match written {
            Ok(()) => self.act(timeout, &mut cut).await,
            Err(reason) if matches!(self.id, StepId::Rollback(_)) => {
                warn!("Cleaning up although the write-ahead log cannot be written: {reason}");
                self.act(timeout, &mut cut).await
            }
            // Nothing is injected that a crash would make forgotten; so the method is over.
            Err(reason) => Outcome::Unexpected {
                message: format!(
                    "'{}' was not executed: the write-ahead log cannot be written: {reason}",
                    self.entry.activity.name
                ),
            },
        };
        let seconds = begun.elapsed().as_secs_f64();
        self.log(&outcome);
        let mut judgement = None;
        if outcome != Outcome::Cut {
            tokio::select! {
                biased;
                _ = &mut cut => outcome = Outcome::Cut,
                judged = self.judge(&outcome) => judgement = judged,
            }
        }
        let after = after.filter(|_| outcome != Outcome::Cut);
        let pausing = after.is_some() || self.after.is_some();
        let (record, recorded) = oneshot::channel();
        self.tell(Event::Ended {
            step: self.id,
            seconds,
            outcome,
            judgement,
            pausing,
            record: self.after.is_some().then_some(record),
        });
        if let Some(seconds) = after {
            info!("Pausing after activity for {seconds}s...");
            let _ = self.pause(&seconds, &mut cut).await;
        }
        if let Some(called) = &self.after {
            // No answer: the driver has left.
            let Ok(record) = recorded.await else { return };
            self.context.accompany(called, Some(&record), None).await;
        }
        if pausing {
            self.tell(Event::Left { step: self.id });
        }
    }

    fn tell(&self, event: Event) {
        // A closed channel means that the driver has left; so nobody needs to know.
        let _ = self.context.events.send(event);
    }

    async fn skip(&self, unexpected: Option<String>) {
        if let Some(called) = &self.after {
            self.context.accompany(called, Some("null"), None).await;
        }
        self.tell(Event::Skipped {
            step: self.id,
            unexpected,
        });
    }

    /// The pauses before and after, as the reference reads them: both now, none when zero.
    fn pauses(&self) -> Result<(Option<Value>, Option<Value>), String> {
        let activity = &self.entry.activity;
        let before = self.pause_of(activity.pause_before.as_ref())?;
        let after = self.pause_of(activity.pause_after.as_ref())?;
        Ok((before, after))
    }

    fn pause_of(&self, pause: Option<&Pause>) -> Result<Option<Value>, String> {
        let value = match pause {
            None => return Ok(None),
            Some(Pause::Seconds(seconds)) => Value::Number(seconds.clone()),
            Some(Pause::Variable(text)) => self.context.variables.substitute_text(text),
        };
        match value.as_f64() {
            Some(0.0) => Ok(None),
            Some(seconds) if seconds > 0.0 => Ok(Some(value)),
            _ => Err(format!(
                "the pause of '{}' must be a number of seconds, not {value}",
                self.entry.activity.name
            )),
        }
    }

    /// Sleeps, unless `--dry` says not to. `Err` when cut off.
    async fn pause(&self, seconds: &Value, cut: &mut Cut) -> Result<(), ()> {
        if self.dry || self.context.skip_pauses {
            return Ok(());
        }
        let seconds = seconds.as_f64().unwrap_or_default();
        let duration = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        trace!(target: PROGRESS, label = "pausing", seconds);
        let slept = tokio::select! {
            biased;
            _ = cut => Err(()),
            () = tokio::time::sleep(duration) => Ok(()),
        };
        trace!(target: PROGRESS, label = "");
        slept
    }

    fn timeout(&self) -> Duration {
        let context = &self.context;
        let activity = &self.entry.activity;
        activity.timeout(&context.variables, context.default_timeout)
    }

    async fn act(&self, timeout: Duration, cut: &mut Cut) -> Outcome {
        let entry = &self.entry;
        if self.dry {
            debug!("Activity {} is in dry mode", entry.activity.name);
            return Outcome::Dry;
        }
        trace!(
            target: PROGRESS,
            label = entry.activity.name.as_str(),
            seconds = timeout.as_secs_f64()
        );
        let context = &self.context;
        let call = call_provider(
            &entry.activity,
            self.id,
            timeout,
            context,
            entry.tolerance.is_some(),
        );
        let outcome = tokio::select! {
            biased;
            _ = cut => Outcome::Cut,
            outcome = call => outcome,
        };
        trace!(target: PROGRESS, label = "");
        outcome
    }

    fn log(&self, outcome: &Outcome) {
        match outcome {
            Outcome::Succeeded {
                output: Value::Null,
                ..
            }
            | Outcome::Dry => debug!("  => succeeded without any result value"),
            Outcome::Succeeded { output, .. } => {
                debug!("  => succeeded with '{}'", crate::python::str(output));
            }
            Outcome::Cut => debug!("  => cut off"),
            // What it means depends on where it happened: the driver says it.
            Outcome::Unexpected { .. } => {}
            outcome => error!("  => failed: {}", outcome.message().unwrap_or_default()),
        }
    }

    async fn judge(&self, outcome: &Outcome) -> Option<Judgement> {
        let tolerance = self.entry.tolerance.as_deref()?;
        let output = match outcome {
            Outcome::Succeeded { output, .. } => output,
            // Nothing to judge by: the reference takes it for met.
            Outcome::Dry => return Some(Judgement::Met),
            _ => return None,
        };
        let resolved = tolerance.resolve(&self.context.variables);
        let judged = match resolved.as_ref().map(Cow::as_ref) {
            Ok(Tolerance::Probe(judge)) => self.judge_by_probe(judge, output).await,
            Ok(tolerance) => tolerance.check(output, &self.context.variables),
            Err(unjudgeable) => Err(unjudgeable.clone()),
        };
        Some(match judged {
            Ok(true) => Judgement::Met,
            Ok(false) => Judgement::Missed,
            Err(Unjudgeable(message)) => Judgement::Unjudgeable { message },
        })
    }

    /// Gives the value to the tolerance's probe as its argument `value`; its answer's truth counts.
    async fn judge_by_probe(&self, judge: &Judge, output: &Value) -> Result<bool, Unjudgeable> {
        let mut definition = judge.definition.clone();
        let arguments = definition.pointer_mut("/provider/arguments");
        let Some(arguments) = arguments.and_then(Value::as_object_mut) else {
            return Err(Unjudgeable(format!(
                "the tolerance's probe '{}' needs `arguments` to put the value into",
                judge.probe.name
            )));
        };
        arguments.insert("value".to_owned(), output.clone());
        let mut problems = Problems::new();
        let activity = Activity::parse(&definition, &Pointer::root(), &mut problems);
        let Some(activity) = activity.filter(|_| !problems.has_errors()) else {
            return Err(Unjudgeable::because(&problems));
        };
        let timeout = activity.timeout(&self.context.variables, self.context.default_timeout);
        match call_provider(&activity, self.id, timeout, &self.context, false).await {
            Outcome::Succeeded { output, .. } => Ok(crate::python::truthy(&output)),
            Outcome::Unexpected { message } => Err(Unjudgeable(message)),
            _ => Ok(false),
        }
    }
}

/// Calls a provider under a deadline.
async fn call_provider(
    activity: &Activity,
    step: StepId,
    timeout: Duration,
    context: &Context,
    has_tolerance: bool,
) -> Outcome {
    let allowed = match activity.kind {
        Kind::Probe => Effect::Read,
        Kind::Action => Effect::Mutate,
    };
    let guests = Guests::default();
    let pass = Pass::new(step.to_string(), allowed, Deadline::after(timeout));
    let call = Call {
        door: &context.door,
        pass: match &context.permit {
            Some(permit) => pass.with_permit(Arc::clone(permit)),
            None => pass,
        },
        variables: &context.variables,
        plugins: &context.plugins,
        guests: &guests,
        has_tolerance: has_tolerance || activity.has_tolerance,
    };
    let provider: &Provider = &activity.provider;
    let called = provider.call(&call).await;
    for guest in guests.take() {
        // A closed channel means that the driver has left.
        let _ = context.events.send(Event::Guest { step, guest });
    }
    match called {
        Ok(output) => Outcome::Succeeded {
            touched_nothing: activity.kind == Kind::Action && provider.touched_nothing(&output),
            output,
        },
        Err(failure) => failed(failure),
    }
}

fn failed(failure: Failure) -> Outcome {
    match failure {
        Failure::Failed(message) => Outcome::Failed { message },
        Failure::Unexpected(message) => Outcome::Unexpected { message },
        Failure::TimedOut(message) => Outcome::TimedOut { message },
        Failure::Denied(message) => Outcome::Denied { message },
    }
}
