//! The walk-through, run from its own text.
//!
//! Each `sh` block of docs/tutorial.md is run in the order of the page, in one shell, in an empty folder;
//! the `text` block behind it is what it writes to standard output.
//! `UPDATE_DOCS=1 cargo test --test tutorial` writes those blocks anew.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "fixture/skipped.rs"]
mod skipped;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use skipped::has;

const PAGE: &str = "docs/tutorial.md";

/// What stands between the outputs of two blocks.
const MARK: &str = "\u{1e}";

#[test]
fn the_page_is_a_rollout_from_start_to_finish() {
    if !has("bash") || !has("git") {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = fs::read_to_string(&path).unwrap();
    let blocks: Vec<_> =
        page.split("```sh\n").skip(1).map(|rest| rest.split_once("```\n").unwrap()).collect();
    let said = run(&blocks.iter().map(|(commands, _)| *commands).collect::<Vec<_>>());
    let mut anew = page.clone();
    for ((commands, after), said) in blocks.iter().zip(&said) {
        let Some(shown) = after.strip_prefix("\n```text\n") else {
            assert_eq!("", said, "{commands}");
            continue;
        };
        let shown = &shown[..shown.find("```\n").unwrap()];
        let of = |text: &str| format!("{commands}```\n\n```text\n{text}```\n");
        anew = anew.replace(&of(shown), &of(said));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, anew).unwrap();
    } else {
        assert_eq!(page, anew, "{PAGE} is stale; run UPDATE_DOCS=1 cargo test --test tutorial");
    }
}

/// Runs the blocks one after the other, and returns what each writes.
fn run(blocks: &[&str]) -> Vec<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tutorial");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut script = String::from("set -eu\n");
    for block in blocks {
        write!(script, "printf '{MARK}'\n{block}").unwrap();
    }
    let command = Path::new(env!("CARGO_BIN_EXE_rollstep")).parent().unwrap();
    let paths = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(&folder)
        .env("PATH", format!("{}:{paths}", command.display()))
        .env("ROLLSTEP", env!("CARGO_MANIFEST_DIR"))
        .env_remove("COLUMNS")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "a")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "a@b.example")))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let written = String::from_utf8(output.stdout).unwrap();
    let said: Vec<_> = written.split(MARK).skip(1).map(str::to_owned).collect();
    assert_eq!(blocks.len(), said.len());
    said
}
