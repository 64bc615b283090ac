//! Links the command so that it starts at once: a small render takes no longer than to load it.
//!
//! On Linux with GNU's libc, two things are done before `main` that need not be:
//!
//! - GCC's unwinder is loaded as a shared library, which asks the processor what it can do. In a virtual
//!   machine it is the host that answers, slowly: a seventh of the time of a small render. Where there is a
//!   static unwinder, it is linked in.
//! - Thousands of addresses in constant data are adjusted to where the program was loaded, another
//!   twelfth. At a fixed address, as programs in Go are linked, they are right as they stand.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a build script is told by its surroundings, and answers on standard output"
)]

use std::env;
use std::path::Path;
use std::process::Command;

const UNWINDER: &str = "gcc_eh";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_CLI").is_none() || !is_dynamic_gnu() {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if linker_finds(UNWINDER) {
        println!("cargo::rustc-link-lib=static:-bundle={UNWINDER}");
    }
}

/// A static binary is linked by rules of its own, and loads nothing.
fn is_dynamic_gnu() -> bool {
    let said = |variable: &str| env::var(variable).unwrap_or_default();
    said("CARGO_CFG_TARGET_OS") == "linux"
        && said("CARGO_CFG_TARGET_ENV") == "gnu"
        && !said("CARGO_CFG_TARGET_FEATURE").split(',').any(|feature| feature == "crt-static")
}

/// Asks the linker's driver, which answers with a path where it knows one.
fn linker_finds(library: &str) -> bool {
    let linker = env::var("RUSTC_LINKER").unwrap_or_else(|_| "cc".to_owned());
    let asked = Command::new(linker).arg(format!("-print-file-name=lib{library}.a")).output();
    let answer = asked.map(|output| output.stdout).unwrap_or_default();
    Path::new(String::from_utf8_lossy(&answer).trim()).is_absolute()
}
