//! Pages that show output show what the command says.
//!
//! In docs/safety.md each `text` block is what the command of the `sh` block before it writes to
//! standard error, run where the crate lies; in README.md and the pages of other commands that of these
//! is what they write to standard output. `UPDATE_DOCS=1 cargo test --test documentation` writes the
//! blocks anew. In README.md and examples/shop/README.md each command that begins with `rollstep`
//! and names only what is in the repository succeeds.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files, and fail by a panic"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const SAFETY: &str = "docs/safety.md";
const EXPLAIN: &str = "docs/explain.md";

/// A command of a page, and the text that the page shows after it.
struct Shown {
    command: String,
    text: String,
}

#[test]
fn the_page_of_safety_shows_what_is_said() {
    let page = read(SAFETY);
    let shown = shown(&page);
    assert!(shown.len() >= 20, "{} commands", shown.len());
    let mut anew = page.clone();
    for Shown { command, text } in &shown {
        let said = text_of(&run(command).stderr);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            anew = anew.replace(&block(command, text), &block(command, &said));
        } else {
            assert_eq!(*text, said, "{command}");
        }
    }
    if anew != page {
        fs::write(root().join(SAFETY), anew).unwrap();
    }
}

#[test]
fn pages_of_explain_show_what_is_answered() {
    for page in [EXPLAIN, "README.md"] {
        let text = read(page);
        let shown: Vec<_> =
            blocks(&text).into_iter().filter(|it| it.command.contains(" explain ")).collect();
        assert!(!shown.is_empty(), "{page}");
        let mut anew = text.clone();
        for Shown { command, text } in &shown {
            let output = run(command);
            let said = text_of(&output.stdout);
            assert_eq!(Some(0), output.status.code(), "{command}: {}", text_of(&output.stderr));
            if std::env::var_os("UPDATE_DOCS").is_some() {
                anew = anew.replace(&block(command, text), &block(command, &said));
            } else {
                assert_eq!(*text, said, "{command}");
            }
        }
        if anew != text {
            fs::write(root().join(page), anew).unwrap();
        }
    }
}

#[test]
fn what_is_refused_writes_nothing_and_what_is_told_does() {
    for Shown { command, text } in shown(&read(SAFETY)) {
        let output = run(&command);
        if text.starts_with("error") {
            assert_eq!((Some(2), 0), (output.status.code(), output.stdout.len()), "{command}");
        } else {
            assert_eq!(Some(0), output.status.code(), "{command}");
            assert!(!output.stdout.is_empty(), "{command}");
        }
    }
}

#[test]
fn diffs_of_the_pages_are_what_the_command_says() {
    for (name, least) in [("README.md", 1), ("docs/review.md", 5)] {
        let page = read(name);
        let shown = diffs(&page);
        assert!(shown.len() >= least, "{name}: {} commands", shown.len());
        let mut anew = page.clone();
        for Diff { command, open, text } in &shown {
            let output = run(command);
            assert_eq!(Some(1), output.status.code(), "{command}: {}", text_of(&output.stderr));
            let said = text_of(&output.stdout) + "\n";
            let fence = open.trim_end_matches(char::is_alphabetic);
            let block = |text: &str| format!("{command}\n```\n\n{open}\n{text}{fence}\n");
            if std::env::var_os("UPDATE_DOCS").is_some() {
                anew = anew.replace(&block(text), &block(&said));
            } else {
                assert_eq!(*text, said, "{command}");
            }
        }
        if anew != page {
            fs::write(root().join(name), anew).unwrap();
        }
    }
}

#[test]
fn every_input_of_the_page_is_shown() {
    let page = read(SAFETY);
    for entry in fs::read_dir(root().join("docs/safety")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(page.contains(&format!("docs/safety/{name}")), "docs/safety/{name} is not shown");
    }
}

#[test]
fn commands_of_the_pages_succeed() {
    for page in ["README.md", "examples/shop/README.md"] {
        let text = read(page);
        let commands = text.lines().filter(|line| line.starts_with("rollstep render "));
        let here: Vec<_> = commands.filter(|line| line.contains(" examples/")).collect();
        assert!(!here.is_empty(), "{page} shows no command");
        for command in here {
            let alone = command.split(" | ").next().unwrap();
            let output = run(alone);
            assert!(output.status.success(), "{page}: {command}: {}", text_of(&output.stderr));
        }
    }
}

/// What `check` writes to standard output stands behind its command.
#[test]
fn pages_show_what_check_finds() {
    for name in ["README.md", "docs/check.md"] {
        let page = read(name);
        let commands = page.split("```sh\n").skip(1);
        let shown = commands.filter(|rest| rest.starts_with("rollstep check "));
        let followed = shown.filter_map(|rest| {
            let (command, after) = rest.split_once("\n```\n")?;
            Some((command, after.strip_prefix("\n```text\n")?.split_once("\n```\n")?.0))
        });
        let followed: Vec<_> = followed.collect();
        assert!(!followed.is_empty(), "{name} shows no result of check");
        let mut anew = page.clone();
        for (command, text) in followed {
            let found = text_of(&run(command).stdout);
            if std::env::var_os("UPDATE_DOCS").is_some() {
                anew = anew.replace(&block(command, text), &block(command, &found));
            } else {
                assert_eq!(text, found, "{name}: {command}");
            }
        }
        if anew != page {
            fs::write(root().join(name), anew).unwrap();
        }
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let pages = [
        "README.md",
        "docs/safety.md",
        "docs/promises.md",
        "docs/codes.md",
        "docs/simulate.md",
        EXPLAIN,
        "docs/check.md",
    ];
    let more = ["docs/moving-from-the-controller.md", "docs/routing.md", "examples/shop/README.md"];
    for page in pages.into_iter().chain(more).chain(["docs/review.md"]) {
        let folder = root().join(page).parent().unwrap().to_owned();
        let text = read(page);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            let local = !link.contains("://") && !path.is_empty();
            assert!(!local || folder.join(path).exists(), "{page} links to {link}");
        }
    }
}

#[test]
fn every_promise_names_tests_that_are_there() {
    let page = read("docs/promises.md");
    let promises: Vec<_> = page.lines().filter(|line| line.starts_with("| **")).collect();
    assert!(promises.len() >= 12, "{} promises", promises.len());
    for promise in promises {
        let kept_by = promise.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let mut source = String::new();
        let mut tests = 0;
        for name in kept_by.split('`').skip(1).step_by(2) {
            match name.strip_prefix("tests/") {
                Some(_) => source = read(name),
                None if name.contains('*') => {}
                None => {
                    assert!(source.contains(&format!("#[test]\nfn {name}() {{")), "{name}");
                    tests += 1;
                }
            }
        }
        assert!(tests > 0, "nothing keeps: {promise}");
    }
}

/// Returns each command that a `text` block follows.
fn blocks(page: &str) -> Vec<Shown> {
    let commands = page.split("```sh\n").skip(1);
    let followed = commands.filter_map(|rest| {
        let (command, after) = rest.split_once("\n```\n")?;
        let text = after.strip_prefix("\n```text\n")?.split_once("```\n")?.0;
        let text = text.strip_suffix('\n').unwrap_or(text);
        Some(Shown { command: command.to_owned(), text: text.to_owned() })
    });
    followed.collect()
}

/// Returns each command of a page that shows no text without its command.
fn shown(page: &str) -> Vec<Shown> {
    let shown = blocks(page);
    assert_eq!(page.matches("```text\n").count(), shown.len(), "a text without its command");
    shown
}

/// A diff of a page, and the line that opens its block.
struct Diff {
    command: String,
    open: String,
    text: String,
}

/// Returns each `rollstep diff` that a block follows.
fn diffs(page: &str) -> Vec<Diff> {
    let commands = page.split("```sh\n").skip(1).filter(|rest| rest.starts_with("rollstep diff "));
    let followed = commands.filter_map(|rest| {
        let (command, after) = rest.split_once("\n```\n\n```")?;
        let (more, after) = after.split_once('\n')?;
        let open = format!("```{more}");
        let fence = open.trim_end_matches(char::is_alphabetic);
        let text =
            after.split_inclusive('\n').take_while(|line| line.trim_end() != fence).collect();
        Some(Diff { command: command.to_owned(), open, text })
    });
    followed.collect()
}

fn block(command: &str, text: &str) -> String {
    let text = if text.is_empty() { String::new() } else { format!("{text}\n") };
    format!("```sh\n{command}\n```\n\n```text\n{text}```\n")
}

/// Runs a command as the page shows it, without a shell: words and blanks only.
fn run(command: &str) -> Output {
    let mut words = command.split_whitespace();
    assert_eq!(Some("rollstep"), words.next(), "{command}");
    Command::new(env!("CARGO_BIN_EXE_rollstep"))
        .args(words)
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap().trim_end_matches('\n').to_owned()
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
