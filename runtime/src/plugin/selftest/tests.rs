#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use super::case::SECRET;
use super::*;
use std::collections::BTreeSet;

#[test]
fn every_guest_is_source_that_can_be_read() {
    for name in guests::names() {
        guests::bytes(name).unwrap_or_else(|reason| panic!("{name}: {reason}"));
    }
}

#[test]
fn every_guest_is_used_and_every_case_has_its_own_name() {
    let cases = cases::all();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len());
    let mut used: BTreeSet<&str> = cases.iter().map(|case| case.guest).collect();
    used.extend([compiling::GUEST, calls::GUEST]);
    assert_eq!(used, guests::names().collect());
}

#[test]
fn an_end_fits_only_itself() {
    let denied = || Err(Failure::Failed("{\"denied\":\"no http\"}".to_owned()));
    let ends = [
        (End::Denied("http"), denied()),
        (
            End::Limit("handles"),
            Err(Failure::Failed("held more (limit handles)".to_owned())),
        ),
        (End::TimedOut, Err(Failure::TimedOut("late".to_owned()))),
        (
            End::Crash("crashed"),
            Err(Failure::Failed("the plugin crashed".to_owned())),
        ),
        (End::Gives(json!(1)), Ok(json!(1))),
        (End::Status(200), Ok(json!({"status": 200}))),
        (
            End::Masked("***"),
            Ok(json!({"status": 201, "body": b"***"})),
        ),
    ];
    for (at, (end, _)) in ends.iter().enumerate() {
        for (other, (_, result)) in ends.iter().enumerate() {
            assert_eq!(end.fits(result, &[]), at == other, "{end:?} {result:?}");
        }
        assert!(!end.fits(&Ok(Value::Null), &[]), "{end:?}");
    }
    assert!(!End::Denied("kubernetes").fits(&denied(), &[]));
    let leaked = json!({"status": 200, "body": format!("*** {SECRET}").as_bytes()});
    assert!(!End::Masked("***").fits(&Ok(leaked), &[]));
    let logged = End::Logged(vec!["a".to_owned()]);
    assert!(logged.fits(&Ok(Value::Null), &["a".to_owned()]));
    assert!(!logged.fits(&Ok(Value::Null), &[]));
}

/// Runs one case, compiling here.
async fn alone(case: Case) -> Outcome {
    let loader = Loader::new(None, Compiler::Here);
    let bytes = guests::bytes(case.guest).unwrap();
    let plugin = loader.load_bytes(case.guest, bytes).await;
    let plugin = plugin.map_err(|error| with_causes(&error));
    let loaded = BTreeMap::from([(case.guest, plugin)]);
    perform(case, &loaded, &Lines::default()).await.unwrap()
}

fn asking(url: &str, expected: End) -> Case {
    let request = json!({"method": "GET", "url": url, "headers": [], "body": [],
        "timeout_ms": null, "redirects": 0});
    let grants = ["http GET http://{open}/*", "http GET http://{closed}/*"];
    Case::new("asking", "", "http", "send", expected)
        .with(json!({ "request": request }))
        .granted(&grants)
}

#[tokio::test]
async fn the_kit_notices_what_should_not_be() {
    let good = asking("http://{open}/x", End::Status(200)).reaching(1);
    assert!(alone(good.clone()).await.ok);
    for (case, says) in [
        (
            asking("http://{open}/x", End::Denied("http")).reaching(1),
            "answer 200",
        ),
        (good.clone().reaching(0), "asked 1 times"),
        (good.asking("/y"), "asked GET /x"),
        (
            asking("http://{closed}/x", End::Status(200)),
            "the closed server was asked GET /x",
        ),
        (
            Case::new("loaded", "", "trap", "go", End::Refused("why")),
            "it was loaded",
        ),
        (
            Case::new("refused", "", "unknown", "go", End::Refused("else")),
            "refused: it imports",
        ),
    ] {
        let outcome = alone(case).await;
        assert!(!outcome.ok, "{outcome:?}");
        assert!(outcome.happened.contains(says), "{outcome:?}");
    }
}
