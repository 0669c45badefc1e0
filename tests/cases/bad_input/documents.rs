//! Files and addresses that hold no document.

use crate::assert_refused;
use chaos_tests::{Sandbox, Service};
use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

fn document(name: &str, content: impl AsRef<[u8]>, said: &[&str]) {
    let sandbox = Sandbox::new().unwrap();
    sandbox.write(name, content).unwrap();
    assert_refused(&sandbox, name, &[said, &[name]].concat());
}

#[test]
fn missing_and_unreadable() {
    let sandbox = Sandbox::new().unwrap();
    assert_refused(
        &sandbox,
        "nowhere.json",
        &["nowhere.json", "does not exist"],
    );
    std::fs::create_dir(sandbox.file("folder.json")).unwrap();
    assert_refused(&sandbox, "folder.json", &["folder.json"]);
    sandbox.write("experiment.txt", "{}").unwrap();
    assert_refused(&sandbox, "experiment.txt", &["experiment.txt", "yaml"]);
    std::os::unix::fs::symlink("loop.json", sandbox.file("loop.json")).unwrap();
    assert_refused(&sandbox, "loop.json", &["loop.json"]);
    // Root may read everything; everybody else is told.
    let unreadable = sandbox.write("unreadable.json", "{}").unwrap();
    let nobody = std::os::unix::fs::PermissionsExt::from_mode(0o000);
    std::fs::set_permissions(unreadable, nobody).unwrap();
    assert_refused(&sandbox, "unreadable.json", &[]);
}

#[test]
fn empty_and_binary() {
    for name in ["experiment.json", "experiment.yaml"] {
        document(name, "", &[]);
        document(name, " \n\n", &[]);
        document(name, [0u8; 100], &[]);
        document(name, [0xff, 0xfe, 0x00, 0x80, 0x81, 0x0a, 0xc3, 0x28], &[]);
        document(name, b"\x7fELF\x02\x01\x01\x00\x00\x00", &[]);
    }
}

#[test]
fn syntax_errors_say_where() {
    document(
        "experiment.json",
        "{\n \"title\": \"t\",\n \"method\": [,]\n}",
        &["3"],
    );
    document("experiment.json", "{\"title\": \"t\",}", &["1"]);
    document("experiment.yaml", "title: t\nmethod: [unclosed\n", &["2"]);
    document("experiment.yaml", "title: t\n\tmethod: []\n", &["2"]);
}

#[test]
fn duplicate_keys_say_which_and_where() {
    let text =
        "{\n \"title\": \"a\",\n \"title\": \"b\",\n \"description\": \"d\",\n \"method\": []\n}";
    document("experiment.json", text, &["title", "twice", "3"]);
    let text = "title: a\ndescription: d\nmethod: []\ntitle: b\n";
    document("experiment.yaml", text, &["title", "twice", "4"]);
}

#[test]
fn deep_nesting() {
    for depth in [1_000, 1_000_000] {
        document(
            "experiment.json",
            format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
            &[],
        );
        document(
            "experiment.json",
            format!("{}1", "{\"a\":".repeat(depth)),
            &[],
        );
        document(
            "experiment.yaml",
            format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
            &[],
        );
    }
    document(
        "experiment.yaml",
        format!("a: {}x", "- ".repeat(100_000)),
        &[],
    );
}

#[test]
fn a_yaml_bomb_is_refused_quickly() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    let start = Instant::now();
    document("experiment.yaml", bomb, &[]);
    let cyclic = "a: &a [*a]\ntitle: t\ndescription: d\nmethod: []\n";
    document("experiment.yaml", cyclic, &[]);
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_hundred_megabytes() {
    let sandbox = Sandbox::new().unwrap();
    for name in ["huge.json", "huge.yaml"] {
        let file = File::create(sandbox.file(name)).unwrap();
        file.set_len(100 * 1024 * 1024).unwrap();
        assert_refused(&sandbox, name, &[name]);
    }
    let mut file = File::create(sandbox.file("padded.json")).unwrap();
    file.write_all(b"{\"title\": \"").unwrap();
    let block = [b'x'; 1024 * 1024];
    for _ in 0..100 {
        file.write_all(&block).unwrap();
    }
    file.write_all(b"\", \"description\": \"d\", \"method\": 5}")
        .unwrap();
    drop(file);
    assert_refused(&sandbox, "padded.json", &["padded.json"]);
}

#[test]
fn a_url_that_never_ends() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    let start = Instant::now();
    for path in ["/endless", "/big?bytes=100000000"] {
        let url = format!("{}{path}", service.url());
        assert_refused(&sandbox, &url, &[&url]);
    }
    assert!(
        start.elapsed() < Duration::from_secs(40),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_url_that_is_no_experiment() {
    let (sandbox, service) = (Sandbox::new().unwrap(), Service::start().unwrap());
    for path in [
        "/status/404",
        "/ok",
        "/json",
        "/badjson",
        "/empty",
        "/hangup",
        "/headers",
    ] {
        assert_refused(&sandbox, &format!("{}{path}", service.url()), &[]);
    }
    assert_refused(
        &sandbox,
        &format!("{}/redirect?to=/redirect?to=/redirect", service.url()),
        &[],
    );
    assert_refused(&sandbox, "http://127.0.0.1:1/x.json", &["127.0.0.1:1"]);
    assert_refused(&sandbox, "ftp://127.0.0.1/x.json", &["ftp"]);
}
