//! How much a whole run may do, counted as calls happen.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Upper bounds for one run. An experiment can lower them (an entry named `chaos-wasm` of its
/// `extensions`, key `budget`), never raise them; the operator's policy sets them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Ceilings {
    /// Calls of any kind through the door. Default: 10,000,000.
    pub calls: u64,
    /// Calls that change something: actions' requests, processes and files. Default: 1,000,000.
    pub mutations: u64,
    /// HTTP exchanges. Default: 10,000,000, a day of a probe every ten milliseconds.
    pub http_requests: u64,
    /// Processes started. Default: 1,000,000.
    pub processes: u64,
    /// Bytes of HTTP and Kubernetes bodies, sent and received, as they are on the wire. Default:
    /// 1 TiB, a day of 100 Mbit/s.
    pub bytes: u64,
    /// Kubernetes pods deleted or evicted. Default: 10,000.
    pub pods_deleted: u64,
    /// Percent of the pods that matched an activity's selection that it may delete or evict, for
    /// activities that select pods. Default: 100.
    pub pods_percent: u64,
    /// Different Kubernetes namespaces in which something is changed. Default: 10,000, the most
    /// that Kubernetes is made for.
    pub namespaces: u64,
    /// Different Kubernetes nodes that are changed themselves (cordoned, labelled, deleted).
    /// Default: 5,000, the most that Kubernetes is made for.
    pub nodes: u64,
}

impl Default for Ceilings {
    fn default() -> Self {
        Ceilings {
            calls: 10_000_000,
            mutations: 1_000_000,
            http_requests: 10_000_000,
            processes: 1_000_000,
            bytes: 1 << 40,
            pods_deleted: 10_000,
            pods_percent: 100,
            namespaces: 10_000,
            nodes: 5_000,
        }
    }
}

impl Ceilings {
    /// Bounds that lower nothing.
    pub const UNBOUNDED: Ceilings = Ceilings {
        calls: u64::MAX,
        mutations: u64::MAX,
        http_requests: u64::MAX,
        processes: u64::MAX,
        bytes: u64::MAX,
        pods_deleted: u64::MAX,
        pods_percent: u64::MAX,
        namespaces: u64::MAX,
        nodes: u64::MAX,
    };

    /// The lower of the two, field by field.
    pub fn lowered_by(&self, other: &Ceilings) -> Ceilings {
        Ceilings {
            calls: self.calls.min(other.calls),
            mutations: self.mutations.min(other.mutations),
            http_requests: self.http_requests.min(other.http_requests),
            processes: self.processes.min(other.processes),
            bytes: self.bytes.min(other.bytes),
            pods_deleted: self.pods_deleted.min(other.pods_deleted),
            pods_percent: self.pods_percent.min(other.pods_percent),
            namespaces: self.namespaces.min(other.namespaces),
            nodes: self.nodes.min(other.nodes),
        }
    }

    /// Each with its key.
    pub fn by_key(&self) -> [(&'static str, u64); 9] {
        [
            ("calls", self.calls),
            ("mutations", self.mutations),
            ("http-requests", self.http_requests),
            ("processes", self.processes),
            ("bytes", self.bytes),
            ("pods-deleted", self.pods_deleted),
            ("pods-percent", self.pods_percent),
            ("namespaces", self.namespaces),
            ("nodes", self.nodes),
        ]
    }
}

/// What a call is charged for. Every call is charged [`Charge::Call`] besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Charge {
    /// Any call.
    Call,
    /// A call that changes something.
    Mutation,
    /// An HTTP exchange, each retry again.
    HttpRequest,
    /// A process started.
    Process,
    /// Bytes sent or received.
    Bytes(u64),
    /// A pod deleted or evicted.
    PodDeleted,
    /// The same pod (its namespace and name) out of those that were selected; each counts once,
    /// however often it is tried.
    PodOf(Selected, String),
    /// A change within a namespace; each counts once.
    Namespace(Place),
    /// A change of a node itself; each counts once.
    Node(Place),
}

/// Something of a cluster's that has a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Tells clusters apart.
    pub cluster: u64,
    /// Its name in the cluster.
    pub name: String,
}

/// The pods that one activity selected, of which it deletes or evicts some. Clones count together.
#[derive(Debug, Clone)]
pub struct Selected(Arc<Counted>);

#[derive(Debug)]
struct Counted {
    pods: u64,
    gone: Mutex<BTreeSet<String>>,
}

impl Selected {
    /// So many pods, all still there.
    pub fn of(pods: usize) -> Selected {
        Selected(Arc::new(Counted {
            pods: u64::try_from(pods).unwrap_or(u64::MAX),
            gone: Mutex::default(),
        }))
    }
}

impl PartialEq for Selected {
    fn eq(&self, other: &Selected) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Selected {}

/// What was spent so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Spent {
    /// See [`Ceilings::calls`].
    pub calls: u64,
    /// See [`Ceilings::mutations`].
    pub mutations: u64,
    /// See [`Ceilings::http_requests`].
    pub http_requests: u64,
    /// See [`Ceilings::processes`].
    pub processes: u64,
    /// See [`Ceilings::bytes`].
    pub bytes: u64,
    /// See [`Ceilings::pods_deleted`].
    pub pods_deleted: u64,
    /// See [`Ceilings::pods_percent`]: the most that one activity came to, rounded up.
    pub pods_percent: u64,
    /// See [`Ceilings::namespaces`].
    pub namespaces: u64,
    /// See [`Ceilings::nodes`].
    pub nodes: u64,
}

/// A call that would exceed a ceiling.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("budget exhausted: this run may spend {ceiling} {key}")]
pub struct Exhausted {
    /// The key of [`Ceilings`].
    pub key: &'static str,
    /// Its value.
    pub ceiling: u64,
}

/// The counters of one run.
#[derive(Debug, Default)]
pub struct Budget {
    ceilings: Ceilings,
    counters: Mutex<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    spent: Spent,
    namespaces: BTreeSet<Place>,
    nodes: BTreeSet<Place>,
}

impl Budget {
    /// A budget with nothing spent.
    pub fn new(ceilings: Ceilings) -> Budget {
        Budget {
            ceilings,
            counters: Mutex::default(),
        }
    }

    /// Charges all of this or, when one of it would exceed its ceiling, nothing.
    ///
    /// # Errors
    /// [`Exhausted`] names the ceiling.
    pub fn charge(&self, charges: &[Charge]) -> Result<(), Exhausted> {
        let mut counters = self.counters();
        let mut spent = counters.spent.clone();
        for charge in charges {
            self.add(charge, &mut spent, &counters)?;
        }
        for charge in charges {
            match charge {
                Charge::Namespace(place) => {
                    counters.namespaces.insert(place.clone());
                }
                Charge::Node(place) => {
                    counters.nodes.insert(place.clone());
                }
                Charge::PodOf(Selected(selected), pod) => {
                    selected.gone().insert(pod.clone());
                }
                _ => {}
            }
        }
        counters.spent = spent;
        Ok(())
    }

    fn add(&self, charge: &Charge, spent: &mut Spent, so_far: &Counters) -> Result<(), Exhausted> {
        let ceilings = &self.ceilings;
        let mut one = 1;
        let (key, counter, ceiling) = match charge {
            Charge::Call => ("calls", &mut spent.calls, ceilings.calls),
            Charge::Mutation => ("mutations", &mut spent.mutations, ceilings.mutations),
            Charge::HttpRequest => (
                "http-requests",
                &mut spent.http_requests,
                ceilings.http_requests,
            ),
            Charge::Process => ("processes", &mut spent.processes, ceilings.processes),
            Charge::Bytes(bytes) => {
                one = *bytes;
                ("bytes", &mut spent.bytes, ceilings.bytes)
            }
            Charge::PodDeleted => (
                "pods-deleted",
                &mut spent.pods_deleted,
                ceilings.pods_deleted,
            ),
            Charge::PodOf(Selected(selected), pod) => {
                let percent = selected.percent_with(pod);
                one = percent.saturating_sub(spent.pods_percent);
                let ceiling = ceilings.pods_percent;
                if percent > ceiling {
                    let key = "pods-percent";
                    return Err(Exhausted { key, ceiling });
                }
                ("pods-percent", &mut spent.pods_percent, ceiling)
            }
            Charge::Namespace(place) => {
                one = u64::from(!so_far.namespaces.contains(place));
                ("namespaces", &mut spent.namespaces, ceilings.namespaces)
            }
            Charge::Node(place) => {
                one = u64::from(!so_far.nodes.contains(place));
                ("nodes", &mut spent.nodes, ceilings.nodes)
            }
        };
        match counter.checked_add(one).filter(|sum| *sum <= ceiling) {
            Some(sum) => *counter = sum,
            None if one == 0 => {}
            None => return Err(Exhausted { key, ceiling }),
        }
        Ok(())
    }

    /// What was spent so far.
    pub fn spent(&self) -> Spent {
        self.counters().spent.clone()
    }

    /// The bounds in force.
    pub fn ceilings(&self) -> &Ceilings {
        &self.ceilings
    }

    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    fn gone(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The percentage gone when `pod` is gone too, rounded up.
    fn percent_with(&self, pod: &str) -> u64 {
        let gone = self.gone();
        let all = gone.len() + usize::from(!gone.contains(pod));
        let all = u64::try_from(all).unwrap_or(u64::MAX).min(self.pods.max(1));
        all.saturating_mul(100).div_ceil(self.pods.max(1))
    }
}

#[cfg(test)]
mod tests;
