//! The kit's cases, by what the guest tries to get the better of.

mod cluster;
mod names;
mod resources;
mod secrets;
mod values;
mod wasi;
mod web;

pub(super) use secrets::{placeholder, with_body};

use super::case::Case;

/// All of them.
pub(super) fn all() -> Vec<Case> {
    [
        resources::cases(),
        values::cases(),
        wasi::cases(),
        web::cases(),
        names::cases(),
        cluster::cases(),
        secrets::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
