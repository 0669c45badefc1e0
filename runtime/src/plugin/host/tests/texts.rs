use super::super::bindings::chaos::host::configuration::{Error, Host as Configuration};
use super::super::bindings::chaos::host::log::{Host as Log, Level};
use super::Given;
use crate::plugin::limits::Limits;
use proptest::prelude::*;

#[tokio::test]
async fn configuration_is_given_by_name_as_granted() {
    let grants = [
        "configuration base",
        "configuration count",
        "configuration no*",
    ];
    let mut state = Given::grants(grants).state();
    let mut get = async |name: &str| {
        Configuration::get(&mut state, name.to_owned())
            .await
            .unwrap()
    };
    assert_eq!(get("base").await.unwrap().unwrap(), "\"http://shop\"");
    assert_eq!(get("count").await.unwrap().unwrap(), "3");
    assert_eq!(get("nothing").await.unwrap().unwrap(), "null");
    assert_eq!(get("nobody").await.unwrap(), None);
    let Err(Error::Denied(text)) = get("shop").await else {
        panic!("not denied");
    };
    assert!(
        text.contains("add to its `configuration`: \"shop\""),
        "{text}"
    );
}

#[tokio::test]
async fn a_secret_is_not_configuration() {
    let mut state = Given::grants(["configuration *"]).state();
    for name in ["shop", "token", "shop.token"] {
        let given = Configuration::get(&mut state, name.to_owned()).await;
        assert_eq!(given.unwrap().unwrap(), None);
    }
}

#[tokio::test]
async fn lines_beyond_the_limit_are_counted_and_dropped() {
    let mut state = Given {
        limits: Limits {
            log_lines: 2,
            ..Limits::default()
        },
        ..Given::grants::<&str>([])
    }
    .state();
    for _ in 0..5 {
        Log::write(&mut state, Level::Debug, "a".into())
            .await
            .unwrap();
    }
    assert_eq!(state.meter.log_lines, 2);
    assert_eq!(state.meter.log_lines_dropped, 3);
    assert!(format!("{:?}", state.dropped).contains("lines: 3"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_name_is_answered(name in any::<String>(), message in any::<String>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut state = Given::grants(["configuration a*"]).state();
            let granted = name.starts_with('a');
            let given = Configuration::get(&mut state, name).await.unwrap();
            assert_eq!(given.is_ok(), granted);
            Log::write(&mut state, Level::Debug, message).await.unwrap();
        });
    }
}
