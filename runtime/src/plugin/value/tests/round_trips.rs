//! What goes in comes out.

use super::any::typed_json;
use super::*;

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
    fn a_value_is_taken_with_just_the_room_that_its_text_needs((ty, json) in typed_json()) {
        let value = read(&json, &ty).unwrap();
        let text = json.to_string();
        let most = text.len() as u64;
        let taken = into_json(value.clone(), most).unwrap();
        prop_assert_eq!(taken.to_string(), text);
        let refused = into_json(value, most - 1);
        prop_assert!(matches!(refused, Err(NotJson::TooLarge(size)) if size == most - 1));
    }

    #[test]
    fn every_text_is_measured_as_it_is_written(text in any::<String>()) {
        let most = Value::from(text.as_str()).to_string().len() as u64;
        prop_assert!(into_json(Val::String(text.clone()), most).is_ok());
        prop_assert!(into_json(Val::String(text), most - 1).is_err());
    }

    #[test]
    fn no_json_is_too_odd((ty, _) in typed_json(), (_, json) in typed_json()) {
        if let Ok(value) = read(&json, &ty) {
            let out = to_json(&value).unwrap();
            prop_assert_eq!(read(&out, &ty).unwrap(), value);
        }
    }
}
