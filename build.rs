//! Links GCC's unwinder into the command, which otherwise loads it as a shared library at each start.
//!
//! When `libgcc_s` is loaded it asks the processor what it can do, and in a virtual machine it is the
//! host that answers, slowly: a seventh of the time that a small render takes. Nobody asks where the
//! unwinder is linked in. Where there is no static one, the command is linked as any other.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a build script is told by its surroundings, and answers on standard output"
)]

use std::env;
use std::path::Path;
use std::process::Command;

const LIBRARY: &str = "gcc_eh";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|text| text == value);
    let is_gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if is_gnu && env::var_os("CARGO_FEATURE_CLI").is_some() && linker_finds(LIBRARY) {
        println!("cargo::rustc-link-lib=static:-bundle={LIBRARY}");
    }
}

/// Asks the linker's driver, which answers with a path where it knows one.
fn linker_finds(library: &str) -> bool {
    let linker = env::var("RUSTC_LINKER").unwrap_or_else(|_| "cc".to_owned());
    let asked = Command::new(linker).arg(format!("-print-file-name=lib{library}.a")).output();
    let answer = asked.map(|output| output.stdout).unwrap_or_default();
    Path::new(String::from_utf8_lossy(&answer).trim()).is_absolute()
}
