use crate::plan::{OutlineStep, StepId};

/// Where a step of the method or the rollbacks is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Waiting,
    Begun,
    Ended,
    Left,
}

/// The steps of the method or of the rollbacks, in order. Keeps count, as a run asks after each
/// record what may happen next, and there may be many thousands of steps.
#[derive(Debug, Clone)]
pub(super) struct Block {
    places: Vec<Place>,
    /// Every step before this one was left.
    open: usize,
    under_way: usize,
    left: usize,
}

impl Block {
    pub(super) fn new(steps: usize) -> Block {
        Block {
            places: vec![Place::Waiting; steps],
            open: 0,
            under_way: 0,
            left: 0,
        }
    }

    pub(super) fn place(&self, index: usize) -> Option<Place> {
        self.places.get(index).copied()
    }

    /// Moves a step on from one place to the next; `false` when it is not there.
    pub(super) fn advance(&mut self, index: usize, from: Place, to: Place) -> bool {
        match self.places.get_mut(index) {
            Some(place) if *place == from => *place = to,
            _ => return false,
        }
        self.under_way += usize::from(to == Place::Begun);
        if to == Place::Left {
            self.under_way -= 1;
            self.left += 1;
        }
        while self.place(self.open) == Some(Place::Left) {
            self.open += 1;
        }
        true
    }

    /// The steps from the first that waits up to the first of them that is not in the background.
    pub(super) fn startable(
        &self,
        outline: &[OutlineStep],
        id: fn(usize) -> StepId,
    ) -> Vec<StepId> {
        let mut steps = Vec::new();
        let open = self.places.iter().zip(outline).enumerate().skip(self.open);
        for (index, (place, step)) in open {
            match place {
                Place::Waiting => steps.push(id(index)),
                Place::Begun | Place::Ended if step.background => continue,
                Place::Begun | Place::Ended => break,
                Place::Left => continue,
            }
            if !step.background {
                break;
            }
        }
        steps
    }

    /// Whether nothing is under way and (unless `stopped`) nothing waits.
    pub(super) fn at_rest(&self, stopped: bool) -> bool {
        self.under_way == 0 && (stopped || self.is_over())
    }

    /// Whether every step was left.
    pub(super) fn is_over(&self) -> bool {
        self.left == self.places.len()
    }

    /// The steps that were not begun.
    pub(super) fn waiting(&self) -> impl Iterator<Item = usize> + '_ {
        let places = self.places.iter().enumerate();
        places
            .filter(|(_, place)| **place == Place::Waiting)
            .map(|(index, _)| index)
    }
}
