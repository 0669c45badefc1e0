use crate::plan::{Outline, StepId};
use crate::run::moment::Moment;
use crate::run::record::{Judgement, Outcome};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// One executed activity.
#[derive(Debug, Clone)]
pub(super) struct ActivityEntry {
    step: StepId,
    start: Moment,
    timeout: f64,
    end: Option<End>,
}

#[derive(Debug, Clone)]
struct End {
    at: Moment,
    seconds: f64,
    outcome: Outcome,
    judgement: Option<Judgement>,
}

impl ActivityEntry {
    pub(super) fn begun(step: StepId, start: Moment, timeout: f64) -> ActivityEntry {
        ActivityEntry {
            step,
            start,
            timeout,
            end: None,
        }
    }

    pub(super) fn end(
        &mut self,
        at: Moment,
        seconds: f64,
        outcome: Outcome,
        judgement: Option<Judgement>,
    ) {
        self.end = Some(End {
            at,
            seconds,
            outcome,
            judgement,
        });
    }

    pub(super) fn is_of(&self, step: StepId) -> bool {
        self.step == step
    }

    pub(super) fn is_met(&self) -> bool {
        self.end.as_ref().is_some_and(|end| {
            end.outcome.is_success() && matches!(end.judgement, None | Some(Judgement::Met))
        })
    }

    /// It ended, and the check ends with it.
    pub(super) fn is_missed(&self) -> bool {
        let cut = |end: &End| end.outcome == Outcome::Cut;
        self.end.as_ref().is_some_and(|end| !cut(end)) && !self.is_met()
    }

    /// The reference's record of it.
    pub(super) fn record<'e>(&'e self, outline: &Outline, experiment: &'e Value) -> Recorded<'e> {
        let definition = outline
            .step(self.step)
            .and_then(|step| experiment.pointer(&step.activity));
        Recorded {
            entry: self,
            definition: definition.unwrap_or(&Value::Null),
        }
    }

    /// What the reference has no key for.
    pub(super) fn timing(&self) -> Timing<'_> {
        Timing(self)
    }
}

/// An activity as the reference records it.
pub(super) struct Recorded<'e> {
    entry: &'e ActivityEntry,
    definition: &'e Value,
}

/// Time asked and taken, and how it ended.
pub(super) struct Timing<'e>(&'e ActivityEntry);

impl Serialize for Recorded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ActivityEntry {
            step, start, end, ..
        } = self.entry;
        let is_probe = !matches!(step, StepId::Method(_) | StepId::Rollback(_));
        let outcome = end.as_ref().map(|end| &end.outcome);
        let output = match outcome {
            Some(Outcome::Succeeded { output, .. }) => output,
            _ => &Value::Null,
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("activity", self.definition)?;
        map.serialize_entry("output", output)?;
        map.serialize_entry("start", start)?;
        match outcome {
            None | Some(Outcome::Cut) => {}
            Some(outcome) if outcome.is_success() => map.serialize_entry("status", "succeeded")?,
            // The reference leaves an unexpected failure in the method without a status; in a
            // hypothesis it leaves no journal at all, so nobody depends on its shape there.
            Some(Outcome::Unexpected { .. }) if !is_probe => {}
            Some(outcome) => {
                let message = outcome.message().unwrap_or_default();
                let exception = format!("chaoslib.exceptions.ActivityFailed: {message}\n");
                map.serialize_entry("status", "failed")?;
                map.serialize_entry("exception", &[exception])?;
            }
        }
        if let Some(end) = end {
            map.serialize_entry("end", &end.at)?;
            map.serialize_entry("duration", &microseconds(end.seconds))?;
        }
        if is_probe {
            map.serialize_entry("tolerance_met", &self.entry.is_met())?;
        }
        map.end()
    }
}

impl Serialize for Timing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ActivityEntry {
            step, timeout, end, ..
        } = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("step", step)?;
        map.serialize_entry("timeout", timeout)?;
        let Some(end) = end else {
            map.serialize_entry("outcome", "unknown")?;
            return map.end();
        };
        map.serialize_entry("duration", &microseconds(end.seconds))?;
        let outcome = match &end.outcome {
            Outcome::Succeeded {
                touched_nothing: true,
                ..
            } => "touched-nothing",
            Outcome::Succeeded { .. } => "succeeded",
            Outcome::Failed { .. } => "failed",
            Outcome::TimedOut { .. } => "timed-out",
            Outcome::Denied { .. } => "denied",
            Outcome::Unexpected { .. } => "unexpected",
            Outcome::Cut => "cut",
            Outcome::Dry => "dry",
        };
        map.serialize_entry("outcome", outcome)?;
        if let Outcome::Unexpected { message } = &end.outcome {
            map.serialize_entry("message", message)?;
        }
        if let Some(Judgement::Unjudgeable { message }) = &end.judgement {
            map.serialize_entry("unjudgeable", message)?;
        }
        map.end()
    }
}

/// The reference gives an activity's duration to the microsecond.
fn microseconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}
