#![expect(clippy::unwrap_used, reason = "a test may end at what cannot be")]

use super::*;
use proptest::prelude::*;
use serde_json::{Map, json};
use std::time::{Duration, Instant};

fn problems_of(tolerance: &Value) -> Vec<(String, String, Option<String>)> {
    let mut problems = Problems::new();
    let at = Pointer::root().key("tolerance");
    assert!(Tolerance::parse(tolerance, &at, &mut problems).is_none());
    problems
        .errors()
        .map(|problem| {
            (
                problem.pointer.to_string(),
                problem.message.clone(),
                problem.hint.clone(),
            )
        })
        .collect()
}

fn check(tolerance: Value, value: &Value) -> Result<bool, Unjudgeable> {
    Tolerance::Value(tolerance).check(value, &Variables::default())
}

#[test]
fn says_what_is_wrong_where_and_what_to_do() {
    for (tolerance, pointer, message, hint) in [
        (
            json!({"type": "regexp", "pattern": "a"}),
            "/tolerance/type",
            "hypothesis probe tolerance type 'regexp' is unsupported",
            "did you mean 'regex'?",
        ),
        (
            json!({"range": [1, 2]}),
            "/tolerance",
            "hypothesis probe tolerance type 'None' is unsupported",
            "use one of: probe, regex, jsonpath, range",
        ),
        (
            json!({"type": "regex", "patern": "a"}),
            "/tolerance",
            "hypothesis regex probe tolerance must have a `pattern` key",
            "there is a key 'patern': did you mean 'pattern'?",
        ),
        (
            json!({"type": "regex", "pattern": "a("}),
            "/tolerance/pattern",
            "hypothesis probe tolerance pattern a( seems invalid: missing ), unterminated subpattern",
            "Python's `re`",
        ),
        (
            json!({"type": "regex", "pattern": 5}),
            "/tolerance/pattern",
            "hypothesis probe tolerance pattern 5 has an invalid type",
            "a number",
        ),
        (
            json!({"type": "jsonpath"}),
            "/tolerance",
            "hypothesis jsonpath probe tolerance must have a `path` key",
            "add `path`",
        ),
        (
            json!({"type": "jsonpath", "path": "${path}"}),
            "/tolerance/path",
            "hypothesis probe tolerance JSON path ${path} is invalid",
            "cannot be one variable",
        ),
        (
            json!({"type": "jsonpath", "path": "$.a["}),
            "/tolerance/path",
            "hypothesis probe tolerance JSON path $.a[ is invalid",
            "ends too early",
        ),
        (
            json!({"type": "range", "range": 5}),
            "/tolerance/range",
            "hypothesis range must be a sequence",
            "[low, high]",
        ),
        (
            json!(1.5),
            "/tolerance",
            "hypothesis probe tolerance must either be an integer",
            "\"type\": \"range\"",
        ),
    ] {
        let problems = problems_of(&tolerance);
        let [(found_pointer, found_message, found_hint)] = problems.as_slice() else {
            unreachable!("{tolerance}: {problems:?}");
        };
        assert_eq!(found_pointer, pointer, "{tolerance}");
        assert!(found_message.starts_with(message), "{found_message}");
        let found_hint = found_hint.as_deref().unwrap();
        assert!(found_hint.contains(hint), "{found_hint}");
    }
    let both = problems_of(&json!({"type": "range", "range": ["1", null]}));
    assert_eq!(
        both.iter()
            .map(|(pointer, message, _)| (pointer.as_str(), message.as_str()))
            .collect::<Vec<_>>(),
        [
            (
                "/tolerance/range/0",
                "hypothesis range lower boundary must be a number"
            ),
            (
                "/tolerance/range/1",
                "hypothesis range upper boundary must be a number"
            ),
        ]
    );
}

#[test]
fn what_cannot_be_judged_says_what_to_do() {
    let error = check(json!({"type": "regex", "pattern": "a"}), &json!({"a": 1})).unwrap_err();
    assert!(error.to_string().contains("`target`"), "{error}");
    let error = check(json!([1, 2]), &json!("a")).unwrap_err();
    assert!(error.to_string().contains("range"), "{error}");
    let error = check(json!({"type": "range", "range": [1, 2]}), &Value::Null).unwrap_err();
    assert!(error.to_string().contains("needs a number"), "{error}");
}

#[test]
fn catastrophic_patterns_end_soon() {
    let text = Value::String("a".repeat(60) + "!");
    for pattern in [
        r"^(?=(a+)+$)",
        r"^(a|aa)+\1$",
        r"(?:a*)*\bb(?!c)",
        r"^(?:(a+)|b)*\1{3}$",
        r"(x+x+)+y",
        r"((a{1,30}){1,30}){1,30}$",
        r"(?>b?(?=a)){4000000000}",
    ] {
        let start = Instant::now();
        let _ = check(json!({"type": "regex", "pattern": pattern}), &text);
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{pattern}: {:?}",
            start.elapsed()
        );
    }
    let error = PythonRegex::new(r"^(a|aa)+\1$")
        .unwrap()
        .search(text.as_str().unwrap())
        .unwrap_err();
    assert!(error.to_string().contains("too expensive"));
}

#[test]
fn a_long_text_is_searched_for_words() {
    let log = "2024-01-01 INFO all is well\n".repeat(100_000) + "error: no";
    let regex = PythonRegex::new(r"\berror\b").unwrap();
    assert_eq!(regex.search(&log), Ok(true));
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, _| json!({"a": [inner]}))
}

#[test]
fn deep_and_large_values_stay_bounded() {
    let deep = nested(700);
    for path in [
        "$..a",
        "$..*..*",
        "$[?(@..zz)]",
        "$..[?(not (@..[?(@..zz = $..zz)]))]",
        "$['a']..a",
        "$..[?@..a == 1]",
    ] {
        assert!(
            check(json!({"type": "jsonpath", "path": path}), &deep).is_err(),
            "{path}"
        );
    }
    let wide: Value = (0..200)
        .map(|_| (0..20).map(|_| nested(6)).collect::<Value>())
        .collect();
    for path in [
        "$..*..*..*..*..*",
        "$['a']..*..*..*..*",
        "$..[?$..[?$.x == 1]]",
    ] {
        let start = Instant::now();
        let error =
            check(json!({"type": "jsonpath", "path": path, "count": 0}), &wide).unwrap_err();
        assert!(
            error.to_string().contains("too many values")
                || error.to_string().contains("more than"),
            "{error}"
        );
        assert!(start.elapsed() < Duration::from_secs(20), "{path}");
    }
    // Dropping it recurses once a level.
    drop(deep);
}

#[test]
fn deeply_nested_patterns_and_paths_are_refused() {
    for depth in [50, 1_000, 30_000] {
        let pattern = "(".repeat(depth) + &")".repeat(depth);
        assert!(PythonRegex::new(&pattern).is_err());
        for path in [
            format!("$[?({}1{})]", "(".repeat(depth * 2), ")".repeat(depth * 2)),
            format!(
                "$[?(@ = {}{})]",
                "[".repeat(depth * 2),
                "]".repeat(depth * 2)
            ),
            format!("$[?({}1)]", "not ".repeat(depth * 2)),
            format!("{}0{}", "$[".repeat(depth * 2), "]".repeat(depth * 2)),
            format!("$[?{}@.a{}]", "(".repeat(depth * 2), ")".repeat(depth * 2)),
            format!("$[?{}@.a]", "!".repeat(depth * 2)),
        ] {
            problems_of(&json!({"type": "jsonpath", "path": path}));
        }
    }
    let pattern = "(?:(".repeat(14) + "a" + &")+)*?".repeat(14);
    assert!(PythonRegex::new(&pattern).is_ok());
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::String),
        "[$@.*\\[\\]?()\"a0:, =<>!andort-]{0,20}".prop_map(Value::String),
        "[()\\[\\]\\\\?*+{},|^$.<>=!:a-cPi0-3-]{0,12}".prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec(("[a-e]|status|body", inner), 0..4)
                .prop_map(|entries| Value::Object(Map::from_iter(entries))),
        ]
    })
}

fn tolerance() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "pattern", "path", "range", "target", "expect", "count", "x",
    ]);
    let type_ = prop::sample::select(vec!["regex", "jsonpath", "range", "other"]);
    prop_oneof![
        json_value(),
        (type_, prop::collection::vec((key, json_value()), 0..5)).prop_map(|(type_, entries)| {
            let mut rule = Map::new();
            rule.insert("type".to_owned(), type_.into());
            rule.extend(
                entries
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value)),
            );
            Value::Object(rule)
        }),
    ]
}

proptest! {
    #[test]
    fn nothing_panics(tolerance in tolerance(), value in json_value()) {
        let mut problems = Problems::new();
        let parsed = Tolerance::parse(&tolerance, &Pointer::root(), &mut problems);
        prop_assert_eq!(parsed.is_none(), problems.has_errors());
        let _ = Tolerance::Value(tolerance).check(&value, &Variables::default());
    }

    #[test]
    fn no_pattern_panics(pattern in "[()\\[\\]\\\\?*+{},|^$.<>=!:#a-cPixsmu0-3 -]{0,24}", text in "[abc\n ]{0,8}") {
        if let Ok(regex) = PythonRegex::new(&pattern) {
            let _ = regex.search(&text);
        }
    }

    #[test]
    fn no_path_panics(path in "\\$[$@.*\\[\\]?()\"a-c0-2:, =<>!-]{0,24}", value in json_value()) {
        let _ = check(json!({"type": "jsonpath", "path": path}), &value);
    }

    #[test]
    fn exact_numbers_are_ordered_as_floats_are(a in any::<f64>(), b in any::<f64>()) {
        let exact = |number: f64| number::Exact::of(&Value::from(number));
        if let (Some(x), Some(y)) = (exact(a), exact(b)) {
            prop_assert_eq!(Some(x.cmp(&y)), a.partial_cmp(&b));
        }
    }
}
