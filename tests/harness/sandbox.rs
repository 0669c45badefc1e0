//! The real binary, run in a place of its own.

use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process};
use serde_json::Value;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

/// How long a run may take before the harness gives up on it. Far above what any needs, so that
/// only a hanging one gets there.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A temporary folder that is home, working directory and state directory of what runs in it.
#[derive(Debug)]
pub struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    /// A new, empty one.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn new() -> io::Result<Sandbox> {
        let folder = tempfile::Builder::new().prefix("chaos-").tempdir()?;
        Ok(Sandbox { folder })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file within.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file, its folders included.
    ///
    /// # Errors
    /// As writing goes.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> io::Result<PathBuf> {
        let path = self.file(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, content)?;
        Ok(path)
    }

    /// `journal.json`.
    ///
    /// # Errors
    /// Missing, or not JSON.
    pub fn journal(&self) -> io::Result<Value> {
        self.json("journal.json")
    }

    /// A file, read as JSON.
    ///
    /// # Errors
    /// Missing, or not JSON.
    pub fn json(&self, name: &str) -> io::Result<Value> {
        let text = fs::read(self.file(name))?;
        serde_json::from_slice(&text).map_err(io::Error::other)
    }

    /// `chaos-wasm` with these arguments, in this sandbox, environment clean.
    ///
    /// # Errors
    /// When the binary cannot be found or built.
    pub fn chaos<I, S>(&self, arguments: I) -> io::Result<Command>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<std::ffi::OsStr>,
    {
        let mut command = self.command(binary()?);
        command.args(arguments);
        Ok(command)
    }

    /// Any program, in this sandbox, environment clean.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("XDG_STATE_HOME", self.file("state"))
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8");
        command
    }

    /// Runs to the end.
    ///
    /// # Errors
    /// When it cannot be started or doesn't end by itself.
    pub fn run(&self, command: Command) -> io::Result<Finished> {
        self.start(command)?.wait(PATIENCE)
    }

    /// Starts, for the test to look at or to disturb.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self, mut command: Command) -> io::Result<Running> {
        // Files, not pipes: a grandchild that keeps a pipe open must not keep the test waiting.
        let outputs = tempfile::tempdir()?;
        let stdout = outputs.path().join("stdout");
        let stderr = outputs.path().join("stderr");
        let child = command
            .stdin(Stdio::null())
            .stdout(File::create(&stdout)?)
            .stderr(File::create(&stderr)?)
            .process_group(0)
            .spawn()?;
        Ok(Running { child, outputs })
    }

    /// Waits for a file to appear (with at least one byte); `false` when the time is over.
    pub fn await_file(&self, name: &str, at_most: Duration) -> bool {
        let path = self.file(name);
        await_true(at_most, || fs::metadata(&path).is_ok_and(|m| m.len() > 0))
    }

    /// Everything that lies in the sandbox as files, by path: to look for what must not be there.
    ///
    /// # Errors
    /// As reading goes.
    pub fn contents(&self) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
        let mut found = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.is_file() {
                    let content = fs::read(&path)?;
                    found.push((path, content));
                }
            }
        }
        Ok(found)
    }
}

/// A program under way. Killed when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    outputs: TempDir,
}

impl Running {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, and nobody else.
    ///
    /// # Errors
    /// When it is gone.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill_process(self.pid()?, signal)?)
    }

    /// What it wrote to standard error so far.
    pub fn stderr(&self) -> String {
        read_lossy(&self.outputs.path().join("stderr"))
    }

    /// Whether it has ended.
    ///
    /// # Errors
    /// As waiting goes.
    pub fn ended(&mut self) -> io::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Waits for its end; kills it and fails when that takes longer than `at_most`.
    ///
    /// # Errors
    /// It didn't end in time: the message holds what it wrote.
    pub fn wait(mut self, at_most: Duration) -> io::Result<Finished> {
        let until = Instant::now() + at_most;
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if Instant::now() > until {
                let stderr = self.stderr();
                self.kill();
                let message = format!("still running after {at_most:?}; it wrote:\n{stderr}");
                return Err(io::Error::new(io::ErrorKind::TimedOut, message));
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        Ok(Finished {
            code: exit_code(status),
            stdout: read_lossy(&self.outputs.path().join("stdout")),
            stderr: self.stderr(),
        })
    }

    fn pid(&self) -> io::Result<Pid> {
        let id = i32::try_from(self.child.id()).map_err(io::Error::other)?;
        Pid::from_raw(id).ok_or_else(|| io::Error::other("no process id"))
    }

    fn kill(&mut self) {
        if let (Ok(None), Ok(pid)) = (self.child.try_wait(), self.pid()) {
            let _ = kill_process_group(pid, Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What came of a program.
#[derive(Debug)]
pub struct Finished {
    /// Exit code; 128 + the signal's number when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error, where the log goes.
    pub stderr: String,
}

fn exit_code(status: ExitStatus) -> i32 {
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

fn read_lossy(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

/// Looks every few milliseconds until `condition` holds; `false` when the time is over.
pub fn await_true(at_most: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + at_most;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() > until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether a process of this id is there and is no zombie.
pub fn alive(id: i32) -> bool {
    let Some(pid) = Pid::from_raw(id) else {
        return false;
    };
    let zombie = fs::read_to_string(format!("/proc/{id}/stat"))
        .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|s| s.starts_with(" Z")));
    test_kill_process(pid).is_ok() && !zombie
}

/// Kills a process that a test left behind.
pub fn kill(id: i32) {
    if let Some(pid) = Pid::from_raw(id) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// Where the binary is: next to the test's own executable, in `target/<profile>`.
///
/// Cargo builds another package's binary for nobody, so it is built here, once, when it is missing
/// or older than a source.
///
/// # Errors
/// When it cannot be built.
pub fn binary() -> io::Result<&'static Path> {
    static BINARY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BINARY
        .get_or_init(|| built_binary().map_err(|error| error.to_string()))
        .as_deref()
        .map_err(|message| io::Error::other(message.clone()))
}

fn built_binary() -> io::Result<PathBuf> {
    let executable = std::env::current_exe()?;
    let profile = executable
        .ancestors()
        .find(|folder| folder.join("deps").is_dir())
        .ok_or_else(|| io::Error::other("not run from a target folder"))?;
    let binary = profile.join("chaos-wasm");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut newest = SystemTime::UNIX_EPOCH;
    for sources in ["runtime", "host-api"] {
        newest = newest.max(newest_source(&repository.join(sources))?);
    }
    if fs::metadata(&binary)
        .and_then(|m| m.modified())
        .is_ok_and(|built| built >= newest)
    {
        return Ok(binary);
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(repository)
        .args(["build", "--package", "chaos-wasm"]);
    // As from a terminal: ring's build script looks at what cargo says of the package that it runs,
    // and would have half of everything built anew.
    for (name, _) in std::env::vars_os() {
        let shown = name.to_string_lossy();
        if shown.starts_with("CARGO_PKG_") || shown.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    cargo
        .arg("--target-dir")
        .arg(profile.parent().unwrap_or(profile));
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    let output = cargo.output()?;
    if output.status.success() {
        Ok(binary)
    } else {
        let stderr = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(format!(
            "chaos-wasm cannot be built:\n{stderr}"
        )))
    }
}

fn newest_source(folder: &Path) -> io::Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let modified = if entry.file_type()?.is_dir() {
            newest_source(&entry.path())?
        } else {
            entry.metadata()?.modified()?
        };
        newest = newest.max(modified);
    }
    Ok(newest)
}
