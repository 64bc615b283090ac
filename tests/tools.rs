//! The tools that rollstep is used with, as far as they can be had: `kubectl`, Helm, and the server of
//! Argo CD's plugins, which is played here, as is the job that renders for Flux.
//!
//! What is missing is skipped, and said to be.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "tools/argocd.rs"]
mod argocd;
#[path = "tools/fake_api_server.rs"]
mod fake_api_server;
#[path = "tools/flux.rs"]
mod flux;
#[path = "tools/helm.rs"]
mod helm;
#[path = "tools/kubectl.rs"]
mod kubectl;
#[path = "tools/packaging.rs"]
mod packaging;
#[path = "fixture/skipped.rs"]
mod skipped;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

const ROLLSTEP: &str = env!("CARGO_BIN_EXE_rollstep");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns an empty folder of that name.
fn empty_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs the command with the text on its standard input.
fn run_with(command: &mut Command, text: &str) -> Output {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = text.to_owned();
    // A command that has failed reads no more.
    let writer = thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Returns what was written, if all went well.
#[track_caller]
fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}", stderr(output));
    stdout(output)
}

/// Renders a fixture with its old version.
#[track_caller]
fn render(fixture: &str, arguments: &[&str]) -> String {
    let folder = root().join("fixtures").join(fixture);
    let mut command = Command::new(ROLLSTEP);
    command.args(["render", "-f"]).arg(&folder);
    command.arg("--stable").arg(folder.join("stable")).args(arguments);
    succeeded(&command.output().unwrap())
}
