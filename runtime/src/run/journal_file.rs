//! Where the journal goes.

use serde_json::Value;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
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
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let place = Self::open_place(&target).map_err(|source| Unwritable {
            path: path.display().to_string(),
            source,
        })?;
        Ok(JournalFile {
            path: target,
            place,
        })
    }

    fn open_place(target: &Path) -> io::Result<Place> {
        match fs::metadata(target) {
            Ok(metadata) if metadata.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(metadata) if !metadata.is_file() => {
                Ok(Place::Direct(OpenOptions::new().write(true).open(target)?))
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

    /// Writes the journal as the reference does: UTF-8, two spaces of indentation.
    ///
    /// # Errors
    /// [`Unwritable`]; what stood there before still stands then.
    pub(super) fn write(self, journal: &Value) -> Result<(), Unwritable> {
        let path = self.path.display().to_string();
        self.write_to_place(journal)
            .map_err(|source| Unwritable { path, source })
    }

    fn write_to_place(self, journal: &Value) -> io::Result<()> {
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

fn serialise(file: &mut File, journal: &Value) -> io::Result<()> {
    let mut buffer = BufWriter::new(file);
    serde_json::to_writer_pretty(&mut buffer, journal)?;
    buffer.flush()
}

/// As any file the user makes would have; a temporary file's own are private.
fn permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o666)
}
