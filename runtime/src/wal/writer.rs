use super::line::encode;
use super::{Lease, RunFolder};
use crate::run::record::Record;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The writing end of a log. A thread of its own writes, so that a slow disk never delays a probe.
#[derive(Debug)]
pub struct Wal {
    lines: Option<Sender<Line>>,
    thread: Option<JoinHandle<Result<(), String>>>,
    next: u64,
}

/// Resolves when the record is on disk.
#[derive(Debug)]
pub struct Durable(oneshot::Receiver<Result<(), String>>);

#[derive(Debug)]
struct Line {
    text: Result<String, String>,
    durable: Option<oneshot::Sender<Result<(), String>>>,
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
        let (lines, received) = channel();
        let thread = std::thread::Builder::new()
            .name("wal".to_owned())
            .spawn(move || write_lines(file, &path, anchors, &received))?;
        Ok(Wal {
            lines: Some(lines),
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
        self.lines = None;
        let joined = self.thread.take().map(JoinHandle::join);
        joined.unwrap_or(Ok(Ok(()))).unwrap_or(Ok(()))
    }

    fn send(&mut self, record: &Record, durable: Option<oneshot::Sender<Result<(), String>>>) {
        let text = encode(self.next, record).map_err(|error| error.to_string());
        self.next += 1;
        if let Some(lines) = &self.lines {
            // A closed channel drops `durable`, which its reader takes for a failure.
            let _ = lines.send(Line { text, durable });
        }
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

fn write_lines(
    mut file: File,
    path: &str,
    mut anchors: Vec<File>,
    lines: &Receiver<Line>,
) -> Result<(), String> {
    let unwritten = |error: io::Error| format!("{path}: {error}");
    let mut broken: Option<String> = None;
    for line in lines {
        if broken.is_none() {
            let written = line
                .text
                .and_then(|text| file.write_all(text.as_bytes()).map_err(unwritten));
            broken = written.err();
        }
        let Some(durable) = line.durable else {
            continue;
        };
        if broken.is_none() {
            let anchored = anchors.drain(..).try_for_each(|anchor| sync(&anchor));
            let synced = anchored.and_then(|()| file.sync_data());
            broken = synced.err().map(unwritten);
        }
        let _ = durable.send(broken.clone().map_or(Ok(()), Err));
    }
    broken.map_or(Ok(()), Err)
}

/// Some file systems have no way to sync a folder, and need none.
fn sync(file: &File) -> io::Result<()> {
    match file.sync_all() {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}
