use super::record::Signal;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// The signals that end a run.
#[derive(Debug)]
pub(super) struct Signals {
    interrupt: Stream,
    terminate: Stream,
    hangup: Stream,
    graceful: Stream,
    ungraceful: Stream,
    /// Nobody waits for it. That it is caught makes a file that grows too large (`ulimit -f`) a
    /// failed write, where the system's default is to kill the process.
    _too_large: Stream,
}

impl Signals {
    /// From now on they are ours.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub(super) fn listen() -> std::io::Result<Signals> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            graceful: signal(SignalKind::user_defined1())?,
            ungraceful: signal(SignalKind::user_defined2())?,
            _too_large: signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?,
        })
    }

    /// The next one. A closed terminal counts as a polite kill.
    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.hangup.recv() => Signal::Terminate,
            _ = self.graceful.recv() => Signal::Graceful,
            _ = self.ungraceful.recv() => Signal::Ungraceful,
        }
    }
}
