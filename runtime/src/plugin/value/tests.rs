#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use super::*;
use crate::document::{Pointer, Problem, Problems};
use crate::plugin::signature::{Field, Function, Kind, Type};
use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};
use wasmtime::component::Val;

fn read(json: &Value, ty: &Type) -> Result<Val, Vec<String>> {
    let mut problems = Problems::new();
    let value = from_json(json, ty, &Pointer::root(), &mut problems);
    assert_eq!(value.is_none(), problems.has_errors());
    value.ok_or_else(|| problems.iter().map(shown).collect())
}

/// `/at: message (hint)`
fn shown(problem: &Problem) -> String {
    let hint = problem.hint.as_ref();
    let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{}: {}{hint}", problem.pointer, problem.message)
}

/// What comes out again of what was put in.
fn through(json: Value, ty: &Type) -> Result<Value, Vec<String>> {
    read(&json, ty).map(|value| to_json(&value).unwrap())
}

fn refused(json: Value, ty: &Type) -> String {
    let problems = read(&json, ty).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.concat()
}

fn option(ty: Type) -> Type {
    Type::Option(Box::new(ty))
}

fn list(ty: Type) -> Type {
    Type::List(Box::new(ty))
}

fn field(name: &str, ty: Type) -> Field {
    Field {
        name: name.to_owned(),
        ty,
        docs: String::new(),
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn mood() -> Type {
    Type::Enum {
        name: "mood".to_owned(),
        cases: names(&["glad", "very-sad", "GET-all"]),
    }
}

fn rights() -> Type {
    Type::Flags {
        name: "rights".to_owned(),
        flags: names(&["read", "write-all"]),
    }
}

fn shape() -> Type {
    Type::Variant {
        name: "shape".to_owned(),
        cases: vec![
            ("dot".to_owned(), None),
            ("wide-circle".to_owned(), Some(Type::F64)),
            ("maybe".to_owned(), Some(option(Type::U8))),
        ],
    }
}

fn report() -> Type {
    Type::Record {
        name: "report".to_owned(),
        fields: vec![
            field("greeting", Type::String),
            field("times-said", Type::U32),
            field("type", option(Type::Bool)),
        ],
    }
}

fn result(ok: Option<Type>, err: Option<Type>) -> Type {
    Type::Result {
        ok: ok.map(Box::new),
        err: err.map(Box::new),
    }
}

const INTEGERS: [(Type, i128, i128); 8] = [
    (Type::S8, i8::MIN as i128, i8::MAX as i128),
    (Type::U8, 0, u8::MAX as i128),
    (Type::S16, i16::MIN as i128, i16::MAX as i128),
    (Type::U16, 0, u16::MAX as i128),
    (Type::S32, i32::MIN as i128, i32::MAX as i128),
    (Type::U32, 0, u32::MAX as i128),
    (Type::S64, i64::MIN as i128, i64::MAX as i128),
    (Type::U64, 0, u64::MAX as i128),
];

#[test]
fn whole_numbers_have_their_ranges() {
    for (ty, least, most) in INTEGERS {
        for number in [least, most, 0, 1] {
            let json: Value = serde_json::from_str(&number.to_string()).unwrap();
            assert_eq!(through(json.clone(), &ty), Ok(json), "{ty:?}");
        }
        for number in [least - 1, most + 1] {
            let json: Value = serde_json::from_str(&number.to_string()).unwrap();
            let why = refused(json, &ty);
            let range = format!("a whole number from {least} to {most} ({})", ty.wit());
            assert!(
                why.starts_with(&format!("/: expected {range}, not ")),
                "{why}"
            );
        }
    }
}

#[test]
fn floats_are_whole_numbers_where_that_is_exact() {
    for text in ["3.0", "3e0", "30e-1"] {
        let json: Value = serde_json::from_str(text).unwrap();
        assert_eq!(through(json, &Type::U8), Ok(json!(3)));
    }
    assert_eq!(through(json!(-0.0), &Type::U8), Ok(json!(0)));
    assert_eq!(
        through(json!(9007199254740992.0), &Type::U64),
        Ok(json!(9007199254740992_u64))
    );
    for json in [json!(1.5), json!(9007199254740994.0), json!(1e300)] {
        refused(json, &Type::U64);
    }
    // Read as a float by the parser, which already rounded it.
    let large: Value = serde_json::from_str("18446744073709551616").unwrap();
    refused(large, &Type::U64);
}

#[test]
fn long_whole_numbers_may_be_text() {
    let most = "18446744073709551615";
    assert_eq!(through(json!(most), &Type::U64), Ok(json!(u64::MAX)));
    assert_eq!(
        through(json!("-9223372036854775808"), &Type::S64),
        Ok(json!(i64::MIN))
    );
    for text in [
        "",
        "-",
        "+1",
        " 1",
        "1.0",
        "1e3",
        "0x1",
        "18446744073709551616",
        "١",
    ] {
        refused(json!(text), &Type::U64);
    }
    refused(json!("-1"), &Type::U64);
    refused(json!("1"), &Type::U32);
    refused(json!("9".repeat(1000)), &Type::S64);
}

#[test]
fn floats_have_names_for_what_json_lacks() {
    for ty in [Type::F32, Type::F64] {
        for json in [
            json!("NaN"),
            json!("Infinity"),
            json!("-Infinity"),
            json!(0.1),
            json!(-2.5),
        ] {
            assert_eq!(through(json.clone(), &ty), Ok(json), "{ty:?}");
        }
        assert_eq!(through(json!(7), &ty), Ok(json!(7.0)));
        for json in [
            json!("nan"),
            json!("inf"),
            json!("1.5"),
            json!(null),
            json!(true),
        ] {
            let why = refused(json, &ty);
            assert!(
                why.contains("expected a number, \"NaN\", \"Infinity\" or"),
                "{why}"
            );
        }
    }
    assert_eq!(through(json!(1e300), &Type::F64), Ok(json!(1e300)));
    refused(json!(1e300), &Type::F32);
    assert!(matches!(read(&json!(-0.0), &Type::F64), Ok(Val::Float64(z)) if z.is_sign_negative()));
}

#[test]
fn nothing_is_coerced() {
    for json in [json!("true"), json!(1), json!(null), json!([])] {
        refused(json, &Type::Bool);
    }
    for json in [json!(1), json!(null), json!(["a"]), json!({})] {
        refused(json, &Type::String);
    }
    refused(json!("1"), &Type::U8);
    refused(json!(true), &Type::U8);
    assert_eq!(
        refused(json!("a".repeat(50)), &Type::U8),
        format!(
            "/: expected a whole number from 0 to 255 (u8), not the text \"{}\"...",
            "a".repeat(40)
        )
    );
}

#[test]
fn a_character_is_one_scalar_value() {
    for text in ["a", "é", "🦀", "\u{0}"] {
        assert_eq!(through(json!(text), &Type::Char), Ok(json!(text)));
    }
    for json in [json!(""), json!("ab"), json!("e\u{301}"), json!(97)] {
        refused(json, &Type::Char);
    }
}

#[test]
fn options_are_null_or_their_value() {
    assert_eq!(through(json!(null), &option(Type::U8)), Ok(json!(null)));
    assert_eq!(through(json!(7), &option(Type::U8)), Ok(json!(7)));
    refused(json!({"some": 7}), &option(Type::U8));
}

#[test]
fn options_of_options_say_which_is_empty() {
    let ty = option(option(Type::U8));
    for json in [json!(null), json!({"some": null}), json!({"some": 7})] {
        assert_eq!(through(json.clone(), &ty), Ok(json));
    }
    for json in [
        json!(7),
        json!({"o": 7}),
        json!({"some": 7, "o": 1}),
        json!({}),
    ] {
        let why = refused(json, &ty);
        assert!(
            why.starts_with("/: expected null or {\"some\": ...}"),
            "{why}"
        );
    }
    assert!(refused(json!({"some": "a"}), &ty).starts_with("/some: "));
    let three = option(ty);
    for json in [
        json!(null),
        json!({"some": null}),
        json!({"some": {"some": null}}),
        json!({"some": {"some": 1}}),
    ] {
        assert_eq!(through(json.clone(), &three), Ok(json));
    }
}

#[test]
fn records_go_in_by_any_order_and_spelling_and_come_out_in_one() {
    let json = json!({"times-said": 3, "greeting": "a"});
    let out = through(json, &report()).unwrap();
    assert_eq!(
        out.to_string(),
        r#"{"greeting":"a","times_said":3,"type":null}"#
    );
}

#[test]
fn every_problem_of_a_record_is_told_with_its_place() {
    let json = json!({"greetings": "a", "times_said": "x", "times-said": 1, "type": 1, "else": 1});
    let problems = read(&json, &report()).unwrap_err();
    assert_eq!(
        problems,
        [
            "/greetings: there is no field 'greetings' (did you mean 'greeting'?)",
            "/times-said: the field 'times-said' is given twice: there is 'times_said', too",
            "/else: there is no field 'else' (there are: greeting, times_said, type)",
            "/: the field 'greeting' (string) is missing",
            "/times_said: expected a whole number from 0 to 4294967295 (u32), not the text \"x\"",
            "/type: expected true or false (bool), not 1",
        ]
    );
    refused(json!([]), &report());
}

#[test]
fn lists_and_tuples_are_arrays() {
    let pair = Type::Tuple(vec![Type::String, list(Type::S8)]);
    assert_eq!(
        through(json!(["a", [-1, 2]]), &pair),
        Ok(json!(["a", [-1, 2]]))
    );
    assert_eq!(
        refused(json!(["a"]), &pair),
        "/: expected a list of 2 values (tuple<string, list<s8>>), not a list of 1"
    );
    let problems = read(&json!(["a", [1, 300, "x", 4]]), &pair).unwrap_err();
    let places: Vec<&str> = problems
        .iter()
        .filter_map(|p| p.split(':').next())
        .collect();
    assert_eq!(places, ["/1/1", "/1/2"]);
    refused(json!("ab"), &list(Type::Char));
    refused(json!({"0": 1}), &list(Type::U8));
}

#[test]
fn enums_are_names_in_either_spelling() {
    assert_eq!(through(json!("very-sad"), &mood()), Ok(json!("very_sad")));
    assert_eq!(through(json!("very_sad"), &mood()), Ok(json!("very_sad")));
    assert_eq!(through(json!("GET_all"), &mood()), Ok(json!("GET_all")));
    assert_eq!(
        refused(json!("gald"), &mood()),
        "/: expected \"glad\", \"very_sad\" or \"GET_all\" (mood), not the text \"gald\" \
         (did you mean 'glad'?)"
    );
    refused(json!({"glad": null}), &mood());
    refused(json!(0), &mood());
}

#[test]
fn variants_are_names_or_objects_of_one_member() {
    for json in [
        json!("dot"),
        json!({"wide_circle": 1.5}),
        json!({"maybe": null}),
    ] {
        assert_eq!(through(json.clone(), &shape()), Ok(json));
    }
    assert_eq!(
        through(json!({"wide-circle": 2}), &shape()),
        Ok(json!({"wide_circle": 2.0}))
    );
    assert_eq!(
        refused(json!("wide_circle"), &shape()),
        "/: 'wide_circle' needs a value: {\"wide_circle\": f64}"
    );
    assert_eq!(
        refused(json!({"dot": 1}), &shape()),
        "/: 'dot' takes no value: write \"dot\""
    );
    assert!(refused(json!({"wide_circle": "x"}), &shape()).starts_with("/wide_circle: "));
    for json in [
        json!({}),
        json!({"dot": 1, "maybe": 1}),
        json!(["dot"]),
        json!(null),
    ] {
        let why = refused(json, &shape());
        assert!(
            why.starts_with("/: expected \"dot\", \"wide_circle\" or \"maybe\" (shape)"),
            "{why}"
        );
    }
    assert!(refused(json!("dots"), &shape()).ends_with("(did you mean 'dot'?)"));
}

#[test]
fn a_result_within_a_value_is_a_variant() {
    let ty = result(Some(Type::U8), None);
    assert_eq!(through(json!({"ok": 1}), &ty), Ok(json!({"ok": 1})));
    assert_eq!(through(json!("err"), &ty), Ok(json!("err")));
    refused(json!("ok"), &ty);
    refused(json!({"err": 1}), &ty);
    refused(json!({"Ok": 1}), &ty);
}

#[test]
fn flags_are_lists_of_names() {
    assert_eq!(
        through(json!(["write-all", "read"]), &rights()),
        Ok(json!(["write_all", "read"]))
    );
    assert_eq!(through(json!([]), &rights()), Ok(json!([])));
    assert!(refused(json!(["read", "read"]), &rights()).starts_with("/1: 'read' is given twice"));
    assert!(refused(json!(["wirte-all"]), &rights()).ends_with("(did you mean 'write_all'?)"));
    refused(json!([1]), &rights());
    refused(json!("read"), &rights());
}

#[test]
fn a_record_of_a_json_text_is_any_json() {
    let any = Type::Record {
        name: "payload".to_owned(),
        fields: vec![field("json-text", Type::String)],
    };
    for json in [
        json!(null),
        json!([1, {"a_b": "x", "a-b": 1.5}]),
        json!("text"),
    ] {
        let value = read(&json, &any).unwrap();
        let Val::Record(fields) = &value else {
            unreachable!()
        };
        assert_eq!(
            *fields,
            [("json-text".to_owned(), Val::String(json.to_string()))]
        );
        assert_eq!(to_json(&value).unwrap(), json);
    }
    let text = |text: &str| {
        let text = Val::String(text.to_owned());
        to_json(&Val::Record(vec![("json-text".to_owned(), text)]))
    };
    assert!(text("{").is_err());
    assert!(text("1 2").is_err());
    assert!(text(&"[".repeat(100_000)).is_err(), "bounded depth");
}

#[test]
fn values_are_counted_before_they_are_made() {
    let bytes = list(Type::U8);
    let array = |length: usize| Value::Array(vec![json!(1); length]);
    assert!(read(&array(NODES - 1), &bytes).is_ok());
    assert_eq!(
        refused(array(NODES), &bytes),
        "/: there are more than 1000000 values"
    );
    // Many small lists count as much as a large one.
    let rows = Value::Array(vec![array(999); 1001]);
    assert_eq!(
        refused(rows, &list(bytes)),
        "/999: there are more than 1000000 values"
    );
}

#[test]
fn of_very_many_problems_the_first_are_told() {
    let json = Value::Array(vec![json!("x"); 100_000]);
    assert_eq!(read(&json, &list(Type::Bool)).unwrap_err().len(), 50);
}

#[test]
fn a_function_s_own_error_is_its_failure() {
    let some = |val: Val| Some(Box::new(val));
    let text = || Val::String("no".to_owned());
    assert_eq!(outcome(None), Ok(None));
    assert_eq!(outcome(Some(text())), Ok(Some(text())));
    assert_eq!(
        outcome(Some(Val::Result(Ok(some(text()))))),
        Ok(Some(text()))
    );
    assert_eq!(outcome(Some(Val::Result(Ok(None)))), Ok(None));
    assert_eq!(
        outcome(Some(Val::Result(Err(some(text()))))),
        Err("no".to_owned())
    );
    assert_eq!(
        outcome(Some(Val::Result(Err(None)))),
        Err("the function returned an error without text".to_owned())
    );
    let record = Val::Record(vec![("a-b".to_owned(), Val::U8(1))]);
    assert_eq!(
        outcome(Some(Val::Result(Err(some(record))))),
        Err("{\"a_b\":1}".to_owned())
    );
}

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

fn arbitrary_name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{0,4}(-[a-z][a-z0-9]{0,3}){0,2}"
}

fn unique_names() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::btree_set(arbitrary_name(), 1..5)
        .prop_map(|names| names.into_iter().collect())
}

fn arbitrary_type() -> impl Strategy<Value = Type> {
    let scalar = proptest::sample::select(vec![
        Type::Bool,
        Type::S8,
        Type::U8,
        Type::S16,
        Type::U16,
        Type::S32,
        Type::U32,
        Type::S64,
        Type::U64,
        Type::F32,
        Type::F64,
        Type::Char,
        Type::String,
    ]);
    let leaf = prop_oneof![
        4 => scalar,
        1 => unique_names().prop_map(|cases| Type::Enum { name: "e".to_owned(), cases }),
        1 => unique_names().prop_map(|flags| Type::Flags { name: "f".to_owned(), flags }),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let several = proptest::collection::vec(inner.clone(), 1..5);
        let maybe = proptest::collection::vec(proptest::option::of(inner.clone()), 1..5);
        let boxed = || proptest::option::of(inner.clone().prop_map(Box::new));
        prop_oneof![
            inner.clone().prop_map(option),
            inner.clone().prop_map(list),
            several.clone().prop_map(Type::Tuple),
            (boxed(), boxed()).prop_map(|(ok, err)| Type::Result { ok, err }),
            (unique_names(), several).prop_map(|(names, types)| Type::Record {
                name: "r".to_owned(),
                fields: names
                    .iter()
                    .zip(types)
                    .map(|(name, ty)| field(name, ty))
                    .collect(),
            }),
            (unique_names(), maybe).prop_map(|(names, types)| Type::Variant {
                name: "v".to_owned(),
                cases: names.into_iter().zip(types).collect(),
            }),
        ]
    })
}

/// A value in the spelling that comes out.
fn arbitrary_json(ty: &Type) -> BoxedStrategy<Value> {
    let number = |range: std::ops::RangeInclusive<i128>| {
        range
            .prop_map(|n| serde_json::from_str(&n.to_string()).unwrap())
            .boxed()
    };
    let odd =
        || proptest::sample::select(vec![json!("NaN"), json!("Infinity"), json!("-Infinity")]);
    let named = |name: &str| json_name(name).into_owned();
    let case = |cases: Vec<(String, Option<Type>)>| {
        let index = 0..cases.len();
        index.prop_flat_map(move |index| {
            let (name, ty) = cases[index].clone();
            let name = json_name(&name).into_owned();
            match ty {
                None => Just(Value::from(name)).boxed(),
                Some(ty) => arbitrary_json(&ty)
                    .prop_map(move |value| json!({name.clone(): value}))
                    .boxed(),
            }
        })
    };
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::F32 => prop_oneof![
            8 => any::<f32>().prop_filter_map("finite", |f| {
                Number::from_f64(f.to_string().parse().unwrap()).map(Value::from)
            }),
            1 => odd(),
        ]
        .boxed(),
        Type::F64 => prop_oneof![
            8 => any::<f64>().prop_filter_map("finite", |f| Number::from_f64(f).map(Value::from)),
            1 => odd(),
        ]
        .boxed(),
        Type::Char => any::<char>()
            .prop_map(|c| Value::from(c.to_string()))
            .boxed(),
        Type::String => any::<String>().prop_map(Value::from).boxed(),
        Type::Option(inner) => {
            let nested = matches!(**inner, Type::Option(_));
            let some = arbitrary_json(inner).prop_map(move |value| match nested {
                true => json!({"some": value}),
                false => value,
            });
            prop_oneof![Just(Value::Null), some].boxed()
        }
        Type::List(inner) => proptest::collection::vec(arbitrary_json(inner), 0..4)
            .prop_map(Value::Array)
            .boxed(),
        Type::Tuple(types) => {
            let items: Vec<_> = types.iter().map(arbitrary_json).collect();
            items.prop_map(Value::Array).boxed()
        }
        Type::Record { fields, .. } => {
            let names: Vec<String> = fields.iter().map(|field| named(&field.name)).collect();
            let values: Vec<_> = fields
                .iter()
                .map(|field| arbitrary_json(&field.ty))
                .collect();
            values
                .prop_map(move |values| Value::Object(names.iter().cloned().zip(values).collect()))
                .boxed()
        }
        Type::Variant { cases, .. } => case(cases.clone()).boxed(),
        Type::Result { ok, err } => case(vec![
            ("ok".to_owned(), ok.as_deref().cloned()),
            ("err".to_owned(), err.as_deref().cloned()),
        ])
        .boxed(),
        Type::Enum { cases, .. } => {
            case(cases.iter().map(|case| (case.clone(), None)).collect()).boxed()
        }
        Type::Flags { flags, .. } => {
            let flags: Vec<Value> = flags.iter().map(|flag| named(flag).into()).collect();
            let most = flags.len();
            proptest::sample::subsequence(flags, 0..=most)
                .prop_map(Value::Array)
                .boxed()
        }
        integer => {
            let found = INTEGERS.iter().find(|(ty, ..)| ty == integer);
            let (_, least, most) = found.unwrap();
            number(*least..=*most)
        }
    }
}

fn typed_json() -> impl Strategy<Value = (Type, Value)> {
    arbitrary_type().prop_flat_map(|ty| {
        let json = arbitrary_json(&ty);
        (Just(ty), json)
    })
}

proptest! {
    #[test]
    fn values_come_out_as_they_went_in((ty, json) in typed_json()) {
        let value = read(&json, &ty).unwrap();
        prop_assert_eq!(&to_json(&value).unwrap(), &json);
        // Streamed: the same text.
        prop_assert_eq!(serde_json::to_string(&Json(&value)).unwrap(), json.to_string());
        prop_assert_eq!(read(&json, &ty).unwrap(), value);
    }

    #[test]
    fn no_json_is_too_odd((ty, _) in typed_json(), (_, json) in typed_json()) {
        if let Ok(value) = read(&json, &ty) {
            let out = to_json(&value).unwrap();
            prop_assert_eq!(read(&out, &ty).unwrap(), value);
        }
    }
}
