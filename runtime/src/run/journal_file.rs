//! Where the journal goes.

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::Errno;
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The journal cannot be written where it should.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the journal to {path}: {source}; choose another place with --journal-path")]
pub(super) struct Unwritable {
    path: String,
    source: io::Error,
}

/// Where the journal will be written, found to be writable before anything is injected.
#[derive(Debug)]
pub(super) struct JournalFile {
    path: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// Written beside its place, then renamed over it: a reader never sees half a journal.
    Beside(NamedTempFile),
    /// A device or pipe, which nothing can be renamed over.
    Direct(File),
}

impl JournalFile {
    /// Opens the place.
    ///
    /// # Errors
    /// [`Unwritable`] when it, or its folder, cannot be written.
    pub(super) fn open(path: &Path) -> Result<JournalFile, Unwritable> {
        let target = target_of(path);
        let place = open_place(path, &target).map_err(|source| Unwritable {
            path: path.display().to_string(),
            source,
        })?;
        Ok(JournalFile {
            path: target,
            place,
        })
    }

    /// Whether it goes to a device or pipe, whose other end may keep it waiting.
    pub(super) fn may_wait(&self) -> bool {
        matches!(self.place, Place::Direct(_))
    }

    /// Writes the journal as the reference does: UTF-8, two spaces of indentation.
    ///
    /// # Errors
    /// [`Unwritable`]; what stood there before still stands then.
    pub(super) fn write(self, journal: &impl Serialize) -> Result<(), Unwritable> {
        let path = self.path.display().to_string();
        self.write_to_place(journal)
            .map_err(|source| Unwritable { path, source })
    }

    fn write_to_place(self, journal: &impl Serialize) -> io::Result<()> {
        match self.place {
            Place::Beside(mut file) => {
                serialise(file.as_file_mut(), journal)?;
                file.persist(&self.path).map_err(|error| error.error)?;
                Ok(())
            }
            Place::Direct(mut file) => serialise(&mut file, journal),
        }
    }
}

/// Where the path leads, by its links, the last of which may lead to nothing yet.
fn target_of(path: &Path) -> PathBuf {
    /// As many as the system follows.
    const LINKS: usize = 40;
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        if let Ok(real) = fs::canonicalize(&target) {
            return real;
        }
        let Ok(link) = fs::read_link(&target) else {
            break;
        };
        target = match target.parent() {
            Some(folder) => folder.join(link),
            None => link,
        };
    }
    target
}

fn open_place(path: &Path, target: &Path) -> io::Result<Place> {
    // What is open already, whatever file it is: a file renamed over it would go unseen.
    let is_open = ["/dev", "/proc"]
        .iter()
        .any(|folder| path.starts_with(folder));
    match fs::metadata(if is_open { path } else { target }) {
        Ok(found) if found.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        Ok(found) if found.file_type().is_fifo() => Ok(Place::Direct(open_pipe(path)?)),
        Ok(found) if is_open || !found.is_file() => {
            let file = OpenOptions::new().append(true).open(path)?;
            Ok(Place::Direct(file))
        }
        _ => {
            let folder = match target.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            let file = tempfile::Builder::new()
                .prefix(".journal-")
                .permissions(permissions())
                .tempfile_in(folder)?;
            Ok(Place::Beside(file))
        }
    }
}

/// Opens a pipe that somebody reads: waiting for a reader would be waiting for ever if none came.
fn open_pipe(path: &Path) -> io::Result<File> {
    let opened = OpenOptions::new()
        .write(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path);
    let file = opened.map_err(|error| match Errno::from_io_error(&error) {
        Some(Errno::NXIO) => io::Error::new(error.kind(), "nobody reads this pipe"),
        _ => error,
    })?;
    // From here on a slow reader is waited for.
    fcntl_setfl(&file, OFlags::empty())?;
    Ok(file)
}

fn serialise(file: &mut File, journal: &impl Serialize) -> io::Result<()> {
    let mut buffer = BufWriter::new(file);
    serde_json::to_writer_pretty(&mut buffer, journal)?;
    buffer.flush()
}

/// As any file the user makes would have; a temporary file's own are private.
fn permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o666)
}
