//! Lays the functions that every run calls side by side in the released program, as
//! `startup.ld` lists them.
//!
//! The kernel maps a program's file in pieces of 64 KiB around each page that is touched. With the
//! functions of a short run spread over all of the file, a run held 3 MiB more of it in memory.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=startup.ld");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    // Rust's own linker, LLD, is the default there. Others need not know the script's language.
    let has_own_linker = is("TARGET", "x86_64-unknown-linux-gnu")
        && env::var_os("RUSTC_LINKER").is_none()
        && !env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("link"));
    if is("PROFILE", "release") && has_own_linker {
        let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        let script = Path::new(&folder).join("startup.ld");
        println!(
            "cargo::rustc-link-arg-bin=chaos-wasm=-Wl,-T,{}",
            script.display()
        );
    }
}
