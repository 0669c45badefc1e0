//! The command line, driven as a user drives it: the built binary in a folder of its own.

#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

mod discover;
mod init;
mod log;
mod network;
mod options;
mod run;
mod settings;
mod validate;

use serde_json::Value;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// An empty folder to run commands in, with a home folder of its own.
struct Place {
    directory: tempfile::TempDir,
}

/// How a command ended and what it said.
struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new() -> Place {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("home")).unwrap();
        std::fs::create_dir(directory.path().join("work")).unwrap();
        Place { directory }
    }

    /// A path in the working folder.
    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("work").join(name)
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.path(name), content).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// The settings file in its default place.
    fn write_settings(&self, content: &str) {
        let folder = self.directory.path().join("home/.chaostoolkit");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("settings.yaml"), content).unwrap();
    }

    fn read_settings(&self) -> String {
        let path = self
            .directory
            .path()
            .join("home/.chaostoolkit/settings.yaml");
        std::fs::read_to_string(path).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chaos-wasm"));
        command
            .args(arguments)
            .current_dir(self.directory.path().join("work"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.directory.path().join("home"))
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }

    fn chaos(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().unwrap())
    }

    fn chaos_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Said {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        Said::of(command.output().unwrap())
    }

    /// With these answers on standard input.
    fn answering(&self, answers: &str, arguments: &[&str]) -> Said {
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // Nobody has to read all of them.
        let _ = stdin.write_all(answers.as_bytes());
        drop(stdin);
        Said::of(child.wait_with_output().unwrap())
    }
}

impl Said {
    fn of(output: Output) -> Said {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    #[track_caller]
    fn ended(self, code: i32) -> Said {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    fn logged(self, text: &str) -> Said {
        assert!(
            self.stderr.contains(text),
            "no {text:?} in\n{}",
            self.stderr
        );
        self
    }

    #[track_caller]
    fn silent_about(self, text: &str) -> Said {
        assert!(!self.stderr.contains(text), "{text:?} in\n{}", self.stderr);
        self
    }
}

/// A valid experiment that does nothing.
const EMPTY: &str = r#"{"title": "t", "description": "d", "method": []}"#;

/// An experiment with one process action.
fn acting(path: &str, arguments: &str) -> String {
    format!(
        r#"{{"title": "t", "description": "d", "method": [
            {{"type": "action", "name": "act", "provider":
                {{"type": "process", "path": "{path}", "arguments": {arguments}}}}}]}}"#
    )
}
