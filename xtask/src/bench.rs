//! `cargo xtask bench`.
use crate::{Failure, Outcome};

#[derive(clap::Args)]
pub(crate) struct Options {}

pub(crate) fn run(_options: &Options) -> Outcome {
    Err(Failure("not built yet".into()))
}
