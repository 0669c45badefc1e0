//! `selftest`: every hostile guest ends as it should, on this very build.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::Sandbox;
use serde_json::Value;

/// How many cases the kit has at least.
const LEAST: usize = 280;

#[test]
fn every_hostile_guest_ends_as_expected() {
    let sandbox = Sandbox::new().unwrap();
    let ended = sandbox
        .run(sandbox.chaos(["selftest", "--json"]).unwrap())
        .unwrap();
    let outcomes: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let other: Vec<String> = outcomes
        .iter()
        .filter(|outcome| outcome["ok"] != true)
        .map(Value::to_string)
        .collect();
    assert!(other.is_empty(), "{}", other.join("\n"));
    assert!(outcomes.len() >= LEAST, "{}", outcomes.len());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    // Nothing that a guest does shows up anywhere but in the table.
    assert_eq!(ended.stderr, "");
}
