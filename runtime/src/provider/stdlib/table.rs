//! The functions: how they are called, what they say of themselves, what they come to.

use super::Work;
use super::arguments::Arguments;
use super::exception::Exception;
use crate::experiment::Kind::{self, Action, Probe};
use crate::provider::signature::{Argument, Function};
use chaos_host_api::file::{Copy, FileCall, Kind as At};
use serde_json::Value;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// A function and how to serve it.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) function: Function,
    pub(super) work: fn(&Arguments) -> Result<Work, Exception>,
}

const PATH: Argument = Argument::required("path", "string");
const SRC: Argument = Argument::required("src", "string");
const DST: Argument = Argument::required("dst", "string");
const MODE: Argument = Argument::optional("mode", "integer", "511");

const fn served(
    kind: Kind,
    module: &'static str,
    name: &'static str,
    arguments: &'static [Argument],
    doc: &'static str,
    work: fn(&Arguments) -> Result<Work, Exception>,
) -> Served {
    Served {
        function: Function {
            module,
            name,
            kind,
            doc,
            arguments,
        },
        work,
    }
}

fn look(at: At, path: PathBuf) -> Result<Work, Exception> {
    Ok(Work::File(FileCall::Is(at, path)))
}

fn pair(arguments: &Arguments, call: fn(PathBuf, PathBuf) -> FileCall) -> Result<Work, Exception> {
    Ok(Work::File(call(
        arguments.path("src")?,
        arguments.path("dst")?,
    )))
}

/// In the order of their modules; Python 3.11's signatures, without what only Python can pass.
#[rustfmt::skip]
pub(super) static SERVED: &[Served] = &[
    served(Probe, "os.path", "exists", &[PATH],
        "Whether there is something at a path; a broken symbolic link is nothing.",
        |a| look(At::Anything, a.path("path")?)),
    served(Probe, "os.path", "isfile", &[PATH],
        "Whether there is a regular file at a path.",
        |a| look(At::File, a.path("path")?)),
    served(Probe, "os.path", "isdir", &[Argument::required("s", "string")],
        "Whether there is a folder at a path.",
        |a| look(At::Folder, a.path("s")?)),
    served(Probe, "os.path", "islink", &[PATH],
        "Whether there is a symbolic link at a path.",
        |a| look(At::Link, a.path("path")?)),
    served(Probe, "os.path", "getsize", &[Argument::required("filename", "string")],
        "A file's size in bytes.",
        |a| Ok(Work::File(FileCall::Size(a.path("filename")?)))),

    served(Probe, "os", "listdir", &[Argument::optional("path", "string", "\".\"")],
        "The names in a folder, sorted.",
        |a| Ok(Work::File(FileCall::List(a.path("path")?)))),
    served(Probe, "os", "getcwd", &[],
        "The working directory.",
        |_| working_directory()),
    served(Probe, "os", "getenv",
        &[Argument::required("key", "string"), Argument::optional("default", "object", "null")],
        "An environment variable, or the default.",
        |a| Ok(Work::Variable(a.text("key")?.to_owned(), a.value("default").clone()))),
    served(Action, "os", "remove", &[PATH],
        "Deletes a file.",
        |a| Ok(Work::File(FileCall::Remove(a.path("path")?)))),
    served(Action, "os", "unlink", &[PATH],
        "Deletes a file.",
        |a| Ok(Work::File(FileCall::Remove(a.path("path")?)))),
    served(Action, "os", "rename", &[SRC, DST],
        "Renames a file or folder; a file that has the new name is replaced.",
        |a| pair(a, FileCall::Rename)),
    served(Action, "os", "replace", &[SRC, DST],
        "Renames a file or folder; a file that has the new name is replaced.",
        |a| pair(a, FileCall::Rename)),
    served(Action, "os", "mkdir", &[PATH, MODE],
        "Makes a folder.",
        |a| Ok(Work::File(FileCall::MakeFolder {
            path: a.path("path")?, mode: a.mode("mode")?, parents: false, existing: false,
        }))),
    served(Action, "os", "makedirs",
        &[Argument::required("name", "string"), MODE,
          Argument::optional("exist_ok", "boolean", "false")],
        "Makes a folder and the folders above it.",
        |a| Ok(Work::File(FileCall::MakeFolder {
            path: a.path("name")?, mode: a.mode("mode")?, parents: true,
            existing: a.truth("exist_ok"),
        }))),
    served(Action, "os", "rmdir", &[PATH],
        "Deletes an empty folder.",
        |a| Ok(Work::File(FileCall::RemoveFolder(a.path("path")?)))),
    served(Action, "os", "kill",
        &[Argument::required("pid", "integer"), Argument::required("signal", "integer")],
        "Sends a signal, by its number, to one process.",
        |a| Ok(Work::Signal { pid: a.integer("pid")?, number: a.integer("signal")? })),

    served(Action, "shutil", "move", &[SRC, DST],
        "Moves a file or folder, into the target when that is a folder. Gives its new path.",
        |a| pair(a, FileCall::Move)),
    served(Action, "shutil", "copy", &[SRC, DST],
        "Copies a file and its permissions, into the target when that is a folder. \
         Gives the copy's path.",
        |a| pair(a, |src, dst| FileCall::Copy(Copy::Permissions, src, dst))),
    served(Action, "shutil", "copy2", &[SRC, DST],
        "As copy, with the file's times.",
        |a| pair(a, |src, dst| FileCall::Copy(Copy::Times, src, dst))),
    served(Action, "shutil", "copyfile", &[SRC, DST],
        "Copies a file's content to exactly the path given. Gives that path.",
        |a| pair(a, |src, dst| FileCall::Copy(Copy::Content, src, dst))),
    served(Action, "shutil", "rmtree",
        &[PATH, Argument::optional("ignore_errors", "boolean", "false")],
        "Deletes a folder and everything in it.",
        |a| {
            let call = FileCall::RemoveTree(a.path("path")?);
            let careless = a.truth("ignore_errors");
            Ok(if careless { Work::Attempt(call) } else { Work::File(call) })
        }),

    served(Action, "time", "sleep", &[Argument::required("secs", "number")],
        "Does nothing for some seconds.",
        |a| Ok(Work::Sleep(a.seconds("secs")?))),
    served(Probe, "time", "time", &[],
        "Seconds since 1970 began.",
        |_| Ok(Work::Give(now().into()))),
];

fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

fn working_directory() -> Result<Work, Exception> {
    let folder = std::env::current_dir()
        .map_err(|error| Exception::value(format!("there is no working directory: {error}")))?;
    Ok(Work::Give(Value::from(folder.to_string_lossy())))
}
