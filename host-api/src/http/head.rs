//! The head of an answer as it was on the wire.
//!
//! hyper gives header names in lower case only, and experiments ask for them in the server's own
//! spelling (`$.headers.Server`), so the bytes are copied on their way in.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// hyper gives up on heads shorter than that.
const HEAD_BYTES: usize = 1024 * 1024;

/// A copy of the head, filled while it arrives.
#[derive(Debug, Clone, Default)]
pub(super) struct Head(Arc<Mutex<Copied>>);

#[derive(Debug, Default)]
struct Copied {
    bytes: Vec<u8>,
    /// Where to look on for the end, so that a dripping server costs no quadratic time.
    searched: usize,
    complete: bool,
}

impl Head {
    /// The names by their lower-case form, each as it was spelled first.
    pub(super) fn names(&self) -> HashMap<String, String> {
        let copied = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut names = HashMap::new();
        for line in copied.bytes.split(|&byte| byte == b'\n').skip(1) {
            if let Some(colon) = line.iter().position(|&byte| byte == b':') {
                let name = String::from_utf8_lossy(&line[..colon]).trim().to_owned();
                names.entry(name.to_ascii_lowercase()).or_insert(name);
            }
        }
        names
    }

    fn push(&self, bytes: &[u8]) {
        let mut copied = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if copied.complete || copied.bytes.len() > HEAD_BYTES {
            return;
        }
        copied.bytes.extend_from_slice(bytes);
        while let Some(end) = copied.end() {
            if copied.is_informational() {
                copied.bytes.drain(..end);
                copied.searched = 0;
            } else {
                copied.bytes.truncate(end);
                copied.complete = true;
                return;
            }
        }
    }
}

impl Copied {
    /// Behind the empty line.
    fn end(&mut self) -> Option<usize> {
        let from = self.searched.saturating_sub(3);
        let found = (from..self.bytes.len()).find_map(|at| {
            let rest = &self.bytes[at..];
            [&b"\r\n\r\n"[..], b"\n\n"]
                .into_iter()
                .find(|end| rest.starts_with(end))
                .map(|end| at + end.len())
        });
        self.searched = self.bytes.len();
        found
    }

    /// Another head follows a `100 Continue` and its like (but not a `101`).
    fn is_informational(&self) -> bool {
        let status = self.bytes.split(|&byte| byte == b' ').nth(1);
        status.is_some_and(|status| status.starts_with(b"1") && !status.starts_with(b"101"))
    }
}

/// A stream whose beginning is copied into a [`Head`].
pub(super) struct Recorded<S> {
    stream: S,
    head: Head,
}

impl<S> Recorded<S> {
    pub(super) fn new(stream: S, head: Head) -> Recorded<S> {
        Recorded { stream, head }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Recorded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Some(read) = buffer.filled().get(before..) {
            self.head.push(read);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Recorded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_final_head_is_kept_however_it_is_cut() {
        let wire = b"HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nx-ID: a\r\nX-Id: b\r\nETag: c\r\n\r\nNot-A-Header: d\r\n\r\n";
        for size in [1, 2, 3, 7, wire.len()] {
            let head = Head::default();
            wire.chunks(size).for_each(|chunk| head.push(chunk));
            let names = head.names();
            assert_eq!(names.get("x-id").map(String::as_str), Some("x-ID"));
            assert_eq!(names.get("etag").map(String::as_str), Some("ETag"));
            assert_eq!(names.len(), 2, "{names:?}");
        }
    }
}
