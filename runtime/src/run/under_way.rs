//! Steps that were started and have not ended.

use crate::plan::StepId;
use std::collections::HashMap;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// Steps under way, and how to cut each off.
#[derive(Default)]
pub(super) struct Steps {
    pub(super) under_way: HashMap<StepId, UnderWay>,
    pub(super) tasks: JoinSet<()>,
}

pub(super) struct UnderWay {
    pub(super) cut: Option<oneshot::Sender<()>>,
    pub(super) part: Part,
}

/// How far a step has come.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// It has not come to its activity yet.
    Pausing,
    /// It came to it, so many seconds after the run began.
    Acting(f64),
    /// Its activity has ended.
    Over,
}

impl Steps {
    pub(super) fn cut(&mut self) {
        let cuts = self.under_way.values_mut().filter_map(|at| at.cut.take());
        for cut in cuts {
            let _ = cut.send(());
        }
    }

    /// As if a step had been started.
    #[cfg(test)]
    pub(super) fn pretend(&mut self, step: StepId) {
        let (cut, part) = (None, Part::Pausing);
        self.under_way.insert(step, UnderWay { cut, part });
    }

    pub(super) fn is_now(&mut self, step: StepId, part: Part) {
        if let Some(under_way) = self.under_way.get_mut(&step) {
            under_way.part = part;
        }
    }
}
