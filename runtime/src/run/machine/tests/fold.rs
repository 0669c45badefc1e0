//! The machine is a fold over its records, whatever they are.

use super::*;
use proptest::prelude::*;

fn answers() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => Just(Answer::Good),
        1 => Just(Answer::Missed),
        1 => Just(Answer::Failed),
        1 => Just(Answer::Unexpected),
    ]
}

fn outlines() -> impl Strategy<Value = Outline> {
    let steps = || prop::collection::vec((any::<bool>(), any::<bool>()), 0..4);
    let rollback = prop_oneof![
        Just(RollbackStrategy::Default),
        Just(RollbackStrategy::Always),
        Just(RollbackStrategy::Never),
        Just(RollbackStrategy::Deviated)
    ];
    let fail_fast = prop::option::of(0.0..100.0);
    (
        any::<(bool, bool, bool, bool)>(),
        1..3usize,
        steps(),
        steps(),
        rollback,
        fail_fast,
    )
        .prop_map(
            |(
                (before, during, after, compat),
                probes,
                method,
                rollbacks,
                rollback_strategy,
                fail_fast,
            )| {
                let listed = |steps: Vec<(bool, bool)>| -> Vec<OutlineStep> {
                    steps
                        .into_iter()
                        .map(|(action, background)| step(action, background))
                        .collect()
                };
                Outline {
                    before,
                    during,
                    after,
                    fail_fast,
                    rollback_strategy,
                    dry: None,
                    compat,
                    probes: vec![step(false, false); probes],
                    method: listed(method),
                    rollbacks: listed(rollbacks),
                }
            },
        )
}

proptest! {
    /// Whatever fails, a run ends, does nothing twice, and is the fold of its records: folding
    /// any beginning of them gives the state that the run was in then.
    #[test]
    fn every_run_ends_and_is_the_fold_of_its_records(
        outline in outlines(),
        pattern in prop::collection::vec(answers(), 1..12),
    ) {
        let rule = |id: StepId| {
            let number = match id {
                StepId::Before(n) => n,
                StepId::Method(n) => n + 3,
                StepId::During(check, n) => check + n + 5,
                StepId::After(n) => n + 7,
                StepId::Rollback(n) => n + 9,
            };
            pattern[number % pattern.len()]
        };
        let (machine, records) = play(&outline, rule);
        let mut begun: Vec<StepId> = records.iter().filter_map(|record| match record {
            Record::ActivityBegan { step, .. } => Some(*step),
            _ => None,
        }).collect();
        let count = begun.len();
        begun.sort();
        begun.dedup();
        prop_assert_eq!(begun.len(), count, "a step was begun twice");
        for length in 0..records.len() {
            let mut folded = Machine::new(outline.clone());
            for record in &records[..length] {
                folded.apply(record).unwrap();
            }
            prop_assert!(!folded.has_ended());
        }
        let mut folded = Machine::new(outline.clone());
        for record in &records {
            folded.apply(record).unwrap();
        }
        prop_assert_eq!(folded.status(), machine.status());
        prop_assert_eq!(Verdict::of(&folded), Verdict::of(&machine));
        prop_assert_eq!(folded.next(), Next::End);
    }
}
