//! Native code kept from run to run.
//!
//! A file here is executed as it is, so each carries an authentication code (HMAC-SHA256) under a
//! key that only this user can read. It covers what the code was made from and for: the component's
//! digest, the engine's full version and settings. Whatever does not fit is made anew.

use super::engine::VERSION;
use super::native::Native;
use super::sealed::{self, KEY_BYTES, Opened};
use super::signature::Signature;
use rustix::fs::{Mode, OFlags};
use rustix::rand::{GetRandomFlags, getrandom};
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, Metadata};
use std::hash::{Hash, Hasher};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::NamedTempFile;
use wasmtime::Engine;

/// Changes when what is kept beside the code changes: how a file is laid out, how a core module is
/// made a component, what a signature holds.
const FORMAT: &str = "1";

/// How many components are kept; those that were not used for longest go first.
const KEPT: usize = 64;

/// A file that a killed process left half-written.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Why there is no cache. Nothing fails by that; it only takes longer.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoCache {
    #[error("{path} cannot be used")]
    Unusable { path: PathBuf, source: io::Error },
    #[error("{path} belongs to another user")]
    Foreign { path: PathBuf },
    #[error("{path} is open to other users; `chmod go= {}` closes it", path.display())]
    Open { path: PathBuf },
    #[error(
        "{path} is not what it should be: a folder, and in it a file `key` of {KEY_BYTES} bytes; remove it"
    )]
    Odd { path: PathBuf },
}

/// A folder of native code.
pub(super) struct Cache {
    folder: PathBuf,
    key: [u8; KEY_BYTES],
}

/// What is kept of a component.
pub(super) struct Kept {
    pub(super) signature: Signature,
    pub(super) code: Native,
}

/// What a component's native code is kept under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(String);

impl Name {
    /// For a file's digest and this engine.
    pub(super) fn of(digest: &str, engine: &Engine) -> Name {
        let mut hash = Sha256Hasher(Sha256::new());
        (FORMAT, VERSION, digest).hash(&mut hash);
        engine.precompile_compatibility_hash().hash(&mut hash);
        Name(hex(&hash.0.finalize()))
    }
}

impl Cache {
    /// Opens a folder, and makes it when it does not exist.
    ///
    /// # Errors
    /// It is not this user's alone.
    pub(super) fn open(folder: &Path) -> Result<Cache, NoCache> {
        let unusable = |source| NoCache::Unusable {
            path: folder.to_owned(),
            source,
        };
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(folder).map_err(unusable)?;
        let metadata = fs::symlink_metadata(folder).map_err(unusable)?;
        if !metadata.is_dir() {
            return Err(NoCache::Odd {
                path: folder.to_owned(),
            });
        }
        ours_alone(folder, &metadata)?;
        let key = key(&folder.join("key"))?;
        Ok(Cache {
            folder: folder.to_owned(),
            key,
        })
    }

    /// What is kept under a name. A file that was altered is removed, with a warning.
    pub(super) fn find(&self, name: &Name) -> Option<Kept> {
        let path = self.path(name);
        let bytes = match read(&path) {
            Ok(bytes) => bytes,
            Err(NoCache::Unusable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return None;
            }
            Err(error) => {
                tracing::warn!("native code is not taken from the cache but made anew: {error}");
                return None;
            }
        };
        let kept = self.authentic(name, bytes);
        if kept.is_none() {
            tracing::warn!(
                "{} was altered or damaged; it is not used, and made anew",
                path.display()
            );
            // It is replaced soon.
            let _ = fs::remove_file(&path);
        }
        kept
    }

    fn authentic(&self, name: &Name, bytes: Vec<u8>) -> Option<Kept> {
        let Opened { signature, code } = sealed::open(&self.key, &name.0, &bytes)?;
        let start = bytes.len() - code.len();
        Some(Kept {
            signature,
            code: Native::of_file(bytes, start),
        })
    }

    /// Keeps native code. When that fails, the next run compiles again.
    pub(super) fn keep(&self, name: &Name, signature: &Signature, code: &Native) {
        if let Err(error) = self.write(name, signature, code) {
            tracing::debug!(
                "cannot keep native code in {}: {error}",
                self.folder.display()
            );
        }
        if let Err(error) = self.prune() {
            tracing::debug!("cannot tidy {}: {error}", self.folder.display());
        }
    }

    /// Runs at the same time write the same, each to a file of its own that then takes the name.
    fn write(&self, name: &Name, signature: &Signature, code: &Native) -> io::Result<()> {
        let bytes = sealed::seal(&self.key, &name.0, signature, code.bytes())?;
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(&bytes)?;
        file.persist(self.path(name))?;
        Ok(())
    }

    /// Removes what was not used for longest, and what nobody will finish.
    fn prune(&self) -> io::Result<()> {
        let now = SystemTime::now();
        let mut kept = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let modified = entry.metadata()?.modified()?;
            let is_kept = Path::new(&name).extension().is_some_and(|e| e == EXTENSION);
            if is_kept {
                kept.push((modified, entry.path()));
            } else if name != "key"
                && now
                    .duration_since(modified)
                    .is_ok_and(|age| age > ABANDONED)
            {
                fs::remove_file(entry.path())?;
            }
        }
        kept.sort();
        let surplus = kept.len().saturating_sub(KEPT);
        for (_, path) in kept.into_iter().take(surplus) {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    fn path(&self, name: &Name) -> PathBuf {
        self.folder.join(&name.0).with_extension(EXTENSION)
    }
}

const EXTENSION: &str = "native";

/// This user's key, made when there is none. Of runs that make one at the same time, the first
/// one's counts.
fn key(path: &Path) -> Result<[u8; KEY_BYTES], NoCache> {
    let unusable = |source| NoCache::Unusable {
        path: path.to_owned(),
        source,
    };
    if !path.exists() {
        let folder = path.parent().unwrap_or(path);
        let mut key = [0; KEY_BYTES];
        let filled = getrandom(&mut key, GetRandomFlags::empty());
        if filled.map_err(|error| unusable(error.into()))? != KEY_BYTES {
            return Err(unusable(io::Error::other("no random numbers")));
        }
        let mut file = NamedTempFile::new_in(folder).map_err(unusable)?;
        file.write_all(&key).map_err(unusable)?;
        match file.persist_noclobber(path) {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(unusable(error.error)),
        }
    }
    let odd = |_| NoCache::Odd {
        path: path.to_owned(),
    };
    read(path)?.try_into().map_err(odd)
}

/// The bytes of a file that is this user's alone.
fn read(path: &Path) -> Result<Vec<u8>, NoCache> {
    let unusable = |source| NoCache::Unusable {
        path: path.to_owned(),
        source,
    };
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let opened = rustix::fs::open(path, flags, Mode::empty());
    let mut file = File::from(opened.map_err(|error| unusable(error.into()))?);
    let metadata = file.metadata().map_err(unusable)?;
    if !metadata.is_file() {
        return Err(NoCache::Odd {
            path: path.to_owned(),
        });
    }
    ours_alone(path, &metadata)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(unusable)?;
    // What is used stays. Failing only makes it look unused.
    let _ = file.set_modified(SystemTime::now());
    Ok(bytes)
}

fn ours_alone(path: &Path, metadata: &Metadata) -> Result<(), NoCache> {
    let path = path.to_owned();
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(NoCache::Foreign { path });
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(NoCache::Open { path });
    }
    Ok(())
}

/// Takes in what the engine says of its settings.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Nobody asks: the whole digest is used.
    fn finish(&self) -> u64 {
        0
    }
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
