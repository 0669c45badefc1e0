//! Standard output: a command's results, as opposed to its log.

use crate::exit::Exit;
use std::io::{self, Write as _};

/// Writes a command's result. A reader that has had enough (`| head`) is fine; a full disk is not.
pub(crate) fn print(text: &str) -> Exit {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Ok(()) => Exit::OK,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::OK,
        Err(error) => {
            tracing::error!("Cannot write to standard output: {error}");
            Exit::failed()
        }
    }
}
