//! How much a whole run may do, counted as calls happen.

use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};

/// Upper bounds for one run. An experiment can lower them (an entry named `chaos-wasm` of its
/// `extensions`, key `budget`), never raise them.
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
    /// Kubernetes pods deleted or evicted. Default: 10,000.
    pub pods_deleted: u64,
}

impl Default for Ceilings {
    fn default() -> Self {
        Ceilings {
            calls: 10_000_000,
            mutations: 1_000_000,
            http_requests: 10_000_000,
            processes: 1_000_000,
            pods_deleted: 10_000,
        }
    }
}

impl Ceilings {
    /// The lower of the two, field by field.
    pub fn lowered_by(&self, other: &Ceilings) -> Ceilings {
        Ceilings {
            calls: self.calls.min(other.calls),
            mutations: self.mutations.min(other.mutations),
            http_requests: self.http_requests.min(other.http_requests),
            processes: self.processes.min(other.processes),
            pods_deleted: self.pods_deleted.min(other.pods_deleted),
        }
    }
}

/// What a call is charged for. Every call is charged [`Charge::Call`] besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// Any call.
    Call,
    /// A call that changes something.
    Mutation,
    /// An HTTP exchange, each retry again.
    HttpRequest,
    /// A process started.
    Process,
    /// A pod deleted or evicted.
    PodDeleted,
}

impl Charge {
    /// The key of [`Ceilings`] that bounds it.
    pub fn key(self) -> &'static str {
        match self {
            Charge::Call => "calls",
            Charge::Mutation => "mutations",
            Charge::HttpRequest => "http-requests",
            Charge::Process => "processes",
            Charge::PodDeleted => "pods-deleted",
        }
    }
}

/// What was spent so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Spent {
    /// See [`Ceilings::calls`].
    pub calls: u64,
    /// See [`Ceilings::mutations`].
    pub mutations: u64,
    /// See [`Ceilings::http_requests`].
    pub http_requests: u64,
    /// See [`Ceilings::processes`].
    pub processes: u64,
    /// See [`Ceilings::pods_deleted`].
    pub pods_deleted: u64,
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
    counters: [AtomicU64; 5],
}

impl Budget {
    /// A budget with nothing spent.
    pub fn new(ceilings: Ceilings) -> Budget {
        Budget {
            ceilings,
            counters: Default::default(),
        }
    }

    /// Charges one unit.
    ///
    /// # Errors
    /// [`Exhausted`] when the ceiling is reached; nothing is charged then.
    pub fn charge(&self, charge: Charge) -> Result<(), Exhausted> {
        let ceiling = self.ceiling(charge);
        self.counters[charge as usize]
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |spent| {
                (spent < ceiling).then_some(spent + 1)
            })
            .map(drop)
            .map_err(|_| Exhausted {
                key: charge.key(),
                ceiling,
            })
    }

    /// What was spent so far.
    pub fn spent(&self) -> Spent {
        let count = |charge: Charge| self.counters[charge as usize].load(Ordering::Relaxed);
        Spent {
            calls: count(Charge::Call),
            mutations: count(Charge::Mutation),
            http_requests: count(Charge::HttpRequest),
            processes: count(Charge::Process),
            pods_deleted: count(Charge::PodDeleted),
        }
    }

    /// The bounds in force.
    pub fn ceilings(&self) -> &Ceilings {
        &self.ceilings
    }

    fn ceiling(&self, charge: Charge) -> u64 {
        match charge {
            Charge::Call => self.ceilings.calls,
            Charge::Mutation => self.ceilings.mutations,
            Charge::HttpRequest => self.ceilings.http_requests,
            Charge::Process => self.ceilings.processes,
            Charge::PodDeleted => self.ceilings.pods_deleted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ceiling_is_exact_and_refusals_are_not_charged() {
        let budget = Budget::new(Ceilings {
            mutations: 2,
            ..Ceilings::default()
        });
        assert_eq!(budget.charge(Charge::Mutation), Ok(()));
        assert_eq!(budget.charge(Charge::Mutation), Ok(()));
        let refused = budget.charge(Charge::Mutation);
        assert_eq!(
            refused,
            Err(Exhausted {
                key: "mutations",
                ceiling: 2
            })
        );
        assert_eq!(budget.spent().mutations, 2);
        assert_eq!(budget.charge(Charge::HttpRequest), Ok(()));
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
}
