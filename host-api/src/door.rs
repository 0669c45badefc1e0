use crate::answers::Answers;
use crate::budget::{Budget, Ceilings, Charge, Exhausted};
use crate::ledger::{Done, Intent, Ledger, NotWritten};
use crate::permit::Denial;
use crate::{Effect, Pass};
use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Why the door did not let a call through. The call was not made.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The run's budget is spent.
    #[error(
        "denied: {target}: {source}, the lowest of the default, the policy's and the experiment's `budget`"
    )]
    Budget {
        /// The call.
        target: String,
        /// Which ceiling.
        source: Exhausted,
    },
    /// It was not granted.
    #[error(transparent)]
    Denied(#[from] Box<Denial>),
    /// A probe or a control tried to change something.
    #[error(
        "denied: {target}: probes and controls may only look, and this call can change something"
    )]
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
        matches!(
            self,
            Refusal::Budget { .. } | Refusal::Denied(_) | Refusal::ReadOnly { .. }
        )
    }
}

/// The one way to touch the world. See the crate's documentation.
pub struct Door {
    pub(crate) http: crate::http::Clients,
    pub(crate) kubernetes: crate::kubernetes::Clients,
    budget: Arc<Budget>,
    ledger: Arc<dyn Ledger>,
    calls: AtomicU64,
    environment: Vec<(OsString, OsString)>,
    answers: Option<Arc<dyn Answers>>,
}

/// A call as it is recorded.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// `http`, `process`, `kubernetes` or `file`.
    pub(crate) kind: &'static str,
    /// What is called, for people.
    pub(crate) target: String,
    /// Whether it may change something.
    pub(crate) effect: Effect,
}

/// A call that was let through. Must be ended with [`Admitted::done`].
pub(crate) struct Admitted {
    number: u64,
    step: String,
    guest: bool,
    call: Call,
    begun: Instant,
    ledger: Arc<dyn Ledger>,
    budget: Arc<Budget>,
}

impl Door {
    /// A door with nothing spent.
    pub fn new(ledger: Arc<dyn Ledger>, ceilings: Ceilings) -> Door {
        Door {
            http: Default::default(),
            kubernetes: Default::default(),
            budget: Arc::new(Budget::new(ceilings)),
            ledger,
            calls: AtomicU64::new(0),
            environment: Vec::new(),
            answers: None,
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

    /// The same door, with HTTP and Kubernetes calls answered in the network's place: nothing of
    /// them leaves. They are checked, charged and recorded as ever.
    #[must_use]
    pub fn with_answers(self, answers: Arc<dyn Answers>) -> Door {
        Door {
            answers: Some(answers),
            ..self
        }
    }

    /// Who answers in the network's place.
    pub(crate) fn answers(&self) -> Option<&Arc<dyn Answers>> {
        self.answers.as_ref()
    }

    /// Whether calls are answered in the network's place. Time that is waited for then passes at
    /// once.
    pub fn is_answered(&self) -> bool {
        self.answers.is_some()
    }

    /// Waits before a further try; not at all where answers come in the network's place.
    pub(crate) async fn pause(&self, time: Duration) {
        if self.answers.is_none() {
            tokio::time::sleep(time).await;
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
        call: Call,
        charges: &[Charge],
    ) -> Result<Admitted, Refusal> {
        let admitted = self.begun(pass, call);
        match self.check(pass, &admitted, charges).await {
            Ok(()) => Ok(admitted),
            Err(refusal) => {
                if refusal.is_denial() {
                    pass.note_denial();
                }
                admitted.done(Some(refusal.to_string()));
                Err(refusal)
            }
        }
    }

    /// Records that a call was refused before it was admitted.
    pub(crate) fn refuse(&self, pass: &Pass, call: Call, refusal: impl Into<Refusal>) -> Refusal {
        let refusal = refusal.into();
        if refusal.is_denial() {
            pass.note_denial();
        }
        self.begun(pass, call).done(Some(refusal.to_string()));
        refusal
    }

    fn begun(&self, pass: &Pass, call: Call) -> Admitted {
        Admitted {
            number: self.calls.fetch_add(1, Ordering::Relaxed) + 1,
            step: pass.step().to_owned(),
            guest: pass.guest().is_some(),
            call,
            begun: Instant::now(),
            ledger: Arc::clone(&self.ledger),
            budget: Arc::clone(&self.budget),
        }
    }

    async fn check(
        &self,
        pass: &Pass,
        admitted: &Admitted,
        charges: &[Charge],
    ) -> Result<(), Refusal> {
        let Call {
            kind,
            target,
            effect,
        } = &admitted.call;
        if *effect == Effect::Mutate && pass.allowed() == Effect::Read {
            let target = target.clone();
            return Err(Refusal::ReadOnly { target });
        }
        if pass.deadline().passed() {
            return Err(Refusal::TooLate);
        }
        let mut all = vec![Charge::Call];
        all.extend((*effect == Effect::Mutate).then_some(Charge::Mutation));
        all.extend_from_slice(charges);
        self.budget.charge(&all).map_err(|source| Refusal::Budget {
            target: target.clone(),
            source,
        })?;
        if *effect == Effect::Mutate {
            self.ledger
                .intent(Intent {
                    call: admitted.number,
                    step: admitted.step.clone(),
                    kind: (*kind).to_owned(),
                    target: target.clone(),
                    undo: None,
                })
                .await?;
        }
        Ok(())
    }
}

impl Admitted {
    /// Charges what arrives in answer to the call.
    pub(crate) fn meter(&self) -> Meter {
        Meter {
            budget: Arc::clone(&self.budget),
            target: self.call.target.clone(),
        }
    }

    /// Reports the end of the call.
    pub(crate) fn done(self, error: Option<String>) {
        self.ledger.done(Done {
            call: self.number,
            guest: self.guest,
            step: self.step,
            kind: self.call.kind.to_owned(),
            target: self.call.target,
            effect: self.call.effect,
            seconds: self.begun.elapsed().as_secs_f64(),
            error,
        });
    }
}

/// Charges bytes as they arrive.
#[derive(Debug, Clone)]
pub(crate) struct Meter {
    budget: Arc<Budget>,
    target: String,
}

impl Meter {
    /// # Errors
    /// The run may not receive that many more; the answer is to be dropped.
    pub(crate) fn received(&self, bytes: usize) -> Result<(), Refusal> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let charged = self.budget.charge(&[Charge::Bytes(bytes)]);
        charged.map_err(|source| Refusal::Budget {
            target: self.target.clone(),
            source,
        })
    }
}
