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
    // Its lines begin with commands of its own.
    let view = if what.ends_with("github") { "check github" } else { "command" };
    // A panic has 101, a signal none.
    assert!(output.status.code().is_some_and(|code| code < 101), "{what}: {output:?}");
    for bytes in [&output.stdout, &output.stderr] {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let fault = crate::fault(&Shown { view, text });
        assert!(fault.is_none(), "{what}: {fault:?}");
    }
}

/// Every command with every format of its output that is not a manifest.
const OUTPUTS: [&str; 27] = [
    "plan -o text",
    "plan -o markdown",
    "plan -o json",
    "plan -o mermaid",
    "plan -o html",
    "diff --step 2 -o unified",
    "diff --step 2 --stat",
    "diff --step 2 -o markdown",
    "diff --step 2 -o json",
    "diff --step 2 -o json-patch",
    "diff --step 2 -o merge-patch",
    "check -o text",
    "check -o json",
    "check -o sarif",
    "check -o github",
    "explain http://shop.example.com/ --step 1 -o text",
    "explain http://shop.example.com/ --step 1 --why -o text",
    "explain http://shop.example.com/ --step 1 -o json",
    "status -o text",
    "status -o json",
    "start --restart --dry-run",
    "start --restart --message --dry-run",
    "approve --dry-run",
    "approve --message --dry-run",
    "abort --dry-run",
    "render --step 9",
    "render --step 1 --check --output-dir out",
];

/// One of how many outputs is tried with each name, where not all are.
const PART: usize = 7;

#[cfg(unix)]
#[test]
fn no_name_of_a_file_or_folder_speaks_in_any_output() {
    let part = if std::env::var_os("ROLLSTEP_HOSTILE").is_some() { 1 } else { PART };
    let folder = folder("outputs");
    // Something to be reported at a line of the file.
    let text = include_str!("tree.yaml").replace("timeout: 3s", "time_out: 3s");
    let values = crate::values();
    let texts = values.iter().filter_map(serde_json::Value::as_str);
    let names = texts.filter(|name| name.len() < 200 && !name.contains(['/', '\0']));
    let mut runs = 0;
    for (index, name) in names.enumerate() {
        let (file, below) = (format!("{name}.yaml"), format!("{name} folder"));
        fs::create_dir(folder.join(&below)).unwrap();
        fs::write(folder.join(&below).join(&file), &text).unwrap();
        fs::write(folder.join(&file), &text).unwrap();
        for output in OUTPUTS.iter().skip(index % part).step_by(part) {
            for named in [&file, &below] {
                let words: Vec<_> = output.split(' ').chain(["-f", named]).collect();
                let (once, again) = (run(&words, &folder), run(&words, &folder));
                check(&once, output);
                assert_eq!(once, again, "{output} {name:?}");
                runs += 2;
            }
        }
    }
    println!("{runs} runs");
    assert!(runs > 100);
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
