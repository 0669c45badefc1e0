//! The crate's copy of the contract, which it needs because a published crate is alone.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn texts(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap();
    let read = |path: &Path| {
        (
            path.file_name().unwrap().to_string_lossy().into_owned(),
            fs::read_to_string(path).unwrap(),
        )
    };
    entries.map(|entry| read(&entry.unwrap().path())).collect()
}

#[test]
fn the_copy_is_the_hosts_contract() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let host = texts(&here.join("../../../host-api/wit"));
    let copy = texts(&here.join("wit"));
    assert!(!host.is_empty());
    assert_eq!(
        copy, host,
        "copy host-api/wit/*.wit to sdk/rust/chaos-plugin/wit"
    );
}
