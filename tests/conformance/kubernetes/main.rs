//! Kubernetes activities against an API server that answers by a script.
//!
//! This checks what goes over the wire, and what is made of the answers: that an API server would
//! take the calls is for tests against a real one to show. `recorded.json` holds what the
//! reference did with the same answers; `record.py` makes it.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod authority;
mod cluster;
mod faults;
mod replay;
mod runs;
mod server;
mod written;

use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::ledger::{Done, Intent, Ledger, NotWritten};
use chaos_host_api::{Door, Effect, Pass};
use chaos_wasm::document::{Pointer, Problems};
use chaos_wasm::plugin::{Guests, Plugins};
use chaos_wasm::provider::kubernetes::Kubernetes;
use chaos_wasm::provider::{Call, Failure};
use chaos_wasm::substitution::Variables;
use serde_json::{Value, json};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How an activity ended.
#[derive(Debug)]
enum Outcome {
    Output(Value),
    Failure(Failure),
}

impl Outcome {
    fn output(self) -> Value {
        match self {
            Outcome::Output(output) => output,
            Outcome::Failure(failure) => panic!("failed: {failure}"),
        }
    }

    fn failure(self) -> Failure {
        match self {
            Outcome::Failure(failure) => failure,
            Outcome::Output(output) => panic!("succeeded: {output}"),
        }
    }
}

/// A ledger that remembers.
#[derive(Default)]
struct Memory {
    intents: Mutex<Vec<Intent>>,
    done: Mutex<Vec<Done>>,
}

impl Ledger for Memory {
    fn intent(
        &self,
        intent: Intent,
    ) -> Pin<Box<dyn Future<Output = Result<(), NotWritten>> + Send + '_>> {
        self.intents.lock().unwrap().push(intent);
        Box::pin(async { Ok(()) })
    }

    fn done(&self, done: Done) {
        self.done.lock().unwrap().push(done);
    }
}

/// A run of its own: a door, what passed it, and how long an activity may take.
struct Bench {
    door: Arc<Door>,
    memory: Arc<Memory>,
    time: Duration,
    environment: Vec<(&'static str, String)>,
}

impl Bench {
    fn new() -> Bench {
        Bench::with_ceilings(Ceilings::default())
    }

    fn with_ceilings(ceilings: Ceilings) -> Bench {
        let memory = Arc::new(Memory::default());
        Bench {
            door: Arc::new(Door::new(memory.clone(), ceilings)),
            memory,
            time: Duration::from_secs(60),
            environment: Vec::new(),
        }
    }

    /// Reads and performs an activity whose secrets are one group called `cluster`.
    async fn perform(&self, provider: &Value, secrets: Value, allowed: Effect) -> Outcome {
        let mut problems = Problems::new();
        let read = Kubernetes::parse(provider, "tested", &Pointer::root(), &mut problems);
        let read = read.unwrap_or_else(|| panic!("{provider}: {problems:?}"));
        let mut variables = Variables::default();
        variables.secrets.insert("cluster".into(), secrets);
        let call = Call {
            door: &self.door,
            pass: Pass::new("method/1", allowed, Deadline::after(self.time)),
            variables: &Arc::new(variables),
            plugins: &Plugins::default(),
            guests: &Guests::default(),
            has_tolerance: false,
        };
        let environment = |key: &str| {
            let found = self.environment.iter().find(|(name, _)| *name == key)?;
            Some(found.1.clone())
        };
        match read.call_in(&call, &environment).await {
            Ok(output) => Outcome::Output(output),
            Err(failure) => Outcome::Failure(failure),
        }
    }

    /// Performs a function of a cluster at `url`, everything allowed.
    async fn ask(&self, function: &str, arguments: Value, url: &str) -> Outcome {
        let provider = json!({
            "type": "kubernetes",
            "func": function,
            "arguments": arguments,
            "secrets": ["cluster"],
        });
        let secrets = json!({"KUBERNETES_HOST": url});
        self.perform(&provider, secrets, Effect::Mutate).await
    }
}

async fn perform(provider: &Value, secrets: Value) -> Outcome {
    Bench::new()
        .perform(provider, secrets, Effect::Mutate)
        .await
}

/// Runs futures at the same time on this thread.
async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    futures_util::future::join_all(futures).await
}
