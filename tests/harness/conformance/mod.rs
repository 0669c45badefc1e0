//! Runs experiments and compares what came of them with what Chaos Toolkit made of the same file.
//!
//! `tests/conformance/experiments/cases/*.json` hold the cases, `expected/*.json` what the reference
//! did (written by the program `conformance-record`), `differences.json` where this runner
//! deliberately does something else.

mod case;
mod comparison;
mod observation;

pub use case::{Case, Runner, Suite, load};
pub use comparison::{Difference, Differences, compare};
pub use observation::observe;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where the cases, the recordings and the list of differences are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/experiments")
}

/// Does `work` for every item, on `threads` threads; results in the items' order.
pub fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::SeqCst);
                    let Some(item) = items.get(index) else { return };
                    let result = work(item);
                    if let Ok(mut results) = results.lock() {
                        results.push((index, result));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
