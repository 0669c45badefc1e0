use super::line::encode;
use super::{Lease, RunFolder};
use crate::run::record::Record;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long lines that nobody waits for are gathered after others were written. Writing each by
/// itself costs a thread switch and a system call, more than many a probe.
const GATHERING: Duration = Duration::from_millis(10);

/// The writing end of a log. A thread of its own writes, so that a slow disk never delays a probe.
#[derive(Debug)]
pub struct Wal {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<Result<(), String>>>,
    next: u64,
}

/// Resolves when the record is on disk.
#[derive(Debug)]
pub struct Durable(oneshot::Receiver<Written>);

type Written = Result<(), String>;

/// Lines on their way to the thread.
#[derive(Debug, Default)]
struct Queue {
    pending: Mutex<Pending>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Pending {
    lines: String,
    /// Who waits for everything up to here to be on disk.
    waiting: Vec<oneshot::Sender<Written>>,
    /// Why a record could not be made a line.
    unwritable: Option<String>,
    closed: bool,
}

impl Wal {
    /// Begins a new log. What leads to it, `lease` included, is on disk no later than its first
    /// durable record.
    ///
    /// # Errors
    /// When the file exists or cannot be made.
    pub fn create(folder: &RunFolder, lease: &Lease) -> io::Result<Wal> {
        let file = OpenOptions::new()
            .create_new(true)
            .append(true)
            .mode(0o600)
            .open(folder.log())?;
        let mut anchors = lease.anchors()?;
        for folder in folder.log().ancestors().skip(1).take(2) {
            anchors.push(File::open(folder)?);
        }
        let path = folder.log().display().to_string();
        let queue = Arc::new(Queue::default());
        let read = Arc::clone(&queue);
        let thread = std::thread::Builder::new()
            .name("wal".to_owned())
            .spawn(move || write_lines(file, &path, anchors, &read))?;
        Ok(Wal {
            queue,
            thread: Some(thread),
            next: 0,
        })
    }

    /// Writes a record, and waits for nothing. What cannot be written makes the next
    /// [`Wal::append_durably`] fail.
    pub fn append(&mut self, record: &Record) {
        self.send(record, None);
    }

    /// Writes a record; the answer says when it, and everything before it, is on disk.
    pub fn append_durably(&mut self, record: &Record) -> Durable {
        let (sender, receiver) = oneshot::channel();
        self.send(record, Some(sender));
        Durable(receiver)
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// Why not everything could be written.
    pub fn close(mut self) -> Result<(), String> {
        self.join()
    }

    fn join(&mut self) -> Result<(), String> {
        self.queue.lock().closed = true;
        self.queue.changed.notify_one();
        let joined = self.thread.take().map(JoinHandle::join);
        joined.unwrap_or(Ok(Ok(()))).unwrap_or(Ok(()))
    }

    fn send(&mut self, record: &Record, waiting: Option<oneshot::Sender<Written>>) {
        let line = encode(self.next, record);
        self.next += 1;
        let mut pending = self.queue.lock();
        let was_idle = pending.is_empty();
        match line {
            Ok(line) => pending.lines.push_str(&line),
            Err(error) => pending.unwritable = Some(error.to_string()),
        }
        let urgent = waiting.is_some();
        pending.waiting.extend(waiting);
        drop(pending);
        if was_idle || urgent {
            self.queue.changed.notify_one();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has come since the last time, as soon as there is something.
    fn take(&self) -> Pending {
        let idle = |pending: &mut Pending| pending.is_empty() && !pending.closed;
        let pending = self.changed.wait_while(self.lock(), idle);
        let mut pending = pending.unwrap_or_else(PoisonError::into_inner);
        let closed = pending.closed;
        let taken = std::mem::take(&mut *pending);
        pending.closed = closed;
        taken
    }

    /// Lets lines gather, until one comes that is waited for.
    fn gather(&self) {
        let patient = |pending: &mut Pending| pending.waiting.is_empty() && !pending.closed;
        let gathered = self
            .changed
            .wait_timeout_while(self.lock(), GATHERING, patient);
        drop(gathered);
    }
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.waiting.is_empty() && self.unwritable.is_none()
    }
}

impl Drop for Wal {
    fn drop(&mut self) {
        let _ = self.join();
    }
}

impl Durable {
    /// Waits.
    ///
    /// # Errors
    /// Why it could not be written.
    pub async fn wait(self) -> Result<(), String> {
        let gone = || "the write-ahead log is closed".to_owned();
        self.0.await.unwrap_or_else(|_| Err(gone()))
    }
}

fn write_lines(mut file: File, path: &str, mut anchors: Vec<File>, queue: &Queue) -> Written {
    let mut written: Written = Ok(());
    loop {
        let taken = queue.take();
        let text = |error: io::Error| format!("{path}: {error}");
        written = written.and_then(|()| file.write_all(taken.lines.as_bytes()).map_err(text));
        written = written.and(taken.unwritable.map_or(Ok(()), Err));
        if written.is_ok() && !taken.waiting.is_empty() {
            let anchored = anchors.drain(..).try_for_each(|anchor| sync(&anchor));
            written = anchored.and_then(|()| file.sync_data()).map_err(text);
        }
        for waiting in taken.waiting {
            let _ = waiting.send(written.clone()); // nobody waits any more
        }
        if taken.closed {
            return written;
        }
        queue.gather();
    }
}

/// Some file systems have no way to sync a folder, and need none.
fn sync(file: &File) -> io::Result<()> {
    match file.sync_all() {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}
