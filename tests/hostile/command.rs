//! The command itself, with what a terminal or a log gets of it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::views::Shown;

fn run(arguments: &[&str], folder: &PathBuf) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollstep"));
    command.args(arguments).current_dir(folder).env_remove("ROLLSTEP_LOG_FILE");
    command.output().unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn check(output: &Output, what: &str) {
    for bytes in [&output.stdout, &output.stderr] {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let fault = crate::fault(&Shown { view: "command", text });
        assert!(fault.is_none(), "{what}: {fault:?}");
    }
}

#[cfg(unix)]
#[test]
fn file_names_and_arguments_are_shown_with_escapes() {
    let folder = folder("names");
    let text = include_str!("tree.yaml").replace("timeout: 3s", "time_out: 3s");
    let names =
        ["a\n::error::INJECTED.yaml", "\u{202e}lmay.yaml", "##[group]x.yaml", "a\u{1b}[2J.yaml"];
    for name in names {
        fs::write(folder.join(name), &text).unwrap();
        for command in ["plan", "check", "status", "approve", "diff", "start"] {
            check(&run(&[command, "-f", name], &folder), command);
        }
        for format in ["json", "sarif"] {
            check(&run(&["check", "-f", name, "-o", format], &folder), format);
        }
        check(&run(&["render", "-f", name, "--step", "9"], &folder), "render");
        check(&run(&["render", "-f", "absent", "--stable", name, "--step", name], &folder), "step");
        check(&run(&[name], &folder), "an unknown command");
        check(&run(&["plan", "-f", name, &format!("--rollout={name}")], &folder), "rollout");
        check(&run(&["plan", "-f", &format!("{name}.absent")], &folder), "absent");
    }
    check(&run(&["plan", "-f", "."], &folder), "all");
}

#[cfg(unix)]
#[test]
fn differences_of_a_tree_are_shown_with_escapes() {
    let folder = folder("tree");
    fs::write(folder.join("tree.yaml"), include_str!("tree.yaml")).unwrap();
    let arguments = ["render", "-f", "tree.yaml", "--step", "1", "--output-dir", "a\n::error::b"];
    let arguments =
        [&arguments[..], &["--allow", "not-covered", "--allow", "not-protected"]].concat();
    run(&arguments, &folder);
    let output = run(&[&arguments[..], &["--check"]].concat(), &folder);
    check(&output, "--check");
}
