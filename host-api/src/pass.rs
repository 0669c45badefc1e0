use crate::deadline::Deadline;
use std::sync::Arc;

/// Whether a call may change the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It only looks.
    Read,
    /// It changes something, or may.
    Mutate,
}

/// What one step presents at the door: who it is, what it may do, until when.
#[derive(Debug, Clone)]
pub struct Pass {
    step: Arc<str>,
    allowed: Effect,
    deadline: Deadline,
}

impl Pass {
    /// A pass for `step` (its id in the plan, such as `method/2`). With [`Effect::Read`] the door
    /// lets no mutation through.
    pub fn new(step: impl Into<Arc<str>>, allowed: Effect, deadline: Deadline) -> Pass {
        Pass {
            step: step.into(),
            allowed,
            deadline,
        }
    }

    /// The step's id.
    pub fn step(&self) -> &str {
        &self.step
    }

    /// The most that it may do.
    pub fn allowed(&self) -> Effect {
        self.allowed
    }

    /// When waiting for its calls ends.
    pub fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// The same pass with an earlier deadline, if `asked` from now is earlier.
    pub fn within(&self, asked: std::time::Duration) -> Pass {
        Pass {
            deadline: self.deadline.sooner(asked),
            ..self.clone()
        }
    }
}
