//! The mapping, line by line.

use super::*;

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

#[test]
fn text_that_the_plugin_calls_json_counts_as_it_is_written_again() {
    let given = || {
        let text = Val::String("{ \"a\" : [1, 2.50, \"\\u0041\\n\"] }".to_owned());
        Val::Record(vec![("json-text".to_owned(), text)])
    };
    let written = r#"{"a":[1,2.5,"A\n"]}"#;
    let most = written.len() as u64;
    assert_eq!(into_json(given(), most).unwrap().to_string(), written);
    assert!(matches!(
        into_json(given(), most - 1),
        Err(NotJson::TooLarge(_))
    ));
    let broken = Val::Record(vec![("json-text".to_owned(), Val::String("{".to_owned()))]);
    assert!(matches!(into_json(broken, 100), Err(NotJson::Other(_))));
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e300, 0.1] {
        let text = serde_json::to_string(&Json(&Val::Float64(odd))).unwrap();
        let most = text.len() as u64;
        let taken = into_json(Val::Float64(odd), most).unwrap();
        assert_eq!(taken.to_string(), text);
        assert!(into_json(Val::Float64(odd), most - 1).is_err());
    }
}
