//! Where a value stands, without an allocation for each that is fine.

use crate::document::Pointer;

/// A step below another place, or the place where reading began.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    Start(&'p Pointer),
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    pub(super) fn pointer(&self) -> Pointer {
        match self {
            Path::Start(pointer) => (*pointer).clone(),
            Path::Key(above, key) => above.pointer().key(key),
            Path::Index(above, index) => above.pointer().index(*index),
        }
    }
}
