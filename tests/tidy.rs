//! Checks of what the compiler does not see: rooms, sizes, the voice, and pages that say what the code
//! does.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "tidy/architecture.rs"]
mod architecture;
#[path = "tidy/fields.rs"]
mod fields;
#[path = "tidy/offenders.rs"]
mod offenders;
#[path = "tidy/plain.rs"]
mod plain;
#[path = "tidy/rooms.rs"]
mod rooms;
#[path = "tidy/rust.rs"]
mod rust;
#[path = "tidy/voice.rs"]
mod voice;

use std::fs;
use std::path::{Path, PathBuf};

use rollstep::diagnostic::codes;

/// From the bottom to the top; a layer may use those before it.
const LAYERS: &[&str] = &[
    "effort",
    "escape",
    "dialect",
    "source",
    "diagnostic",
    "simulate",
    "manifest",
    "schema",
    "rollout",
    "template",
    "definition",
    "model",
    "strategy",
    "plan",
    "render",
    "emit",
    "lint",
    "pipeline",
    "explain",
    "check",
    "review",
    "tree",
    "krm",
    "moves",
    "fuzzing",
];

/// The longest file, in lines without its tests.
const MAX_LINES: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Returns each file of the library with its path below src and its text without tests.
fn library() -> Vec<(String, String)> {
    let src = root().join("src");
    let files = rust_files(&src).into_iter();
    let named = files.map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        (path.strip_prefix(&src).unwrap().display().to_string(), text)
    });
    named.filter(|(name, _)| !name.starts_with("bin/")).collect()
}

fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap()
}

fn is_test_file(name: &str) -> bool {
    name.contains("/tests") || name.ends_with("examples.rs") || name.ends_with("libyaml.rs")
}

#[test]
fn files_are_documented_and_short() {
    let mut wrong = Vec::new();
    for (name, text) in library() {
        if !text.starts_with("//!") && !text.starts_with("#![doc") {
            wrong.push(format!("{name} does not open with //!"));
        }
        let lines = without_tests(&text).lines().count();
        if lines > MAX_LINES && !is_test_file(&name) {
            wrong.push(format!("{name} has {lines} lines"));
        }
        let stem = name.rsplit('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if ["utils", "helpers", "common", "misc", "types", "mod"].contains(&stem.as_str()) {
            wrong.push(format!("{name} says nothing of what it holds"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_is_listed_once_and_in_kebab_case() {
    let files = rust_files(&root().join("src/diagnostic/codes"));
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    let written: usize = texts.map(|text| text.matches("\npub const ").count()).sum();
    assert_eq!(written, codes::all().count(), "ALL misses a code");
    for code in codes::all() {
        let kebab =
            code.name.bytes().all(|byte| byte.is_ascii_lowercase() || b"-8".contains(&byte));
        assert!(kebab, "{} is no kebab case", code.name);
        assert_eq!(codes::find(code.name), Some(code), "{} is there twice", code.name);
    }
}

/// `UPDATE_DOCS=1 cargo test` writes the page anew.
#[test]
fn the_page_of_codes_is_that_of_the_source() {
    let page = root().join("docs/codes.md");
    let expected = codes_page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&page, &expected).unwrap();
    }
    let found = fs::read_to_string(&page).unwrap_or_default();
    assert!(found == expected, "docs/codes.md is stale; run UPDATE_DOCS=1 cargo test --test tidy");
}

fn codes_page() -> String {
    let mut page = String::from(
        "# Diagnostics\n\nEvery problem has one of these codes; they never change. Errors forbid \
         writing. Where `--allow` is `yes`, the code may be acknowledged: an error is then a warning, \
         and a warning is not shown. `rollstep check --explain CODE` prints what is said of one.\n\n| code | | `--allow` | meaning |\n|---|---|---|---|\n",
    );
    for code in codes::all() {
        let allow = if code.allowable { "yes" } else { "" };
        let severity = code.severity.as_str();
        let name = if code.is_explained() {
            format!("[`{0}`](#{0})", code.name)
        } else {
            format!("`{}`", code.name)
        };
        page.push_str(&format!("| {name} | {severity} | {allow} | {} |\n", code.meaning));
    }
    for code in codes::all().filter(|code| code.is_explained()) {
        page.push_str(&format!("\n## {}\n\n{}", code.name, code.page_body()));
    }
    page
}

#[test]
fn ci_runs_what_the_readme_says() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    let first = readme.lines().find(|line| line.starts_with("cargo run ")).unwrap();
    let arguments = first.strip_prefix("cargo run --release ").unwrap();
    assert!(ci.contains(arguments), ".ci/run does not run `{first}`");
    assert!(readme.contains("\ncargo test\n") && ci.contains("cargo test"));
}

/// What is skipped is told by one file, so that the summary of `.ci/run` misses none.
#[test]
fn no_test_is_skipped_on_its_own() {
    let tests = rust_files(&root().join("tests"));
    let others = tests
        .iter()
        .filter(|path| !path.ends_with("fixture/skipped.rs") && !path.ends_with("tidy.rs"));
    let alone = others.filter(|path| {
        let text = fs::read_to_string(path).unwrap();
        let mut printed = text.split("println!(").skip(1).filter_map(|rest| rest.split(';').next());
        printed.any(|printed| printed.contains("skip"))
    });
    assert_eq!(Vec::<&PathBuf>::new(), alone.collect::<Vec<_>>());
}

#[test]
fn the_lock_file_stays_small() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let packages = lock.matches("[[package]]").count();
    assert!(packages <= 110, "{packages} packages");
}
