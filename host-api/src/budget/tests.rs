#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
use super::*;
use std::sync::atomic::{AtomicU64, Ordering};

fn place(cluster: u64, name: &str) -> Place {
    Place {
        cluster,
        name: name.to_owned(),
    }
}

type Bounded = (&'static str, Ceilings, fn(u64) -> Charge);

/// Each key with ceilings that bound nothing else, and a charge of one unit. The charges of names
/// are all different.
fn each_key(ceiling: u64) -> Vec<Bounded> {
    let with = |change: fn(&mut Ceilings, u64)| {
        let mut ceilings = Ceilings::default();
        change(&mut ceilings, ceiling);
        ceilings
    };
    vec![
        ("calls", with(|c, n| c.calls = n), |_| Charge::Call),
        ("mutations", with(|c, n| c.mutations = n), |_| {
            Charge::Mutation
        }),
        ("http-requests", with(|c, n| c.http_requests = n), |_| {
            Charge::HttpRequest
        }),
        ("processes", with(|c, n| c.processes = n), |_| {
            Charge::Process
        }),
        ("bytes", with(|c, n| c.bytes = n), |_| Charge::Bytes(1)),
        ("pods-deleted", with(|c, n| c.pods_deleted = n), |_| {
            Charge::PodDeleted
        }),
        ("namespaces", with(|c, n| c.namespaces = n), |n| {
            Charge::Namespace(place(0, &n.to_string()))
        }),
        ("nodes", with(|c, n| c.nodes = n), |n| {
            Charge::Node(place(0, &n.to_string()))
        }),
    ]
}

#[test]
fn each_ceiling_is_exact_and_refusals_are_not_charged() {
    for (key, ceilings, unit) in each_key(2) {
        let budget = Budget::new(ceilings);
        assert_eq!(budget.charge(&[unit(0)]), Ok(()), "{key}");
        assert_eq!(budget.charge(&[unit(1)]), Ok(()), "{key}");
        let full = budget.spent();
        assert_eq!(
            budget.charge(&[unit(2)]),
            Err(Exhausted { key, ceiling: 2 })
        );
        assert_eq!(budget.spent(), full, "{key}");
        let other = if key == "calls" {
            Charge::Mutation
        } else {
            Charge::Call
        };
        assert_eq!(budget.charge(std::slice::from_ref(&other)), Ok(()), "{key}");
        assert!(budget.charge(&[other, unit(2)]).is_err(), "{key}");
        assert_eq!(
            budget.spent().calls + budget.spent().mutations,
            full.calls + full.mutations + 1,
            "a call that is refused for one reason is charged for none: {key}"
        );
    }
}

#[test]
fn a_ceiling_is_exact_when_many_calls_race() {
    const CEILING: u64 = 500;
    for (key, ceilings, unit) in each_key(CEILING) {
        let budget = Budget::new(ceilings);
        let let_through = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (budget, let_through) = (&budget, &let_through);
                scope.spawn(move || {
                    for n in 0..100 {
                        if budget.charge(&[unit(thread * 100 + n)]).is_ok() {
                            let_through.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(let_through.into_inner(), CEILING, "{key}");
    }
}

#[test]
fn no_ceiling_at_all_is_zero() {
    for (key, ceilings, unit) in each_key(0) {
        let refused = Budget::new(ceilings).charge(&[unit(0)]);
        assert_eq!(refused, Err(Exhausted { key, ceiling: 0 }));
    }
}

#[test]
fn bytes_are_charged_to_the_last_one() {
    let budget = Budget::new(Ceilings {
        bytes: 10,
        ..Ceilings::default()
    });
    assert!(budget.charge(&[Charge::Bytes(11)]).is_err());
    assert!(budget.charge(&[Charge::Bytes(u64::MAX)]).is_err());
    budget.charge(&[Charge::Bytes(10)]).unwrap();
    budget.charge(&[Charge::Bytes(0)]).unwrap();
    assert!(budget.charge(&[Charge::Bytes(u64::MAX)]).is_err());
    assert_eq!(budget.spent().bytes, 10);
}

#[test]
fn what_was_changed_before_is_not_new() {
    let budget = Budget::new(Ceilings {
        namespaces: 1,
        nodes: 1,
        ..Ceilings::default()
    });
    for _ in 0..3 {
        budget
            .charge(&[
                Charge::Namespace(place(0, "a")),
                Charge::Node(place(0, "a")),
            ])
            .unwrap();
    }
    assert!(budget.charge(&[Charge::Namespace(place(0, "b"))]).is_err());
    let elsewhere = Charge::Namespace(place(1, "a"));
    assert!(
        budget.charge(&[elsewhere]).is_err(),
        "another cluster's namespace is another one"
    );
    assert_eq!((budget.spent().namespaces, budget.spent().nodes), (1, 1));
}

#[test]
fn a_percentage_is_of_the_pods_that_were_selected() {
    for (percent, pods, allowed) in [
        (50, 10, 5),
        (50, 5, 2),
        (33, 3, 0),
        (34, 3, 1),
        (99, 100, 99),
        (1, 99, 0),
        (0, 10, 0),
        (99, 0, 0),
    ] {
        let budget = Budget::new(Ceilings {
            pods_percent: percent,
            ..Ceilings::default()
        });
        let selected = Selected::of(pods);
        let deletion = |pod: u64| {
            let pod = Charge::PodOf(selected.clone(), pod.to_string());
            [Charge::PodDeleted, pod]
        };
        for pod in 0..allowed {
            budget.charge(&deletion(pod)).unwrap();
            budget.charge(&deletion(pod)[1..]).unwrap();
        }
        assert_eq!(
            budget.charge(&deletion(allowed)),
            Err(Exhausted {
                key: "pods-percent",
                ceiling: percent
            }),
            "{percent} % of {pods}"
        );
        assert_eq!(budget.spent().pods_deleted, allowed);
        // What the caller does not know cannot be held against it.
        budget.charge(&[Charge::PodDeleted]).unwrap();
    }
    let whole = Budget::default();
    let selected = Selected::of(1);
    for pod in ["a", "b"] {
        let pod = Charge::PodOf(selected.clone(), pod.to_owned());
        whole.charge(&[pod]).unwrap();
    }
    assert_eq!(whole.spent().pods_percent, 100);
}

#[test]
fn a_percentage_is_exact_when_many_calls_race() {
    let budget = Budget::new(Ceilings {
        pods_percent: 50,
        ..Ceilings::default()
    });
    let selected = Selected::of(400);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (budget, selected) = (&budget, &selected);
            scope.spawn(move || {
                for pod in 0..100 {
                    let pod = format!("{thread}-{pod}");
                    let pod = Charge::PodOf(selected.clone(), pod);
                    let _ = budget.charge(&[Charge::PodDeleted, pod]);
                }
            });
        }
    });
    assert_eq!(budget.spent().pods_deleted, 200);
    assert_eq!(budget.spent().pods_percent, 50);
}

#[test]
fn ceilings_can_only_be_lowered() {
    let greedy = Ceilings {
        pods_deleted: u64::MAX,
        calls: 1,
        ..Ceilings::default()
    };
    let lowered = Ceilings::default().lowered_by(&greedy);
    assert_eq!(lowered.pods_deleted, Ceilings::default().pods_deleted);
    assert_eq!(lowered.calls, 1);
}

#[test]
fn records_of_before_are_still_read() {
    let spent: Spent = serde_json::from_str(r#"{"calls": 3}"#).unwrap();
    assert_eq!((spent.calls, spent.bytes), (3, 0));
    let ceilings: Ceilings = serde_json::from_str(r#"{"calls": 3}"#).unwrap();
    assert_eq!(ceilings.bytes, Ceilings::default().bytes);
    let keys = serde_json::to_value(Ceilings::default()).unwrap();
    let keys: Vec<&String> = keys.as_object().unwrap().keys().collect();
    assert_eq!(keys, Ceilings::default().by_key().map(|(key, _)| key));
}
