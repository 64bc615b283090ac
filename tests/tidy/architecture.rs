//! The page docs/architecture.md beside the source that it describes.

use std::fs;

use super::{LAYERS, root};

#[test]
fn the_page_of_the_architecture_names_what_is_there() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let rooms = section(&page, "## The rooms\n");
    for room in LAYERS {
        let named = [format!("`src/{room}.rs`"), format!("`src/{room}/`")];
        assert!(named.iter().any(|name| page.contains(name)), "the page does not describe {room}");
    }
    let mut wrong = paths(rooms).filter(|path| !is_there(path)).collect::<Vec<_>>();
    let mut checked = 0;
    for heading in ["## Where to look\n", "## Invariants\n"] {
        for line in section(&page, heading).lines().filter(|line| line.starts_with("| ")) {
            checked += 1;
            wrong.extend(missing(line));
        }
    }
    assert!(wrong.is_empty(), "the page names what is not there: {wrong:?}");
    assert!(checked >= 20, "{checked} rows");
}

fn section<'t>(page: &'t str, heading: &str) -> &'t str {
    let (_, behind) = page.split_once(heading).unwrap();
    behind.split("\n## ").next().unwrap()
}

/// Returns the paths in a text, which stand in backticks.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|name| name.starts_with("src/") || name.starts_with("tests/"))
}

fn is_there(path: &str) -> bool {
    root().join(path).exists()
}

/// Returns the files that a row names and that are not there, and the names that are not in the file
/// before them.
fn missing(line: &str) -> Vec<&str> {
    let mut missing: Vec<_> = paths(line).filter(|path| !is_there(path)).collect();
    let mut source = None;
    for name in line.split('`').skip(1).step_by(2) {
        let is_name = |name: &str| {
            name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_:".contains(&byte))
        };
        if name.contains('/') {
            // A folder has no text.
            source = fs::read_to_string(root().join(name)).ok();
        } else if is_name(name) && source.as_ref().is_some_and(|text| !defines(text, name)) {
            missing.push(name);
        }
    }
    missing
}

/// Reports whether a file defines a function, or an enum with a variant.
fn defines(text: &str, name: &str) -> bool {
    match name.split_once("::") {
        Some((kind, variant)) => {
            text.contains(&format!("enum {kind} {{")) && text.contains(&format!("{variant},"))
        }
        None => text.contains(&format!("fn {name}(")),
    }
}

#[test]
fn what_is_not_there_is_found() {
    let row = "| Weights | `src/plan/weights.rs`: `split`, `gone`; `src/gone.rs`; `src/escape/` |";
    assert_eq!(vec!["src/gone.rs", "gone"], missing(row));
}
