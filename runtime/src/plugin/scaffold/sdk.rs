//! The source of the SDK, which a new plugin gets a copy of: a plugin that was made by an installed
//! program builds without this repository.

macro_rules! files {
    ($($path:literal,)*) => {
        &[$(($path, include_str!(concat!("../../../../sdk/rust/", $path))),)*]
    };
}

/// Path within the SDK and text. A test below holds that nothing is missing.
pub(super) const FILES: &[(&str, &str)] = files![
    "Cargo.toml",
    "README.md",
    "chaos-plugin-macros/Cargo.toml",
    "chaos-plugin-macros/src/arguments.rs",
    "chaos-plugin-macros/src/controls.rs",
    "chaos-plugin-macros/src/docs.rs",
    "chaos-plugin-macros/src/glue.rs",
    "chaos-plugin-macros/src/hint.rs",
    "chaos-plugin-macros/src/lib.rs",
    "chaos-plugin-macros/src/model.rs",
    "chaos-plugin-macros/src/name.rs",
    "chaos-plugin-macros/src/read.rs",
    "chaos-plugin-macros/src/share.rs",
    "chaos-plugin-macros/src/syntax.rs",
    "chaos-plugin-macros/src/types.rs",
    "chaos-plugin-macros/src/types/definition.rs",
    "chaos-plugin-macros/src/wit.rs",
    "chaos-plugin/Cargo.toml",
    "chaos-plugin/src/clock.rs",
    "chaos-plugin/src/configuration.rs",
    "chaos-plugin/src/host/guest.rs",
    "chaos-plugin/src/host/native.rs",
    "chaos-plugin/src/http.rs",
    "chaos-plugin/src/json.rs",
    "chaos-plugin/src/kubernetes.rs",
    "chaos-plugin/src/lib.rs",
    "chaos-plugin/src/log.rs",
    "chaos-plugin/src/mock/clock.rs",
    "chaos-plugin/src/mock/http.rs",
    "chaos-plugin/src/mock/kubernetes.rs",
    "chaos-plugin/src/mock/mod.rs",
    "chaos-plugin/src/mock/random.rs",
    "chaos-plugin/src/random.rs",
    "chaos-plugin/src/secrets.rs",
    "chaos-plugin/wit/host.wit",
    "chaos-plugin/wit/http.wit",
    "chaos-plugin/wit/kubernetes.wit",
    "chaos-plugin/wit/worlds.wit",
];

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use std::path::Path;
    use std::{env, fs};

    use super::FILES;

    /// What a plugin does not need of the SDK.
    fn is_left_out(path: &str) -> bool {
        let is_test = path.ends_with("tests.rs") || path.split('/').any(|part| part == "tests");
        is_test || path.starts_with("target/") || path == "Cargo.lock"
    }

    fn below(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if path.is_dir() && name != "target" {
                below(&path, root, found);
            } else if path.is_file() && !is_left_out(&name) {
                found.push(name);
            }
        }
    }

    #[test]
    fn the_whole_sdk_is_in_the_list() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/rust");
        let mut there = Vec::new();
        below(&root, &root, &mut there);
        there.sort();
        let mut listed: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        listed.sort_unstable();
        assert_eq!(
            listed, there,
            "the list in scaffold/sdk.rs and sdk/rust differ"
        );
    }
}
