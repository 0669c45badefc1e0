#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use super::*;
use crate::budget::Ceilings;
use crate::deadline::Deadline;
use crate::ledger::NoLedger;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

async fn perform(call: FileCall) -> Result<FileAnswer, FileError> {
    let door = Door::new(Arc::new(NoLedger), Ceilings::default());
    let deadline = Deadline::after(Duration::from_secs(20));
    door.file(&Pass::new("a", Effect::Mutate, deadline), call)
        .await
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn copies_keep_what_they_promise() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a"), "text").unwrap();
    fs::set_permissions(at("a"), fs::Permissions::from_mode(0o751)).unwrap();
    let old = std::time::UNIX_EPOCH + Duration::from_secs(1_000_000);
    fs::File::open(at("a")).unwrap().set_modified(old).unwrap();

    for (how, name) in [
        (Copy::Content, "b"),
        (Copy::Permissions, "c"),
        (Copy::Times, "d"),
    ] {
        perform(FileCall::Copy(how, at("a"), at(name)))
            .await
            .unwrap();
        assert_eq!(fs::read_to_string(at(name)).unwrap(), "text");
    }
    assert_eq!(mode(&at("c")), 0o751);
    assert_ne!(fs::metadata(at("c")).unwrap().modified().unwrap(), old);
    assert_eq!(mode(&at("d")), 0o751);
    assert_eq!(fs::metadata(at("d")).unwrap().modified().unwrap(), old);
}

#[tokio::test]
async fn a_file_is_not_copied_onto_itself_and_no_pipe_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a"), "text").unwrap();
    std::os::unix::fs::symlink("a", at("link")).unwrap();
    let onto_itself = FileCall::Copy(Copy::Content, at("a"), at("link"));
    assert!(matches!(
        perform(onto_itself).await,
        Err(FileError::Unfit(_))
    ));
    assert_eq!(fs::read_to_string(at("a")).unwrap(), "text");
    let device = FileCall::Copy(Copy::Content, "/dev/zero".into(), at("b"));
    assert!(matches!(perform(device).await, Err(FileError::Unfit(_))));
}

#[tokio::test]
async fn trees_move_whole_and_never_over_others() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("from/deep")).unwrap();
    fs::write(at("from/deep/x"), "1").unwrap();
    fs::create_dir(at("to")).unwrap();
    let moved = perform(FileCall::Move(at("from"), at("to"))).await.unwrap();
    assert_eq!(moved, FileAnswer::Path(at("to/from")));
    assert!(at("to/from/deep/x").is_file() && !at("from").exists());

    fs::write(at("from"), "").unwrap();
    let again = perform(FileCall::Move(at("from"), at("to"))).await;
    assert!(matches!(again, Err(FileError::Unfit(text)) if text.contains("already exists")));
}

#[tokio::test]
async fn a_tree_is_removed_but_not_through_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("tree/deep")).unwrap();
    std::os::unix::fs::symlink("tree", at("link")).unwrap();
    let link = perform(FileCall::RemoveTree(at("link"))).await;
    assert!(matches!(link, Err(FileError::Unfit(_))));
    perform(FileCall::RemoveTree(at("tree"))).await.unwrap();
    assert!(!at("tree").exists());
}

#[tokio::test]
async fn reading_is_no_mutation_and_everything_else_is() {
    let path = PathBuf::from("x");
    assert_eq!(FileCall::Size(path.clone()).effect(), Effect::Read);
    assert_eq!(FileCall::RemoveTree(path).effect(), Effect::Mutate);
    let door = Door::new(Arc::new(NoLedger), Ceilings::default());
    let looking = Pass::new("p", Effect::Read, Deadline::after(Duration::from_secs(5)));
    let refused = door
        .file(&looking, FileCall::Remove("/nonexistent/x".into()))
        .await;
    assert!(matches!(
        refused,
        Err(FileError::Refused(Refusal::ReadOnly { .. }))
    ));
}
