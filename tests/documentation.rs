//! Pages that show output show what the command says.
//!
//! In docs/safety.md each `text` block is what the command of the `sh` block before it writes to
//! standard error, run where the crate lies; in README.md and the pages of other commands that of these
//! is what they write to standard output. `UPDATE_DOCS=1 cargo test --test documentation` writes the
//! blocks anew. In README.md, examples/shop/README.md and the pages of tools each command that begins
//! with `rollstep` and names only what is in the repository succeeds.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const SAFETY: &str = "docs/safety.md";

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

/// Commands whose standard output a page shows behind them.
const ANSWERING: [&str; 5] = ["explain", "check", "diff", "plan", "status"];

/// What such a command writes stands behind it.
#[test]
fn pages_show_what_is_answered() {
    let mut all = 0;
    // The walk-through is run in a folder of its own, by tests/tutorial.rs.
    for name in pages().into_iter().filter(|name| name != "docs/tutorial.md") {
        let page = read(&name);
        let mut anew = page.clone();
        for Answered { command, open, text } in answers(&page) {
            all += 1;
            let output = run(&command);
            assert_ne!(Some(2), output.status.code(), "{command}: {}", text_of(&output.stderr));
            let said = text_of(&output.stdout) + "\n";
            if std::env::var_os("UPDATE_DOCS").is_some() {
                let of = |text: &str| format!("{command}\n```\n\n{open}\n{text}");
                anew = anew.replace(&of(&text), &of(&said));
            } else {
                assert_eq!(text, said, "{name}: {command}");
            }
        }
        if anew != page {
            fs::write(root().join(name), anew).unwrap();
        }
    }
    assert!(all >= 10, "{all} commands");
}

/// An output on a page, and the line that opens its block.
struct Answered {
    command: String,
    open: String,
    text: String,
}

fn answers(page: &str) -> Vec<Answered> {
    let commands = page.split("```sh\n").skip(1);
    let found = commands.filter_map(|rest| {
        let (command, after) = rest.split_once("\n```\n\n```")?;
        let name = command.strip_prefix("rollstep ")?.split(' ').next()?;
        if !ANSWERING.contains(&name) || command.contains(['\n', '|', '<']) {
            return None;
        }
        let (more, after) = after.split_once('\n')?;
        let open = format!("```{more}");
        let fence = open.trim_end_matches(char::is_alphabetic);
        let lines = after.split_inclusive('\n').take_while(|line| line.trim_end() != fence);
        let text = lines.collect();
        Some(Answered { command: command.to_owned(), open, text })
    });
    found.collect()
}

/// Returns README.md and every page of docs/.
fn pages() -> Vec<String> {
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let names = docs.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pages = names.filter(|name| name.ends_with(".md")).map(|name| format!("docs/{name}"));
    let mut pages: Vec<_> = pages.chain(["README.md".to_owned()]).collect();
    pages.sort();
    pages
}

/// These pages show what a folder holds after a command, or what the command writes; the commands of a
/// page are run one after the other on the same folder.
#[test]
fn the_trees_of_the_pages_are_what_is_written() {
    for page in ["README.md", "docs/output.md"] {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documentation").join(page);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let text = read(page);
        let mut anew = text.clone();
        let trees = text.split("```sh\n").skip(1).filter(|block| block.contains("dir rendered"));
        for block in trees {
            let (command, after) = block.split_once("\n```\n\n```text\n").unwrap();
            let shown = after.split_once("```\n").unwrap().0;
            let written = tree_after(command, &folder);
            let of = |text: &str| format!("{command}\n```\n\n```text\n{text}```\n");
            anew = anew.replace(&of(shown), &of(&written));
        }
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(root().join(page), &anew).unwrap();
        } else {
            assert!(anew == text, "{page} is stale; run UPDATE_DOCS=1 cargo test");
        }
    }
}

/// Runs a command on `rendered` in a folder of ours, and the `find` after it.
fn tree_after(commands: &str, folder: &Path) -> String {
    let here = format!("{}/rendered", folder.display());
    let (command, find) = match commands.split_once("\nfind rendered -type f") {
        Some((command, _)) => (command, true),
        None => (commands, false),
    };
    let output = run(&command.replace(" rendered", &format!(" {here}")));
    assert_ne!(Some(2), output.status.code(), "{}", text_of(&output.stderr));
    let mut paths = Vec::new();
    list(Path::new(&here), &mut paths);
    let text = if find { paths.concat() } else { text_of(&output.stdout) + "\n" };
    text.replace(&here, "rendered")
}

fn list(folder: &Path, paths: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => list(&path, paths),
            false => paths.push(format!("{}\n", path.display())),
        }
    }
    paths.sort();
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
fn every_input_of_the_page_is_shown() {
    let page = read(SAFETY);
    for entry in fs::read_dir(root().join("docs/safety")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(page.contains(&format!("docs/safety/{name}")), "docs/safety/{name} is not shown");
    }
}

#[test]
fn commands_of_the_pages_succeed() {
    let pages = ["docs/argocd.md", "docs/flux.md", "docs/kubectl.md"];
    for page in ["README.md", "examples/shop/README.md"].into_iter().chain(pages) {
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

#[test]
fn the_move_of_the_readme_is_what_is_said() {
    let page = read("README.md");
    let command = page.lines().find(|line| line.ends_with(" --dry-run")).unwrap();
    let (_, after) = page.split_once(&format!("{command}\n```\n\n```diff\n")).unwrap();
    let shown = after.split("\n```").next().unwrap();
    assert_eq!(shown, text_of(&run(command).stdout), "{command}");
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in pages().into_iter().chain(["examples/shop/README.md".to_owned()]) {
        let folder = root().join(&page).parent().unwrap().to_owned();
        let text = read(&page);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            let local = !link.contains("://") && !path.is_empty();
            assert!(!local || folder.join(path).exists(), "{page} links to {link}");
        }
    }
}

#[test]
fn every_promise_names_tests_that_are_there() {
    assert!(promises_kept("docs/promises.md") >= 12);
    assert!(promises_kept("SECURITY.md") >= 6);
}

/// Returns how many promises a page makes, each kept by a test.
fn promises_kept(page: &str) -> usize {
    let page = read(page);
    let promises: Vec<_> = page.lines().filter(|line| line.starts_with("| **")).collect();
    for promise in &promises {
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
    promises.len()
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
        .env_remove("COLUMNS")
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
