//! Controls: what accompanies the run, called before and after each of its parts.

use super::driver::Driver;
use super::moment::Moment;
use super::record::{ControlUse, Record};
use super::step::{Context, Cut, Event};
use crate::document::Pointer;
use crate::experiment::{Control, Hook, Level, Side};
use crate::log::CRITICAL;
use crate::plan::{Stage, StepId};
use crate::plugin::{ControlEnd, GuestUse, Guests};
use crate::provider::{self, Call, Failure};
use crate::verdict::Verdict;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::{Effect, Pass};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;
use tracing::{debug, error, warn};

/// Most bytes of a text that a control gets. Beyond it, what activities gave is left out.
const TEXT: usize = 4 * 1024 * 1024;

/// Controls to be called in turn.
#[derive(Clone)]
pub(super) struct Accompaniment {
    pub(super) hook: Hook,
    pub(super) step: Option<StepId>,
    pub(super) controls: Vec<Arc<Control>>,
    /// That part of the experiment, JSON.
    pub(super) context: Arc<str>,
}

/// One control's end, for the driver to write down.
#[derive(Debug)]
pub(super) struct Ended {
    hook: Hook,
    step: Option<StepId>,
    control: Arc<Control>,
    seconds: f64,
    outcome: ControlEnd,
    guest: Option<GuestUse>,
}

/// The parts of a run for which the driver calls controls. It calls those of the activities'
/// within their steps.
#[derive(Default)]
pub(super) struct Blocks {
    experiment: Experiment,
    /// The stage whose controls were called before it, and are to be called after it.
    stage: Option<Stage>,
    check: Check,
    /// Controls of the experiment or a stage are being called; nothing else begins or ends.
    calling: bool,
    /// Those before something end with the run's interruption.
    cut: Option<oneshot::Sender<()>>,
}

#[derive(Default, PartialEq)]
enum Experiment {
    #[default]
    Ahead,
    UnderWay,
    Over(Moment, f64),
}

/// A check of the hypothesis during the method; everything else goes on meanwhile.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Check {
    #[default]
    None,
    Opening,
    UnderWay(usize),
    Closing,
}

/// Whose controls have all been called.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Block {
    /// The experiment's or a stage's.
    Stage,
    /// A check's during the method.
    Check,
}

impl Context {
    /// Those to be called at a hook; `activity`: of which one it is.
    fn controls_at(&self, hook: Hook, activity: Option<&Pointer>) -> Vec<Arc<Control>> {
        let mut controls = self.controls.at(hook, activity);
        controls.retain(|control| self.plugins.serves(control, hook));
        controls
    }

    /// Calls each in turn, telling the driver of it, up to one that refuses; whether none did.
    /// `cut` ends those that a signal finds under way.
    pub(super) async fn accompany(
        &self,
        called: &Accompaniment,
        state: Option<&str>,
        mut cut: Option<&mut Cut>,
    ) -> bool {
        for control in &called.controls {
            let begun = Instant::now();
            let guests = Guests::default();
            let calling = self.call_one(control, called, state, &guests);
            let outcome = match &mut cut {
                Some(cut) => tokio::select! {
                    biased;
                    _ = &mut **cut => ControlEnd::Cut,
                    outcome = calling => outcome,
                },
                None => calling.await,
            };
            let goes_on = !matches!(outcome, ControlEnd::Refused { .. } | ControlEnd::Cut);
            // A closed channel means that the driver has left.
            let _ = self.events.send(Event::Control(Box::new(Ended {
                hook: called.hook,
                step: called.step,
                control: Arc::clone(control),
                seconds: begun.elapsed().as_secs_f64(),
                outcome,
                guest: guests.take().pop(),
            })));
            if !goes_on {
                return false;
            }
        }
        true
    }

    async fn call_one(
        &self,
        control: &Control,
        called: &Accompaniment,
        state: Option<&str>,
        guests: &Guests,
    ) -> ControlEnd {
        let hook = called.hook;
        let (side, level) = (hook.side.name(), hook.level.name());
        debug!("Applying {side}-control '{}' on '{level}'", control.name);
        let asked = control.component.timeout(&self.variables);
        let timeout = asked.unwrap_or_else(|| self.plugins.time_for(control));
        let deadline = Deadline::after(timeout);
        let name = ControlUse::pass_name(hook, &control.name);
        let call = Call {
            door: &self.door,
            pass: Pass::new(name, Effect::Read, deadline),
            variables: &self.variables,
            plugins: &self.plugins,
            guests,
            has_tolerance: false,
        };
        let calling = self
            .plugins
            .accompany(control, hook, &called.context, state, &call);
        match provider::guarded(deadline, Box::pin(calling)).await {
            Ok(outcome) => outcome,
            Err(Failure::TimedOut(message)) => ControlEnd::TimedOut { message },
            Err(failure) => ControlEnd::Failed {
                message: failure.to_string(),
            },
        }
    }
}

impl Driver {
    /// Whether controls let a stage begin; otherwise they are being called.
    pub(super) fn may_begin(&mut self, stage: Stage) -> bool {
        self.passes(Some(stage))
    }

    /// Whether controls let the run end; otherwise they are being called.
    pub(super) fn may_end(&mut self) -> bool {
        if !self.passes(None) {
            return false;
        }
        if self.blocks.experiment == Experiment::UnderWay {
            let (at, seconds) = (self.clock.now(), self.clock.seconds());
            self.blocks.experiment = Experiment::Over(at, seconds);
            self.say_how_rollbacks_went();
            let hook = Hook::after(Level::Experiment);
            let machine = &self.machine;
            let journal = &self.journal;
            let state = || journal.at_end(machine, Verdict::of(machine), at, seconds);
            if let Some((called, state)) = self.prepared(hook, None, state) {
                self.call_block(called, state);
                return false;
            }
        }
        true
    }

    /// When everything but the experiment's own controls was over.
    pub(super) fn over(&self) -> Option<(Moment, f64)> {
        match self.blocks.experiment {
            Experiment::Over(at, seconds) => Some((at, seconds)),
            _ => None,
        }
    }

    /// Whether no step and no control of a part of the run is under way.
    pub(super) fn is_idle(&self) -> bool {
        let blocks = &self.blocks;
        self.steps.under_way.is_empty() && !blocks.calling && blocks.check == Check::None
    }

    /// Ends the controls that stand before something, for it will not come.
    pub(super) fn cut_controls(&mut self) {
        if let Some(cut) = self.blocks.cut.take() {
            let _ = cut.send(());
        }
    }

    /// Calls the controls after the stage that is over and before the one to come, one block at a
    /// time; whether all of that is done.
    fn passes(&mut self, to: Option<Stage>) -> bool {
        if self.blocks.experiment == Experiment::Ahead {
            self.blocks.experiment = Experiment::UnderWay;
            if self.call_before(Hook::before(Level::Experiment)) {
                return false;
            }
        }
        if let Some(over) = self.blocks.stage
            && Some(over) != to
        {
            self.blocks.stage = None;
            let hook = Hook::after(level(over));
            let journal = &self.journal;
            let state = || match over {
                Stage::Before => journal.check(StepId::Before(0)),
                Stage::Method => journal.records(StepId::Method(0)),
                Stage::After => journal.check(StepId::After(0)),
                Stage::Rollbacks => journal.records(StepId::Rollback(0)),
            };
            if let Some((called, state)) = self.prepared(hook, None, state) {
                self.call_block(called, state);
                return false;
            }
        }
        match to {
            Some(stage) if self.blocks.stage != to => {
                self.blocks.stage = to;
                !self.call_before(Hook::before(level(stage)))
            }
            _ => true,
        }
    }

    fn call_before(&mut self, hook: Hook) -> bool {
        let Some((called, _)) = self.prepared(hook, None, || Value::Null) else {
            return false;
        };
        self.call_block(called, None);
        true
    }

    /// The controls to be called at a hook, with what they get; `None` when there are none.
    fn prepared(
        &self,
        hook: Hook,
        step: Option<StepId>,
        state: impl FnOnce() -> Value,
    ) -> Option<(Accompaniment, Option<String>)> {
        let entry = step.and_then(|step| self.plan.entry(step));
        let activity = entry.map(|entry| &entry.activity.pointer);
        let controls = self.context.controls_at(hook, activity);
        if controls.is_empty() {
            return None;
        }
        let experiment = self.journal.experiment();
        let part = match hook.level {
            Level::Experiment | Level::Method | Level::Rollback => Some(experiment),
            Level::Hypothesis => experiment.get("steady-state-hypothesis"),
            Level::Activity => activity.and_then(|activity| experiment.pointer(activity.as_str())),
        };
        let context = self.text(part.cloned().unwrap_or_default());
        let state = (hook.side == Side::After).then(|| self.text(state()));
        let called = Accompaniment {
            hook,
            step,
            controls,
            context: context.into(),
        };
        Some((called, state))
    }

    /// The controls before and after a step's activity.
    pub(super) fn controls_of(&self, step: StepId) -> [Option<Accompaniment>; 2] {
        [Side::Before, Side::After].map(|side| {
            let level = Level::Activity;
            let prepared = self.prepared(Hook { side, level }, Some(step), || Value::Null);
            prepared.map(|(called, _)| called)
        })
    }

    /// A step's record, for the controls after it.
    pub(super) fn state_of(&self, step: StepId) -> String {
        self.text(self.journal.record(step))
    }

    fn call_block(&mut self, called: Accompaniment, state: Option<String>) {
        self.blocks.calling = true;
        let cut = self.spawn(called, state, Block::Stage);
        self.blocks.cut = cut;
    }

    /// The answer cuts off controls before something that an interrupted run does not come to.
    fn spawn(
        &mut self,
        called: Accompaniment,
        state: Option<String>,
        block: Block,
    ) -> Option<oneshot::Sender<()>> {
        let (cut, mut is_cut) = oneshot::channel();
        let context = Arc::clone(&self.context);
        // Those before the rollbacks are called although the run was interrupted.
        let is_before = called.hook.side == Side::Before && called.hook.level != Level::Rollback;
        self.steps.tasks.spawn(async move {
            let cut = is_before.then_some(&mut is_cut);
            context.accompany(&called, state.as_deref(), cut).await;
            let _ = context.events.send(Event::Accompanied(block));
        });
        is_before.then_some(cut)
    }

    /// A block's controls have been called.
    pub(super) fn accompanied(&mut self, block: Block) {
        match block {
            Block::Stage => {
                self.blocks.calling = false;
                self.blocks.cut = None;
            }
            Block::Check => match self.blocks.check {
                Check::Opening => {
                    self.blocks.cut = None;
                    let (check, _) = self.machine.checks();
                    self.blocks.check = Check::UnderWay(check);
                    if self.machine.may_check() {
                        self.begin_check();
                    }
                }
                _ => self.blocks.check = Check::None,
            },
        }
    }

    /// Begins another check during the method, if there may be one: its controls first.
    pub(super) fn check(&mut self) {
        if !self.machine.may_check() || self.blocks.check != Check::None || self.blocks.calling {
            return;
        }
        let hook = Hook::before(Level::Hypothesis);
        match self.prepared(hook, None, || Value::Null) {
            Some((called, _)) => {
                self.blocks.check = Check::Opening;
                self.blocks.cut = self.spawn(called, None, Block::Check);
            }
            None => {
                let (check, _) = self.machine.checks();
                self.blocks.check = Check::UnderWay(check);
                self.begin_check();
            }
        }
    }

    /// Calls the controls after a check, once it is over.
    pub(super) fn look_at_check(&mut self) {
        let Check::UnderWay(check) = self.blocks.check else {
            return;
        };
        if self.machine.is_checking() {
            return;
        }
        let state = || self.journal.check(StepId::During(check, 0));
        let hook = Hook::after(Level::Hypothesis);
        self.blocks.check = match self.prepared(hook, None, state) {
            Some((called, state)) => {
                self.spawn(called, state, Block::Check);
                Check::Closing
            }
            None => Check::None,
        };
    }

    /// Writes down how a control ended, and says what that means.
    pub(super) fn controlled(&mut self, ended: Ended) {
        let Ended {
            hook,
            step,
            control,
            seconds,
            outcome,
            guest,
        } = ended;
        let name = &control.name;
        let of = step.and_then(|step| self.plan.entry(step));
        let place = match of {
            Some(entry) => format!("{hook} '{}'", entry.activity.name),
            None => hook.to_string(),
        };
        let cleaning = hook.level == Level::Rollback || matches!(step, Some(StepId::Rollback(_)));
        let message = outcome.message().unwrap_or_default();
        match &outcome {
            ControlEnd::Succeeded => {}
            ControlEnd::Cut => debug!("Control '{name}' ({place}) was cut off"),
            ControlEnd::Refused { .. } => {
                error!(target: CRITICAL, "Control '{name}' interrupts the run ({place}): {message}");
                if cleaning && !self.plan.outline.compat {
                    warn!("Rollbacks are played all the same.");
                }
            }
            ControlEnd::Failed { .. } | ControlEnd::TimedOut { .. } | ControlEnd::Denied { .. } => {
                warn!("Control '{name}' failed ({place}), and the run goes on: {message}");
            }
        }
        let record = Record::Control(Box::new(ControlUse {
            control: name.clone(),
            hook,
            step,
            at: self.clock.now(),
            seconds,
            outcome,
            guest,
        }));
        self.append(record);
    }

    /// JSON for a control: without secrets, and bounded.
    fn text(&self, mut value: Value) -> String {
        self.redaction.value(&mut value);
        let text = value.to_string();
        if text.len() <= TEXT {
            return text;
        }
        shorten(&mut value);
        let shorter = value.to_string();
        match shorter.len() <= TEXT {
            true => shorter,
            false => left_out(text.len()).to_string(),
        }
    }
}

/// Leaves out what activities gave.
fn shorten(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(map) => {
            for (key, item) in map {
                match key.as_str() {
                    "output" => *item = left_out(item.to_string().len()),
                    _ => shorten(item),
                }
            }
        }
        _ => {}
    }
}

fn left_out(bytes: usize) -> Value {
    json!({ "bytes-left-out": bytes })
}

fn level(stage: Stage) -> Level {
    match stage {
        Stage::Before | Stage::After => Level::Hypothesis,
        Stage::Method => Level::Method,
        Stage::Rollbacks => Level::Rollback,
    }
}
