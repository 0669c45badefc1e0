//! The operations themselves, as Python's `os` and `shutil` do them.

use super::{Copy, FileAnswer, FileCall, FileError, Kind};
use std::fs::{self, DirBuilder, File, FileTimes};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

pub(super) fn perform(call: &FileCall) -> Result<FileAnswer, FileError> {
    match call {
        FileCall::Is(kind, path) => Ok(FileAnswer::Truth(is(*kind, path))),
        FileCall::Size(path) => {
            let size = of(path, fs::metadata(path))?.len();
            Ok(FileAnswer::Size(size))
        }
        FileCall::List(path) => Ok(FileAnswer::Names(of(path, names(path))?)),
        FileCall::Remove(path) => done(of(path, fs::remove_file(path))),
        FileCall::Rename(from, to) => done(between(from, to, fs::rename(from, to))),
        FileCall::Move(from, to) => transfer(from, to).map(FileAnswer::Path),
        FileCall::Copy(how, from, to) => copy(*how, from, to).map(FileAnswer::Path),
        FileCall::MakeFolder {
            path,
            mode,
            parents,
            existing,
        } => done(make_folder(path, *mode, *parents, *existing)),
        FileCall::RemoveFolder(path) => done(of(path, fs::remove_dir(path))),
        FileCall::RemoveTree(path) => done(remove_tree(path)),
    }
}

fn done(result: Result<(), FileError>) -> Result<FileAnswer, FileError> {
    result.map(|()| FileAnswer::Done)
}

fn of<T>(path: &Path, result: io::Result<T>) -> Result<T, FileError> {
    result.map_err(|source| FileError::System {
        path: path.to_owned(),
        other: None,
        source,
    })
}

fn between<T>(path: &Path, other: &Path, result: io::Result<T>) -> Result<T, FileError> {
    result.map_err(|source| FileError::System {
        path: path.to_owned(),
        other: Some(other.to_owned()),
        source,
    })
}

fn is(kind: Kind, path: &Path) -> bool {
    match kind {
        Kind::Anything => fs::metadata(path).is_ok(),
        Kind::File => path.is_file(),
        Kind::Folder => path.is_dir(),
        Kind::Link => path.is_symlink(),
    }
}

fn names(path: &Path) -> io::Result<Vec<String>> {
    let mut names = fs::read_dir(path)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// `to`, or what is called as `from` within it when it is a folder.
fn into_folder(from: &Path, to: &Path) -> PathBuf {
    match from.file_name() {
        Some(name) if to.is_dir() => to.join(name),
        _ => to.to_owned(),
    }
}

fn transfer(from: &Path, to: &Path) -> Result<PathBuf, FileError> {
    let target = into_folder(from, to);
    if target != to && target.symlink_metadata().is_ok() {
        return Err(FileError::Unfit(format!(
            "Destination path '{}' already exists",
            target.display()
        )));
    }
    match fs::rename(from, &target) {
        Ok(()) => Ok(target),
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            copy_tree(from, &target)?;
            if from.is_dir() && !from.is_symlink() {
                of(from, fs::remove_dir_all(from))?;
            } else {
                of(from, fs::remove_file(from))?;
            }
            Ok(target)
        }
        Err(source) if from.symlink_metadata().is_err() => of(from, Err(source)),
        Err(source) => Err(FileError::System {
            path: from.to_owned(),
            other: Some(target),
            source,
        }),
    }
}

fn copy_tree(from: &Path, to: &Path) -> Result<(), FileError> {
    let metadata = of(from, from.symlink_metadata())?;
    if metadata.is_symlink() {
        let aim = of(from, fs::read_link(from))?;
        return of(to, std::os::unix::fs::symlink(aim, to));
    }
    if !metadata.is_dir() {
        return copy(Copy::Times, from, to).map(drop);
    }
    of(to, fs::create_dir(to))?;
    for entry in of(from, fs::read_dir(from))? {
        let entry = of(from, entry)?;
        copy_tree(&entry.path(), &to.join(entry.file_name()))?;
    }
    of(to, fs::set_permissions(to, metadata.permissions()))
}

fn copy(how: Copy, from: &Path, to: &Path) -> Result<PathBuf, FileError> {
    let target = match how {
        Copy::Content => to.to_owned(),
        Copy::Permissions | Copy::Times => into_folder(from, to),
    };
    let metadata = of(from, fs::metadata(from))?;
    if metadata.is_dir() {
        return of(from, Err(rustix::io::Errno::ISDIR.into()));
    }
    if !metadata.is_file() {
        // A pipe would be waited for without end.
        let message = format!("`{}` is not a regular file", from.display());
        return Err(FileError::Unfit(message));
    }
    if same(from, &target) {
        return Err(FileError::Unfit(format!(
            "'{}' and '{}' are the same file",
            from.display(),
            target.display()
        )));
    }
    let mut reader = of(from, File::open(from))?;
    let mut writer = of(&target, File::create(&target))?;
    between(from, &target, io::copy(&mut reader, &mut writer))?;
    if how != Copy::Content {
        of(&target, writer.set_permissions(metadata.permissions()))?;
    }
    if how == Copy::Times {
        let read = metadata.accessed();
        let changed = metadata.modified();
        if let (Ok(read), Ok(changed)) = (read, changed) {
            let times = FileTimes::new().set_accessed(read).set_modified(changed);
            of(&target, writer.set_times(times))?;
        }
    }
    Ok(target)
}

/// Whether both paths lead to one file: opening the second for writing would empty the first.
fn same(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => a.dev() == b.dev() && a.ino() == b.ino(),
        _ => false,
    }
}

fn make_folder(path: &Path, mode: u32, parents: bool, existing: bool) -> Result<(), FileError> {
    if parents
        && let Some(parent) = path.parent()
        && parent != Path::new("")
        && !parent.exists()
    {
        let result = DirBuilder::new().recursive(true).create(parent);
        of(parent, result)?;
    }
    match DirBuilder::new().mode(mode).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && existing && path.is_dir() => {
            Ok(())
        }
        result => of(path, result),
    }
}

fn remove_tree(path: &Path) -> Result<(), FileError> {
    if path.is_symlink() {
        return Err(FileError::Unfit(
            "Cannot call rmtree on a symbolic link".to_owned(),
        ));
    }
    if of(path, fs::metadata(path))?.is_dir() {
        of(path, fs::remove_dir_all(path))
    } else {
        of(path, Err(rustix::io::Errno::NOTDIR.into()))
    }
}
