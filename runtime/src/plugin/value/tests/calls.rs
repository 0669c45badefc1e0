//! Arguments.

use super::*;

fn latency() -> Function {
    Function {
        interface: "a:b/probes".to_owned(),
        kind: Kind::Probe,
        name: "latency".to_owned(),
        parameters: vec![
            field("base-url", Type::String),
            field("requests", Type::U32),
            field("mood", option(mood())),
            field("rights", option(rights())),
        ],
        result: None,
        docs: String::new(),
    }
}

fn object(json: Value) -> Map<String, Value> {
    json.as_object().unwrap().clone()
}

fn checked(json: Value) -> Vec<String> {
    let mut problems = Problems::new();
    let at = Pointer::root().key("arguments");
    check_arguments(&latency(), &object(json), &at, &mut problems);
    problems.iter().map(shown).collect()
}

#[test]
fn arguments_become_the_parameters_values_in_order() {
    let given = object(json!({"requests": 5, "base_url": "http://a/"}));
    let mut problems = Problems::new();
    let values = arguments(&latency(), &given, &Pointer::root(), &mut problems).unwrap();
    let text = Val::String("http://a/".to_owned());
    let none = Val::Option(None);
    assert_eq!(values, [text, Val::U32(5), none.clone(), none]);
    // Nothing passes for a variable any more.
    let given = object(json!({"requests": "${n}", "base_url": "${b}"}));
    assert_eq!(
        arguments(&latency(), &given, &Pointer::root(), &mut problems),
        None
    );
    let told: Vec<String> = problems.iter().map(shown).collect();
    assert_eq!(
        told,
        ["/requests: expected a whole number from 0 to 4294967295 (u32), not the text \"${n}\""]
    );
}

#[test]
fn wrong_arguments_are_all_told() {
    assert_eq!(
        checked(json!({"base_uri": "a", "requests": -1, "mood": "mad", "x": 1})),
        [
            "/arguments/base_uri: there is no argument 'base_uri' (did you mean 'base_url'?)",
            "/arguments/x: there is no argument 'x' (there are: base_url, requests, mood, rights)",
            "/arguments: the argument 'base_url' (string) is missing",
            "/arguments/requests: expected a whole number from 0 to 4294967295 (u32), not -1",
            "/arguments/mood: expected \"glad\", \"very_sad\" or \"GET_all\" (mood), not the text \
             \"mad\"",
        ]
    );
}

#[test]
fn a_variable_alone_may_become_anything() {
    let ok: [&str; 0] = [];
    assert_eq!(
        checked(json!({"base_url": "${u}", "requests": "${n}", "mood": "${m}"})),
        ok
    );
    assert_eq!(
        checked(json!({"base_url": "http://${host}/", "requests": 1, "mood": "very_${m}"})),
        ok
    );
    assert_eq!(
        checked(json!({"base_url": "a", "requests": 1, "rights": ["${r}", "read"]})),
        ok
    );
    assert_eq!(
        checked(json!({"base_url": "a", "requests": 1, "rights": "${r}"})),
        ok
    );
}

#[test]
fn a_variable_within_a_text_makes_a_text() {
    for text in ["1${n}", "$n", "${n}0", "${", "$$", "${a-b}", "$1"] {
        let told = checked(json!({"base_url": "a", "requests": text}));
        assert_eq!(told.len(), 1, "{text}: {told:?}");
    }
    // No variable, hence no case of `mood`.
    assert_eq!(
        checked(json!({"base_url": "a", "requests": 1, "mood": "$${m}"})).len(),
        1
    );
}
