//! Which files an operation touches, for the policy.

use super::FileCall;
use crate::grant::FileAccess;
use crate::permit::{Denial, Permit};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What of a path is a symbolic link that the operation follows.
#[derive(Clone, Copy)]
enum Follows {
    /// Also the last part.
    All,
    /// The folders alone: the operation is about the link itself.
    Folders,
}

/// Holds each file that `call` touches against the permit, with symbolic links resolved. One that
/// is exchanged between this and the operation is not noticed: a granted folder must be one in
/// which nobody else can put links.
pub(super) async fn granted(permit: &Arc<Permit>, call: &FileCall) -> Result<(), Denial> {
    let (permit, call) = (Arc::clone(permit), call.clone());
    let target = call.target();
    let checked = tokio::task::spawn_blocking(move || {
        let touched: Vec<(FileAccess, PathBuf)> = touched(&call)
            .into_iter()
            .map(|(access, path, follows)| (access, resolve(path, follows)))
            .collect();
        let touched: Vec<(FileAccess, &Path)> = touched
            .iter()
            .map(|(access, path)| (*access, path.as_path()))
            .collect();
        permit.file(&call.target(), &touched)
    });
    checked.await.unwrap_or_else(|broken| {
        Err(Denial {
            key: "file",
            call: target,
            layers: Vec::new(),
            line: None,
            reason: Some(format!("it could not be checked: {broken}")),
        })
    })
}

fn touched(call: &FileCall) -> Vec<(FileAccess, &Path, Follows)> {
    use FileAccess::{Read, Write};
    use Follows::{All, Folders};
    match call {
        FileCall::Is(_, path) | FileCall::Size(path) | FileCall::List(path) => {
            vec![(Read, path, All)]
        }
        FileCall::Remove(path) | FileCall::RemoveFolder(path) | FileCall::RemoveTree(path) => {
            vec![(Write, path, Folders)]
        }
        FileCall::MakeFolder { path, .. } => vec![(Write, path, Folders)],
        FileCall::Rename(from, to) => vec![(Write, from, Folders), (Write, to, Folders)],
        FileCall::Move(from, to) => vec![(Write, from, Folders), (Write, to, All)],
        FileCall::Copy(_, from, to) => vec![(Read, from, All), (Write, to, All)],
    }
}

/// The path without symbolic links, as far as it exists.
fn resolve(path: &Path, follows: Follows) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let resolved = match follows {
        Follows::All => whole.canonicalize(),
        Follows::Folders => Err(io::ErrorKind::NotFound.into()),
    };
    if let Ok(resolved) = resolved {
        return resolved;
    }
    // What does not exist is no link.
    match (whole.parent(), whole.file_name()) {
        (Some(parent), Some(name)) => resolve(parent, Follows::All).join(name),
        _ => whole,
    }
}
