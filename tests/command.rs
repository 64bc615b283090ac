//! What only the running command shows: exit codes, streams, paths and help.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// What a run of the command left behind.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

#[test]
fn a_result_goes_to_stdout_and_what_is_said_to_stderr() {
    let ran = run(&["render", "-f", "istio-guide", "--step", "1"]);
    assert_eq!(Some(0), ran.code);
    assert!(ran.stdout.starts_with("apiVersion: apps/v1\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("warning"), "{}", ran.stdout);
    assert!(ran.stderr.contains("warning[stable-paused]"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_done_writes_nothing_and_ends_with_2() {
    let ran = run(&["render", "-f", "unknown-service", "--step", "1"]);
    assert_eq!((Some(2), ""), (ran.code, ran.stdout.as_str()));
    assert!(ran.stderr.contains("--> unknown-service/web.yaml:67:18 ("), "{}", ran.stderr);
}

#[test]
fn the_old_version_is_read_from_its_own_path() {
    let stable = "istio-guide/stable/deployment.yaml";
    let ran = run(&["render", "-f", "istio-guide", "--stable", stable, "--step", "stable"]);
    assert_eq!(Some(0), ran.code, "{}", ran.stderr);
    let old = fs::read_to_string(fixtures().join(stable)).unwrap();
    assert!(ran.stdout.starts_with(&format!("{old}---\n")), "{}", ran.stdout);
}

#[test]
fn options_reach_the_render() {
    let ran = run(&[
        "render",
        "--filename=istio-guide",
        "--step=last",
        "--only=routing",
        "--output=json",
        "--allow=stable-paused,",
    ]);
    assert_eq!(Some(2), ran.code, "a comma is no separator");
    let ran = run(&[
        "render",
        "--filename=istio-guide",
        "--step=last",
        "--only=routing",
        "--output=json",
        "--allow=stable-paused",
        "--allow=style-assumed",
        "--allow=isolated-by",
    ]);
    assert_eq!((Some(0), ""), (ran.code, ran.stderr.as_str()));
    let list: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(Some(1), list["items"].as_array().map(Vec::len));
    assert_eq!("VirtualService", list["items"][0]["kind"]);
}

#[test]
fn a_dash_is_standard_input() {
    let input = fs::read_to_string(fixtures().join("stable-is-paused/web.yaml")).unwrap();
    let ran = run_with(&["render", "-f", "-", "--step", "done"], &input);
    assert_eq!(Some(0), ran.code, "{}", ran.stderr);
    assert_eq!(run(&["render", "-f", "stable-is-paused", "--step", "done"]).stdout, ran.stdout);
    let ran = run_with(&["render", "-f", "-", "--step", "done"], "kind: [\n");
    assert_eq!((Some(2), ""), (ran.code, ran.stdout.as_str()));
    assert!(ran.stderr.contains("--> -:"), "{}", ran.stderr);
}

#[test]
fn standard_input_is_not_read_unasked() {
    // Nobody writes and nobody closes it: whoever reads it would wait for ever.
    let mut child = command(&["render", "-f", "istio-guide", "--step", "done"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("the command waits for standard input");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = scratch("closed-stdout");
    let rollout = fs::read_to_string(fixtures().join("stable-is-paused/web.yaml")).unwrap();
    let other = |number| {
        let data = "x".repeat(1000);
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m{number}\ndata:\n  x: {data}\n"
        )
    };
    // More than a pipe holds.
    let others: String = (0..2000).map(other).collect();
    fs::write(folder.join("all.yaml"), rollout + &others).unwrap();
    let mut child = command(&["render", "-f", folder.to_str().unwrap(), "--step", "done"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!("apiVersion: apps/v1\n", line);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((Some(0), ""), (child.wait().unwrap().code(), said.as_str()));
}

#[test]
fn a_directory_is_read_in_lexical_order() {
    let folder = tree("lexical-order");
    let ran = run(&["render", "-f", folder.to_str().unwrap(), "--step", "done"]);
    assert_eq!(Some(0), ran.code, "{}", ran.stderr);
    assert_eq!(["upper", "web", "web", "web", "ten", "two"], names(&ran).as_slice());
}

#[test]
fn directories_below_are_read_on_request() {
    let folder = tree("recursive");
    let ran = run(&["render", "-R", "-f", folder.to_str().unwrap(), "--step", "done"]);
    assert_eq!(Some(0), ran.code, "{}", ran.stderr);
    assert_eq!(["upper", "web", "web", "web", "below", "ten", "two"], names(&ran).as_slice());
}

#[test]
fn paths_are_read_in_their_order() {
    let folder = tree("several-paths");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (first, second, third) = (path("z2.yml"), path("a.yaml"), path("README"));
    let ran = run(&["render", "-f", &first, "-f", &second, "-f", &third, "--step", "done"]);
    assert_eq!(Some(0), ran.code, "{}", ran.stderr);
    assert_eq!(["two", "web", "web", "web", "readme"], names(&ran).as_slice());
}

#[test]
fn a_directory_without_manifests_is_told() {
    let folder = scratch("no-manifests");
    fs::create_dir(folder.join("below")).unwrap();
    let path = folder.to_str().unwrap();
    let ran = run(&["render", "-f", path, "--step", "done"]);
    assert_eq!((Some(2), ""), (ran.code, ran.stdout.as_str()));
    assert!(ran.stderr.contains("add -R"), "{}", ran.stderr);
    let ran = run(&["render", "-R", "-f", path, "--step", "done"]);
    assert_eq!(Some(2), ran.code);
    assert!(!ran.stderr.contains("add -R"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_directory_is_told_and_not_waited_for() {
    let folder = scratch("pipe");
    let made = Command::new("mkfifo").arg(folder.join("web.yaml")).status().unwrap();
    assert!(made.success());
    let ran = run(&["render", "-f", folder.to_str().unwrap(), "--step", "1"]);
    assert_eq!((Some(2), ""), (ran.code, ran.stdout.as_str()));
    assert!(ran.stderr.contains("web.yaml is not a regular file"), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let ran = run(&["render", "-f", "nowhere.yaml", "--step", "done"]);
    assert_eq!((Some(2), ""), (ran.code, ran.stdout.as_str()));
    assert!(ran.stderr.starts_with("error: cannot read nowhere.yaml: "), "{}", ran.stderr);
    let ran = run(&["render", "-f", "istio-guide", "--stable", "nowhere", "--step", "done"]);
    assert_eq!((Some(2), ""), (ran.code, ran.stdout.as_str()));
    assert!(ran.stderr.starts_with("error: cannot read nowhere: "), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_no_text_is_told() {
    let ran = run(&["render", "-f", "document-is-latin-1", "--step", "1"]);
    assert_eq!((Some(2), ""), (ran.code, ran.stdout.as_str()));
    assert!(ran.stderr.starts_with("error[not-utf8]: "), "{}", ran.stderr);
}

#[test]
fn a_file_over_the_limit_is_refused_unread() {
    let path = scratch("too-large").join("large.yaml");
    let file = fs::OpenOptions::new().create(true).write(true).truncate(true).open(&path).unwrap();
    file.set_len(rollstep::MAX_BYTES as u64 + 1).unwrap();
    let ran = run(&["render", "-f", path.to_str().unwrap(), "--step", "1"]);
    fs::remove_file(&path).unwrap();
    assert_eq!((Some(2), ""), (ran.code, ran.stdout.as_str()));
    assert!(ran.stderr.starts_with("error[input-too-large]"), "{}", ran.stderr);
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &["render", "-f", "istio-guide", "--step", "1", "--stepp"][..],
        &["render", "-f", "istio-guide"],
        &["render", "--step", "1"],
        &["render", "-f", "istio-guide", "--step", "first"],
        &["render", "-f", "istio-guide", "--step", "-1"],
        &["render", "-f", "istio-guide", "--step", "1", "--only", "pods"],
        &["render", "-f", "istio-guide", "--step", "1", "--output", "xml"],
        &["render", "-f", "istio-guide", "--step", "1", "--replicas", "web"],
        &["rendr"],
        &[],
    ] {
        let ran = run(arguments);
        assert_eq!((Some(2), ""), (ran.code, ran.stdout.as_str()), "{arguments:?}");
        assert!(!ran.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn wrong_usage_says_what_is_right() {
    let said = |arguments: &[&str]| run(&[&["render", "-f", "x"], arguments].concat()).stderr;
    let stderr = said(&["--step", "first"]);
    assert!(stderr.contains("a number from 1, `last`, `promote` or `done`"), "{stderr}");
    let stderr = said(&["--step", "1", "--replicas", "web"]);
    assert!(stderr.contains("such as web=10"), "{stderr}");
    let stderr = said(&["--step", "1", "--keep-rolout"]);
    assert!(stderr.contains("--keep-rollout"), "{stderr}");
}

#[test]
fn only_problems_that_may_be_acknowledged_are() {
    let said = |code| {
        let ran = run(&["render", "-f", "istio-guide", "--step", "1", "--allow", code]);
        assert_eq!((Some(2), ""), (ran.code, ran.stdout.as_str()));
        ran.stderr
    };
    let stderr = said("no-routin");
    assert!(stderr.contains("did you mean no-routing?"), "{stderr}");
    let stderr = said("everything");
    assert!(stderr.contains("there is no such code"), "{stderr}");
    let stderr = said("unknown-service");
    assert!(stderr.contains("cannot be acknowledged"), "{stderr}");
}

#[test]
fn nothing_is_said_in_a_manifest() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("log");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for name in ["web.yaml", "web"] {
        let path = folder.join(name);
        fs::copy(fixtures().join("unknown-service/web.yaml"), &path).unwrap();
        let before = fs::read(&path).unwrap();
        let path = path.to_str().unwrap();
        let by_flag = run(&["render", "-f", path, "--step", "1", "--log-file", path]);
        let mut by_variable = Command::new(env!("CARGO_BIN_EXE_rollstep"));
        let by_variable = by_variable.args(["plan", "-f", path]).env("ROLLSTEP_LOG_FILE", path);
        let by_variable = String::from_utf8(by_variable.output().unwrap().stderr).unwrap();
        for said in [by_flag.stderr, by_variable] {
            assert!(said.contains("read as a manifest") && said.contains("log file"), "{said}");
        }
        assert!(fs::read(path).unwrap() == before, "{name}");
    }
    let log = folder.join("log.yaml");
    let log = log.to_str().unwrap();
    let folder = folder.to_str().unwrap();
    let ran = run(&["render", "-f", folder, "--step", "1", "--log-file", log]);
    assert!(
        ran.stderr.contains("read as a manifest") && !Path::new(log).exists(),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_function_is_logged_as_well() {
    let log = scratch("function-log").join("log");
    let mut child = command(&[])
        .env("ROLLSTEP_LOG_FILE", &log)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"kind: none\n").unwrap();
    assert_eq!(Some(2), child.wait().unwrap().code());
    assert!(fs::read_to_string(log).unwrap().contains("error"));
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let ran = run(&["render", "--help"]);
    assert_eq!((Some(0), ""), (ran.code, ran.stderr.as_str()));
    assert!(ran.stdout.contains("| kubectl apply -f -"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Exit codes"), "{}", ran.stdout);
    let ran = run(&["--version"]);
    assert_eq!(Some(0), ran.code);
    assert_eq!(format!("rollstep {}\n", env!("CARGO_PKG_VERSION")), ran.stdout);
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Returns the command, to be run among the fixtures.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollstep"));
    command.args(arguments).current_dir(fixtures()).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Ran {
    ran(command(arguments).output().unwrap())
}

fn run_with(arguments: &[&str], input: &str) -> Ran {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    ran(child.wait_with_output().unwrap())
}

fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Returns an empty folder that belongs to one test.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes a tree with a rollout and maps that are named for where they lie.
fn tree(name: &str) -> PathBuf {
    let folder = scratch(name);
    let map = |name| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n");
    fs::create_dir(folder.join("b")).unwrap();
    fs::copy(fixtures().join("stable-is-paused/web.yaml"), folder.join("a.yaml")).unwrap();
    for (file, name) in [
        ("B.yaml", "upper"),
        ("b/below.yaml", "below"),
        ("z10.json.yml", "ten"),
        ("z2.yml", "two"),
        ("README", "readme"),
        ("notes.txt", "notes"),
    ] {
        fs::write(folder.join(file), map(name)).unwrap();
    }
    folder
}

/// Returns the names of the objects in the order of the result.
fn names(ran: &Ran) -> Vec<String> {
    let source = rollstep::Source::new("stdout", ran.stdout.as_str());
    let objects = rollstep::read(&[source]).unwrap();
    let name = |object: &serde_json::Value| object["metadata"]["name"].as_str().unwrap().to_owned();
    objects.iter().map(name).collect()
}
