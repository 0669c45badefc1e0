//! `cargo xtask startup`: which functions a short run calls, for the linker (`runtime/build.rs`).

use crate::tool::cargo;
use crate::{Outcome, bench, root, target};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use xshell::{Shell, cmd};

/// Where the list is.
const SCRIPT: &str = "runtime/startup.ld";

/// A name stands for every instance of a generic function. One with more code than this is left
/// out when [`SHARE`] of it is not called.
const LARGE: u64 = 64 * 1024;
const SHARE: u64 = 20;

/// Writes the list anew. Needs valgrind.
pub(crate) fn run() -> Outcome {
    let shell = Shell::new()?;
    shell.change_dir(root());
    eprintln!("building the release with its symbols ...");
    cargo(
        &shell,
        "rustc --quiet --locked --release --package chaos-wasm --bin chaos-wasm -- -C strip=none",
    )
    .run()?;
    let program = target().join("release").join("chaos-wasm");
    let folder = shell.create_temp_dir()?;
    let _folder = shell.push_dir(folder.path());
    shell.write_file("experiment.json", bench::one_probe().to_string())?;
    let (profile, out) = ("callgrind.out", "--callgrind-out-file=callgrind.out");
    cmd!(
        shell,
        "valgrind --quiet --tool=callgrind --demangle=no {out} {program} run experiment.json"
    )
    .run()?;
    let profile = shell.read_file(profile)?;
    let symbols = cmd!(shell, "nm --print-size {program}").quiet().read()?;
    fs::write(root().join(SCRIPT), script(&called(&profile), &symbols))?;
    eprintln!("{SCRIPT} is written; build the release again to use it");
    Ok(())
}

/// The functions of a callgrind profile: `fn=(12) name`, `cfn=(12) name`.
fn called(profile: &str) -> BTreeSet<&str> {
    profile
        .lines()
        .filter_map(|line| line.strip_prefix('c').unwrap_or(line).strip_prefix("fn=("))
        .filter_map(|named| named.split_once(") "))
        // A recursive function has a name for each depth.
        .map(|(_, name)| name.split('\'').next().unwrap_or(name))
        .collect()
}

/// The linker script: one pattern for each function's name.
fn script(called: &BTreeSet<&str>, symbols: &str) -> String {
    #[derive(Default)]
    struct Code {
        all: u64,
        called: u64,
    }
    let mut functions: BTreeMap<String, Code> = BTreeMap::new();
    for line in symbols.lines() {
        let [_, size, "t" | "T" | "w" | "W", name] = line.split(' ').collect::<Vec<_>>()[..] else {
            continue;
        };
        let size = u64::from_str_radix(size, 16).unwrap_or(0);
        let code = functions.entry(pattern(name)).or_default();
        code.all += size;
        code.called += if called.contains(name) { size } else { 0 };
    }
    let mut script = "/* The functions that a run of one probe calls: `cargo xtask startup` writes this. */\nSECTIONS\n{\n  .text.start :\n  {\n".to_owned();
    for (pattern, code) in functions {
        let is_worth_it = code.all <= LARGE || code.all <= SHARE * code.called;
        if code.called > 0 && is_worth_it {
            let _ = writeln!(script, "    *(.text.{pattern})");
        }
    }
    script + "  }\n}\nINSERT BEFORE .text;\n"
}

/// A symbol without what changes from one version of a crate to the next: the hash at a name's end
/// (`17h0123456789abcdefE`), a crate's (`Cs3kf9_`), and what the optimizer appends.
fn pattern(symbol: &str) -> String {
    let name = symbol.split(".llvm.").next().unwrap_or(symbol);
    let is_hash = |text: &str| text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let legacy = name
        .strip_suffix('E')
        .and_then(|name| name.rsplit_once("17h"))
        .filter(|(_, hash)| is_hash(hash));
    if let Some((path, _)) = legacy {
        return format!("{path}17h*");
    }
    let mut parts = name.split("Cs");
    let mut pattern = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('_') {
            Some((hash, rest)) if hash.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                pattern += &format!("Cs*_{rest}");
            }
            _ => pattern += &format!("Cs{part}"),
        }
    }
    pattern + "*"
}

#[cfg(test)]
mod tests {
    use super::{called, pattern, script};

    #[test]
    fn names_lose_what_a_new_version_changes() {
        let legacy = "_ZN5tokio7runtime4spawn17h0123456789abcdefE.llvm.42";
        assert_eq!(pattern(legacy), "_ZN5tokio7runtime4spawn17h*");
        let newer = "_RNvNtCsjrHSEGnQ3l9_3std2rt19lang_start_internal";
        assert_eq!(pattern(newer), "_RNvNtCs*_3std2rt19lang_start_internal*");
        assert_eq!(pattern("memcpy"), "memcpy*");
    }

    #[test]
    fn what_was_called_is_listed() {
        let profile = "fn=(1) alpha\ncalls=1 0\ncfn=(2) beta'2\nfn=(1)\n";
        let symbols = "0000 10 t alpha\n0010 10 T beta\n0020 10 t gamma\n0030 20000 t al\n";
        let script = script(&called(profile), symbols);
        assert!(
            script.contains("*(.text.alpha*)\n    *(.text.beta*)\n"),
            "{script}"
        );
        assert!(!script.contains("gamma"), "{script}");
    }
}
