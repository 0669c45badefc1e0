#![expect(clippy::unwrap_used, reason = "tests")]

use super::build::{COPIES, DEPTH};
use super::{Document, DocumentError, Format, Location, Pointer, Problems, render};
use chaos_host_api::limits::DOCUMENT_BYTES;
use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};

fn parse(format: Format, text: &str) -> Result<Value, DocumentError> {
    Document::parse("test", text.as_bytes(), format).map(|document| document.value().clone())
}

fn refusal(format: Format, bytes: &[u8]) -> String {
    let error = Document::parse("test", bytes, format).unwrap_err();
    error.render("test")
}

fn json_refusal(text: &str) -> String {
    refusal(Format::Json, text.as_bytes())
}

fn yaml_refusal(text: &str) -> String {
    refusal(Format::Yaml, text.as_bytes())
}

#[test]
fn json_is_read_as_by_python() {
    let text = "\u{feff} {\"z\": [1, -0, 1.5e3, true, null], \"a\": {\"\\u00e9\\ud83d\\ude00\\/\": \"\\n\"},\r\n\t\"big\": 18446744073709551615} ";
    let value = parse(Format::Json, text).unwrap();
    assert_eq!(
        value.to_string(),
        r#"{"z":[1,0,1500.0,true,null],"a":{"é😀/":"\n"},"big":18446744073709551615}"#
    );
    assert_eq!(
        parse(Format::Json, "2.2250738585072011e-308").unwrap(),
        json!(2.225_073_858_507_201e-308)
    );
    assert_eq!(
        parse(Format::Json, "123456789012345678901234567890").unwrap(),
        json!(1.234_567_890_123_456_8e29)
    );
}

#[test]
fn a_json_mistake_is_named_with_its_place_and_remedy() {
    for (text, start, hint) in [
        (
            "{\"a\": 1,}",
            "test:1:9: error: expected a key in double quotes, found `}`",
            "remove the comma before it",
        ),
        (
            "[1,\n ]",
            "test:2:2: error: expected a value, found `]`",
            "remove the comma before it",
        ),
        (
            "{\"a\": }",
            "test:1:7: error: expected a value, found `}`",
            "a value is missing after the `:`",
        ),
        (
            "{\n  // no\n}",
            "test:2:3: error: expected a key in double quotes or `}`, found `/`",
            "JSON has no comments",
        ),
        (
            "# no",
            "test:1:1: error: expected a value, found `#`",
            "JSON has no comments",
        ),
        (
            "['é', 'b']",
            "test:1:2: error: expected a value or `]`, found `'`",
            "double quotes",
        ),
        (
            "{a: 1}",
            "test:1:2: error: expected a key in double quotes or `}`, found `a`",
            "keys are put in double quotes",
        ),
        (
            "[\"日本\" 2]",
            "test:1:7: error: expected `,` or `]`, found `2`",
            "is a comma missing",
        ),
        (
            "{\"a\" 1}",
            "test:1:6: error: expected `:` after the key, found `1`",
            "separated by `:`",
        ),
        (
            "[True]",
            "test:1:2: error: expected a value or `]`, found `True`",
            "JSON writes `true`",
        ),
        (
            "[NaN]",
            "test:1:2: error: expected a value or `]`, found `NaN`",
            "JSON has no number for it",
        ),
        (
            "[-Infinity]",
            "test:1:2: error: expected a value or `]`, found `-`",
            "JSON has no number for it",
        ),
        (
            "[01]",
            "test:1:2: error: `01` is not a JSON number",
            "no leading zeros",
        ),
        (
            "[1.]",
            "test:1:2: error: `1.` is not a JSON number",
            "quote it",
        ),
        (
            "[1e999]",
            "test:1:2: error: the number `1e999` is too large",
            "quote it",
        ),
        (
            "[1}",
            "test:1:3: error: expected `,` or `]`, found `}`",
            "brackets must be closed",
        ),
        (
            "{} {}",
            "test:1:4: error: expected nothing more after the end of the document",
            "exactly one value",
        ),
        (
            "{\"a\": [1,\n",
            "test:2:1: error: the document ends within the list that begins on line 1",
            "cut off",
        ),
        (
            "[\"a\n\"]",
            "test:1:2: error: this string does not end on its line",
            "`\\n`",
        ),
        (
            "[\"a\tb\"]",
            "test:1:4: error: a string holds the control character U+0009",
            "`\\t`",
        ),
        (
            "[\"abc",
            "test:1:2: error: the document ends within this string",
            "close it",
        ),
        (
            "[\"\\x41\"]",
            "test:1:3: error: `\\x` is not an escape that JSON knows",
            "`\\\\`",
        ),
        (
            "[\"\\ud800\"]",
            "test:1:3: error: this `\\u` escape is half of a surrogate pair",
            "four hexadecimal digits",
        ),
        (
            "[\"\\u12\"]",
            "test:1:3: error: this `\\u` escape is incomplete",
            "four hexadecimal digits",
        ),
    ] {
        let shown = json_refusal(text);
        assert!(shown.starts_with(start), "{text:?}: {shown}");
        assert!(
            shown.contains("  hint: ") && shown.contains(hint),
            "{text:?}: {shown}"
        );
    }
}

#[test]
fn what_is_no_text_is_refused() {
    for format in [Format::Json, Format::Yaml] {
        for (bytes, message) in [
            (&b""[..], "test: error: the document is empty"),
            (b"\xEF\xBB\xBF \n", "test: error: the document is empty"),
            (
                b"\xFF\xFE{\0}\0",
                "test: error: the document is UTF-16 text",
            ),
            (b"{\0}\0", "test: error: the document is UTF-16 text"),
            (b"\0\0\xFE\xFF", "test: error: the document is UTF-32 text"),
            (b"a: \"\xE9\"", "test:1:5: error: the document is not UTF-8"),
            (
                b"\x7fELF\x02\x01\0\0",
                "error: the document is binary, not text",
            ),
        ] {
            let shown = refusal(format, bytes);
            assert!(shown.contains(message), "{shown}");
            assert!(shown.contains("hint: "), "{shown}");
        }
        let large = vec![b' '; DOCUMENT_BYTES + 1];
        assert!(refusal(format, &large).contains("more than the"));
    }
    assert!(yaml_refusal("# nothing\n").contains("the document is empty"));
    assert!(yaml_refusal("a: \u{7}").starts_with("test:1:4: error: the character U+0007"));
}

#[test]
fn nesting_is_limited_and_never_overflows() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for format in [Format::Json, Format::Yaml] {
        assert!(parse(format, &nested(DEPTH)).is_ok());
        assert!(
            refusal(format, nested(DEPTH + 1).as_bytes()).contains("nest deeper than 100 levels")
        );
        assert!(refusal(format, "[".repeat(1_000_000).as_bytes()).contains("nest deeper"));
        assert!(refusal(format, "{\"a\":".repeat(1_000_000).as_bytes()).contains("nest deeper"));
    }
    assert!(yaml_refusal(&"- ".repeat(100_000)).contains("nest deeper"));
    let deep = format!(
        "a: &a {}\nb: {}*a{}",
        nested(60),
        "[".repeat(60),
        "]".repeat(60)
    );
    assert!(yaml_refusal(&deep).contains("nest deeper"));
}

#[test]
fn duplicate_keys_are_refused_or_the_last_counts() {
    let text = "{\"a\": 1, \"b\": [{\"x\": 1,\n \"x\": {\"y\": 2}}], \"a\": 3}";
    let shown = json_refusal(text);
    assert!(shown.starts_with("test:2:2: error: the key `x` stands twice in one object: at line 1, column 17, and again at line 2, column 2\n"), "{shown}");
    assert!(shown.contains("--compat"), "{shown}");
    let document = Document::parse_keeping_last("test", text.as_bytes(), Format::Json).unwrap();
    assert_eq!(
        document.value().to_string(),
        r#"{"a":3,"b":[{"x":{"y":2}}]}"#
    );
    let found: Vec<_> = document
        .duplicates
        .iter()
        .map(|d| (d.pointer.as_str(), d.key.as_str()))
        .collect();
    assert_eq!(found, [("/b/0", "x"), ("", "a")]);
    let mut problems = Problems::new();
    document.warn_of_duplicates(&mut problems);
    assert_eq!(problems.warnings().count(), 2);
    assert!(!problems.has_errors());
    assert!(
        yaml_refusal("a: 1\nb: 2\na: 3\n").starts_with("test:3:1: error: the key `a` stands twice")
    );
    assert!(parse(Format::Yaml, "x: &x {a: 1}\ny:\n  <<: *x\n  a: 2\n").is_ok());
}

#[test]
fn yaml_bombs_end_early() {
    let mut laughs = "a: &a [l, l, l, l, l, l, l, l, l, l]\n".to_owned();
    for (previous, next) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        let aliases = vec![format!("*{previous}"); 10].join(", ");
        laughs.push_str(&format!("{next}: &{next} [{aliases}]\n"));
    }
    let shown = yaml_refusal(&laughs);
    assert!(
        shown.contains(&format!(
            "anchors and aliases stand for more than {COPIES} values"
        )),
        "{shown}"
    );
    let long = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(100_000),
        "*a, ".repeat(1000)
    );
    assert!(yaml_refusal(&long).contains("anchors and aliases"));
    assert!(yaml_refusal("&a [*a]").contains("this alias stands within the value that it names"));
    let merged = laughs
        .replace("[l, l, l, l, l, l, l, l, l, l]", "{l: l}")
        .replace('[', "{<<: [")
        .replace(']', "]}");
    assert!(
        parse(Format::Yaml, &merged).is_ok()
            || yaml_refusal(&merged).contains("anchors and aliases")
    );
}

#[test]
fn yaml_mistakes_are_named() {
    for (text, start) in [
        (
            "a: 1\n---\nb: 2\n",
            "test:2:1: error: the file holds more than one YAML document",
        ),
        (
            "a: !custom b\n",
            "test:1:4: error: the tag `!custom` is not known here",
        ),
        (
            "a: !!binary aGk=\n",
            "test:1:4: error: the tag `!!binary` is not known here",
        ),
        ("a: !!int b\n", "test:1:4: error: `b` is not a valid int"),
        (
            "a: .inf\n",
            "test:1:4: error: `.inf` is no number that JSON can hold",
        ),
        (
            "a: 2001-13-01\n",
            "test:1:4: error: `2001-13-01` is not a valid timestamp",
        ),
        (
            "a: {{ b }}\n",
            "test:1:5: error: a list or map can't be a key",
        ),
        ("a: *b\n", "test:1:4: error: this is not valid YAML: "),
        ("a:\n\tb: 1\n", "test:2:"),
    ] {
        let shown = yaml_refusal(text);
        assert!(shown.starts_with(start), "{shown}");
        assert!(shown.contains("hint: "), "{shown}");
    }
}

#[test]
fn every_value_is_found() {
    let json = "{\"é\": [1, {\"a/b\": \"x\"}],\n  \"b\": null}";
    let yaml = "é:\n  - 1\n  - a/b: x\nb:\n<<: {c: 1}\nd: &d\n  e: 1\nf: *d\n";
    let place = |format, text: &str, pointer: &Pointer| {
        let document = Document::parse("test", text.as_bytes(), format).unwrap();
        let at = document.locate(pointer).unwrap();
        (at.line, at.column)
    };
    let root = Pointer::root();
    let inner = root.key("é").index(1).key("a/b");
    for (pointer, in_json, in_yaml) in [
        (root.clone(), (1, 1), (1, 1)),
        (root.key("é"), (1, 7), (2, 3)),
        (root.key("é").index(0), (1, 8), (2, 5)),
        (inner.clone(), (1, 19), (3, 10)),
        (inner.key("missing"), (1, 19), (3, 10)),
        (root.key("é").index(7), (1, 7), (2, 3)),
        (root.key("b"), (2, 8), (4, 2)),
        (root.key("missing").key("é"), (1, 1), (1, 1)),
    ] {
        assert_eq!(place(Format::Json, json, &pointer), in_json, "{pointer}");
        assert_eq!(place(Format::Yaml, yaml, &pointer), in_yaml, "{pointer}");
    }
    assert_eq!(place(Format::Yaml, yaml, &root.key("f").key("e")), (8, 4));
    let twice = "{\"a\": {\"b\": 1}, \"a\": {}}";
    let document = Document::parse_keeping_last("test", twice.as_bytes(), Format::Json).unwrap();
    let at = document.locate(&root.key("a").key("b"));
    assert_eq!(
        at,
        Some(Location {
            line: 1,
            column: 22
        })
    );
}

#[test]
fn problems_are_shown_in_the_documents_order() {
    let text = "{\n\t\"title\": 1,\n  \"method\": \"\u{9b}2J\"\n}\n";
    let document = Document::parse("exp.json", text.as_bytes(), Format::Json).unwrap();
    let mut problems = Problems::new();
    problems
        .error(&Pointer::root().key("method"), "not a list")
        .hint("use []");
    problems.warning(&Pointer::root().key("title"), "not a text");
    assert_eq!(
        render(&document, &problems, |_| false),
        "exp.json:2:11: warning: not a text (at /title)\n  |  \"title\": 1,\n  |           ^\n\
         exp.json:3:13: error: not a list (at /method)\n  |   \"method\": \"\u{fffd}2J\"\n  |             ^\n  hint: use []\n"
    );
}

fn values(floats: BoxedStrategy<f64>, texts: &'static str) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        floats.prop_filter_map("finite", |f| Number::from_f64(f).map(Value::from)),
        texts.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((texts, inner), 0..5)
                .prop_map(|entries| Value::from(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn pointers(value: &Value, at: &Pointer, all: &mut Vec<(Pointer, Value)>) {
    all.push((at.clone(), value.clone()));
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &at.index(index), all);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                pointers(item, &at.key(key), all);
            }
        }
        _ => {}
    }
}

/// The text from a place on.
fn from(text: &str, at: Location) -> &str {
    let line = text
        .split_inclusive('\n')
        .take(at.line - 1)
        .map(str::len)
        .sum::<usize>();
    let rest = &text[line..];
    let column = rest
        .char_indices()
        .nth(at.column - 1)
        .map_or(rest.len(), |(i, _)| i);
    &rest[column..]
}

proptest! {
    #[test]
    fn json_comes_back_as_it_was_written(
        value in values(any::<f64>().boxed(), ".{0,12}"),
        pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.unwrap();
        let document = Document::parse("test", text.as_bytes(), Format::Json).unwrap();
        prop_assert_eq!(document.value().to_string(), value.to_string());
        let mut all = Vec::new();
        pointers(&value, &Pointer::root(), &mut all);
        let places = document.locate_all(&all.iter().map(|(pointer, _)| pointer).collect::<Vec<_>>());
        for ((pointer, value), place) in all.iter().zip(places) {
            let found = from(&text, place.unwrap());
            let mut parts = serde_json::Deserializer::from_str(found).into_iter::<Value>();
            parts.next().unwrap().unwrap();
            // Read by our own reader: serde_json's floats may be off by a bit.
            let part = parse(Format::Json, &found[..parts.byte_offset()]).unwrap();
            prop_assert_eq!(part.to_string(), value.to_string(), "{}", pointer);
            prop_assert_eq!(document.locate(pointer), place);
        }
    }

    #[test]
    fn json_is_yaml(
        // YAML 1.1 reads exponents differently.
        value in values(any::<i32>().prop_map(|n| f64::from(n) / 8.0).boxed(), "[ -~\n\té日]{0,12}"),
        pretty: bool,
    ) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.unwrap();
        let yaml = parse(Format::Yaml, &text).map(|yaml| yaml.to_string());
        prop_assert_eq!(yaml, Ok(value.to_string()));
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in r#"([-\[\]{},:"'a0 \n?&*!|>#%@`.~<\\/]|.){0,40}"#) {
        for format in [Format::Json, Format::Yaml] {
            match Document::parse("test", text.as_bytes(), format) {
                Ok(document) => prop_assert!(document.locate(&Pointer::root()).is_some()),
                Err(error) => prop_assert!(error.render("test").starts_with("test")),
            }
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        for format in [Format::Json, Format::Yaml] {
            let _ = Document::parse("test", &bytes, format);
        }
    }
}
