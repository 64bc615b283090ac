//! What twice the input costs: at most 2.3 times the instructions, beside those of an empty input.
//!
//! Instructions are counted, not seconds, by `perf` or valgrind's cachegrind; where neither counts, the
//! test is skipped. `ROLLSTEP_GROWTH=10 cargo test --release --test growth` takes inputs ten times as large, as they once took minutes.
#![cfg(test)]
#![allow(dead_code, reason = "the inputs are those of tests/effort.rs as well")]
#![allow(clippy::disallowed_methods, reason = "tests write files")]

#[path = "growth/inputs.rs"]
mod inputs;
#[path = "fixture/skipped.rs"]
mod skipped;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use inputs::not_linear;

/// Counts the instructions of a command in user mode.
type Counter = fn(&[&str]) -> Option<u64>;

fn by_perf(arguments: &[&str]) -> Option<u64> {
    let mut perf = Command::new("perf");
    perf.args(["stat", "-x", ",", "-e", "instructions:u", "--", env!("CARGO_BIN_EXE_rollstep")]);
    let said = String::from_utf8(perf.args(arguments).output().ok()?.stderr).ok()?;
    let line = said.lines().find(|line| line.contains("instructions:u"))?;
    line.split(',').next()?.parse().ok()
}

fn by_valgrind(arguments: &[&str]) -> Option<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    valgrind.arg(env!("CARGO_BIN_EXE_rollstep"));
    let said =
        String::from_utf8_lossy(&valgrind.args(arguments).output().ok()?.stderr).into_owned();
    let line = said.lines().find(|line| line.contains("I refs:") || line.contains("I   refs:"))?;
    line.split(':').nth(1)?.trim().replace(',', "").parse().ok()
}

fn counter() -> Option<Counter> {
    let counts = |counter: &Counter| counter(&["--version"]).is_some_and(|count| count > 0);
    [by_perf as Counter, by_valgrind].into_iter().find(counts)
}

#[test]
fn twice_the_input_is_at_most_a_little_more_than_twice_the_cost() {
    let Some(count) = counter() else {
        return skipped::skip("neither perf nor valgrind counts instructions here");
    };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("growth");
    fs::create_dir_all(&folder).unwrap();
    let scale = std::env::var("ROLLSTEP_GROWTH").map_or(1, |scale| scale.parse().unwrap());
    let wrong = not_linear(
        |input| (input.size * scale, input.counted),
        |input, command, size| {
            let name = command.replace(' ', "");
            let path = folder.join(format!("{}-{name}-{size}.yaml", input.name));
            fs::write(&path, (input.text)(size)).unwrap();
            cost(count, command, &path)
        },
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn cost(count: Counter, command: &str, path: &Path) -> u64 {
    let path = path.display().to_string();
    let words: Vec<_> = command.split(' ').chain(["-f", &path]).collect();
    count(&words).unwrap()
}
