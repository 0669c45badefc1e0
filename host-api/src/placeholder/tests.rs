#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
use super::*;
use proptest::prelude::*;

fn secret(value: &str) -> Secret {
    Secret {
        target: "shop".into(),
        key: "token".into(),
        value: value.into(),
        sent: None,
    }
}

fn holding(value: &str) -> (Placeholders, String) {
    let mut all = Placeholders::default();
    let text = all.stand_for(secret(value), [7; RANDOM_BYTES]).unwrap();
    (all, text)
}

fn filled(all: &Placeholders, text: &str, spelling: Spelling) -> String {
    String::from_utf8(all.fill(text.as_bytes(), spelling).into_owned()).unwrap()
}

#[test]
fn the_value_is_spelt_as_its_place_demands() {
    let (all, text) = holding("s3/cr\"t &");
    let body = format!("a={text}&b={text}");
    assert_eq!(
        filled(&all, &body, Spelling::Plain),
        "a=s3/cr\"t &&b=s3/cr\"t &"
    );
    assert_eq!(
        filled(&all, &body, Spelling::Percent),
        "a=s3%2Fcr%22t%20%26&b=s3%2Fcr%22t%20%26"
    );
    let json = filled(&all, &format!("{{\"a\":\"{text}\"}}"), Spelling::Json);
    let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read["a"], "s3/cr\"t &");
    assert_eq!(all.within(body.as_bytes()).count(), 2);
}

#[test]
fn what_is_sent_may_be_made_from_the_value() {
    let mut all = Placeholders::default();
    let made = Secret {
        sent: Some("Basic dTpzM2NyZXQ=".into()),
        ..secret("s3cret")
    };
    let text = all.stand_for(made, [1; RANDOM_BYTES]).unwrap();
    assert_eq!(filled(&all, &text, Spelling::Plain), "Basic dTpzM2NyZXQ=");
    let told = all.mask_text("you said dTpzM2NyZXQ=").into_owned();
    assert!(told.contains(MASK) && !told.contains("M2NyZX"), "{told}");
    assert_eq!(all.mask_text("s3cret"), MASK);
}

#[test]
fn a_secret_has_one_placeholder_and_not_just_anybody_has_one() {
    let (mut all, text) = holding("s3cret");
    assert_eq!(
        all.stand_for(secret("s3cret"), [8; RANDOM_BYTES]).unwrap(),
        text
    );
    let refused = all.stand_for(secret("abc"), [9; RANDOM_BYTES]).unwrap_err();
    assert!(refused.to_string().contains("shop.token is too short"));
    let user = |user: usize| Secret {
        sent: Some(format!("{user}")),
        ..secret("s3cret")
    };
    for number in 1..MOST {
        let mut random = [0; RANDOM_BYTES];
        random[..8].copy_from_slice(&number.to_le_bytes());
        all.stand_for(user(number), random).unwrap();
    }
    let refused = all.stand_for(user(MOST), [10; RANDOM_BYTES]);
    assert_eq!(refused, Err(NoPlaceholder::TooMany));
}

#[test]
fn what_is_no_placeholder_stays() {
    let (all, text) = holding("s3cret");
    let other = text.replace("07", "08");
    for kept in [other.as_str(), &text[..text.len() - 1], "chaos-secret-", ""] {
        assert_eq!(filled(&all, kept, Spelling::Plain), kept);
    }
    assert_eq!(format!("{all:?}"), "Placeholders(1)");
}

#[test]
fn bytes_that_are_no_text_are_masked_too() {
    let (all, _) = holding("s3cret");
    let answer = b"\xff\xfes3cret\x00czNjcmV0\xff";
    let masked = all.mask(answer);
    assert!(!masked.windows(6).any(|part| part == b"s3cret"));
    assert!(masked.starts_with(b"\xff\xfe*"));
}

proptest! {
    #[test]
    fn any_bytes_are_filled_and_masked(before in ".{0,20}", after in proptest::collection::vec(any::<u8>(), 0..40)) {
        let (all, text) = holding("s3cret/=");
        let mut bytes = before.into_bytes();
        bytes.extend_from_slice(text.as_bytes());
        bytes.extend_from_slice(&after);
        for spelling in [Spelling::Plain, Spelling::Percent, Spelling::Json] {
            let filled = all.fill(&bytes, spelling).into_owned();
            let masked = all.mask(&filled).into_owned();
            prop_assert!(!masked.windows(8).any(|part| part == b"s3cret/="));
        }
    }
}
