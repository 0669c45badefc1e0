//! A worker: a program of the runner's own that turns bytes into bytes, apart from the runner so
//! that it can fail apart. It acts for nobody, so it needs no pass and is charged to no budget.

use bytes::Bytes;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// What a worker is to do.
#[derive(Debug, Clone)]
pub struct Work {
    /// The executable.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its whole environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Its standard input.
    pub input: Bytes,
    /// How long it may take.
    pub wall: Duration,
    /// How many bytes it may write to standard output.
    pub output_bytes: usize,
}

/// How a worker ended.
#[derive(Debug, Clone)]
pub struct Worked {
    /// Exit code, or minus the signal's number.
    pub status: i32,
    /// All of standard output.
    pub stdout: Vec<u8>,
    /// The beginning of standard error: 64 KiB.
    pub stderr: Vec<u8>,
}

/// Why a worker has no status.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// It could not be started.
    #[error("cannot start {program}")]
    Start {
        /// The executable.
        program: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// The pipes to it broke.
    #[error("cannot talk to {program}")]
    Broken {
        /// The executable.
        program: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// It took too long, and was killed.
    #[error("took longer than {} s", .0.as_secs_f64())]
    TooSlow(Duration),
    /// It wrote too much, and was killed.
    #[error("wrote more than {0} bytes")]
    TooMuch(usize),
}

/// Bytes kept of standard error.
const STDERR_BYTES: u64 = 64 * 1024;

impl Work {
    /// Runs the worker to its end, in a process group of its own (a signal from the terminal is
    /// the runner's to handle). Dropping the future kills it.
    ///
    /// # Errors
    /// See [`WorkerError`]. A failure of the worker itself is no error but a status.
    pub async fn perform(self) -> Result<Worked, WorkerError> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| WorkerError::Start {
                program: self.program.clone(),
                source,
            })?;
        let ended = tokio::time::timeout(self.wall, self.follow(&mut child)).await;
        let ended = ended.unwrap_or(Err(WorkerError::TooSlow(self.wall)));
        if ended.is_err() {
            // Failing means that it has ended.
            let _ = child.kill().await;
        }
        ended
    }

    async fn follow(&self, child: &mut Child) -> Result<Worked, WorkerError> {
        let broken = |source| WorkerError::Broken {
            program: self.program.clone(),
            source,
        };
        let mut stdin = child.stdin.take();
        let feed = async {
            if let Some(mut stdin) = stdin.take() {
                // A worker that stops reading says why by its status.
                let _ = stdin.write_all(&self.input).await;
            }
            Ok(())
        };
        let most = self.output_bytes;
        let (_, stdout, stderr) = tokio::try_join!(
            feed,
            async {
                let read = read(child.stdout.take(), most as u64 + 1).await;
                let read = read.map_err(broken)?;
                match read.len() <= most {
                    true => Ok(read),
                    false => Err(WorkerError::TooMuch(most)),
                }
            },
            async {
                read(child.stderr.take(), STDERR_BYTES)
                    .await
                    .map_err(broken)
            },
        )?;
        let status = child.wait().await.map_err(broken)?;
        let signal = || status.signal().map(|signal| -signal);
        Ok(Worked {
            status: status.code().or_else(signal).unwrap_or(-1),
            stdout,
            stderr,
        })
    }
}

/// The first bytes of a stream; when there are more, they are left unread.
async fn read(stream: Option<impl AsyncRead + Unpin>, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(most).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    fn shell(script: &str) -> Work {
        Work {
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            environment: vec![("WORK".into(), "some".into())],
            input: Bytes::from_static(b"in"),
            wall: Duration::from_secs(20),
            output_bytes: 100,
        }
    }

    #[tokio::test]
    async fn turns_bytes_into_bytes() {
        let worked = shell("cat; echo said >&2; exit 3").perform().await.unwrap();
        assert_eq!(
            (worked.status, worked.stdout, worked.stderr),
            (3, b"in".to_vec(), b"said\n".to_vec())
        );
    }

    #[tokio::test]
    async fn a_signal_is_a_negative_status() {
        let worked = shell("kill -ABRT $$").perform().await.unwrap();
        assert_eq!(worked.status, -6);
    }

    #[tokio::test]
    async fn its_environment_is_its_own() {
        let worked = shell("echo ${HOME-none} $WORK").perform().await.unwrap();
        assert_eq!(worked.stdout, b"none some\n");
    }

    #[tokio::test]
    async fn is_killed_when_it_takes_too_long() {
        let work = Work {
            wall: Duration::from_millis(100),
            ..shell("exec sleep 60")
        };
        let error = work.perform().await.unwrap_err();
        assert!(matches!(error, WorkerError::TooSlow(_)), "{error}");
    }

    #[tokio::test]
    async fn is_killed_when_it_writes_too_much() {
        let error = shell("exec cat /dev/zero").perform().await.unwrap_err();
        assert!(matches!(error, WorkerError::TooMuch(100)), "{error}");
    }

    #[tokio::test]
    async fn must_exist() {
        let work = Work {
            program: "/nonexistent/worker".into(),
            ..shell("")
        };
        let error = work.perform().await.unwrap_err();
        assert!(matches!(error, WorkerError::Start { .. }), "{error}");
    }
}
