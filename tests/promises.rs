//! What docs/promises.md promises and no other test keeps.
#![cfg(test)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests read files")]
#![allow(dead_code, reason = "the fixtures are read for more than this test")]

#[path = "fixture/case.rs"]
mod case;
#[path = "fixture/skipped.rs"]
mod skipped;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use case::{crate_root, read_all};
use rollstep::diagnostic::codes;
use rollstep::{Input, Only, Options, Source, StageName, render};

const SHOP: [&str; 6] =
    ["render", "-R", "-f", "examples/shop/manifests", "--stable", "examples/shop/stable"];

/// The codes that have been told to people; others may come, none of these goes.
const TOLD: &str = include_str!("promises/codes.txt");

/// `UPDATE_DOCS=1 cargo test` adds new codes to the list.
#[test]
fn codes_are_never_taken_back() {
    let gone: Vec<_> = TOLD.lines().filter(|name| codes::find(name).is_none()).collect();
    assert!(gone.is_empty(), "codes that people may have in their scripts: {gone:?}");
    let names = codes::all().map(|code| code.name);
    let untold: Vec<_> = names.filter(|name| !TOLD.lines().any(|told| told == *name)).collect();
    let list = crate_root().join("tests/promises/codes.txt");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let added: String = untold.iter().map(|name| format!("{name}\n")).collect();
        fs::write(list, TOLD.to_owned() + &added).unwrap();
    } else {
        assert!(untold.is_empty(), "run UPDATE_DOCS=1 cargo test --test promises: {untold:?}");
    }
}

#[test]
fn a_roll_step_keeps_its_fields() {
    let stable = "apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: x}\n";
    let roll_step = format!(
        "apiVersion: rollstep.dev/v1alpha1\nkind: RollStep\nmetadata: {{name: web}}\nspec:\n  \
         rollout: web\n  step: 1\n  revision: a\n  released: b\n  isolation: {{key: app}}\n  \
         allow: [host-port]\n  replicas: 4\n  stable: |\n    {stable}"
    );
    let outcome_of = |text: String| {
        let input = Input::new(vec![Source::new("step.yaml", text)], None);
        let outcome = render(&input, &Options::default());
        outcome.diagnostics.iter().map(|one| one.code.name).collect::<Vec<_>>()
    };
    let refused = outcome_of(roll_step.replace("replicas: 4", "replica: 4"));
    assert!(refused.contains(&"unknown-field"), "{refused:?}");
    let told = outcome_of(roll_step);
    assert!(!told.iter().any(|code| code.ends_with("-field")), "{told:?}");
}

#[test]
fn the_command_gives_the_same_bytes_each_time() {
    let [first, second] = [run(&SHOP), run(&SHOP)];
    assert!(first.status.success());
    assert!(first.stdout == second.stdout && first.stderr == second.stderr);
}

/// Functions of the C library that open a connection.
///
/// `socketpair`, `sendmsg` and `poll` are not among them: starting git uses them, and none opens a
/// connection to another machine.
#[cfg(target_os = "linux")]
const REACHING: [&str; 8] =
    ["socket", "connect", "bind", "listen", "accept", "accept4", "getaddrinfo", "sendto"];

/// The built command does not import what opens a connection.
///
/// The standard library makes its system calls by these functions; it also imports `syscall`, for locks,
/// which only `unsafe` code could put to another use. The next test does not rely on symbols.
#[cfg(target_os = "linux")]
#[test]
fn the_command_cannot_reach_the_network() {
    let command = env!("CARGO_BIN_EXE_rollstep");
    let Ok(output) = Command::new("nm").args(["-D", "--undefined-only", command]).output() else {
        return skipped::skip("nm is not there");
    };
    let symbols = String::from_utf8(output.stdout).unwrap();
    let names = symbols.lines().filter_map(|line| line.split_whitespace().last());
    let names: Vec<_> = names.map(|name| name.split('@').next().unwrap()).collect();
    assert!(names.contains(&"open64") || names.contains(&"open"), "nothing is imported: {symbols}");
    let reaching: Vec<_> = names.iter().filter(|name| REACHING.contains(name)).collect();
    assert!(reaching.is_empty(), "{reaching:?}");
}

/// Nothing but the module of git starts a program, and `tests/moves/git.rs` tries what that one starts.
#[test]
fn only_git_is_started() {
    let mut sources = Vec::new();
    collect(&crate_root().join("src"), &mut sources);
    let folder = crate_root().join("src/bin/rollstep/git");
    let is_git = |path: &Path| path.starts_with(&folder) || path == folder.with_extension("rs");
    for path in sources.iter().filter(|path| !is_git(path)) {
        let text = fs::read_to_string(path).unwrap();
        for word in ["process::Command", "process::{Child", "process::{Command"] {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

/// Each command ends as it does elsewhere where there is no network at all, not even a loopback.
#[cfg(target_os = "linux")]
#[test]
fn every_command_works_without_a_network() {
    let within = ["--map-root-user", "--net"];
    let can = Command::new("unshare").args(within).arg("true").output();
    if !can.is_ok_and(|output| output.status.success()) {
        return skipped::skip("no namespace without a network can be made");
    }
    let tree = ["-R", "-f", "examples/shop/manifests", "--stable", "examples/shop/stable"];
    for command in [
        &["render", "--step", "1"][..],
        &["plan"],
        &["check"],
        &["diff"],
        &["explain", "--step", "1", "http://web.shop/"],
    ] {
        let arguments = [command, &tree].concat();
        let here = run(&arguments);
        let program = env!("CARGO_BIN_EXE_rollstep");
        let mut apart = Command::new("unshare");
        apart.args(within).arg(program).args(&arguments);
        let apart = apart.current_dir(crate_root()).stdin(Stdio::null()).output().unwrap();
        assert_eq!(here.status.code(), apart.status.code(), "{command:?}");
        assert!(here.stdout == apart.stdout && here.stderr == apart.stderr, "{command:?}");
    }
}

#[test]
fn the_environment_changes_no_manifest() {
    let plain = run(&SHOP);
    let others = [("COLUMNS", "20"), ("NO_COLOR", "1"), ("TERM", "dumb"), ("LANG", "tr_TR.UTF-8")];
    let output = command(&SHOP).envs(others).env("TZ", "Asia/Tokyo").output().unwrap();
    assert!(plain.stdout == output.stdout && plain.stderr == output.stderr);
    let output = command(&SHOP).env_clear().output().unwrap();
    assert!(plain.stdout == output.stdout && plain.stderr == output.stderr);
}

#[test]
fn no_file_is_written() {
    let folder = scratch("no-file-is-written");
    let tree = folder.join("tree");
    copy(&crate_root().join("examples/shop"), &tree);
    for name in ["home", "tmp", "work"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    let before = contents(&folder);
    for step in [&["--step", "1"][..], &["--step", "9"], &["--only", "removed"], &[]] {
        let path = |name: &str| tree.join(name).to_str().unwrap().to_owned();
        let (manifests, stable) = (path("manifests"), path("stable"));
        let arguments = ["render", "-R", "-f", &manifests, "--stable", &stable];
        let mut command = command(&arguments);
        let output = command
            .args(step)
            .current_dir(folder.join("work"))
            .env("HOME", folder.join("home"))
            .env("TMPDIR", folder.join("tmp"))
            .output()
            .unwrap();
        assert!(output.status.code().is_some());
        assert!(before == contents(&folder), "{step:?} wrote a file");
    }
}

#[test]
fn a_fault_in_the_last_document_leaves_stdout_empty() {
    let broken = scratch("a-fault-at-the-end").join("zz.yaml");
    for fault in ["kind: [\n", "kind: NoVersion\n", "apiVersion: v1\nkind: Secret\na: {b: *c}\n"] {
        fs::write(&broken, fault).unwrap();
        let output = run(&[&SHOP[..], &["-f", broken.to_str().unwrap()]].concat());
        assert_eq!(Some(2), output.status.code(), "{fault}");
        assert!(output.stdout.is_empty(), "{fault}");
        assert!(!output.stderr.is_empty(), "{fault}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_no_success() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(&SHOP).stdout(full).output().unwrap();
    assert_eq!(Some(2), output.status.code());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("error: cannot write the result"), "{said}");
}

#[test]
fn success_is_never_empty_but_for_what_is_removed() {
    let parts = [Only::Everything, Only::Workloads, Only::Routing, Only::Changed, Only::Removed];
    for mut case in read_all() {
        for only in parts {
            case.options.only = only;
            for (step, rendered) in case.render_all() {
                let empty = rendered.text.is_some_and(|text| text.trim().is_empty());
                assert!(!empty || only == Only::Removed, "{} at {step}: {only:?}", case.name);
            }
        }
    }
    let nothing = run(&[&SHOP[..], &["--rollout", "shop/cart", "--only", "removed"]].concat());
    assert_eq!((Some(0), 0), (nothing.status.code(), nothing.stdout.len()));
}

#[test]
fn comments_and_line_endings_stay() {
    let mut paths = Vec::new();
    collect(&crate_root().join("examples/shop/manifests"), &mut paths);
    // A Deployment is written as the old version has it.
    let ours = |path: &PathBuf| !path.ends_with("deployment.yaml");
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap().replace('\n', "\r\n");
    let sources: Vec<_> = paths.iter().map(|path| Source::new("x.yaml", read(path))).collect();
    let input = Input::new(sources, None);
    for step in [StageName::Done, StageName::Last] {
        let step = Some(step);
        let options = Options { step, keep_rollout: true, ..Options::default() };
        let text = render(&input, &options).text().unwrap();
        let commented = paths.iter().filter(|path| ours(path)).map(read);
        let lines: Vec<_> = commented.flat_map(|text| comments(&text)).collect();
        assert!(lines.len() > 20, "{}", lines.len());
        for line in lines {
            assert!(text.contains(&line), "{step:?} lost {line}");
        }
    }
}

/// Returns the lines with a comment, with their ending.
fn comments(text: &str) -> Vec<String> {
    let lines = text.split_inclusive('\n').filter(|line| line.contains("# "));
    lines.map(str::to_owned).collect()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollstep"));
    command.args(arguments).current_dir(crate_root()).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// Collects the files below a folder in lexical order.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut paths = case::entries(folder);
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn copy(from: &Path, to: &Path) {
    let mut files = Vec::new();
    collect(from, &mut files);
    for file in files {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(file, target).unwrap();
    }
}

/// Returns an empty folder that belongs to one test.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}
