//! Where the journal goes.

use rustix::fs::{AtFlags, CWD, Mode, OFlags, fcntl_setfl, linkat};
use rustix::io::Errno;
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

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
    /// Written in its folder without a name, which a runner that is killed leaves nothing of;
    /// then named beside its place and renamed over it: a reader never sees half a journal.
    Unnamed(File),
    /// The same with a name from the start, where the file system knows no other files.
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
            Place::Unnamed(mut file) => {
                serialise(&mut file, journal)?;
                let named = beside().make_in(folder_of(&self.path), |name| link(&file, name))?;
                named.persist(&self.path).map_err(|error| error.error)?;
                Ok(())
            }
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
            let folder = folder_of(target);
            match unnamed_in(folder) {
                Some(file) => Ok(Place::Unnamed(file)),
                None => Ok(Place::Beside(beside().tempfile_in(folder)?)),
            }
        }
    }
}

fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// How the file is named that will take the journal's place.
fn beside() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".journal-").permissions(permissions());
    builder
}

/// A file without a name, if the file system has such and it can be [named](link) later.
fn unnamed_in(folder: &Path) -> Option<File> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(folder, flags, Mode::from_raw_mode(MODE)).ok()?);
    fs::symlink_metadata(handle_of(&file)).ok()?;
    Some(file)
}

/// Where the system shows an open file, name or not.
fn handle_of(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// Gives a file without a name one that nothing has yet.
fn link(file: &File, name: &Path) -> io::Result<()> {
    linkat(CWD, handle_of(file), CWD, name, AtFlags::SYMLINK_FOLLOW)?;
    Ok(())
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
const MODE: u32 = 0o666;

fn permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(MODE)
}
