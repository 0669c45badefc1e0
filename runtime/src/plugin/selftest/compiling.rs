//! Components that cost their compiler far more than they weigh.

use super::{Outcome, SelftestError, guest, with_causes};
use crate::plugin::compile::{CompileLimits, Compiler};
use crate::plugin::load::Loader;
use std::time::Duration;

/// The guest that is dear to compile.
pub(super) const GUEST: &str = "bomb";

/// Changes one limit to one that is met soon.
type Lower = fn(&mut CompileLimits);

/// Each with what the refusal has to name.
const CASES: &[(&str, &str, &str, Lower)] = &[
    (
        "compile-memory",
        "needs a lot of memory to be compiled",
        "bytes of memory",
        |limits| limits.memory_bytes = 96 * 1024 * 1024,
    ),
    (
        "compile-time",
        "takes long to be compiled",
        "took longer",
        |limits| limits.wall = Duration::from_millis(10),
    ),
    (
        "compile-code",
        "becomes a lot of native code",
        "wrote more",
        |limits| limits.code_bytes = 10_000,
    ),
];

/// Compiles it under one small limit at a time. Where compiling has no limits there is nothing to
/// try.
pub(super) async fn perform(compiler: &Compiler) -> Result<Vec<Outcome>, SelftestError> {
    let Compiler::Apart { program, limits } = compiler else {
        return Ok(Vec::new());
    };
    let component = guest(GUEST)?;
    let mut outcomes = Vec::new();
    for (name, tries, says, lower) in CASES {
        let mut limits = limits.clone();
        lower(&mut limits);
        let program = program.clone();
        let loader = Loader::new(None, Compiler::Apart { program, limits });
        let loaded = loader.load_bytes(GUEST, component.clone()).await;
        let (happened, ok) = match loaded {
            Ok(_) => ("it was compiled".to_owned(), false),
            Err(error) => {
                let reason = with_causes(&error);
                let ok = reason.contains("too expensive to compile") && reason.contains(says);
                (format!("refused: {reason}"), ok)
            }
        };
        outcomes.push(Outcome {
            name: (*name).to_owned(),
            tries: (*tries).to_owned(),
            expected: format!("refused: the compiler {says}"),
            happened,
            ok,
        });
    }
    Ok(outcomes)
}
