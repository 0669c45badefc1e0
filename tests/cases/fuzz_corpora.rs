//! Every file of the fuzz targets' corpora, through the targets' bodies.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../fuzz/bodies.rs"]
mod bodies;

/// Runs each file through a body; the file's name is in the panic's output.
fn run(target: &str, body: fn(&[u8])) {
    let folder = format!("{}/fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        body(&std::fs::read(&path).unwrap());
        files += 1;
    }
    assert!(files >= 10, "{files} files");
}

#[test]
fn native_code() {
    run("cache", bodies::cache);
}

#[test]
fn documents() {
    run("document", bodies::document);
}

#[test]
fn urls() {
    run("door", bodies::door);
}

#[test]
fn experiments() {
    run("experiment", bodies::experiment);
}

#[test]
fn answers() {
    run("http", bodies::http);
}

#[test]
fn components() {
    run("inspect", bodies::inspect);
}

#[test]
fn host_functions() {
    run("host", bodies::host);
}

#[test]
fn grants() {
    run("grants", bodies::grants);
}

#[test]
fn policies() {
    run("policy", bodies::policy);
}

#[test]
fn manifests() {
    run("manifest", bodies::manifest);
}

#[test]
fn logs() {
    run("wal", bodies::wal);
}

#[test]
fn substitutions() {
    run("substitution", bodies::substitution);
}

#[test]
fn tolerances() {
    run("tolerance", bodies::tolerance);
}

#[test]
fn values() {
    run("values", bodies::values);
}
