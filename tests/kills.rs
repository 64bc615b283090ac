//! Runs that are killed while they write: nothing is lost, nothing stays, and the next run never sticks.
//!
//! `ROLLSTEP_KILLS=200 cargo test --test kills` kills more of them.
#![cfg(test)]
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

#[path = "kills/moves.rs"]
mod moves;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

fn render(folder: &Path, step: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollstep"));
    command.args([
        "render",
        "-R",
        "-f",
        "examples/shop/manifests",
        "--stable",
        "examples/shop/stable",
    ]);
    command.args(["--step", step, "--output-dir"]).arg(folder).args(more);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn finish(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Returns every file below, the hidden ones included.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// Returns how many runs are killed.
fn kills() -> u32 {
    std::env::var("ROLLSTEP_KILLS").map_or(30, |count| count.parse().unwrap())
}

/// Starts a command, and kills it a while later.
fn kill_after(mut command: Command, pause: Duration) {
    let mut run = command.spawn().unwrap();
    thread::sleep(pause);
    // It may have ended by now.
    let _ = run.kill();
    run.wait().unwrap();
}

/// Kills runs at moments that are spread over how long one takes.
fn kill_runs(name: &str, foreign: bool) {
    let kills = kills();
    let above = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("kills-{name}"));
    let _ = fs::remove_dir_all(&above);
    let folder = above.join("tree");
    fs::create_dir_all(&folder).unwrap();
    let more: &[&str] = if foreign { &["--force"] } else { &[] };
    if foreign {
        fs::write(folder.join("theirs.txt"), "theirs").unwrap();
    }
    let mut trees = Vec::new();
    let mut takes = Duration::ZERO;
    for step in ["done", "1"] {
        let start = Instant::now();
        finish(&mut render(&folder, step, more));
        takes = start.elapsed();
        trees.push(contents(&above));
    }
    for kill in 0..kills {
        let step = ["done", "1"][kill as usize % 2];
        kill_after(render(&folder, step, more), takes * (kill + 1) / kills);
        if let Ok(text) = fs::read(folder.join("theirs.txt")) {
            assert_eq!(text, b"theirs");
        }
        finish(&mut render(&folder, step, more));
        assert!(contents(&above) == trees[kill as usize % 2], "kill {kill}: another tree");
        let mut check = render(&folder, step, &[more, &["--check"]].concat());
        finish(&mut check);
    }
}

#[test]
fn an_exchange_that_is_killed_leaves_nothing() {
    kill_runs("exchange", false);
}

#[test]
fn a_replacement_in_place_that_is_killed_leaves_nothing() {
    kill_runs("in-place", true);
}

#[test]
fn a_check_reports_what_a_killed_run_left() {
    let above = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("kills-check");
    let _ = fs::remove_dir_all(&above);
    let folder = above.join("tree");
    finish(&mut render(&folder, "1", &[]));
    for left in [folder.join(".rollstep-new"), above.join(".tree.rollstep-new")] {
        fs::create_dir(&left).unwrap();
        let mut check = render(&folder, "1", &["--check"]);
        let output = check.stdout(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("left by a run that was killed"), "{said}");
        finish(&mut render(&folder, "1", &[]));
        assert!(!left.exists(), "{}", left.display());
    }
}
