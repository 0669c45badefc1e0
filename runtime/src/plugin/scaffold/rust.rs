//! A plugin in Rust.

use super::{File, Name, fill, sdk};

/// Path within the plugin and template. The templates' names end so that cargo, git and rustfmt
/// take none of them for their own.
const TEMPLATES: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("rust/Cargo.toml.template")),
    ("src/lib.rs", include_str!("rust/lib.rs.template")),
    ("plugin.toml", include_str!("rust/plugin.toml.template")),
    (
        "tests/p99_latency.json",
        include_str!("rust/p99_latency.json.template"),
    ),
    (
        "tests/elsewhere.json",
        include_str!("rust/elsewhere.json.template"),
    ),
    ("README.md", include_str!("rust/README.md.template")),
    (".gitignore", include_str!("rust/gitignore.template")),
];

/// Where the SDK goes; `rust/Cargo.toml.template` names the place, too.
const SDK: &str = "vendor/chaos-plugin";

pub(super) fn files(name: &Name) -> Vec<File> {
    let own = TEMPLATES.iter().map(|(path, template)| File {
        path: (*path).to_owned(),
        text: fill(template, name),
    });
    let licence = ("LICENSE", include_str!("../../../../LICENSE"));
    let sdk = sdk::FILES
        .iter()
        .copied()
        .chain([licence])
        .map(|(path, text)| File {
            path: format!("{SDK}/{path}"),
            text: text.to_owned(),
        });
    own.chain(sdk).collect()
}
