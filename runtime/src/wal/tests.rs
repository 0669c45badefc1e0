//! What was written is read; what was damaged is found.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use super::line::{decode, encode};
use super::*;
use crate::experiment::RollbackStrategy;
use crate::plan::{Outline, OutlineStep, Stage, StepId};
use crate::run::Dry;
use crate::run::moment::{Clock, Moment};
use crate::run::record::{Beginning, FORMAT, Judgement, Outcome, Record, Signal};
use chaos_host_api::Effect;
use chaos_host_api::budget::{Ceilings, Spent};
use chaos_host_api::ledger::{Done, Intent};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use tempfile::TempDir;

fn now() -> Moment {
    Clock::start().now()
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn steps() -> impl Strategy<Value = StepId> {
    prop_oneof![
        any::<usize>().prop_map(StepId::Before),
        any::<(usize, usize)>().prop_map(|(check, probe)| StepId::During(check, probe)),
        any::<usize>().prop_map(StepId::Method),
        any::<usize>().prop_map(StepId::After),
        any::<usize>().prop_map(StepId::Rollback),
    ]
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        (values(), any::<bool>()).prop_map(|(output, touched_nothing)| Outcome::Succeeded {
            output,
            touched_nothing
        }),
        any::<String>().prop_map(|message| Outcome::Failed { message }),
        any::<String>().prop_map(|message| Outcome::TimedOut { message }),
        any::<String>().prop_map(|message| Outcome::Denied { message }),
        any::<String>().prop_map(|message| Outcome::Unexpected { message }),
        Just(Outcome::Cut),
        Just(Outcome::Dry),
    ]
}

fn judgements() -> impl Strategy<Value = Judgement> {
    prop_oneof![
        Just(Judgement::Met),
        Just(Judgement::Missed),
        any::<String>().prop_map(|message| Judgement::Unjudgeable { message }),
    ]
}

fn seconds() -> impl Strategy<Value = f64> {
    prop::num::f64::POSITIVE | prop::num::f64::ZERO
}

fn began(experiment: Value) -> Record {
    let step = |action: bool| OutlineStep {
        activity: "/method/0".to_owned(),
        background: !action,
        action,
    };
    Record::RunBegan(Box::new(Beginning {
        format: FORMAT,
        version: "1.2.3".to_owned(),
        run: "01ABC".to_owned(),
        at: now(),
        source: "/tmp/experiment.json".to_owned(),
        pid: 42,
        platform: "Linux".to_owned(),
        node: "here".to_owned(),
        experiment,
        outline: Arc::new(Outline {
            before: true,
            during: false,
            after: true,
            fail_fast: Some(12.5),
            rollback_strategy: RollbackStrategy::Deviated,
            dry: Some(Dry::Actions),
            compat: false,
            probes: vec![step(false)],
            method: vec![step(true), step(false)],
            rollbacks: Vec::new(),
        }),
        ceilings: Ceilings::default(),
        notes: vec!["a warning".to_owned()],
    }))
}

fn stages() -> impl Strategy<Value = Stage> {
    use Stage::{After, Before, Method, Rollbacks};
    prop::sample::select(vec![Before, Method, After, Rollbacks])
}

fn signals() -> impl Strategy<Value = Signal> {
    use Signal::{Graceful, Interrupt, Terminate, Ungraceful};
    prop::sample::select(vec![Interrupt, Terminate, Graceful, Ungraceful])
}

/// Every variant.
fn records() -> impl Strategy<Value = Record> {
    let at = now();
    let text = any::<String>;
    let intents = (any::<u64>(), text(), text(), prop::option::of(values())).prop_map(
        // `null` and nothing at all are one in JSON: no undo.
        |(call, step, target, undo)| Intent {
            call,
            step,
            kind: "http".to_owned(),
            target,
            undo: undo.filter(|undo| !undo.is_null()),
        },
    );
    let done = (any::<u64>(), text(), seconds(), prop::option::of(text())).prop_map(
        |(call, target, seconds, error)| Done {
            guest: call % 2 == 0,
            call,
            step: "method/0".to_owned(),
            kind: "process".to_owned(),
            target,
            effect: Effect::Mutate,
            seconds,
            error,
        },
    );
    prop_oneof![
        values().prop_map(began),
        stages().prop_map(move |stage| Record::StageBegan { stage, at }),
        any::<usize>().prop_map(move |check| Record::CheckBegan { check, at }),
        (steps(), seconds()).prop_map(move |(step, timeout)| Record::ActivityBegan {
            step,
            at,
            timeout
        }),
        (
            steps(),
            seconds(),
            outcomes(),
            prop::option::of(judgements()),
            any::<bool>()
        )
            .prop_map(move |(step, seconds, outcome, judgement, pausing)| {
                Record::ActivityEnded {
                    step,
                    at,
                    seconds,
                    outcome,
                    judgement,
                    pausing,
                }
            }),
        steps().prop_map(|step| Record::StepLeft { step }),
        (steps(), prop::option::of(text()))
            .prop_map(|(step, unexpected)| Record::StepSkipped { step, unexpected }),
        signals().prop_map(move |signal| Record::Signalled { signal, at }),
        intents.prop_map(Record::Intent),
        done.prop_map(Record::Done),
        (seconds(), any::<u64>()).prop_map(move |(seconds, calls)| Record::RunEnded {
            at,
            seconds,
            spent: Spent {
                calls,
                ..Spent::default()
            },
            rights: Vec::new(),
        }),
    ]
}

/// A log of these bytes.
fn log_of(bytes: &[u8]) -> (TempDir, RunFolder) {
    let state = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(state.path(), "run").unwrap();
    fs::write(folder.log(), bytes).unwrap();
    (state, folder)
}

fn read_bytes(bytes: &[u8]) -> Log {
    let (_state, folder) = log_of(bytes);
    read(&folder).unwrap()
}

fn lines(records: &[Record]) -> Vec<String> {
    let numbered = records.iter().enumerate();
    numbered
        .map(|(n, record)| encode(n as u64, record).unwrap())
        .collect()
}

fn left(step: usize) -> Record {
    Record::StepLeft {
        step: StepId::Method(step),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn every_record_is_read_as_it_was_written(record in records(), n in any::<u64>()) {
        let line = encode(n, &record).unwrap();
        prop_assert_eq!(line.matches('\n').count(), 1);
        prop_assert_eq!(decode(line.trim_end_matches('\n').as_bytes(), n).unwrap(), record);
    }

    #[test]
    fn a_flipped_bit_is_found(
        records in prop::collection::vec(records(), 1..4),
        place in any::<prop::sample::Index>(),
        bit in 0..8u8,
    ) {
        let mut bytes = lines(&records).concat().into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let log = read_bytes(&bytes);
        // The last line feed is how a whole line is known: without it, the line counts as torn.
        prop_assert!(log.damage.is_some() || (log.torn && place == bytes.len() - 1));
        prop_assert!(log.records.len() < records.len());
        prop_assert_eq!(&log.records[..], &records[..log.records.len()]);
    }

    #[test]
    fn a_log_cut_off_anywhere_gives_what_was_whole(
        records in prop::collection::vec(records(), 1..4),
        place in any::<prop::sample::Index>(),
    ) {
        let bytes = lines(&records).concat().into_bytes();
        let cut = place.index(bytes.len());
        let log = read_bytes(&bytes[..cut]);
        prop_assert_eq!(&log.damage, &None);
        prop_assert_eq!(&log.records[..], &records[..log.records.len()]);
        let whole = bytes[..cut].iter().filter(|byte| **byte == b'\n').count();
        // Only the line feed itself may be missing of a record that counts.
        prop_assert!(log.records.len() == whole || log.records.len() == whole + 1);
    }

    #[test]
    fn reading_survives_anything(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_bytes(&bytes);
    }
}

#[test]
fn damage_in_the_middle_is_reported_with_its_line() {
    let mut written = lines(&[left(0), left(1), left(2)]);
    written[1] = written[1].replace("method/1", "method/7");
    let log = read_bytes(written.concat().as_bytes());
    assert_eq!(log.records, [left(0)]);
    let damage = log.damage.unwrap().to_string();
    assert!(damage.contains("wal.jsonl, line 2: "), "{damage}");
    assert!(damage.contains("checksum"), "{damage}");
}

#[test]
fn a_missing_or_repeated_line_is_reported() {
    let written = lines(&[left(0), left(1), left(2)]);
    for (order, expected) in [([0, 2, 2], 1), ([0, 0, 1], 1), ([1, 0, 2], 0)] {
        let text: String = order.iter().map(|index| written[*index].as_str()).collect();
        let log = read_bytes(text.as_bytes());
        assert_eq!(log.records.len(), expected);
        let damage = log.damage.unwrap().to_string();
        assert!(damage.contains("belongs"), "{damage}");
    }
}

#[test]
fn bytes_that_are_no_text_are_damage() {
    let record = Record::StepSkipped {
        step: StepId::Method(0),
        unexpected: Some("\u{fffd}".to_owned()),
    };
    let mut bytes = encode(0, &record).unwrap().into_bytes();
    let place = bytes.windows(3).position(|w| w == [0xef, 0xbf, 0xbd]);
    bytes.remove(place.unwrap() + 2);
    assert!(read_bytes(&bytes).damage.is_some());
}

#[test]
fn an_empty_log_holds_nothing() {
    let log = read_bytes(b"");
    assert!(log.records.is_empty() && !log.torn && log.damage.is_none());
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, level| {
        if level % 2 == 0 {
            json!([inner])
        } else {
            json!({ "in": inner })
        }
    })
}

#[test]
fn whatever_nests_as_deep_as_a_value_may_is_readable() {
    let document = began(nested(crate::document::DEPTH));
    // As deep as a JSON body may nest to be taken for a value.
    let output = Record::ActivityEnded {
        step: StepId::Before(0),
        at: now(),
        seconds: 0.1,
        outcome: Outcome::Succeeded {
            output: json!({ "body": nested(127) }),
            touched_nothing: false,
        },
        judgement: Some(Judgement::Met),
        pausing: false,
    };
    let records = [document, output];
    let log = read_bytes(lines(&records).concat().as_bytes());
    assert_eq!(log.damage, None);
    assert_eq!(log.records, records);
}

#[test]
fn a_line_that_nests_without_end_is_damage() {
    let deep = "[".repeat(200_000);
    let text = format!("{{\"record\":\"intent\",\"undo\":{deep}");
    let line = format!("{{\"n\":0,\"crc\":0,\"record\":{text}\n");
    assert!(read_bytes(line.as_bytes()).damage.is_some());
    let closed = format!("{deep}{}", "]".repeat(200_000));
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&0u64.to_le_bytes());
    hasher.update(closed.as_bytes());
    let line = format!(
        "{{\"n\":0,\"crc\":{},\"record\":{closed}}}\n",
        hasher.finalize()
    );
    assert!(read_bytes(line.as_bytes()).damage.is_some());
}

#[test]
fn a_huge_line_is_read() {
    let record = Record::StepSkipped {
        step: StepId::Method(0),
        unexpected: Some("x".repeat(4_000_000)),
    };
    let log = read_bytes(encode(0, &record).unwrap().as_bytes());
    assert_eq!(log.records, [record]);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn everything_is_the_user_s_own() {
    let place = tempfile::tempdir().unwrap();
    let state = place.path().join("state");
    let lease = Lease::take(&state, "experiment.json", "RUN", false).unwrap();
    let folder = RunFolder::create(&state, "RUN").unwrap();
    let wal = Wal::create(&folder, &lease).unwrap();
    for folder in [&state, &state.join("runs"), &state.join("runs/RUN")] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
    assert_eq!(mode(&state.join("experiments")), 0o700);
    assert_eq!(mode(&folder.log()), 0o600);
    for entry in fs::read_dir(state.join("experiments")).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    drop(wal);
    lease.release();
}

fn abandoned(state: &Path, holder: &[u8]) -> Abandoned {
    let lease = Lease::take(state, "experiment.json", "RUN", true).unwrap();
    lease.release();
    let file = fs::read_dir(state.join("experiments"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    fs::write(&file, holder).unwrap();
    match Lease::take(state, "experiment.json", "NEXT", false) {
        Err(Occupied::Abandoned(abandoned)) => *abandoned,
        other => panic!("{other:?}"),
    }
}

#[test]
fn junk_in_a_lease_is_no_way_out_of_the_state_folder() {
    let state = tempfile::tempdir().unwrap();
    let long = vec![b'A'; 5_000_000];
    let junk: [&[u8]; 6] = [
        b"../../../etc/passwd",
        b"/etc/passwd",
        b"\xff\xfe\x00binary",
        b"two\nlines",
        b"\x1b[2J",
        &long,
    ];
    for holder in junk {
        let found = abandoned(state.path(), holder);
        assert!(found.log.starts_with(state.path().join("runs")));
        assert!(found.damage.is_some());
        assert!(found.to_string().len() < 10_000);
        // And it is no reason never to run again.
        let forced = Lease::take(state.path(), "experiment.json", "NEXT", true);
        forced.unwrap().release();
        let again = Lease::take(state.path(), "experiment.json", "NEXT", false);
        again.unwrap().release();
    }
}

#[test]
fn a_lease_is_one_process_s_and_one_experiment_s() {
    let state = tempfile::tempdir().unwrap();
    let held = Lease::take(state.path(), "a.json", "FIRST", false).unwrap();
    for force in [false, true] {
        let second = Lease::take(state.path(), "a.json", "SECOND", force);
        let Err(Occupied::UnderWay(holder)) = second else {
            panic!("{second:?}");
        };
        assert_eq!(holder, "FIRST");
    }
    let other = Lease::take(state.path(), "b.json", "OTHER", false).unwrap();
    other.release();
    held.release();
    let next = Lease::take(state.path(), "a.json", "NEXT", false).unwrap();
    next.release();
}
