//! Rules that the source does not keep everywhere yet, and the list of files that offend.
//!
//! The list names each file and rule with the number of offences. It only shrinks: a file that is not
//! listed may not offend, a listed one not more often than the list says, and one that offends less
//! often is listed with the smaller number. `UPDATE_DOCS=1 cargo test --test tidy` writes the smaller
//! numbers. A file that moves takes its lines along by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::{is_test_file, plain, root, rust, rust_files, voice, without_tests};

/// A place in a file that does not keep a rule.
#[derive(Debug)]
pub(super) struct Offence {
    /// The name of the rule.
    pub(super) rule: &'static str,
    /// The line of the place, from 1.
    pub(super) line: usize,
    /// What stands there.
    pub(super) found: String,
}

impl Offence {
    /// Returns the offence of `found` on a line.
    pub(super) fn new(rule: &'static str, line: usize, found: &str) -> Self {
        let found = found.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { rule, line, found }
    }
}

/// A file, by its path below the repository, and a rule.
type Subject = (String, String);

/// How often each file offends against each rule.
type Counts = BTreeMap<Subject, usize>;

const HEAD: &str = "\
# Files that do not keep a rule of docs/style.md yet, with the rule and the number of offences.
# The list only shrinks; `UPDATE_DOCS=1 cargo test --test tidy` takes out what is mended.
";

#[test]
fn offenders_only_become_fewer() {
    let file = root().join("tests/tidy/offenders.txt");
    let listed = parse(&fs::read_to_string(&file).unwrap());
    let found = offences();
    let counts = found.iter().map(|(subject, places)| (subject.clone(), places.len())).collect();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, HEAD.to_owned() + &format(&shrunk(&listed, &counts))).unwrap();
    }
    let list = fs::read_to_string(&file).unwrap();
    let listed = parse(&list);
    let mut wrong = Vec::new();
    for (subject, places) in &found {
        let allowed = listed.get(subject).copied().unwrap_or_default();
        if places.len() > allowed {
            let (path, rule) = subject;
            wrong.push(format!("{path} {rule} {}, of which {allowed} are listed:", places.len()));
            wrong.extend(places.iter().map(|place| format!("    {path}:{place}")));
        }
    }
    if list != HEAD.to_owned() + &format(&shrunk(&listed, &counts)) {
        wrong.push("the list is too long, or not sorted; run UPDATE_DOCS=1 cargo test".to_owned());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the places that offend, by file and rule.
fn offences() -> BTreeMap<Subject, Vec<String>> {
    let mut all: BTreeMap<Subject, Vec<String>> = BTreeMap::new();
    for file in rust_files(&root().join("src")) {
        let path = below_root(&file);
        if is_test_file(&path) {
            continue;
        }
        let whole = fs::read_to_string(&file).unwrap();
        let text = without_tests(&whole);
        let rust = rust::take_apart(text);
        let mut found = voice::offences(&path, text, &rust);
        found.extend(plain::offences(text, &rust));
        for Offence { rule, line, found } in found {
            let places = all.entry((path.clone(), rule.to_owned())).or_default();
            places.push(format!("{line}: {found}"));
        }
    }
    all
}

fn below_root(file: &std::path::Path) -> String {
    let parts: PathBuf = file.strip_prefix(root()).unwrap().to_owned();
    parts.to_str().unwrap().replace('\\', "/")
}

/// Returns the list with smaller numbers where there are fewer offences, and never a larger one.
fn shrunk(listed: &Counts, found: &Counts) -> Counts {
    let mut kept = Counts::new();
    for (subject, allowed) in listed {
        let count = found.get(subject).copied().unwrap_or_default().min(*allowed);
        if count > 0 {
            kept.insert(subject.clone(), count);
        }
    }
    kept
}

fn parse(list: &str) -> Counts {
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let counts = lines.map(|line| {
        let parts: Vec<_> = line.split(' ').collect();
        let [path, rule, count] = parts[..] else { panic!("`{line}` is not a path, rule, count") };
        ((path.to_owned(), rule.to_owned()), count.parse().unwrap())
    });
    counts.collect()
}

fn format(counts: &Counts) -> String {
    let lines = counts.iter().map(|((path, rule), count)| format!("{path} {rule} {count}\n"));
    lines.collect()
}

#[test]
fn the_list_never_grows() {
    let listed = parse("a words 2\nb words 1\nc words 3\n");
    let found = parse("a words 5\nc words 1\nd words 4\n");
    assert_eq!("a words 2\nc words 1\n", format(&shrunk(&listed, &found)));
}
