//! Files: the few operations that the standard-library activities need.

mod granted;
mod perform;

use crate::door::Call;
use crate::{Door, Effect, Pass, Refusal};
use granted::granted;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::timeout_at;

/// One operation. Relative paths start from the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileCall {
    /// Whether something of this kind is there, symbolic links followed.
    Is(Kind, PathBuf),
    /// Size in bytes.
    Size(PathBuf),
    /// The names in a folder, sorted.
    List(PathBuf),
    /// Deletes a file or a symbolic link.
    Remove(PathBuf),
    /// Gives a file or folder another name within its file system; what has that name is replaced.
    Rename(PathBuf, PathBuf),
    /// Moves a file or folder, into `to` when that is a folder, also to another file system.
    Move(PathBuf, PathBuf),
    /// Copies a file's content, with more or less of what belongs to it.
    Copy(Copy, PathBuf, PathBuf),
    /// Makes a folder.
    MakeFolder {
        /// Which.
        path: PathBuf,
        /// Its permission bits, the umask applied.
        mode: u32,
        /// Its parents too.
        parents: bool,
        /// A folder that is there already is no failure.
        existing: bool,
    },
    /// Deletes an empty folder.
    RemoveFolder(PathBuf),
    /// Deletes a folder and everything in it.
    RemoveTree(PathBuf),
}

/// What may be at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    Anything,
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, itself.
    Link,
}

/// How a file is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copy {
    /// Content only, to exactly the path given.
    Content,
    /// Content and permissions; into the target when that is a folder.
    Permissions,
    /// Times as well.
    Times,
}

/// What an operation gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileAnswer {
    /// Nothing but that it is done.
    Done,
    /// Yes or no.
    Truth(bool),
    /// Bytes.
    Size(u64),
    /// Names.
    Names(Vec<String>),
    /// Where something now is.
    Path(PathBuf),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The door said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The system said no.
    #[error("{path}")]
    System {
        /// The file in question.
        path: PathBuf,
        /// The other one, of an operation with two.
        other: Option<PathBuf>,
        /// The system's word.
        source: std::io::Error,
    },
    /// A rule of the operation's own forbids it.
    #[error("{0}")]
    Unfit(String),
    /// No answer came in time. A change may still happen.
    #[error("no answer about {target} within {seconds} s")]
    TooSlow {
        /// The operation.
        target: String,
        /// Time that was allowed.
        seconds: f64,
    },
}

impl FileCall {
    /// Whether it changes anything.
    pub fn effect(&self) -> Effect {
        match self {
            FileCall::Is(..) | FileCall::Size(_) | FileCall::List(_) => Effect::Read,
            _ => Effect::Mutate,
        }
    }

    fn target(&self) -> String {
        let (verb, path, to) = match self {
            FileCall::Is(_, path) => ("look at", path, None),
            FileCall::Size(path) => ("measure", path, None),
            FileCall::List(path) => ("list", path, None),
            FileCall::Remove(path) => ("remove", path, None),
            FileCall::Rename(path, to) => ("rename", path, Some(to)),
            FileCall::Move(path, to) => ("move", path, Some(to)),
            FileCall::Copy(_, path, to) => ("copy", path, Some(to)),
            FileCall::MakeFolder { path, .. } => ("make folder", path, None),
            FileCall::RemoveFolder(path) => ("remove folder", path, None),
            FileCall::RemoveTree(path) => ("remove tree", path, None),
        };
        let to = to.map_or_else(String::new, |to| format!(" to {}", to.display()));
        format!("{verb} {}{to}", path.display())
    }
}

impl Door {
    /// Performs one file operation. A disk that does not answer is not waited for beyond the
    /// deadline.
    ///
    /// # Errors
    /// See [`FileError`].
    pub async fn file(&self, pass: &Pass, call: FileCall) -> Result<FileAnswer, FileError> {
        let target = call.target();
        let recorded = Call {
            kind: "file",
            target: target.clone(),
            effect: call.effect(),
        };
        if let Some(permit) = pass.permit()
            && let Err(denial) = granted(permit, &call).await
        {
            return Err(self.refuse(pass, recorded, Box::new(denial)).into());
        }
        let admitted = self.admit(pass, recorded, &[]).await?;
        let deadline = pass.deadline();
        let performed = tokio::task::spawn_blocking(move || perform::perform(&call));
        let result = match timeout_at(deadline.instant().into(), performed).await {
            Ok(Ok(result)) => result,
            Ok(Err(broken)) => Err(FileError::Unfit(format!("{target}: {broken}"))),
            Err(_) => Err(FileError::TooSlow {
                target,
                seconds: deadline.asked().as_secs_f64(),
            }),
        };
        admitted.done(result.as_ref().err().map(|error| match error {
            FileError::System { source, .. } => source.to_string(),
            error => error.to_string(),
        }));
        result
    }

    /// Sleeps, no longer than the pass allows. Gives whether the whole time was slept.
    pub async fn sleep(&self, pass: &Pass, asked: Duration) -> bool {
        let allowed = pass.deadline().remaining();
        tokio::time::sleep(asked.min(allowed)).await;
        asked <= allowed
    }
}

#[cfg(test)]
mod tests;
