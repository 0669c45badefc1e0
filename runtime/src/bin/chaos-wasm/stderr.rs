//! Standard error, for the log. Whoever reads it may stop reading (a pager does); the run, its
//! deadlines and its rollbacks must not stop with them.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::os::fd::AsFd;
use std::sync::{Mutex, PoisonError};

/// What a pipe takes without waiting when it says that it takes anything (POSIX: `PIPE_BUF`).
const AT_ONCE: usize = 4096;

/// How much is kept for a reader that lags behind; further lines are lost to it.
const KEPT: usize = 4 * 1024 * 1024;

/// How long, in the end, a reader may take nothing before it is given up.
const PATIENCE: Timespec = Timespec {
    tv_sec: 5,
    tv_nsec: 0,
};

const NOT_AT_ALL: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

static WAITING: Mutex<Waiting> = Mutex::new(Waiting {
    bytes: VecDeque::new(),
    lost: 0,
});

/// What could not be written yet.
struct Waiting {
    bytes: VecDeque<u8>,
    lost: usize,
}

/// Writes a line, now if it can be, else with the next one.
pub(crate) fn write(line: &str) {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.drain(&NOT_AT_ALL);
    if waiting.bytes.len() + line.len() > KEPT && !waiting.bytes.is_empty() {
        waiting.lost += 1;
        return;
    }
    waiting.bytes.extend(line.as_bytes());
    waiting.drain(&NOT_AT_ALL);
}

/// Writes what is left, for as long as somebody reads it.
pub(crate) fn finish() {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.drain(&PATIENCE);
}

impl Waiting {
    fn drain(&mut self, patience: &Timespec) {
        let mut stderr = io::stderr().lock();
        loop {
            if self.bytes.is_empty() && self.lost > 0 {
                let said = format!("({} lines were lost: nobody read them)\n", self.lost);
                self.bytes.extend(said.as_bytes());
                self.lost = 0;
            }
            if self.bytes.is_empty() {
                return;
            }
            let mut polled = [PollFd::new(&stderr, PollFlags::OUT)];
            match poll(&mut polled, Some(patience)) {
                Ok(0) => return,
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => return self.bytes.clear(),
            }
            let next: Vec<u8> = self.bytes.iter().copied().take(AT_ONCE).collect();
            // Nobody is left to tell when standard error is closed.
            match rustix::io::write(stderr.as_fd(), &next) {
                Ok(written) => drop(self.bytes.drain(..written)),
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => return,
                Err(_) => self.bytes.clear(),
            }
            let _ = stderr.flush();
        }
    }
}
