//! A guest's standard output and standard error: kept up to a limit, then dropped.

use bytes::Bytes;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// What may be written before the stream is asked again.
const AT_ONCE: usize = 64 * 1024;

/// One of the two streams. Clones write to, and read from, the same.
///
/// A guest that writes too much is not ended by that: what it says is not what it is for.
#[derive(Debug, Clone)]
pub(super) struct Output {
    most: usize,
    written: Arc<Mutex<Written>>,
}

#[derive(Debug, Default)]
struct Written {
    kept: Vec<u8>,
    dropped: u64,
}

impl Output {
    /// Keeps the first `most` bytes.
    pub(super) fn new(most: u64) -> Output {
        Output {
            most: usize::try_from(most).unwrap_or(usize::MAX),
            written: Arc::default(),
        }
    }

    fn append(&self, bytes: &[u8]) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.most.saturating_sub(written.kept.len());
        let (kept, dropped) = bytes.split_at(room.min(bytes.len()));
        written.kept.extend_from_slice(kept);
        written.dropped += dropped.len() as u64;
    }

    /// What was kept, and how many bytes were dropped. Takes it away.
    pub(super) fn take(&self) -> (Vec<u8>, u64) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let Written { kept, dropped } = std::mem::take(&mut *written);
        (kept, dropped)
    }
}

/// The lines of a guest's text, fit for a log: without what moves a terminal's cursor or turns the
/// direction of reading.
pub(super) fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().map(printable);
    lines.filter(|line| !line.trim().is_empty()).collect()
}

/// A text without control characters. Tabs become spaces.
pub(super) fn printable(text: &str) -> String {
    let text = text.replace('\t', " ");
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|c| !c.is_control() && !turns(*c))
        .collect()
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.append(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(AT_ONCE)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Output {
    fn poll_write(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.append(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
