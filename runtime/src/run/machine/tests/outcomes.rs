//! What a run comes to, by what its steps came to.

use super::*;

fn played(machine: &Machine) -> bool {
    machine.stage() == Some(Stage::Rollbacks)
}

/// The reference's outcome matrix: status, deviated, rollbacks played by
/// default / always / never / deviated.
#[test]
fn the_reference_s_outcome_matrix_holds() {
    use RollbackStrategy as R;
    let dead = |id: StepId| match id {
        StepId::Method(_) | StepId::Rollback(_) => Answer::Good,
        _ => Answer::Missed,
    };
    let action_fails = |id: StepId| match id {
        StepId::Method(_) => Answer::Failed,
        _ => Answer::Good,
    };
    let deviates = |id: StepId| match id {
        StepId::During(..) | StepId::After(_) => Answer::Missed,
        _ => Answer::Good,
    };
    let gate_errs = |id: StepId| match id {
        StepId::Before(_) => Answer::Failed,
        _ => Answer::Good,
    };
    let after_errs = |id: StepId| match id {
        StepId::After(_) => Answer::Failed,
        _ => Answer::Good,
    };
    let method_crashes = |id: StepId| match id {
        StepId::Method(_) => Answer::Unexpected,
        _ => Answer::Good,
    };
    type Rule = fn(StepId) -> Answer;
    type Row = (
        &'static str,
        &'static [&'static str],
        Rule,
        Status,
        bool,
        [bool; 4],
    );
    let rows: Vec<Row> = vec![
        (
            "dead",
            &["default", "before", "continuously"],
            dead,
            Status::Completed,
            false,
            [true, true, false, false],
        ),
        (
            "dead",
            &["after"],
            dead,
            Status::Completed,
            true,
            [true, true, false, true],
        ),
        (
            "dead",
            &["during"],
            dead,
            Status::Completed,
            false,
            [true, true, false, false],
        ),
        (
            "action fails",
            &["default", "before", "after", "during", "continuously"],
            action_fails,
            Status::Completed,
            false,
            [true, true, false, false],
        ),
        (
            "deviates",
            &["default", "after", "continuously"],
            deviates,
            Status::Completed,
            true,
            [true, true, false, true],
        ),
        (
            "deviates",
            &["before", "during"],
            deviates,
            Status::Completed,
            false,
            [true, true, false, false],
        ),
        (
            "gate probe errs",
            &["default"],
            gate_errs,
            Status::Failed,
            false,
            [false, true, false, false],
        ),
        (
            "after probe errs",
            &["default"],
            after_errs,
            Status::Failed,
            true,
            [false, true, false, true],
        ),
        (
            "method crashes",
            &["default"],
            method_crashes,
            Status::Aborted,
            false,
            [true, true, false, false],
        ),
    ];
    for (case, strategies, rule, status, deviated, rollbacks) in rows {
        for strategy in strategies {
            for (by, expected) in [R::Default, R::Always, R::Never, R::Deviated]
                .into_iter()
                .zip(rollbacks)
            {
                let (machine, _) = play(&outline(strategy, by, true), rule);
                let what = format!("{case}, {strategy}, {by:?}");
                assert_eq!(machine.status(), status, "{what}");
                assert_eq!(machine.deviated(), deviated, "{what}");
                assert_eq!(played(&machine), expected, "{what}");
            }
        }
    }
}

#[test]
fn by_default_what_was_begun_is_cleaned_up() {
    for failing in [Answer::Failed, Answer::Unexpected, Answer::Missed] {
        let after = |id: StepId| match id {
            StepId::After(_) => failing,
            _ => Answer::Good,
        };
        let (machine, _) = play(&outline("default", RollbackStrategy::Default, false), after);
        assert!(played(&machine), "{failing:?} after the method");
        let before = |id: StepId| match id {
            StepId::Before(_) => failing,
            _ => Answer::Good,
        };
        let (machine, _) = play(
            &outline("default", RollbackStrategy::Default, false),
            before,
        );
        assert!(!played(&machine), "{failing:?} before the method");
    }
}

#[test]
fn fail_fast_counts_the_checks() {
    let mut outline = outline("during", RollbackStrategy::Default, true);
    outline.method = vec![step(true, true), step(true, false)];
    let every_second = |id: StepId| match id {
        StepId::During(check, _) if check % 2 == 1 => Answer::Missed,
        _ => Answer::Good,
    };
    for (limit, status) in [
        (0.0, Status::Failed),
        (50.0, Status::Failed),
        (60.0, Status::Completed),
    ] {
        outline.fail_fast = Some(limit);
        let (machine, _) = play(&outline, every_second);
        assert_eq!(machine.status(), status, "{limit} %");
        assert!(machine.facts().missed_during);
    }
}
