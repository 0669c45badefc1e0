//! The files of a new plugin. Writing them is the caller's.

mod rust;
mod sdk;

use super::name::Name;

/// The name already means something where plugins are built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a plugin, as it has a meaning in Rust or Cargo: choose another name")]
pub struct Taken(pub Name);

/// What cargo refuses as the name of a package, or would mix up with one.
const TAKEN: [&str; 45] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "chaos-plugin",
    "chaos-plugin-macros",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "std",
    "test",
    "true",
    "type",
    "use",
];

/// A file of a new plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative to the plugin's folder, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// A plugin in Rust: a working probe with its tests, and the SDK.
///
/// # Errors
/// No crate can have this name.
pub fn rust(name: &Name) -> Result<Vec<File>, Taken> {
    match TAKEN.contains(&name.as_str()) {
        true => Err(Taken(name.clone())),
        false => Ok(rust::files(name)),
    }
}

/// A template with its blanks filled in.
fn fill(template: &str, name: &Name) -> String {
    template.replace("{{name}}", name.as_str())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn no_crate_is_called_like_what_rust_knows() {
        for name in ["test", "core", "match", "chaos-plugin"] {
            let name: Name = name.parse().unwrap();
            assert_eq!(rust(&name), Err(Taken(name)));
        }
    }

    #[test]
    fn no_blank_is_left_and_no_path_leads_out() {
        for file in rust(&"cart-latency".parse().unwrap()).unwrap() {
            let blank = !file.path.starts_with("vendor/") && file.text.contains("{{");
            assert!(!blank, "{}", file.path);
            assert!(
                file.path
                    .split('/')
                    .all(|part| !part.is_empty() && part != ".."),
                "{}",
                file.path
            );
        }
    }
}
