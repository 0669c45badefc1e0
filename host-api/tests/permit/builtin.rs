//! Built-in activities under a policy, and what guests never may.

use super::*;
use chaos_host_api::file::{FileAnswer, FileCall, FileError, Kind};
use chaos_host_api::policy::Policy;
use chaos_host_api::process::{ProcessCommand, ProcessError, SignalError};
use chaos_tests::scripted::{Server, ok};
use std::path::Path;

fn builtin(text: &str) -> Arc<Permit> {
    let policy = Policy::parse(text, Path::new("chaos-wasm.toml")).unwrap();
    Arc::new(policy.builtin_permit().unwrap())
}

fn command(program: &str) -> ProcessCommand {
    ProcessCommand {
        program: program.into(),
        arguments: Vec::new(),
        effect: Effect::Read,
    }
}

#[tokio::test]
async fn programs_need_a_line() {
    let bench = Bench::new();
    let permit = builtin("[builtin]\nprocess = [\"/bin/true\"]");
    let run = async |permit: &Arc<Permit>, program: &str| {
        let ran = bench.door.process(&action(permit), command(program)).await;
        ran.map(|output| output.status)
    };
    assert_eq!(run(&permit, "/bin/true").await.unwrap(), 0);
    for program in ["/bin/false", "true", "/bin/../bin/true", "./true"] {
        let Err(ProcessError::Refused(refusal)) = run(&permit, program).await else {
            panic!("{program} ran");
        };
        denial(&refusal);
    }
    let Err(ProcessError::Refused(refusal)) = run(&permit, "/bin/false").await else {
        panic!("it ran");
    };
    assert_eq!(
        denial(&refusal),
        "denied: start /bin/false: not granted by chaos-wasm.toml [builtin]; to allow it add to \
         its `process`: \"/bin/false\""
    );
    let nothing = builtin("");
    assert!(run(&nothing, "/bin/true").await.is_err());
    assert_eq!(bench.door.budget().spent().processes, 1);
}

#[tokio::test]
async fn signals_need_the_line_of_their_program() {
    let bench = Bench::new();
    let own = i64::from(std::os::unix::process::parent_id());
    let without = builtin("[builtin]\nprocess = [\"/bin/true\"]");
    let refused = bench.door.signal(&action(&without), own, 0).await;
    assert!(matches!(refused, Err(SignalError::Refused(_))));
    let with = builtin("[builtin]\nprocess = [\"/bin/kill\"]");
    bench.door.signal(&action(&with), own, 0).await.unwrap();
    let guest = bench.door.signal(&action(&policy(&[])), own, 0).await;
    assert!(matches!(guest, Err(SignalError::Refused(_))));
}

#[tokio::test]
async fn files_need_a_line_for_what_is_done_with_them() {
    let bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let at = |name: &str| root.join(name);
    std::fs::create_dir(at("open")).unwrap();
    std::fs::create_dir(at("shut")).unwrap();
    std::fs::write(at("shut/secret"), "x").unwrap();
    std::fs::write(at("open/a"), "x").unwrap();
    std::os::unix::fs::symlink(at("shut"), at("open/link")).unwrap();
    let open = format!("{}/*", at("open").display());
    let reading = builtin(&format!("[builtin]\nfile = [\"read {open}\"]"));
    let writing = builtin(&format!("[builtin]\nfile = [\"read,write {open}\"]"));
    let perform = async |permit: &Arc<Permit>, call: FileCall| match bench
        .door
        .file(&action(permit), call)
        .await
    {
        Err(FileError::Refused(refusal)) => Err(denial(&refusal)),
        other => Ok(other.unwrap()),
    };
    let size = |name: &str| FileCall::Size(at(name));
    let there = FileAnswer::Size(1);
    assert_eq!(perform(&reading, size("open/a")).await, Ok(there.clone()));
    for name in [
        "shut/secret",
        "open/link/secret",
        "open/../shut/secret",
        "open",
    ] {
        perform(&reading, size(name)).await.unwrap_err();
    }
    assert_eq!(
        perform(&reading, FileCall::Remove(at("open/a")))
            .await
            .unwrap_err(),
        format!(
            "denied: remove {0}: not granted by chaos-wasm.toml [builtin]; to allow it add to its \
             `file`: \"write {0}\"",
            at("open/a").display()
        )
    );
    let out = FileCall::Rename(at("open/a"), at("shut/a"));
    perform(&writing, out).await.unwrap_err();
    let through = FileCall::Move(at("open/a"), at("open/link"));
    perform(&writing, through).await.unwrap_err();
    let moved = FileCall::Rename(at("open/a"), at("open/b"));
    assert_eq!(perform(&writing, moved).await, Ok(FileAnswer::Done));
    // The link itself lies in the open folder, and goes without what it points to.
    let link = FileCall::Remove(at("open/link"));
    assert_eq!(perform(&writing, link).await, Ok(FileAnswer::Done));
    assert!(at("shut/secret").exists());
}

#[tokio::test]
async fn a_plugin_starts_no_process_and_touches_no_file() {
    let bench = Bench::new();
    let everything = policy(&["http GET http://h/*", "configuration *"]);
    let ran = bench
        .door
        .process(&action(&everything), command("/bin/true"))
        .await;
    let Err(ProcessError::Refused(refusal)) = ran else {
        panic!("it ran");
    };
    assert_eq!(
        denial(&refusal),
        "denied: start /bin/true: a plugin starts no processes"
    );
    let call = FileCall::Is(Kind::Anything, "/etc/passwd".into());
    let Err(FileError::Refused(refusal)) = bench.door.file(&action(&everything), call).await else {
        panic!("it was looked at");
    };
    assert!(denial(&refusal).ends_with("a plugin touches no files"));
}

/// The author says what a request of a built-in activity does, with a policy as without.
#[tokio::test]
async fn requests_need_a_line_and_keep_their_authors_effect() {
    let server = Server::start(|_| ok("")).await;
    let bench = Bench::new();
    let permit = builtin(&format!(
        "[builtin]\nhttp = [\"GET,POST {}\"]",
        server.url("/*")
    ));
    let query = request("POST", &server.url("/search"));
    bench.send(&probe(&permit), query).await.unwrap();
    assert!(bench.intents().is_empty());
    let stop = HttpRequest {
        effect: Effect::Mutate,
        ..request("GET", &server.url("/stop"))
    };
    bench.send(&action(&permit), stop).await.unwrap();
    assert_eq!(bench.intents().len(), 1);
    let error = bench
        .send(&action(&permit), request("DELETE", &server.url("/x")))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("chaos-wasm.toml [builtin]"),
        "{error}"
    );
}
