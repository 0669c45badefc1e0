//! Processes: own group, whole group ended at the deadline, output capped.
//!
//! What is ended with a process: everything in its process group, and (on Linux) its living
//! descendants outside the group. What is not: a descendant that left the group *and* was
//! disowned before the end came (a classic daemon), and, when the runner itself is killed by
//! SIGKILL, anything at all: asking the kernel for that needs code between fork and exec.

mod descriptors;
mod family;
mod output;
mod program;
mod signal;

pub use output::Captured;
pub use program::{expand_home, find_program};
pub use signal::SignalError;

use crate::budget::Charge;
use crate::door::{Admitted, Call};
use crate::limits::{PROCESS_GRACE, PROCESS_LINGER};
use crate::{Door, Effect, Pass, Refusal};
use family::Family;
use output::Stream;
use rustix::process::{Pid, Signal};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::{timeout, timeout_at};

/// One process to run. The working directory is inherited, and so is the environment, with the
/// door's own variables added ([`Door::with_environment`]).
///
/// Standard input is empty: a process in a group of its own that read from the terminal would be
/// stopped by the kernel, and hang until its deadline.
#[derive(Debug, Clone)]
pub struct ProcessCommand {
    /// The executable.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// What the caller says that it does.
    pub effect: Effect,
}

impl ProcessCommand {
    fn target(&self) -> String {
        let words = self.arguments.iter().map(|word| word.to_string_lossy());
        [self.program.to_string_lossy()]
            .into_iter()
            .chain(words)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// How it ended.
#[derive(Debug, Clone)]
pub struct ProcessOutput {
    /// Exit code, or minus the signal's number.
    pub status: i32,
    /// Standard output.
    pub stdout: Captured,
    /// Standard error.
    pub stderr: Captured,
}

/// Why there is no status.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The door said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be started.
    #[error("cannot start {program}")]
    Start {
        /// The executable.
        program: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The system lost sight of it while it ran.
    #[error("cannot tell how {program} ended")]
    Lost {
        /// The executable.
        program: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The deadline passed; the whole process group was killed.
    #[error("{program} and its children were killed after {seconds} s")]
    TooSlow {
        /// The executable.
        program: PathBuf,
        /// Time that was allowed.
        seconds: f64,
    },
}

impl Door {
    /// Runs a process to its end. When it leaves others behind in the background that hold on to
    /// its output, these are waited for [`PROCESS_LINGER`] and then left alone, alive.
    ///
    /// At the deadline the whole group gets SIGTERM, and SIGKILL after [`PROCESS_GRACE`].
    /// Dropping the future kills it at once.
    ///
    /// # Errors
    /// See [`ProcessError`].
    pub async fn process(
        &self,
        pass: &Pass,
        command: ProcessCommand,
    ) -> Result<ProcessOutput, ProcessError> {
        let call = Call {
            kind: "process",
            target: command.target(),
            effect: command.effect,
        };
        if let Some(Err(denial)) = pass.permit().map(|own| own.process(&command.program)) {
            return Err(self.refuse(pass, call, Box::new(denial)).into());
        }
        let admitted = self.admit(pass, call, &[Charge::Process]).await?;
        let (mut running, mut streams) = match self.start(&command) {
            Ok((family, child, streams)) => (Running::new(family, child, admitted), streams),
            Err(source) => {
                admitted.done(Some(format!("cannot start: {source}")));
                let program = command.program;
                return Err(ProcessError::Start { program, source });
            }
        };
        let deadline = pass.deadline();
        let Ok(exit) = timeout_at(
            deadline.instant().into(),
            running.exit_while(streams.capture()),
        )
        .await
        else {
            running.end(&mut streams).await;
            let error = ProcessError::TooSlow {
                program: command.program,
                seconds: deadline.asked().as_secs_f64(),
            };
            running.done(Some(error.to_string()));
            return Err(error);
        };
        let status = match exit {
            Ok(status) => status,
            Err(source) => {
                running.done(Some(format!("lost: {source}")));
                let program = command.program;
                return Err(ProcessError::Lost { program, source });
            }
        };
        // Whoever still holds the pipes is in the background; it may have said something first.
        let _ = timeout(PROCESS_LINGER, streams.capture()).await;
        running.done(None);
        Ok(ProcessOutput {
            status: code_of(status),
            stdout: streams.stdout.finish(),
            stderr: streams.stderr.finish(),
        })
    }

    fn start(&self, command: &ProcessCommand) -> std::io::Result<(Family, Child, Streams)> {
        descriptors::make_room();
        let mut child = Command::new(&command.program)
            .args(&command.arguments)
            .envs(self.environment().iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let leader = child
            .id()
            .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let leader = leader.ok_or_else(|| std::io::Error::other("it has no process id"))?;
        let streams = Streams {
            stdout: Stream::new(child.stdout.take()),
            stderr: Stream::new(child.stderr.take()),
        };
        Ok((Family::of(leader), child, streams))
    }
}

fn code_of(status: ExitStatus) -> i32 {
    let signal = || status.signal().map(|signal| -signal);
    status.code().or_else(signal).unwrap_or(-1)
}

struct Streams {
    stdout: Stream<ChildStdout>,
    stderr: Stream<ChildStderr>,
}

impl Streams {
    /// Reads both to their ends. May be dropped and called again.
    async fn capture(&mut self) {
        tokio::join!(self.stdout.capture(), self.stderr.capture());
    }
}

/// A process that was started. Unless it was seen to end, dropping this kills it and its family.
struct Running {
    family: Family,
    child: Option<Child>,
    admitted: Option<Admitted>,
    _slot: descriptors::Slot,
}

impl Running {
    fn new(family: Family, child: Child, admitted: Admitted) -> Running {
        Running {
            family,
            child: Some(child),
            admitted: Some(admitted),
            _slot: descriptors::Slot::taken(),
        }
    }

    /// How it exits, meanwhile driving `capture`.
    async fn exit_while(
        &mut self,
        capture: impl Future<Output = ()>,
    ) -> std::io::Result<ExitStatus> {
        let Some(child) = &mut self.child else {
            return Err(std::io::Error::other("it has ended already"));
        };
        tokio::pin!(capture);
        let status = tokio::select! {
            status = child.wait() => status,
            () = &mut capture => child.wait().await,
        };
        self.child = None;
        status
    }

    /// Ends the whole family: SIGTERM, and when it is not gone after the grace, SIGKILL. Its
    /// leader is not reaped before that, so that its id cannot mean somebody else.
    async fn end(&mut self, streams: &mut Streams) {
        self.family.signal(Signal::TERM);
        let gone = async {
            streams.capture().await;
            self.family.leader_exited().await;
        };
        let _ = timeout(PROCESS_GRACE, gone).await;
        self.family.signal(Signal::KILL);
        if let Some(mut child) = self.child.take() {
            // A process in uninterruptible sleep does not even obey SIGKILL.
            if timeout(PROCESS_GRACE, child.wait()).await.is_err() {
                reap_later(child);
            }
        }
    }

    fn done(mut self, error: Option<String>) {
        if let Some(admitted) = self.admitted.take() {
            admitted.done(error);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            self.family.signal(Signal::KILL);
            reap_later(child);
        }
        if let Some(admitted) = self.admitted.take() {
            admitted.done(Some(
                "cancelled: the process and its children were killed".into(),
            ));
        }
    }
}

/// Waits for a killed process without holding anybody up.
fn reap_later(mut child: Child) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(async move { child.wait().await });
    }
}

#[cfg(test)]
mod tests;
