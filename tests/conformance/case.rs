//! A recorded case, and what a run of it can find.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::fixture::recorded;

/// An input, and what the controller made of it.
pub(crate) struct Case {
    /// The path below the suite.
    pub(crate) file: String,
    pub(crate) kind: String,
    pub(crate) input: Value,
    pub(crate) expected: Value,
    /// What the code really gave, where the assertion of a test says less.
    pub(crate) observed: Value,
}

/// What a run of a case finds.
pub(crate) enum Verdict {
    Passed,
    /// Differs in a way that nobody has foreseen: how.
    Differs(String),
    /// Differs by a rule of known.jsonc.
    DiffersBy(&'static str),
    /// Is none of ours: why.
    OutOfScope(&'static str),
}

/// Reads the cases of the controller and of its own tests.
pub(crate) fn read_cases() -> Option<Vec<Case>> {
    let mut cases = Vec::new();
    for part in ["controller", "upstream"] {
        let root = recorded(part)?;
        let mut files = files(&root);
        files.sort();
        let name = |file: &Path| format!("{part}/{}", file.strip_prefix(&root).unwrap().display());
        cases.extend(files.iter().map(|file| read_case(file, name(file))));
    }
    Some(cases)
}

fn read_case(path: &Path, file: String) -> Case {
    let text = fs::read_to_string(path).unwrap();
    let mut value: Value =
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    Case {
        kind: value["kind"].as_str().unwrap_or_default().to_owned(),
        input: value["input"].take(),
        expected: value["expected"].take(),
        observed: value["observed"].take(),
        file,
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let is_case = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "yaml");
    let below = folders.iter().flat_map(|folder| self::files(folder));
    files.into_iter().filter(is_case).chain(below).collect()
}
