//! Native code that is kept: used when it is ours, made anew when it is not.

use super::*;
use crate::plugin::compile::CompileLimits;
use serde_json::json;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const GO: &str = r#"(module (memory (export "memory") 1)
    (func (export "test:guest/probes#go") (result i32) (i32.const 7)))"#;

fn component() -> Vec<u8> {
    typed("/// Gives seven.\n go: func() -> u32;", GO)
}

/// Whoever asks it fails: what loads with it was not compiled.
fn no_compiler() -> Compiler {
    Compiler::Apart {
        program: "/nonexistent/compiler".into(),
        limits: CompileLimits::default(),
    }
}

async fn works(folder: &Path, compiler: Compiler) -> bool {
    let loader = Loader::new(Some(folder), compiler);
    match loader.load_bytes("guest", component()).await {
        Ok(plugin) => {
            let called = call(&plugin, small(), LONG).await;
            assert_eq!(called.result, Ok(json!(7)));
            true
        }
        Err(Unusable::Compile(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

/// A folder where the component is kept, and the file that it is kept in.
async fn kept() -> (TempDir, PathBuf, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("chaos-wasm/native");
    assert!(works(&folder, Compiler::Here).await);
    let file = only_file(&folder);
    (home, folder, file)
}

fn only_file(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> = entries.filter(|path| !path.ends_with("key")).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn what_is_kept_is_not_compiled_again() {
    let (_home, folder, file) = kept().await;
    assert!(works(&folder, no_compiler()).await);
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    assert_eq!(mode(&folder.join("key")), 0o600);
}

#[tokio::test]
async fn what_is_kept_is_signed_with_what_it_offers() {
    let (_home, folder, _) = kept().await;
    let fresh = load(component()).await.unwrap();
    let loader = Loader::new(Some(&folder), no_compiler());
    let warm = loader.load_bytes("guest", component()).await.unwrap();
    assert_eq!(
        (warm.signature, warm.digest),
        (fresh.signature, fresh.digest)
    );
}

#[tokio::test]
async fn what_was_altered_is_made_anew() {
    let (_home, folder, file) = kept().await;
    let good = fs::read(&file).unwrap();
    let altered = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let cases = [
        ("its head", altered(0)),
        ("its authentication code", altered(24)),
        ("its length", altered(56)),
        ("its signature", altered(80)),
        ("its code", altered(good.len() - 100)),
        ("its last byte", altered(good.len() - 1)),
        ("its end is missing", good[..good.len() - 1].to_vec()),
        ("its end is more", [good.as_slice(), b"x"].concat()),
        ("only its head is left", good[..30].to_vec()),
        ("nothing is left", Vec::new()),
    ];
    for (what, bytes) in cases {
        fs::write(&file, bytes).unwrap();
        assert!(!works(&folder, no_compiler()).await, "{what}");
        assert!(works(&folder, Compiler::Here).await, "{what}");
        assert_eq!(fs::read(&file).unwrap().len(), good.len(), "{what}");
        assert!(works(&folder, no_compiler()).await, "{what}");
    }
}

#[tokio::test]
async fn anothers_code_is_not_taken_for_it() {
    let (_home, folder, file) = kept().await;
    let other = typed("go: func() -> u32;", &GO.replace('7', "8"));
    let loader = Loader::new(Some(&folder), Compiler::Here);
    loader.load_bytes("other", other).await.unwrap();
    let entries = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let others = entries.filter(|path| !path.ends_with("key") && *path != file);
    let others: Vec<PathBuf> = others.collect();
    fs::rename(&others[0], &file).unwrap();
    assert!(!works(&folder, no_compiler()).await);
}

#[tokio::test]
async fn code_under_another_key_is_not_taken() {
    let (_home, folder, _) = kept().await;
    fs::remove_file(folder.join("key")).unwrap();
    assert!(!works(&folder, no_compiler()).await);
    assert!(works(&folder, Compiler::Here).await);
}

#[tokio::test]
async fn what_others_can_reach_is_not_used() {
    let (home, folder, file) = kept().await;
    let open = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    for path in [&folder, &file, &folder.join("key")] {
        let closed = mode(path);
        open(path, closed | 0o020);
        assert!(!works(&folder, no_compiler()).await, "{path:?}");
        // It is slower, but it works.
        assert!(works(&folder, Compiler::Here).await, "{path:?}");
        if path.exists() {
            open(path, closed);
        }
        assert!(
            works(&folder, no_compiler()).await || path == &file,
            "{path:?}"
        );
    }
    let link = home.path().join("link");
    symlink(&folder, &link).unwrap();
    assert!(!works(&link, no_compiler()).await);
    assert!(works(&link, Compiler::Here).await);
}

#[tokio::test]
async fn a_link_is_not_followed() {
    let (home, folder, file) = kept().await;
    let elsewhere = home.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert!(!works(&folder, no_compiler()).await);
    assert!(works(&folder, Compiler::Here).await);
    assert!(works(&folder, no_compiler()).await);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_only_slower() {
    assert!(works(Path::new("/proc/chaos-wasm/native"), Compiler::Here).await);
}

#[tokio::test]
async fn runs_at_the_same_time_do_not_disturb_each_other() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("native");
    let run = || works(&folder, Compiler::Here);
    let all = tokio::join!(run(), run(), run(), run());
    assert_eq!(all, (true, true, true, true));
    only_file(&folder);
    assert!(works(&folder, no_compiler()).await);
}

#[tokio::test]
async fn no_more_is_kept_than_needed() {
    let (_home, folder, file) = kept().await;
    for number in 0..100 {
        let old = folder.join(format!("{number}.native"));
        fs::write(&old, "old").unwrap();
        let old = fs::File::open(&old).unwrap();
        old.set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    let abandoned = folder.join(".tmpabandoned");
    fs::write(&abandoned, "half").unwrap();
    fs::File::open(&abandoned)
        .unwrap()
        .set_modified(std::time::UNIX_EPOCH)
        .unwrap();
    let other = typed("go: func() -> u32;", &GO.replace('7', "8"));
    let loader = Loader::new(Some(&folder), Compiler::Here);
    loader.load_bytes("other", other).await.unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 64 + 1);
    assert!(file.exists() && !abandoned.exists());
}
