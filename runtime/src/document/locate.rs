use super::Pointer;
use super::build::{Observer, Step};
use super::event::Mark;
use std::collections::HashMap;

/// Finds where the values of many pointers begin, in one reading of the document.
///
/// The wanted pointers form a tree; a value that is on none of their ways costs one look-up.
pub(super) struct Locator {
    wanted: Vec<Wanted>,
    /// For each value that is being read: its node, when it is on the way to a pointer.
    path: Vec<Option<usize>>,
}

#[derive(Default)]
struct Wanted {
    children: HashMap<String, usize>,
    mark: Option<Mark>,
}

impl Locator {
    pub(super) fn new<'p>(pointers: impl IntoIterator<Item = &'p Pointer>) -> Locator {
        let mut wanted = vec![Wanted::default()];
        for pointer in pointers {
            let mut node = 0;
            for step in pointer.steps() {
                let next = wanted.len();
                let Some(parent) = wanted.get_mut(node) else {
                    break;
                };
                node = *parent.children.entry(step).or_insert(next);
                if node == next {
                    wanted.push(Wanted::default());
                }
            }
        }
        Locator {
            wanted,
            path: Vec::new(),
        }
    }

    /// Where the value at `pointer` begins, or the nearest value around it.
    pub(super) fn mark(&self, pointer: &Pointer) -> Option<Mark> {
        let mut node = self.wanted.first()?;
        let mut mark = node.mark?;
        for step in pointer.steps() {
            let Some(next) = node.children.get(&step).and_then(|&n| self.wanted.get(n)) else {
                break;
            };
            let Some(found) = next.mark else { break };
            (node, mark) = (next, found);
        }
        Some(mark)
    }

    /// Of duplicate keys the last counts: what was found below an earlier one is not there.
    fn forget_below(&mut self, node: usize) {
        let children = self.wanted.get(node).map(|node| &node.children);
        let children: Vec<usize> = children
            .into_iter()
            .flat_map(|c| c.values().copied())
            .collect();
        for child in children {
            if let Some(wanted) = self.wanted.get_mut(child)
                && wanted.mark.take().is_some()
            {
                self.forget_below(child);
            }
        }
    }
}

impl Observer for Locator {
    fn enter(&mut self, step: Option<Step<'_>>, mark: Mark) {
        let node = match step {
            None => Some(0),
            Some(step) => {
                let parent = self.path.last().copied().flatten();
                let children = parent.and_then(|n| self.wanted.get(n)).map(|n| &n.children);
                children.and_then(|children| match step {
                    Step::Key(key) => children.get(key).copied(),
                    Step::Index(index) => children.get(index.to_string().as_str()).copied(),
                })
            }
        };
        if let Some(node) = node {
            if let Some(wanted) = self.wanted.get_mut(node) {
                wanted.mark = Some(mark);
            }
            self.forget_below(node);
        }
        self.path.push(node);
    }

    fn leave(&mut self) {
        self.path.pop();
    }
}
