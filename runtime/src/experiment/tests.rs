#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use super::*;
use crate::document::Format;
use serde_json::json;

pub(super) fn read(value: &Value) -> Result<Experiment, Problems> {
    let bytes = serde_json::to_vec(value).unwrap();
    Experiment::read(&Document::parse("x.json", &bytes, Format::Json).unwrap())
}

/// A valid experiment with these members besides, or instead.
pub(super) fn with(members: Value) -> Value {
    let mut document = json!({"title": "t", "description": "d", "method": []});
    let Value::Object(members) = members else {
        return document;
    };
    document.as_object_mut().unwrap().extend(members);
    document
}

pub(super) fn probe(name: &str) -> Value {
    json!({"type": "probe", "name": name, "provider": {"type": "http", "url": "http://127.0.0.1/"}})
}

pub(super) fn action(name: &str) -> Value {
    json!({"type": "action", "name": name, "provider": {"type": "process", "path": "true"}})
}

/// Pointer, message and hint of each.
fn told<'p>(problems: impl Iterator<Item = &'p Problem>) -> Vec<(&'p str, &'p str, &'p str)> {
    problems
        .map(|problem| {
            (
                problem.pointer.as_str(),
                problem.message.as_str(),
                problem.hint.as_deref().unwrap_or_default(),
            )
        })
        .collect()
}

#[test]
fn every_part_gets_its_meaning() {
    let mut held = probe("look");
    held["tolerance"] = json!(200);
    held["timeout"] = json!(2.5);
    let mut slow = action("act");
    slow["background"] = json!(true);
    slow["pauses"] = json!({"before": 1, "after": "${rest}"});
    let document = with(json!({
        "title": "${name} survives",
        "configuration": {"name": "it", "rest": 2},
        "secrets": {"app": {"token": "t"}},
        "steady-state-hypothesis": {"title": "it answers", "probes": [held]},
        "method": [slow, {"ref": "look", "background": true}],
        "rollbacks": [{"ref": "act"}],
        "runtime": {"hypothesis": {"strategy": "continuously"}},
        "x-owner": "me",
    }));
    let experiment = read(&document).unwrap();
    assert_eq!(experiment.title, "${name} survives");
    assert_eq!(experiment.configuration["rest"], 2);
    assert_eq!(experiment.secrets["app"]["token"], "t");
    assert_eq!(*experiment.source, document);
    assert_eq!(told(experiment.warnings.iter()), []);

    let hypothesis = experiment.hypothesis.unwrap();
    assert_eq!(hypothesis.title, "it answers");
    assert!(hypothesis.probes[0].tolerance.is_some());
    assert_eq!(hypothesis.probes[0].activity.own_timeout, Some(2.5));

    let [act, look] = experiment.method.as_slice() else {
        panic!("two entries are read as {}", experiment.method.len());
    };
    assert_eq!(act.activity.kind, Kind::Action);
    assert_eq!(act.activity.pause_before, Some(Pause::Seconds(1.into())));
    assert_eq!(
        act.activity.pause_after,
        Some(Pause::Variable("${rest}".into()))
    );
    assert!(act.background && !act.by_reference);
    assert_eq!(look.activity.name, "look");
    assert!(look.activity.has_tolerance, "that of the definition");
    assert!(look.tolerance.is_none(), "in the method it does not count");
    assert!(look.by_reference && look.background && !look.activity.background);

    assert!(experiment.rollbacks[0].by_reference);
    assert!(
        !experiment.rollbacks[0].background,
        "of a reference, only its own key counts"
    );
    assert_eq!(
        experiment.runtime,
        Some(RuntimeBlock {
            hypothesis: Some(HypothesisStrategy::Continuously),
            rollbacks: None
        })
    );
}

#[test]
fn everything_wrong_is_told_at_once_with_its_place() {
    let document = json!({
        "tittle": "t",
        "description": "",
        "steady-state-hypothesis": {"title": "h", "probes": [probe("look")]},
        "method": [
            {"type": "prob", "nam": "a", "provider": {"type": "htp"}},
            {"ref": "loook"},
        ],
        "rollbacks": [null],
    });
    let problems = read(&document).unwrap_err();
    assert_eq!(
        told(problems.errors()),
        [
            (
                "",
                "experiment requires a title",
                "there is a key 'tittle': did you mean 'title'?"
            ),
            ("/description", "experiment requires a description", ""),
            (
                "/method/0/type",
                "'prob' is not a supported activity type",
                "did you mean 'probe'?"
            ),
            (
                "/method/0",
                "an activity must have a name",
                "there is a key 'nam': did you mean 'name'?"
            ),
            (
                "/method/0/provider/type",
                "unknown provider type 'htp'",
                "did you mean 'http'?"
            ),
            ("/rollbacks/0", "empty activity is no activity", ""),
            (
                "/steady-state-hypothesis/probes/0",
                "hypothesis probe must have a tolerance entry",
                "add a 'tolerance' that the probe's value must meet"
            ),
            (
                "/method/1/ref",
                "referenced activity 'loook' could not be found in the experiment",
                "did you mean 'look'?"
            ),
        ]
    );
}

#[test]
fn of_two_activities_with_one_name_the_hypothesis_one_is_referenced() {
    let mut held = probe("same");
    held["tolerance"] = json!(200);
    let document = with(json!({
        "steady-state-hypothesis": {"title": "h", "probes": [held]},
        "method": [action("same"), {"ref": "same"}],
    }));
    let experiment = read(&document).unwrap();
    assert_eq!(experiment.method[1].activity.kind, Kind::Probe);

    let twice = with(json!({"method": [action("same"), probe("same"), {"ref": "same"}]}));
    let experiment = read(&twice).unwrap();
    assert_eq!(experiment.method[2].activity.kind, Kind::Probe);
}

#[test]
fn a_reference_to_a_rollback_says_why_it_cannot_be() {
    let document = with(json!({"rollbacks": [action("undo"), {"ref": "undo"}]}));
    let problems = read(&document).unwrap_err();
    let [(pointer, _, hint)] = told(problems.errors())[..] else {
        panic!("one problem, not {problems:?}");
    };
    assert_eq!(pointer, "/rollbacks/1/ref");
    assert!(hint.contains("a rollback cannot be referenced"), "{hint}");
    assert!(hint.contains("Chaos Toolkit would crash"), "{hint}");
}

#[test]
fn a_reference_to_a_wrong_activity_is_no_second_problem() {
    let document = with(json!({"method": [{"type": "action", "name": "a"}, {"ref": "a"}]}));
    let problems = read(&document).unwrap_err();
    assert_eq!(
        told(problems.errors()),
        [("/method/0", "an activity requires a provider", "")]
    );
}

#[test]
fn what_a_reference_adds_in_vain_is_warned_of() {
    let document = with(json!({"method": [action("a"), {"ref": "a", "pauses": {"before": 60}}]}));
    let warnings = read(&document).unwrap().warnings;
    assert_eq!(
        told(warnings.iter())[0].1,
        "'pauses' of a reference has no effect"
    );
}

#[test]
fn controls_are_collected_once_and_warned_of_once() {
    let control = |name: &str, module: &str| json!({"name": name, "provider": {"type": "python", "module": module}});
    let mut act = action("a");
    act["controls"] = json!([
        control("trace", "chaostracing.control"),
        control("own", "mine")
    ]);
    let document = with(json!({
        "controls": [control("trace", "chaostracing.control")],
        "method": [act],
    }));
    let experiment = read(&document).unwrap();
    let declared = |name: &str, module: &str| DeclaredControl {
        name: name.into(),
        module: Some(module.into()),
    };
    assert_eq!(
        experiment.controls.not_run,
        [
            declared("trace", "chaostracing.control"),
            declared("own", "mine")
        ]
    );
    assert_eq!(
        told(experiment.warnings.iter()),
        [(
            "/controls/0",
            "controls are written in Python and do not run here: \
             'trace' (chaostracing.control), 'own' (mine)",
            "the experiment runs without them; the journal says so"
        )]
    );
}

#[test]
fn a_budget_says_what_it_asks_for_and_leaves_the_rest() {
    let budget =
        |budget: Value| with(json!({"extensions": [{"name": "chaos-wasm", "budget": budget}]}));
    let experiment = read(&budget(json!({"pods-deleted": 3, "calls": 99_000_000}))).unwrap();
    assert_eq!(
        experiment.ceilings,
        Ceilings {
            pods_deleted: 3,
            calls: 99_000_000,
            ..Ceilings::UNBOUNDED
        }
    );
    assert_eq!(
        told(experiment.warnings.iter())[0].0,
        "/extensions/0/budget/calls"
    );

    let problems = read(&budget(
        json!({"pods_deleted": 3, "calls": -1, "mutations": "7"}),
    ))
    .unwrap_err();
    assert_eq!(
        told(problems.errors()),
        [
            (
                "/extensions/0/budget/pods_deleted",
                "unknown key 'pods_deleted' in the budget",
                "did you mean 'pods-deleted'?"
            ),
            (
                "/extensions/0/budget/calls",
                "'calls' must be a whole number, 0 or more, not -1",
                ""
            ),
            (
                "/extensions/0/budget/mutations",
                "'mutations' must be a whole number, 0 or more, not a string",
                ""
            ),
        ]
    );

    let misspelt = with(json!({"extensions": [{"name": "chaos-wasm", "budjet": {}}]}));
    let problems = read(&misspelt).unwrap_err();
    assert_eq!(
        told(problems.errors()),
        [(
            "/extensions/0/budjet",
            "unknown key 'budjet'",
            "did you mean 'budget'?"
        )]
    );
    let foreign = with(json!({"extensions": [{"name": "other", "budget": "any"}]}));
    assert_eq!(read(&foreign).unwrap().ceilings, Ceilings::UNBOUNDED);
}

#[test]
fn strategies_are_read_by_name_and_misspelt_ones_refused() {
    for strategy in HypothesisStrategy::ALL {
        assert_eq!(HypothesisStrategy::parse(strategy.name()), Some(strategy));
    }
    for strategy in RollbackStrategy::ALL {
        assert_eq!(RollbackStrategy::parse(strategy.name()), Some(strategy));
    }
    assert_eq!(HypothesisStrategy::Continuously.log_name(), "continuous");
    assert_eq!(HypothesisStrategy::parse("continuous"), None);

    let block = |block: Value| read(&with(json!({"runtime": block})));
    assert_eq!(block(json!({})).unwrap().runtime, None);
    let alias = block(json!({"hypothesis": {"strategy": "continously"}})).unwrap();
    assert_eq!(
        alias.runtime.unwrap().hypothesis,
        Some(HypothesisStrategy::Continuously)
    );
    assert_eq!(alias.warnings.len(), 1);
    let wrong =
        block(json!({"hypothesis": {"strategy": "continuous"}, "rollbacks": {"strategy": "x"}}));
    assert_eq!(
        told(wrong.unwrap_err().errors()),
        [
            (
                "/runtime/hypothesis/strategy",
                "'continuous' is no strategy of the hypothesis",
                "did you mean 'continuously'?"
            ),
            (
                "/runtime/rollbacks/strategy",
                "'x' is no strategy of the rollbacks",
                "use one of: default, always, never, deviated"
            ),
        ]
    );
}

#[test]
fn deprecated_forms_are_warned_of() {
    let mut old = action("a");
    old["provider"]["arguments"] = json!({"--a": 1});
    let document = with(json!({
        "method": [old.clone(), old],
        "secrets": {"g": {"k": {"type": "vault", "key": "v"}}},
    }));
    let warnings = read(&document).unwrap().warnings;
    let places: Vec<_> = told(warnings.iter()).iter().map(|told| told.0).collect();
    assert_eq!(places, ["/secrets/g/k", "/method/0/provider/arguments"]);
    assert!(
        warnings[0]
            .message
            .starts_with("Vault secrets must now specify the `path`")
    );
    assert!(
        warnings[1]
            .message
            .starts_with("Process arguments should now be a list")
    );
}

#[test]
fn likely_slips_in_optional_keys_are_warned_of_and_strangers_are_not() {
    let document = with(json!({
        "rollback": [],
        "steady_state_hypothesis": {},
        "x-team": 1,
        "method": [{"type": "action", "name": "a", "pause": {"after": 1}, "provider": {"type": "process", "path": "true"}}],
    }));
    let warnings = read(&document).unwrap().warnings;
    assert_eq!(
        told(warnings.iter()),
        [
            (
                "/rollback",
                "unknown key 'rollback' has no effect",
                "did you mean 'rollbacks'?"
            ),
            (
                "/steady_state_hypothesis",
                "unknown key 'steady_state_hypothesis' has no effect",
                "did you mean 'steady-state-hypothesis'?"
            ),
            (
                "/method/0/pause",
                "unknown key 'pause' has no effect",
                "did you mean 'pauses'?"
            ),
        ]
    );
}

#[test]
fn planned_provider_types_are_said_to_be_missing() {
    let document =
        with(json!({"method": [{"type": "action", "name": "a", "provider": {"type": "script"}}]}));
    let problems = read(&document).unwrap_err();
    let (_, message, hint) = told(problems.errors())[0];
    assert_eq!(message, "unknown provider type 'script'");
    assert!(
        hint.contains("does not have 'script' providers yet"),
        "{hint}"
    );
}
