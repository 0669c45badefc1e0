use crate::budget::{Budget, Ceilings, Charge, Exhausted};
use crate::ledger::{Done, Intent, Ledger, NotWritten};
use crate::{Effect, Pass};
use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Why the door did not let a call through. The call was not made.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The run's budget is spent.
    #[error("denied: {target}: {source}; the experiment's `budget` or the default set this limit")]
    Budget {
        /// The call.
        target: String,
        /// Which ceiling.
        source: Exhausted,
    },
    /// A probe tried to change something.
    #[error("denied: {target}: a probe may only look, and this call can change something")]
    ReadOnly {
        /// The call.
        target: String,
    },
    /// The intent could not be written.
    #[error(transparent)]
    NotWritten(#[from] NotWritten),
    /// No time was left.
    #[error("the deadline passed before the call was made")]
    TooLate,
}

impl Refusal {
    /// Whether it is a matter of rights or budget (as opposed to time or a broken disk).
    pub fn is_denial(&self) -> bool {
        matches!(self, Refusal::Budget { .. } | Refusal::ReadOnly { .. })
    }
}

/// The one way to touch the world. See the crate's documentation.
pub struct Door {
    pub(crate) http: crate::http::Clients,
    pub(crate) kubernetes: crate::kubernetes::Clients,
    budget: Budget,
    ledger: Arc<dyn Ledger>,
    calls: AtomicU64,
    environment: Vec<(OsString, OsString)>,
}

/// A call that was let through. Must be ended with [`Admitted::done`].
pub(crate) struct Admitted {
    call: u64,
    step: String,
    kind: &'static str,
    target: String,
    effect: Effect,
    begun: Instant,
    ledger: Arc<dyn Ledger>,
}

impl Door {
    /// A door with nothing spent.
    pub fn new(ledger: Arc<dyn Ledger>, ceilings: Ceilings) -> Door {
        Door {
            http: Default::default(),
            kubernetes: Default::default(),
            budget: Budget::new(ceilings),
            ledger,
            calls: AtomicU64::new(0),
            environment: Vec::new(),
        }
    }

    /// The same door, with environment variables that processes started through it get besides
    /// (or instead of) the runner's own: those of `.env` files.
    #[must_use]
    pub fn with_environment(self, environment: Vec<(OsString, OsString)>) -> Door {
        Door {
            environment,
            ..self
        }
    }

    /// What was added by [`Door::with_environment`].
    pub(crate) fn environment(&self) -> &[(OsString, OsString)] {
        &self.environment
    }

    /// An environment variable as processes started through this door see it.
    pub fn variable(&self, name: &str) -> Option<OsString> {
        let own = self.environment.iter().rev().find(|(key, _)| key == name);
        own.map(|(_, value)| value.clone())
            .or_else(|| std::env::var_os(name))
    }

    /// The run's budget.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Checks, charges, and, for a mutation, waits until the intent is on disk. Each kind of call
    /// goes through here before anything leaves.
    pub(crate) async fn admit(
        &self,
        pass: &Pass,
        kind: &'static str,
        target: String,
        effect: Effect,
        charges: &[Charge],
    ) -> Result<Admitted, Refusal> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let admitted = Admitted {
            call,
            step: pass.step().to_owned(),
            kind,
            target,
            effect,
            begun: Instant::now(),
            ledger: Arc::clone(&self.ledger),
        };
        match self.check(pass, &admitted, charges).await {
            Ok(()) => Ok(admitted),
            Err(refusal) => {
                admitted.done(Some(refusal.to_string()));
                Err(refusal)
            }
        }
    }

    async fn check(&self, pass: &Pass, call: &Admitted, charges: &[Charge]) -> Result<(), Refusal> {
        let target = || call.target.clone();
        if call.effect == Effect::Mutate && pass.allowed() == Effect::Read {
            return Err(Refusal::ReadOnly { target: target() });
        }
        if pass.deadline().passed() {
            return Err(Refusal::TooLate);
        }
        let mutation = (call.effect == Effect::Mutate).then_some(Charge::Mutation);
        let all = [Charge::Call].into_iter().chain(mutation);
        for charge in all.chain(charges.iter().copied()) {
            self.budget
                .charge(charge)
                .map_err(|source| Refusal::Budget {
                    target: target(),
                    source,
                })?;
        }
        if call.effect == Effect::Mutate {
            self.ledger
                .intent(Intent {
                    call: call.call,
                    step: call.step.clone(),
                    kind: call.kind.to_owned(),
                    target: call.target.clone(),
                    undo: None,
                })
                .await?;
        }
        Ok(())
    }
}

impl Admitted {
    /// Reports the end of the call.
    pub(crate) fn done(self, error: Option<String>) {
        self.ledger.done(Done {
            call: self.call,
            step: self.step,
            kind: self.kind.to_owned(),
            target: self.target,
            effect: self.effect,
            seconds: self.begun.elapsed().as_secs_f64(),
            error,
        });
    }
}
