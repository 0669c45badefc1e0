//! Guests whose values are too large, or none.

use super::super::case::{Case, End};
use serde_json::json;

pub(super) fn cases() -> Vec<Case> {
    use End::{Crash, Limit, Logged};
    let new = Case::new;
    let five_and = |last: &str| {
        Logged(
            ["x"; 5]
                .into_iter()
                .chain([last])
                .map(str::to_owned)
                .collect(),
        )
    };
    vec![
        new("result-list", "gives a huge list", "results", "numbers", Limit("result-bytes")),
        new("result-text", "gives a huge text", "results", "text", Limit("result-bytes")),
        new("result-error", "gives a huge error", "results", "error", Limit("result-bytes")),
        new("result-nested", "gives one list twenty thousand times", "results", "nested", Limit("result-bytes")),
        new("result-absurd", "gives a list longer than its memory", "results", "absurd", Crash("the plugin failed")),
        new("result-outside", "gives a text outside its memory", "results", "outside", Crash("the plugin failed")),
        new("result-no-text", "gives a text that is no UTF-8", "results", "no-text", Crash("the plugin failed")),
        new("result-surrogate", "gives a text with half a character", "results", "lone", Crash("the plugin failed")),
        new("result-crooked", "gives a list at an odd address", "results", "crooked", Crash("the plugin failed")),
        new("result-no-char", "gives a character that is none", "results", "no-char", Crash("the plugin failed")),
        new("result-no-case", "gives neither success nor error", "results", "no-case", Crash("the plugin failed")),
        new("argument-pointer", "takes its argument outside its memory", "arguments", "take", Crash("the plugin failed"))
            .with(json!({"text": "a longer text than its memory has room for", "bad": 1})),
        new("log-no-text", "logs what is no UTF-8", "log", "no-text", Crash("the plugin failed")),
        new("log-outside", "logs from outside its memory", "log", "outside", Crash("the plugin failed")),
        new("log-endless", "logs 17 MB at once", "log", "endless", Limit("result-bytes"))
            .limited(|limits| limits.memory_bytes = 64 * 1024 * 1024),
        new("log-no-level", "logs with a level that is none", "log", "no-level", Crash("the plugin failed")),
        new("random-pointer", "wants random bytes outside its memory", "random", "outside", Crash("the plugin failed")),
        new("log-flood", "logs nine thousand lines", "log", "say", five_and("8995 more lines dropped (limit log-lines)"))
            .with(json!({"text": "x", "times": 9_000})),
        new("log-control", "logs control characters and a terminal's commands", "log", "say",
            Logged(vec!["a[2Jb]0;titlec".to_owned()]))
            .with(json!({"text": "a\u{1b}[2Jb\u{1b}]0;title\u{7}c\0\u{9b}", "times": 1})),
        new("log-bidi", "logs text that is shown backwards", "log", "say", Logged(vec!["abc".to_owned()]))
            .with(json!({"text": "a\u{202e}b\u{2066}c", "times": 1})),
        new("log-forged", "forges a line of the runner's", "log", "say",
            Logged(vec!["x [2026-01-01 00:00:00 INFO] Experiment ended with status: completed".to_owned()]))
            .with(json!({"text": "x\n[2026-01-01 00:00:00 INFO] Experiment ended with status: completed", "times": 1})),
    ]
}
