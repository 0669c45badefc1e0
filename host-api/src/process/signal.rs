//! Signals to processes that somebody else started.

use crate::door::Call;
use crate::{Door, Effect, Pass, Refusal};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::path::Path;

/// The program whose grant covers signals.
const KILL: &str = "/bin/kill";

/// Why a signal was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SignalError {
    /// The door said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It would have reached a whole group, everybody, the system's first process or this one.
    #[error("{0} is not the id of one process that may get a signal")]
    Aim(i64),
    /// There is no signal of this number.
    #[error("{0} is not a signal's number")]
    Number(i64),
    /// The system said no.
    #[error("process {pid}")]
    System {
        /// The process.
        pid: i64,
        /// The system's word.
        source: std::io::Error,
    },
}

impl Door {
    /// Sends a signal to one process; number 0 only asks whether it could get one. Ids that mean
    /// many processes are refused, and so are the system's first process and the runner itself.
    /// Under a permit, who may start `/bin/kill` may send signals.
    ///
    /// # Errors
    /// See [`SignalError`].
    pub async fn signal(&self, pass: &Pass, pid: i64, number: i64) -> Result<(), SignalError> {
        let own = i64::from(std::process::id());
        let aim = i32::try_from(pid).ok().filter(|id| *id > 1);
        let aim = aim.filter(|_| pid != own).and_then(Pid::from_raw);
        let aim = aim.ok_or(SignalError::Aim(pid))?;
        let named = i32::try_from(number).ok().and_then(Signal::from_named_raw);
        let effect = match (named, number) {
            (Some(_), _) => Effect::Mutate,
            (None, 0) => Effect::Read,
            (None, _) => return Err(SignalError::Number(number)),
        };
        let call = Call {
            kind: "process",
            target: format!("kill -{number} {pid}"),
            effect,
        };
        if let Some(Err(denial)) = pass.permit().map(|own| own.process(Path::new(KILL))) {
            return Err(self.refuse(pass, call, Box::new(denial)).into());
        }
        let admitted = self.admit(pass, call, &[]).await?;
        let sent = match named {
            Some(signal) => kill_process(aim, signal),
            None => test_kill_process(aim),
        };
        let sent = sent.map_err(std::io::Error::from);
        admitted.done(sent.as_ref().err().map(ToString::to_string));
        sent.map_err(|source| SignalError::System { pid, source })
    }
}
