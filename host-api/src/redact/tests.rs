#![expect(clippy::unwrap_used, reason = "tests")]

use super::{MASK, Redactor, is_maskable};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::borrow::Cow;

fn redactor(secret: &str) -> Redactor {
    Redactor::new([secret.to_owned()])
}

#[test]
fn a_text_without_secrets_is_not_copied() {
    let redactor = redactor("correct horse");
    assert!(matches!(
        redactor.text("100% \\n fine + well"),
        Cow::Borrowed(_)
    ));
    assert!(matches!(
        Redactor::default().text("anything"),
        Cow::Borrowed(_)
    ));
}

#[test]
fn every_occurrence_is_masked_and_the_rest_stays() {
    let redactor = Redactor::new(["s3cr3t!".to_owned(), "s3cr3t!-longer".to_owned()]);
    assert_eq!(
        redactor.text("é s3cr3t! and s3cr3t!-longer, s3cr3t!s3cr3t!"),
        "é ******** and ********, ****************"
    );
}

#[test]
fn short_values_are_left_alone() {
    assert!(!is_maskable("abc"));
    assert!(!is_maskable("     "));
    assert!(!is_maskable("****"));
    assert!(is_maskable("abcd"));
    assert!(is_maskable("éé"), "four bytes");
    assert_eq!(redactor("abc").text("abc"), "abc");
}

#[test]
fn basic_auth_hides_the_password() {
    let header = format!("Basic {}", STANDARD.encode("admin:hunter22"));
    let masked = redactor("hunter22").text(&header).into_owned();
    assert!(masked.starts_with("Basic YWRtaW46"), "{masked}");
    assert!(masked.contains(MASK), "{masked}");
}

#[test]
fn escapes_of_any_kind_are_seen_through() {
    let secret = "pä\"ss/w\\ö 😀+&";
    let redactor = redactor(secret);
    for text in [
        r#"pä\"ss/w\\ö 😀+&"#,
        r#"p\u00e4\"ss\/w\\\u00F6 \ud83d\ude00+\u0026"#,
        r#"p\xe4"ss/w\\\xf6 \U0001f600+&"#,
        r#"p\u{e4}\"ss/w\\\u{f6} \u{1f600}+&"#,
        r#"p\\u00e4\\\"ss/w\\\\\\u00f6 \\ud83d\\ude00+&"#,
        "p%C3%A4%22ss%2Fw%5C%C3%B6%20%F0%9F%98%80%2B%26",
        "p%c3%a4%22ss/w%5c%c3%b6+%f0%9f%98%80%2b%26",
    ] {
        let around = format!("<{text}>");
        assert_eq!(redactor.text(&around), format!("<{MASK}>"), "{text}");
    }
}

#[test]
fn a_masked_json_text_is_still_json() {
    let redactor = redactor("nabcd");
    let text = serde_json::to_string(&json!({"a": "x\nabcd", "b": "nabcd"})).unwrap();
    let masked = redactor.text(&text).into_owned();
    let value: Value = serde_json::from_str(&masked).unwrap();
    assert_eq!(value["b"], MASK);
}

#[test]
fn lines_of_a_long_secret_are_secret() {
    let key = "-----BEGIN KEY-----\r\nMIIEvQIBADANBg\r\nkq\r\n-----END KEY-----\n";
    let redactor = redactor(key);
    assert_eq!(redactor.text("x MIIEvQIBADANBg y"), "x ******** y");
    assert_eq!(redactor.text("kq"), "kq");
    assert_eq!(redactor.text(key), MASK);
    assert_eq!(redactor.text(key.trim_end()), MASK);
}

#[test]
fn values_are_masked_in_depth_with_keys_and_order() {
    let secrets = json!({"group": {"password": "hunter22", "pin": 123456, "on": true, "n": null}});
    let redactor = Redactor::of_values([&secrets]);
    let mut value = json!({
        "z": ["a hunter22", 123456, 1234567, 1.5, true],
        "hunter22": {"pin": "pin 123456."},
        "a": null
    });
    redactor.value(&mut value);
    assert_eq!(
        value.to_string(),
        r#"{"z":["a ********","********",1234567,1.5,true],"********":{"pin":"pin ********."},"a":null}"#
    );
}

/// How a secret may travel.
fn encodings(secret: &str, before: &str, after: &str) -> Vec<String> {
    let joined = format!("{before}{secret}{after}");
    let percent = |keep: fn(u8) -> bool, upper: bool, plus: bool| -> String {
        let encode = |byte: u8| match byte {
            b' ' if plus => "+".to_owned(),
            byte if keep(byte) => char::from(byte).to_string(),
            byte if upper => format!("%{byte:02X}"),
            byte => format!("%{byte:02x}"),
        };
        joined.bytes().map(encode).collect()
    };
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let path = |b: u8| b.is_ascii_alphanumeric() || b"-._~/!'()*".contains(&b);
    let json = serde_json::to_string(&joined).unwrap();
    let ascii: String = json
        .encode_utf16()
        .map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        })
        .collect();
    let hex: String = joined.bytes().map(|byte| format!("{byte:02x}")).collect();
    vec![
        joined.clone(),
        json.clone(),
        serde_json::to_string(&json).unwrap(),
        ascii,
        format!("{joined:?}"),
        percent(unreserved, true, false),
        percent(unreserved, false, true),
        percent(path, true, false),
        STANDARD.encode(&joined),
        STANDARD_NO_PAD.encode(&joined),
        URL_SAFE.encode(&joined),
        URL_SAFE_NO_PAD.encode(&joined),
        hex.to_uppercase(),
        hex,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_encoding_at_any_place_gets_through(
        secret in "[^*%+\\\\\\u{0}-\\u{1f}]{4,24}",
        before in "[a-z:é]{0,5}",
        after in "[a-z:é]{0,5}",
    ) {
        prop_assume!(is_maskable(&secret));
        let redactor = redactor(&secret);
        for text in encodings(&secret, &before, &after) {
            let masked = redactor.text(&text);
            prop_assert!(masked.contains(MASK), "{text:?} became {masked:?}");
            prop_assert!(!masked.contains(&secret), "{text:?} became {masked:?}");
        }
    }

    #[test]
    fn special_characters_get_through_no_encoding(
        secret in r#"[%+\\"' \n/x41né]{4,12}"#,
        before in "[a-z:]{0,4}",
    ) {
        prop_assume!(is_maskable(secret.trim()));
        let redactor = redactor(&secret);
        for text in encodings(&secret, &before, "") {
            let masked = redactor.text(&text);
            prop_assert!(masked.contains(MASK), "{text:?} became {masked:?}");
        }
    }

    #[test]
    fn any_text_can_be_searched(secret in ".{4,8}", text in r#"([%+\\ux0-9a-fé{}"]|.){0,64}"#) {
        let redactor = redactor(&secret);
        let masked = redactor.text(&text);
        let _ = masked.len();
        let mut value = Value::String(text.clone());
        redactor.value(&mut value);
    }
}
