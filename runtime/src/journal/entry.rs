use crate::plan::{Outline, StepId};
use crate::run::moment::Moment;
use crate::run::record::{Judgement, Outcome};
use serde_json::{Map, Value, json};

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

    /// The reference's record of an activity.
    pub(super) fn render(&self, outline: &Outline, source: &Value) -> Value {
        let definition = outline
            .step(self.step)
            .and_then(|step| source.pointer(&step.activity))
            .cloned()
            .unwrap_or(Value::Null);
        let mut record = Map::new();
        let mut put = |key: &str, value: Value| record.insert(key.to_owned(), value);
        let is_probe = !matches!(self.step, StepId::Method(_) | StepId::Rollback(_));
        let outcome = self.end.as_ref().map(|end| &end.outcome);
        put("activity", definition);
        put(
            "output",
            match outcome {
                Some(Outcome::Succeeded { output, .. }) => output.clone(),
                _ => Value::Null,
            },
        );
        put("start", json!(self.start));
        match outcome {
            None | Some(Outcome::Cut) => {}
            Some(outcome) if outcome.is_success() => {
                put("status", json!("succeeded"));
            }
            // The reference leaves an unexpected failure in the method without a status; in a
            // hypothesis it leaves no journal at all, so nobody depends on its shape there.
            Some(Outcome::Unexpected { .. }) if !is_probe => {}
            Some(outcome) => {
                let message = outcome.message().unwrap_or_default();
                put("status", json!("failed"));
                put(
                    "exception",
                    json!([format!("chaoslib.exceptions.ActivityFailed: {message}\n")]),
                );
            }
        }
        if let Some(end) = &self.end {
            put("end", json!(end.at));
            put("duration", json!(microseconds(end.seconds)));
        }
        if is_probe {
            put("tolerance_met", json!(self.is_met()));
        }
        Value::Object(record)
    }

    /// What the reference has no key for: time asked and taken, and how it ended.
    pub(super) fn render_timing(&self) -> Value {
        let mut timing = json!({
            "step": self.step,
            "timeout": self.timeout,
        });
        let Some(end) = &self.end else {
            timing["outcome"] = json!("unknown");
            return timing;
        };
        timing["duration"] = json!(microseconds(end.seconds));
        timing["outcome"] = json!(match &end.outcome {
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
        });
        if let Outcome::Unexpected { message } = &end.outcome {
            timing["message"] = json!(message);
        }
        if let Some(Judgement::Unjudgeable { message }) = &end.judgement {
            timing["unjudgeable"] = json!(message);
        }
        timing
    }
}

/// The reference gives an activity's duration to the microsecond.
fn microseconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}
