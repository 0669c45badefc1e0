#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::{HashMap, HashSet};

use super::*;

/// A machine that a test describes.
#[derive(Default)]
struct Described {
    files: HashSet<PathBuf>,
    texts: HashMap<PathBuf, String>,
    programs: HashMap<String, PathBuf>,
    variables: HashMap<String, String>,
    /// Program to sysroot, version, targets with a standard library.
    compilers: HashMap<PathBuf, (PathBuf, &'static str, Vec<&'static str>)>,
}

impl Machine for Described {
    fn exists(&self, path: &Path) -> bool {
        self.files.contains(path)
    }

    fn text(&self, path: &Path) -> Option<String> {
        self.texts.get(path).cloned()
    }

    fn program(&self, name: &str) -> Option<PathBuf> {
        self.programs.get(name).cloned()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn output(&self, command: &Command) -> Option<String> {
        let (sysroot, version, targets) = self.compilers.get(&command.program)?;
        let arguments: Vec<&str> = command.arguments.iter().map(String::as_str).collect();
        Some(match arguments[..] {
            ["--version"] => format!("rustc {version} (59807616e 2026-04-14)\n"),
            ["-vV"] => "rustc\nhost: x86_64-unknown-linux-gnu\n".to_owned(),
            ["--print", "sysroot"] => format!("{}\n", sysroot.display()),
            ["--print", "target-libdir", "--target", target] => {
                let there = if targets.contains(&target) {
                    "there"
                } else {
                    "not-there"
                };
                format!("{}/{there}\n", sysroot.display())
            }
            _ => panic!("unexpected: {command}"),
        })
    }
}

impl Described {
    fn program_at(mut self, name: &str, path: &str) -> Self {
        self.programs.insert(name.to_owned(), path.into());
        self.files.insert(path.into());
        self
    }

    fn file(mut self, path: &str) -> Self {
        self.files.insert(path.into());
        self
    }

    fn text_at(mut self, path: &str, text: &str) -> Self {
        self.texts.insert(path.into(), text.to_owned());
        self
    }

    fn variable_set(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    fn rustup(self, version: &'static str, targets: &[&'static str]) -> Self {
        let mut machine = self
            .program_at("rustup", "/home/me/.cargo/bin/rustup")
            .program_at("cargo", "/home/me/.cargo/bin/cargo")
            .program_at("rustc", "/home/me/.cargo/bin/rustc")
            .file("/toolchain/there")
            .file("/toolchain/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld")
            .file("/toolchain/lib/rustlib/x86_64-unknown-linux-gnu/bin/wasm-component-ld");
        let compiler = (PathBuf::from("/toolchain"), version, targets.to_vec());
        machine
            .compilers
            .insert("/home/me/.cargo/bin/rustc".into(), compiler);
        machine
    }

    fn debian(self, version: &'static str) -> Self {
        let mut machine = self
            .program_at("apt-get", "/usr/bin/apt-get")
            .file("/etc/debian_version")
            .file("/usr/bin/cargo")
            .file("/usr/bin/rustc");
        for (name, path) in [("cargo", "/usr/bin/cargo"), ("rustc", "/usr/bin/rustc")] {
            machine
                .programs
                .entry(name.to_owned())
                .or_insert_with(|| path.into());
        }
        machine.compilers.insert(
            "/usr/bin/rustc".into(),
            ("/usr".into(), version, Vec::new()),
        );
        machine
    }

    fn debian_source(self) -> Self {
        self.file("/usr/lib/rustlib/src/rust/library/std/Cargo.toml")
    }

    fn choose(&self) -> Result<Build, Error> {
        choose(self, Path::new("/home/me/checkout"))
    }

    fn command(&self) -> String {
        self.choose().unwrap().command.to_string()
    }

    fn missing(&self) -> Missing {
        match self.choose() {
            Err(Error::Missing(missing)) => missing,
            other => panic!("{other:?}"),
        }
    }
}

const UNKNOWN: &str = "wasm32-unknown-unknown";

#[test]
fn rustup_with_its_target_just_builds() {
    let machine = Described::default().rustup("1.95.0", &[UNKNOWN]);
    assert_eq!(
        machine.command(),
        "/home/me/.cargo/bin/cargo build --release --target wasm32-unknown-unknown --message-format json-render-diagnostics"
    );
    let build = machine.choose().unwrap();
    assert_eq!(
        build.command.folder.as_deref(),
        Some(Path::new("/home/me/checkout"))
    );
    assert!(!build.builds_std);
}

#[test]
fn debians_rust_compiles_the_standard_library() {
    let machine = Described::default()
        .debian("1.96.0")
        .debian_source()
        .program_at("wasm-ld-19", "/usr/bin/wasm-ld-19");
    assert_eq!(
        machine.command(),
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=/usr/bin/wasm-ld-19 RUSTC_BOOTSTRAP=1 /usr/bin/cargo build --release \
         --target wasm32-unknown-unknown --message-format json-render-diagnostics -Zbuild-std=std,panic_abort"
    );
    assert!(machine.choose().unwrap().builds_std);
}

#[test]
fn debians_rust_stands_in_for_a_rustup_without_the_target() {
    let machine = Described::default()
        .rustup("1.95.0", &[])
        .debian("1.96.0")
        .debian_source()
        .program_at("wasm-ld-19", "/usr/bin/wasm-ld-19");
    let command = machine.command();
    assert!(
        command.starts_with("RUSTC=/usr/bin/rustc CARGO_TARGET_WASM32"),
        "{command}"
    );
    assert!(command.contains(" /usr/bin/cargo build "), "{command}");
}

#[test]
fn a_source_beside_rustups_compiler_serves_too() {
    let machine = Described::default()
        .rustup("1.95.0", &[])
        .file("/toolchain/lib/rustlib/src/rust/library/std/Cargo.toml");
    assert!(
        machine
            .command()
            .starts_with("RUSTC_BOOTSTRAP=1 /home/me/.cargo/bin/cargo build ")
    );
}

#[test]
fn a_linker_that_the_user_chose_stays() {
    let machine = Described::default()
        .debian("1.96.0")
        .debian_source()
        .variable_set("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "/opt/mine");
    assert!(
        machine
            .command()
            .starts_with("RUSTC_BOOTSTRAP=1 /usr/bin/cargo")
    );
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    let plain = Described::default();
    assert_eq!(
        plain.missing().to_string(),
        "there is no Rust here, which the plugin is written in\n  install it: see https://rustup.rs"
    );
    let debian = Described::default()
        .program_at("apt-get", "/usr/bin/apt-get")
        .file("/etc/debian_version");
    assert_eq!(
        debian.missing().to_string(),
        "there is no Rust here, which the plugin is written in\n  \
         install it: /usr/bin/apt-get install --yes rustc-web cargo-web rust-web-src lld-19   (as root)\n  \
         or: see https://rustup.rs"
    );
    let rustup = Described::default().rustup("1.95.0", &[]);
    assert_eq!(
        rustup.missing().to_string(),
        "Rust has no standard library for `wasm32-unknown-unknown` here\n  \
         install it: /home/me/.cargo/bin/rustup target add wasm32-unknown-unknown   (in /home/me/checkout)"
    );
    let old = Described::default().debian("1.63.0").debian_source();
    assert_eq!(
        old.missing().lack,
        Lack::Recent(Version {
            major: 1,
            minor: 63
        })
    );
    assert!(
        old.missing()
            .to_string()
            .starts_with("Rust 1.63 is too old: plugins need 1.88 or newer\n")
    );
    let unlinked = Described::default().debian("1.96.0").debian_source();
    assert_eq!(unlinked.missing().lack, Lack::Linker);
    let sourceless = Described::default()
        .debian("1.96.0")
        .program_at("wasm-ld-19", "/usr/bin/wasm-ld-19");
    assert_eq!(sourceless.missing().lack, Lack::Std(Target::Unknown));
}

#[test]
fn an_old_rust_is_not_used_though_it_has_the_target() {
    let machine = Described::default().rustup("1.80.0", &[UNKNOWN]);
    assert!(
        matches!(machine.missing().remedies[0], Remedy::Run(ref command) if command.arguments == ["update", "stable"])
    );
}

#[test]
fn wasip2_is_built_for_if_cargo_says_so() {
    let machine = Described::default()
        .rustup("1.95.0", &[UNKNOWN, "wasm32-wasip2"])
        .text_at(
            "/home/me/checkout/.cargo/config.toml",
            "[build]\ntarget = \"wasm32-wasip2\"\n",
        );
    assert_eq!(machine.choose().unwrap().target, Target::Wasip2);
    // The variable is stronger, and the nearest file.
    let machine = machine.variable_set("CARGO_BUILD_TARGET", UNKNOWN);
    assert_eq!(machine.choose().unwrap().target, Target::Unknown);
    let machine = Described::default()
        .rustup("1.95.0", &[UNKNOWN, "wasm32-wasip2"])
        .text_at(
            "/home/me/checkout/.cargo/config.toml",
            "[net]\noffline = true\n",
        )
        .text_at(
            "/home/me/.cargo/config.toml",
            "[build]\ntarget = \"wasm32-wasip2\"\n",
        );
    assert_eq!(machine.choose().unwrap().target, Target::Wasip2);
}

#[test]
fn wasip2_is_never_built_from_source() {
    let machine = Described::default()
        .debian("1.96.0")
        .debian_source()
        .program_at("wasm-component-ld", "/usr/bin/wasm-component-ld")
        .variable_set("CARGO_BUILD_TARGET", "wasm32-wasip2");
    assert_eq!(machine.missing().lack, Lack::Std(Target::Wasip2));
    assert_eq!(
        machine.missing().remedies,
        [Remedy::Page("https://rustup.rs")]
    );
}

#[test]
fn other_targets_are_refused_where_they_stand() {
    let machine = Described::default().rustup("1.95.0", &[UNKNOWN]).text_at(
        "/home/me/.cargo/config.toml",
        "build.target = \"x86_64-unknown-linux-musl\"",
    );
    let error = machine.choose().unwrap_err().to_string();
    assert!(
        error.starts_with(
            "/home/me/.cargo/config.toml has cargo build for `x86_64-unknown-linux-musl`"
        ),
        "{error}"
    );
    let machine = Described::default().text_at("/home/.cargo/config.toml", "build = ");
    assert_eq!(
        machine.choose().unwrap_err().to_string(),
        "/home/.cargo/config.toml cannot be read as TOML"
    );
}

#[test]
fn the_file_is_found_in_what_cargo_prints() {
    let line = |kind: &str, file: &str| {
        format!(
            "{{\"reason\":\"compiler-artifact\",\"target\":{{\"crate_types\":[\"{kind}\"]}},\"filenames\":[\"{file}\"]}}\n"
        )
    };
    let library = line("lib", "/t/libserde.rlib");
    let plugin = line("cdylib", "/t/wasm32-unknown-unknown/release/checkout.wasm");
    let printed =
        format!("{library}not json\n{plugin}{{\"reason\":\"build-finished\",\"success\":true}}\n");
    assert_eq!(
        artifact(&printed),
        Ok(PathBuf::from(
            "/t/wasm32-unknown-unknown/release/checkout.wasm"
        ))
    );
    assert_eq!(artifact(&library), Err(NoArtifact::None));
    let two = format!("{plugin}{}", line("cdylib", "/t/other.wasm"));
    assert!(matches!(artifact(&two), Err(NoArtifact::Several(files)) if files.len() == 2));
}
