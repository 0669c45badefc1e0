//! Guests that use too much, or crash.

use super::super::case::{Case, End};
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_millis(250);

pub(super) fn cases() -> Vec<Case> {
    use End::{Crash, Gives, Limit, Refused, TimedOut};
    let new = Case::new;
    let spins = |name: &'static str, tries: &'static str, guest, function| {
        new(name, tries, guest, function, Limit("cpu-seconds"))
            .limited(|limits| limits.cpu = Duration::from_millis(100))
    };
    vec![
        spins("spin", "computes without end", "spin", "go"),
        new(
            "spin-late",
            "computes beyond its timeout",
            "spin",
            "go",
            TimedOut,
        )
        .limited(|limits| limits.cpu = Duration::from_secs(20))
        .within(SOON),
        spins(
            "spin-start",
            "computes before it is called",
            "spin-start",
            "go",
        ),
        spins(
            "spin-host",
            "computes in the host's functions",
            "spin-host",
            "go",
        )
        .limited(|limits| limits.host_calls = u64::MAX),
        new(
            "host-calls",
            "calls the host too often",
            "spin-host",
            "go",
            Limit("host-calls"),
        )
        .limited(|limits| limits.host_calls = 100),
        spins(
            "spin-arguments",
            "never takes its arguments",
            "arguments-spin",
            "take",
        )
        .with(json!({"text": "x"})),
        new(
            "alloc",
            "takes memory without end",
            "alloc",
            "go",
            Limit("memory-bytes"),
        ),
        new(
            "alloc-meekly",
            "asks for four gigabytes and takes no for an answer",
            "alloc",
            "meekly",
            Gives(json!(true)),
        ),
        new(
            "alloc-first",
            "wants four gigabytes to begin with",
            "alloc-first",
            "go",
            Limit("memory-bytes"),
        ),
        new(
            "memories",
            "spreads its memory over instances",
            "memories",
            "go",
            Limit("memory-bytes"),
        )
        .limited(|limits| limits.memory_bytes = 1024 * 1024),
        new(
            "table",
            "takes memory as a table",
            "table",
            "go",
            Limit("memory-bytes"),
        )
        .limited(|limits| limits.memory_bytes = 1024 * 1024),
        new(
            "recursion",
            "calls itself without end",
            "recursion",
            "go",
            Crash("nest too deeply"),
        ),
        new(
            "handles",
            "opens handles without end",
            "handles",
            "go",
            Limit("handles"),
        ),
        new(
            "random",
            "wants four gigabytes of random bytes",
            "random",
            "go",
            Limit("host-bytes"),
        )
        .with(json!({"count": u32::MAX})),
        new(
            "sleep",
            "sleeps for centuries in the host",
            "sleep",
            "go",
            TimedOut,
        )
        .within(SOON),
        new(
            "sleep-start",
            "sleeps before it is called",
            "sleep-start",
            "go",
            TimedOut,
        )
        .within(SOON),
        new(
            "sleep-wasi",
            "waits through WASI",
            "wasi-poll",
            "go",
            TimedOut,
        )
        .within(SOON),
        new(
            "callback-trap",
            "crashes when it is called back",
            "callback",
            "trap",
            Crash("the plugin crashed"),
        ),
        new(
            "callback-again",
            "calls the host when it is called back",
            "callback",
            "again",
            Crash("cannot leave component instance"),
        ),
        new(
            "callback-after",
            "crashes when its result was taken",
            "callback",
            "after",
            Crash("the plugin crashed"),
        ),
        spins(
            "callback-late",
            "computes without end when its result was taken",
            "callback",
            "late",
        ),
        new("trap", "panics", "trap", "go", Crash("the plugin crashed")),
        new(
            "trap-zero",
            "divides by zero",
            "trap",
            "zero",
            Crash("divide by zero"),
        ),
        new(
            "trap-outside",
            "writes beyond its memory",
            "trap",
            "outside",
            Crash("out of bounds"),
        ),
        new(
            "trap-indirect",
            "calls a function that is none",
            "trap",
            "indirect",
            Crash("the plugin crashed"),
        ),
        new(
            "import-unknown",
            "imports a shell",
            "unknown",
            "go",
            Refused("does not offer"),
        ),
        new(
            "import-newer",
            "imports a function that the host lacks",
            "newer",
            "go",
            Refused("do not fit"),
        ),
        new(
            "import-unfit",
            "imports a function by another type",
            "unfit",
            "go",
            Refused("do not fit"),
        ),
        new(
            "threads",
            "wants threads' shared memory",
            "threads",
            "go",
            Refused("WebAssembly"),
        ),
        new(
            "wide",
            "wants 64-bit memory",
            "wide",
            "go",
            Refused("WebAssembly"),
        ),
    ]
}
