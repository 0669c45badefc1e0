use std::sync::mpsc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc as async_mpsc;

/// A steady beat, kept by a thread of its own: finer than the runtime's millisecond timer, and on
/// time while the runtime is busy. A beat that nobody was ready for is dropped, not made up for.
#[derive(Debug)]
pub(super) struct Ticker {
    beats: async_mpsc::Receiver<()>,
    /// Dropping it ends the thread.
    _stop: mpsc::Sender<()>,
}

impl Ticker {
    /// Beats now and then every `period`.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(super) fn start(period: Duration) -> std::io::Result<Ticker> {
        let (beat, beats) = async_mpsc::channel(1);
        let (stop, stopped) = mpsc::channel::<()>();
        std::thread::Builder::new()
            .name("ticker".to_owned())
            .spawn(move || {
                let mut next = Instant::now();
                loop {
                    if let Err(async_mpsc::error::TrySendError::Closed(())) = beat.try_send(()) {
                        return;
                    }
                    next += period.max(Duration::from_micros(100));
                    let wait = next.saturating_duration_since(Instant::now());
                    if stopped.recv_timeout(wait) != Err(mpsc::RecvTimeoutError::Timeout) {
                        return;
                    }
                }
            })?;
        Ok(Ticker { beats, _stop: stop })
    }

    /// The next beat.
    pub(super) async fn beat(&mut self) {
        if self.beats.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}
