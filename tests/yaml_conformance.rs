//! Reads the recorded answers of `kubectl` and gives the same, or refuses.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "fixture/conformance.rs"]
mod conformance;
#[path = "fixture/same.rs"]
mod same;
#[path = "fixture/skipped.rs"]
mod skipped;

use std::fs;
use std::path::Path;

use conformance::recorded;
use rollstep::Source;
use same::is_same;
use serde_json::{Value, json};

/// Where our answer differs from the recorded one, and why that is no harm.
///
/// `accepts`: we read what `kubectl` refuses. `refuses`: we refuse what `kubectl` reads.
const KNOWN_DIFFERENCES: &[(&str, &str, &str)] = &[
    ("359", "refuses", "not UTF-8; kubectl would put U+FFFD in its place"),
    ("360", "refuses", "not UTF-8; kubectl would put U+FFFD in its place"),
];

#[test]
fn files_are_read_as_recorded() {
    let Some(suite) = recorded("yaml") else { return };
    let mut files: Vec<_> = fs::read_dir(suite.join("read"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    let (mut passed, mut known, mut failed) = (0, 0, Vec::new());
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let difference = compare(&file);
        let expected = KNOWN_DIFFERENCES.iter().find(|(known, _, _)| *known == name);
        match (difference, expected) {
            (None, None) => passed += 1,
            (Some(difference), Some((_, kind, _))) if difference.starts_with(kind) => known += 1,
            (difference, expected) => {
                failed.push(format!("{name}: {difference:?}, listed: {expected:?}"));
            }
        }
    }
    println!("read: {passed} passed, {known} known differences");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn the_suite_of_the_yaml_project_is_read_as_recorded() {
    let Some(suite) = recorded("yaml-test-suite") else { return };
    let (mut passed, mut failed) = (0, Vec::new());
    for line in fs::read_to_string(suite.join("cases.jsonl")).unwrap().lines() {
        let recorded = parse(line);
        match difference(recorded["input"].as_str().unwrap().as_bytes(), &recorded) {
            None => passed += 1,
            Some(difference) => {
                failed.push(format!("{} {}: {difference}", recorded["case"], recorded["wrapping"]));
            }
        }
    }
    println!("suite: {passed} passed");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Returns how our answer to a file differs from the recorded one, if it does.
fn compare(file: &Path) -> Option<String> {
    let recorded = parse(&fs::read_to_string(file.with_extension("json")).unwrap());
    difference(&fs::read(file).unwrap(), &recorded)
}

fn difference(input: &[u8], recorded: &Value) -> Option<String> {
    let source = Source::from_bytes("case.yaml", input.to_vec());
    let ours =
        source.map_err(|diagnostic| vec![*diagnostic]).and_then(|source| rollstep::read(&[source]));
    match (recorded.get("documents").and_then(Value::as_array), ours) {
        (None, Err(_)) => None,
        (None, Ok(values)) => Some(format!("accepts {}", json!(values))),
        (Some(_), Err(diagnostics)) => Some(format!("refuses {}", diagnostics[0])),
        (Some(recorded), Ok(ours)) => {
            let equal = recorded.len() == ours.len()
                && recorded.iter().zip(&ours).all(|(recorded, ours)| is_same(recorded, ours));
            (!equal).then(|| format!("differs {}", json!(ours)))
        }
    }
}

#[test]
fn plain_scalars_mean_what_kubectl_makes_of_them() {
    let Some(suite) = recorded("yaml") else { return };
    let vectors = parse(&fs::read_to_string(suite.join("scalars.json")).unwrap());
    for vector in vectors.as_array().unwrap() {
        let plain = vector["plain"].as_str().unwrap();
        let ours = read_one(&format!("apiVersion: v1\nkind: T\nv:\n- {plain}\n"));
        assert!(
            is_same(&vector["json"], &ours["v"][0]),
            "{plain}: {} is not {}",
            ours["v"],
            vector["json"]
        );
    }
}

#[test]
fn plain_keys_mean_what_kubectl_makes_of_them() {
    let Some(suite) = recorded("yaml") else { return };
    let vectors = parse(&fs::read_to_string(suite.join("keys.json")).unwrap());
    for vector in vectors.as_array().unwrap() {
        let plain = vector["plain_key"].as_str().unwrap();
        let ours = read_one(&format!("apiVersion: v1\nkind: T\nv:\n  {plain}: x\n"));
        assert_eq!(json!({ vector["json_key"].as_str().unwrap(): "x" }), ours["v"], "{plain}");
    }
}

fn read_one(text: &str) -> Value {
    rollstep::read(&[Source::new("case.yaml", text)]).unwrap().remove(0)
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
