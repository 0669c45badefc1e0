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
    fn no_json_is_too_odd((ty, _) in typed_json(), (_, json) in typed_json()) {
        if let Ok(value) = read(&json, &ty) {
            let out = to_json(&value).unwrap();
            prop_assert_eq!(read(&out, &ty).unwrap(), value);
        }
    }
}
