//! The tests' guests in languages other than Rust: each is built by the tools of its language, which
//! are installed here in fixed versions.

use crate::{Failure, Outcome, root, target, tool};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use xshell::{Shell, cmd};

/// The languages, which are also the names of their folders in `tests/guests`.
const LANGUAGES: [Language; 5] = [
    Language {
        name: "javascript",
        build: javascript,
    },
    Language {
        name: "python",
        build: python,
    },
    Language {
        name: "c",
        build: c_component,
    },
    Language {
        name: "c-command",
        build: c_command,
    },
    Language {
        name: "go",
        build: go,
    },
];

/// One of them.
struct Language {
    name: &'static str,
    /// Builds the guest in the current folder, its own, as this file.
    build: fn(&Shell, &Path) -> Outcome,
}

/// Where they are built: `LANGUAGE/survey.wasm` with its manifest beside it.
fn folder() -> PathBuf {
    target().join("guests").join("languages")
}

/// Builds what changed since it was last built.
pub(crate) fn build() -> Outcome {
    let shell = Shell::new()?;
    let guests = root().join("tests/guests");
    for Language { name, build } in LANGUAGES {
        let (sources, built) = (guests.join(name), folder().join(name));
        let (module, record) = (built.join("survey.wasm"), built.join("built-from"));
        let inputs = inputs(&[
            guests.join("wit"),
            sources.clone(),
            guests.join("plugin.toml"),
            root().join("xtask/src/language.rs"),
        ])?;
        if module.exists() && fs::read_to_string(&record).is_ok_and(|last| last == inputs) {
            continue;
        }
        let begun = Instant::now();
        fs::create_dir_all(&built)?;
        shell.change_dir(&sources);
        build(&shell, &module)
            .map_err(|Failure(reason)| Failure(format!("tests/guests/{name}: {reason}")))?;
        shell.copy_file(guests.join("plugin.toml"), &built)?;
        fs::write(&record, inputs)?;
        let seconds = begun.elapsed().as_secs_f64();
        eprintln!("tests/guests/{name}: built in {seconds:.0} s");
    }
    Ok(())
}

/// All that a guest is built from, as one text.
fn inputs(places: &[PathBuf]) -> Result<String, Failure> {
    let mut text = String::new();
    let mut open = places.to_vec();
    while let Some(place) = open.pop() {
        if place.is_dir() {
            let mut within = fs::read_dir(&place)?
                .map(|entry| Ok(entry?.path()))
                .collect::<Result<Vec<_>, std::io::Error>>()?;
            within.sort();
            open.extend(within);
        } else {
            let content = fs::read(&place)?;
            let content = String::from_utf8_lossy(&content);
            // Writing to a text does not fail.
            let _ = writeln!(text, "== {}\n{content}", place.display());
        }
    }
    Ok(text)
}

/// A folder for a language's tools.
fn tools(language: &str) -> PathBuf {
    target().join("tools").join(language)
}

/// Runs a command whose output is shown only if it fails.
fn quietly(command: xshell::Cmd<'_>, remedy: &str) -> Outcome {
    let shown = command.to_string();
    let output = command.quiet().ignore_status().output();
    let said = match output {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => {
            let out = String::from_utf8_lossy(&output.stdout).into_owned();
            out + &String::from_utf8_lossy(&output.stderr)
        }
        Err(error) => error.to_string(),
    };
    Err(Failure(format!("{shown}\n{said}\n{remedy}")))
}

fn javascript(shell: &Shell, module: &Path) -> Outcome {
    let tools = tools("javascript");
    fs::create_dir_all(&tools)?;
    for file in ["package.json", "package-lock.json"] {
        shell.copy_file(file, &tools)?;
    }
    quietly(
        // `npm ci` refuses the lock file: for some systems other than this, an optional dependency
        // of this version was not published. Versions and digests are the lock file's here too.
        cmd!(
            shell,
            "npm install --no-save --no-audit --no-fund --prefix {tools}"
        ),
        "JavaScript guests need npm, of Node.js 18 or newer; type\n  \
         apt-get install nodejs npm   (as root, on Debian)",
    )?;
    let program = tools.join("node_modules/.bin/componentize-qjs");
    quietly(
        cmd!(
            shell,
            "{program} --wit ../wit --world survey --js survey.js --stub-wasi --sync --minify --output {module}"
        ),
        "",
    )
}

fn python(shell: &Shell, module: &Path) -> Outcome {
    let tools = tools("python");
    let remedy = "Python guests need Python 3.9 or newer with venv and pip; type\n  \
                  apt-get install python3-venv   (as root, on Debian)";
    quietly(cmd!(shell, "python3 -m venv --clear {tools}"), remedy)?;
    let pip = tools.join("bin/pip");
    quietly(
        cmd!(
            shell,
            "{pip} install --disable-pip-version-check --require-hashes --requirement requirements.txt"
        ),
        remedy,
    )?;
    let program = tools.join("bin/componentize-py");
    // It leaves compiled files beside the source.
    let app = tools.join("app");
    shell.create_dir(&app)?;
    shell.copy_file("survey.py", app.join("survey.py"))?;
    quietly(
        cmd!(
            shell,
            "{program} --wit-path ../wit --world survey componentize survey --python-path {app} --output {module}"
        ),
        "",
    )
}

/// Debian's packages with a C compiler, a linker and a C library for WASI.
const C: [&str; 4] = [
    "clang-19",
    "lld-19",
    "libclang-rt-19-dev-wasm32",
    "wasi-libc",
];

/// Compiles C for WASI.
fn c(shell: &Shell, arguments: &[&str], module: &Path) -> Outcome {
    let is_there = Path::new("/usr/bin/clang-19").exists()
        && Path::new("/usr/bin/wasm-ld-19").exists()
        && Path::new("/usr/lib/llvm-19/lib/clang/19/lib/wasi").exists()
        && Path::new("/usr/lib/wasm32-wasi/libc.a").exists();
    if !is_there && !tool::debian(shell, &C) {
        let packages = C.join(" ");
        return Err(Failure(format!(
            "C guests cannot be compiled here; type\n  apt-get install {packages}   (as root, on Debian)"
        )));
    }
    quietly(
        cmd!(
            shell,
            "clang-19 --target=wasm32-wasi -fuse-ld=/usr/bin/wasm-ld-19 -Os -s -Wall -Wextra -Werror -Wl,-z,stack-size=65536 {arguments...} -o {module}"
        ),
        "",
    )
}

fn c_component(shell: &Shell, module: &Path) -> Outcome {
    let bindings = [
        "bindings/survey_http.c",
        "bindings/survey_http_component_type.o",
    ];
    let mode = ["-mexec-model=reactor", "-Wno-unused-parameter", "survey.c"];
    c(shell, &[&mode[..], &bindings].concat(), module)
}

fn c_command(shell: &Shell, module: &Path) -> Outcome {
    c(shell, &["survey.c"], module)
}

fn go(shell: &Shell, module: &Path) -> Outcome {
    let flags = "-s -w";
    quietly(
        cmd!(shell, "go build -trimpath -ldflags {flags} -o {module} .")
            .env("GOOS", "wasip1")
            .env("GOARCH", "wasm")
            .env("GOTOOLCHAIN", "local"),
        "Go guests need Go 1.21 or newer; type\n  \
         apt-get install golang-go   (as root, on Debian 13; on 12, golang-1.21 or newer from its backports)",
    )
}
