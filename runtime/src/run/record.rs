//! Records: everything that happened in a run, in order. The run is a fold over them.

use super::moment::Moment;
use crate::experiment::Hook;
use crate::log::Redaction;
use crate::plan::{Outline, Stage, StepId};
use crate::plugin::{ControlEnd, GuestUse, RightsUse};
use chaos_host_api::budget::{Ceilings, Spent};
use chaos_host_api::ledger::{Done, Intent};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// The run began. Always the first record.
    RunBegan(Box<Beginning>),
    /// A stage began.
    StageBegan {
        /// Which.
        stage: Stage,
        /// When.
        at: Moment,
    },
    /// A check of the hypothesis during the method began.
    CheckBegan {
        /// Its number, from 0.
        check: usize,
        /// When.
        at: Moment,
    },
    /// An activity is about to be executed. For an action it is on disk before that.
    ActivityBegan {
        /// Which.
        step: StepId,
        /// When.
        at: Moment,
        /// Seconds that it may take.
        timeout: f64,
    },
    /// An activity ended.
    ActivityEnded {
        /// Which.
        step: StepId,
        /// When.
        at: Moment,
        /// How long it took.
        seconds: f64,
        /// How.
        outcome: Outcome,
        /// What its tolerance says; hypothesis only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        judgement: Option<Judgement>,
        /// A pause or controls follow; the step is left with [`Record::StepLeft`].
        #[serde(default)]
        pausing: bool,
    },
    /// The pause after an activity is over.
    StepLeft {
        /// Which.
        step: StepId,
    },
    /// A step that never came to its activity: its pause is unusable, or it was cut while pausing.
    StepSkipped {
        /// Which.
        step: StepId,
        /// The unexpected failure; `None` when it was cut.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unexpected: Option<String>,
    },
    /// A signal arrived.
    Signalled {
        /// Which.
        signal: Signal,
        /// When.
        at: Moment,
    },
    /// A call that changes something is about to leave the door.
    Intent(Intent),
    /// A call through the door ended.
    Done(Done),
    /// A plugin's function was called for a step, and has ended.
    Guest {
        /// Which.
        step: StepId,
        /// What it used.
        guest: GuestUse,
    },
    /// A control was called, and has ended.
    Control(Box<ControlUse>),
    /// The run ended; what it spent.
    RunEnded {
        /// When.
        at: Moment,
        /// How long it took.
        seconds: f64,
        /// What went through the door.
        spent: Spent,
        /// What plugins may do, and did.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rights: Vec<RightsUse>,
    },
}

/// One call of a control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ControlUse {
    /// Its name.
    pub control: String,
    /// Where it was called.
    pub hook: Hook,
    /// Of which activity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// When it ended.
    pub at: Moment,
    /// How long it took.
    pub seconds: f64,
    /// How it ended.
    pub outcome: ControlEnd,
    /// What its plugin used; `None` when it was cut off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<GuestUse>,
}

impl ControlUse {
    /// What stands for a step in records of its calls.
    pub fn pass_name(hook: Hook, control: &str) -> String {
        format!("control/{hook}/{control}")
    }
}

/// The first record's contents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Beginning {
    /// Format of this log, [`FORMAT`].
    pub format: u32,
    /// The runner's version.
    pub version: String,
    /// The run's id.
    pub run: String,
    /// When.
    pub at: Moment,
    /// Path or URL of the experiment.
    pub source: String,
    /// The runner's process.
    pub pid: u32,
    /// The machine, as the reference names it.
    pub platform: String,
    /// The host's name.
    pub node: String,
    /// The experiment as written, title substituted, `dry` set, inline secrets masked.
    pub experiment: Value,
    /// What is to be done.
    #[serde(with = "shared")]
    pub outline: Arc<Outline>,
    /// What it may spend.
    pub ceilings: Ceilings,
    /// What had to be said before: warnings about the document, controls that do not run.
    pub notes: Vec<String>,
}

/// The format of the log that this version writes.
pub const FORMAT: u32 = 1;

/// How an activity ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum Outcome {
    /// It did what it should.
    Succeeded {
        /// Its value.
        output: Value,
        /// An action that found nothing to act on.
        #[serde(default)]
        touched_nothing: bool,
    },
    /// It failed.
    Failed {
        /// Why.
        message: String,
    },
    /// Its time was over. What it began may have happened.
    TimedOut {
        /// Why.
        message: String,
    },
    /// A right or the budget was missing.
    Denied {
        /// Which.
        message: String,
    },
    /// It failed in a way that the reference does not expect, and dies of.
    Unexpected {
        /// Why.
        message: String,
    },
    /// A signal cut it off. What it began may have happened.
    Cut,
    /// `--dry`: it was not executed.
    Dry,
}

impl Outcome {
    /// Whether it did what it should (or was not asked to).
    pub fn is_success(&self) -> bool {
        matches!(self, Outcome::Succeeded { .. } | Outcome::Dry)
    }

    /// Why it did not succeed.
    pub fn message(&self) -> Option<&str> {
        match self {
            Outcome::Failed { message }
            | Outcome::TimedOut { message }
            | Outcome::Denied { message }
            | Outcome::Unexpected { message } => Some(message),
            Outcome::Succeeded { .. } | Outcome::Cut | Outcome::Dry => None,
        }
    }
}

/// What a tolerance says of a probe's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Judgement {
    /// Within it (or not judged, under `--dry`).
    Met,
    /// Outside it.
    Missed,
    /// The tolerance cannot judge this value.
    Unjudgeable {
        /// Why.
        message: String,
    },
}

/// Signals that end a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Signal {
    /// Ctrl-C.
    #[serde(rename = "SIGINT")]
    Interrupt,
    /// A polite kill.
    #[serde(rename = "SIGTERM")]
    Terminate,
    /// The terminal was closed.
    #[serde(rename = "SIGHUP")]
    HangUp,
    /// The reference's graceful exit.
    #[serde(rename = "SIGUSR1")]
    Graceful,
    /// The reference's ungraceful exit: no rollbacks.
    #[serde(rename = "SIGUSR2")]
    Ungraceful,
}

/// What the plan, the machine and the journal hold together.
mod shared {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::Arc;

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Arc<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        T::serialize(value, serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(deserializer).map(Arc::new)
    }
}

impl Record {
    /// Masks every known secret within.
    pub fn redact(&mut self, redaction: &Redaction) {
        let mask = |text: &mut String| {
            if let std::borrow::Cow::Owned(masked) = redaction.text(text) {
                *text = masked;
            }
        };
        match self {
            Record::RunBegan(beginning) => {
                redaction.value(&mut beginning.experiment);
                mask(&mut beginning.source);
                beginning.notes.iter_mut().for_each(mask);
            }
            Record::ActivityEnded {
                outcome, judgement, ..
            } => {
                match outcome {
                    Outcome::Succeeded { output, .. } => redaction.value(output),
                    Outcome::Failed { message }
                    | Outcome::TimedOut { message }
                    | Outcome::Denied { message }
                    | Outcome::Unexpected { message } => mask(message),
                    Outcome::Cut | Outcome::Dry => {}
                }
                if let Some(Judgement::Unjudgeable { message }) = judgement {
                    mask(message);
                }
            }
            Record::StepSkipped {
                unexpected: Some(message),
                ..
            } => mask(message),
            Record::Intent(intent) => {
                mask(&mut intent.target);
                if let Some(undo) = &mut intent.undo {
                    redaction.value(undo);
                }
            }
            Record::Done(done) => {
                mask(&mut done.target);
                if let Some(error) = &mut done.error {
                    mask(error);
                }
            }
            Record::Control(called) => {
                if let Some(message) = called.outcome.message_mut() {
                    mask(message);
                }
            }
            Record::RunEnded { rights, .. } => {
                for used in rights {
                    used.mask(&mask);
                }
            }
            Record::StageBegan { .. }
            | Record::CheckBegan { .. }
            | Record::ActivityBegan { .. }
            | Record::StepLeft { .. }
            | Record::StepSkipped { .. }
            | Record::Signalled { .. }
            | Record::Guest { .. } => {}
        }
    }
}
