//! Native code that somebody else has touched.

use super::{Outcome, SelftestError, guest, with_causes};
use crate::plugin::compile::Compiler;
use crate::plugin::load::Loader;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The guest whose code is kept.
const GUEST: &str = "trap";

type Change = fn(Vec<u8>) -> Vec<u8>;

const CHANGES: &[(&str, &str, Change)] = &[
    (
        "cache-altered",
        "native code of which a byte was changed",
        |mut bytes| {
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
            bytes
        },
    ),
    (
        "cache-truncated",
        "native code of which a half is missing",
        |mut bytes| {
            bytes.truncate(bytes.len() / 2);
            bytes
        },
    ),
    ("cache-empty", "an empty file of native code", |_| {
        Vec::new()
    }),
    (
        "cache-swapped",
        "native code whose authentication code is another's",
        |mut bytes| {
            // Behind the file's first line stands the authentication code.
            let start = bytes.iter().position(|byte| *byte == b'\n');
            let code = start.map_or(0, |start| start + 1);
            bytes.iter_mut().skip(code).take(32).for_each(|b| *b = 0);
            bytes
        },
    ),
];

pub(super) async fn perform(
    compiler: &Compiler,
    folder: &Path,
) -> Result<Vec<Outcome>, SelftestError> {
    let mut outcomes = Vec::new();
    for (name, tries, change) in CHANGES {
        let folder = folder.join(name);
        let changed = changed(compiler, &folder, *change).await?;
        outcomes.push(outcome(name, tries, "made anew", changed));
    }
    let shared = shared(compiler, &folder.join("shared")).await?;
    outcomes.push(outcome(
        "cache-shared",
        "native code in a folder that others can enter",
        "not used",
        shared,
    ));
    Ok(outcomes)
}

fn outcome(name: &str, tries: &str, expected: &str, happened: Result<String, String>) -> Outcome {
    let ok = happened.is_ok();
    Outcome {
        name: name.to_owned(),
        tries: tries.to_owned(),
        expected: expected.to_owned(),
        happened: happened.unwrap_or_else(|what| what),
        ok,
    }
}

/// Whether a changed file is replaced by one that is as it was.
async fn changed(
    compiler: &Compiler,
    folder: &Path,
    change: Change,
) -> Result<Result<String, String>, SelftestError> {
    load(compiler, folder).await?;
    let path = native(folder).map_err(SelftestError::Folder)?;
    let good = fs::read(&path).map_err(SelftestError::Folder)?;
    let bad = change(good.clone());
    fs::write(&path, &bad).map_err(SelftestError::Folder)?;
    load(compiler, folder).await?;
    let now = native(folder).and_then(fs::read);
    Ok(match now {
        Ok(now) if now == bad => Err("it is still there".to_owned()),
        Ok(_) => Ok("made anew".to_owned()),
        Err(error) => Err(format!("nothing is kept: {error}")),
    })
}

/// Whether nothing is taken from, or put into, a folder that is open to others.
async fn shared(
    compiler: &Compiler,
    folder: &Path,
) -> Result<Result<String, String>, SelftestError> {
    fs::create_dir(folder).map_err(SelftestError::Folder)?;
    let open = fs::Permissions::from_mode(0o777);
    fs::set_permissions(folder, open).map_err(SelftestError::Folder)?;
    load(compiler, folder).await?;
    let mut entries = fs::read_dir(folder).map_err(SelftestError::Folder)?;
    Ok(match entries.next() {
        None => Ok("not used".to_owned()),
        Some(_) => Err("something was put there".to_owned()),
    })
}

async fn load(compiler: &Compiler, folder: &Path) -> Result<(), SelftestError> {
    let loader = Loader::new(Some(folder), compiler.clone());
    let loaded = loader.load_bytes(GUEST, guest(GUEST)?).await;
    let wrong = |reason| SelftestError::Guest {
        name: GUEST.to_owned(),
        reason,
    };
    loaded.map(drop).map_err(|error| wrong(with_causes(&error)))
}

/// The only file of native code in a folder.
fn native(folder: &Path) -> io::Result<PathBuf> {
    let paths = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let paths = paths.collect::<io::Result<Vec<_>>>()?;
    let native = |path: &PathBuf| path.file_name().is_some_and(|name| name != "key");
    let found = paths.into_iter().find(native);
    found.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}
