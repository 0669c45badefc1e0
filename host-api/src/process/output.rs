//! What a process prints: kept up to a limit, the rest read and dropped, so that it never blocks.

use crate::limits::PROCESS_OUTPUT_BYTES;
use tokio::io::{AsyncRead, AsyncReadExt, copy, sink};

/// Room made before each read; a pipe's own buffer is 64 KiB, most outputs are a line.
const READ_BYTES: usize = 4096;

/// One output stream.
#[derive(Debug, Clone, Default)]
pub struct Captured {
    /// At most [`PROCESS_OUTPUT_BYTES`].
    pub bytes: Vec<u8>,
    /// Bytes that were dropped.
    pub dropped: u64,
}

impl Captured {
    fn cut(&mut self, limit: usize) {
        let excess = self.bytes.len().saturating_sub(limit);
        self.dropped = self.dropped.saturating_add(excess as u64);
        self.bytes.truncate(limit);
    }
}

/// A pipe and what came through it.
pub(super) struct Stream<R: AsyncRead + Unpin + Send + 'static> {
    /// `None` once it has ended.
    pipe: Option<R>,
    captured: Captured,
}

impl<R: AsyncRead + Unpin + Send + 'static> Stream<R> {
    pub(super) fn new(pipe: Option<R>) -> Stream<R> {
        Stream {
            pipe,
            captured: Captured::default(),
        }
    }

    /// Reads to the end. May be dropped and called again without loss.
    pub(super) async fn capture(&mut self) {
        while let Some(pipe) = &mut self.pipe {
            self.captured.bytes.reserve(READ_BYTES);
            match pipe.read_buf(&mut self.captured.bytes).await {
                Ok(0) | Err(_) => self.pipe = None,
                Ok(_) => self.captured.cut(PROCESS_OUTPUT_BYTES),
            }
        }
    }

    /// What was captured. If the pipe is still open, whoever writes there goes on being read, so
    /// that it neither blocks nor dies of a broken pipe while the runner lives.
    pub(super) fn finish(&mut self) -> Captured {
        if let Some(mut pipe) = self.pipe.take() {
            tokio::spawn(async move { copy(&mut pipe, &mut sink()).await });
        }
        std::mem::take(&mut self.captured)
    }
}
