//! What one call may see of another.

use super::case::{Case, End, SECRET};
use super::{Loaded, Outcome, Peers, SelftestError, call, cases, words};
use crate::plugin::call::Called;
use crate::plugin::load::Plugin;
use serde_json::{Value, json};
use std::time::Duration;

pub(super) async fn perform(loaded: &Loaded) -> Result<Vec<Outcome>, SelftestError> {
    Ok(vec![
        placeholder_of_another(loaded).await?,
        fresh_instance(loaded).await?,
        neighbour(loaded).await?,
    ])
}

/// One call of a special case.
struct Calling<'l> {
    /// The case's name.
    name: &'static str,
    loaded: &'l Loaded,
    peers: Peers,
}

impl Calling<'_> {
    async fn new<'l>(name: &'static str, loaded: &'l Loaded) -> Result<Calling<'l>, SelftestError> {
        let peers = Peers::start().await.map_err(SelftestError::Server)?;
        Ok(Calling {
            name,
            loaded,
            peers,
        })
    }

    fn wrong(&self, reason: String) -> SelftestError {
        SelftestError::Case {
            name: self.name.to_owned(),
            reason,
        }
    }

    fn guest(&self, name: &str) -> Result<&Plugin, SelftestError> {
        match self.loaded.get(name) {
            Some(Ok(plugin)) => Ok(plugin),
            _ => Err(self.wrong(format!("the guest '{name}' cannot be loaded"))),
        }
    }

    async fn call(&self, case: &Case) -> Result<Called, SelftestError> {
        let called = call(self.guest(case.guest)?, case, &self.peers).await;
        called.map_err(|reason| self.wrong(reason))
    }

    fn outcome(&self, tries: &str, expected: &str, happened: String, ok: bool) -> Outcome {
        Outcome {
            name: self.name.to_owned(),
            tries: tries.to_owned(),
            expected: expected.to_owned(),
            happened,
            ok,
        }
    }
}

/// A placeholder is of one call only: another call sends one, and the secret does not go with it.
async fn placeholder_of_another(loaded: &Loaded) -> Result<Outcome, SelftestError> {
    let calling = Calling::new("secret-of-another-call", loaded).await?;
    let given = calling.call(&cases::placeholder()).await?.result;
    let Ok(Value::String(placeholder)) = given else {
        return Err(calling.wrong(format!("there is no placeholder: {given:?}")));
    };
    let called = calling.call(&cases::with_body(&placeholder)).await?;
    let asked = calling.peers.open.asked();
    let kept = asked.iter().all(|asked| !asked.body.contains(SECRET));
    let happened = match kept {
        true => format!("the secret stayed; {}", words(&called, &[])),
        false => "the secret was sent".to_owned(),
    };
    let tries = "sends the placeholder that an earlier call was given";
    let ok = kept && !asked.is_empty();
    Ok(calling.outcome(tries, "the secret stays", happened, ok))
}

/// The guest that counts its calls.
pub(super) const GUEST: &str = "counts";

fn counting() -> Case {
    Case::new(GUEST, "", GUEST, "go", End::Gives(json!(1)))
}

/// What an earlier call left in its memory is gone.
async fn fresh_instance(loaded: &Loaded) -> Result<Outcome, SelftestError> {
    let calling = Calling::new("fresh-instance", loaded).await?;
    let case = counting();
    let (first, second) = (calling.call(&case).await?, calling.call(&case).await?);
    let ok = [&first, &second]
        .iter()
        .all(|called| case.expected.fits(&called.result, &[]));
    let happened = format!("{}, then {}", words(&first, &[]), words(&second, &[]));
    let tries = "counts its calls, and is called twice";
    Ok(calling.outcome(tries, "gives 1, then 1", happened, ok))
}

/// A guest that meets a limit ends alone, whoever runs on the same engine at the same time.
async fn neighbour(loaded: &Loaded) -> Result<Outcome, SelftestError> {
    let calling = Calling::new("neighbour", loaded).await?;
    let (good, bad) = (counting(), spinning());
    let beside = async {
        let mut well = true;
        for _ in 0..10 {
            well &= good.expected.fits(&calling.call(&good).await?.result, &[]);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok::<bool, SelftestError>(well)
    };
    let (spun, well) = tokio::join!(calling.call(&bad), beside);
    let (spun, well) = (spun?, well?);
    let ok = well && bad.expected.fits(&spun.result, &[]);
    let other = if well { "well" } else { "too" };
    let happened = format!("{}; the other ended {other}", words(&spun, &[]));
    let tries = "computes without end beside another guest";
    Ok(calling.outcome(tries, "it ends alone", happened, ok))
}

fn spinning() -> Case {
    Case::new("spins", "", "spin", "go", End::Limit("cpu-seconds"))
        .limited(|limits| limits.cpu = Duration::from_millis(100))
}
