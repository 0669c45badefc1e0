//! Every recorded case comes out as it did with Chaos Toolkit, or differs as listed.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::conformance::{Differences, Runner, compare, folder, in_parallel, load, observe};
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::fmt::Write;

fn expected(suite: &str) -> Map<String, Value> {
    let file = folder().join(format!("expected/{suite}.json"));
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

#[test]
fn every_case_comes_out_as_recorded() {
    let differences = Differences::load().unwrap();
    let mut cases = Vec::new();
    for suite in load().unwrap() {
        let mut expected = expected(&suite.name);
        for case in suite.cases {
            let recorded = expected.shift_remove(&case.name);
            cases.push((case, recorded.unwrap_or_default()));
        }
    }
    let part = std::env::var("CONFORMANCE_CASE").unwrap_or_default();
    cases.retain(|(case, _)| case.name.contains(&part));
    let threads = std::thread::available_parallelism().map_or(4, |n| n.get() * 2);
    let results = in_parallel(&cases, threads, |(case, recorded)| {
        match observe(case, Runner::Compat) {
            Ok(ours) => differences.judge(&case.name, &compare(recorded, &ours, &differences)),
            Err(error) => vec![format!("it could not be run: {error}\n")],
        }
    });
    let mut report = String::new();
    let mut failed = 0;
    for ((case, _), wrong) in cases.iter().zip(&results) {
        if !wrong.is_empty() {
            failed += 1;
            writeln!(report, "{} ({})", case.name, case.about()).unwrap();
            for text in wrong {
                writeln!(report, "  {text}").unwrap();
            }
        }
    }
    let total = cases.len();
    assert!(
        failed == 0,
        "{failed} of {total} cases differ (- reference, + ours):\n{report}"
    );
}

#[test]
fn cases_and_recordings_belong_together() {
    let mut names = HashSet::new();
    for suite in load().unwrap() {
        let recorded: Vec<String> = expected(&suite.name).keys().cloned().collect();
        let cases: Vec<String> = suite.cases.iter().map(|case| case.name.clone()).collect();
        assert_eq!(recorded, cases, "{}: record again", suite.name);
        names.extend(cases);
    }
    assert!(names.len() >= 200, "only {} cases", names.len());
    for case in Differences::load().unwrap().cases() {
        assert!(
            names.contains(case),
            "a difference is listed for {case}, which is no case"
        );
    }
}
