use crate::deadline::Deadline;
use crate::permit::Permit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    permit: Option<Arc<Permit>>,
    denied: Arc<AtomicBool>,
}

impl Pass {
    /// A pass for `step` (its id in the plan, such as `method/2`). With [`Effect::Read`] the door
    /// lets no mutation through.
    pub fn new(step: impl Into<Arc<str>>, allowed: Effect, deadline: Deadline) -> Pass {
        Pass {
            step: step.into(),
            allowed,
            deadline,
            permit: None,
            denied: Arc::default(),
        }
    }

    /// The same pass, for nothing but what `permit` grants. Without one, a pass is that of a
    /// built-in activity whose author is trusted.
    #[must_use]
    pub fn with_permit(self, permit: Arc<Permit>) -> Pass {
        Pass {
            permit: Some(permit),
            ..self
        }
    }

    /// What was granted, when that is limited.
    pub fn permit(&self) -> Option<&Arc<Permit>> {
        self.permit.as_ref()
    }

    /// The permit, when a guest bears it.
    pub(crate) fn guest(&self) -> Option<&Arc<Permit>> {
        self.permit.as_ref().filter(|permit| permit.is_guest())
    }

    /// Notes that something was denied to its bearer.
    pub fn note_denial(&self) {
        self.denied.store(true, Ordering::Relaxed);
    }

    /// Whether anything was denied to its bearer so far.
    pub fn was_denied(&self) -> bool {
        self.denied.load(Ordering::Relaxed)
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
