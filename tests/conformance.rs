//! Does what the controller was recorded to do.
//!
//! Only the public API is used. Of a case about routes, Services and Deployments an input is made as
//! people write one, and rendered with `compat`; what is compared is said once, in `projection.rs`.
//! Validation and conversion are called alone. Where we differ, and why, is in `known.jsonc`.
//!
//! `cargo test --test conformance -- --nocapture` prints the table of the results by kind.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "conformance/conversion.rs"]
mod conversion;
#[path = "conformance/deployment.rs"]
mod deployment;
#[path = "fixture/conformance.rs"]
mod fixture;
#[path = "conformance/input.rs"]
mod input;
#[path = "conformance/projection.rs"]
mod projection;
#[path = "conformance/replicas.rs"]
mod replicas;
#[path = "fixture/same.rs"]
mod same;
#[path = "conformance/scope.rs"]
mod scope;
#[path = "fixture/skipped.rs"]
mod skipped;
#[path = "conformance/table.rs"]
mod table;
#[path = "conformance/traffic.rs"]
mod traffic;
#[path = "conformance/validation.rs"]
mod validation;

use std::fs;
use std::path::{Path, PathBuf};

use fixture::recorded;
use serde_json::Value;
use table::{Table, Verdict};

/// A recorded case.
struct Case {
    /// Below the suite, without the file's extension.
    name: String,
    kind: String,
    value: Value,
}

#[test]
fn the_controller_does_the_same() {
    let Some(controller) = recorded("controller") else { return };
    let suite = controller.parent().unwrap();
    let mut table = Table::new();
    for case in read_cases(suite) {
        match scope::out_of_scope(&case) {
            Some(reason) => table.add(&case.kind, &case.name, Verdict::OutOfScope(reason)),
            None => check(&case, &mut table),
        }
    }
    for case in read_generated(suite) {
        table.add("generated", &case.name, traffic::check_generated(&case.value));
    }
    table.finish();
}

fn check(case: &Case, table: &mut Table) {
    match case.kind.as_str() {
        "conversion" => table.add(&case.kind, &case.name, conversion::check(case)),
        "validation" => table.add(&case.kind, &case.name, validation::check(case)),
        "deployment" => table.add(&case.kind, &case.name, deployment::check(&case.value)),
        "replicas" => {
            for (row, verdict) in replicas::check(&case.value) {
                table.add(&case.kind, &format!("{} {row}", case.name), verdict);
            }
        }
        _ => table.add(&case.kind, &case.name, traffic::check(case)),
    }
}

/// Reads the cases of the controller and of its own tests.
fn read_cases(suite: &Path) -> Vec<Case> {
    let mut files = Vec::new();
    for part in ["controller", "upstream"] {
        for folder in entries(&suite.join(part)) {
            files.extend(entries(&folder));
        }
    }
    files.sort();
    let cases = files.iter().map(|file| {
        let text = quote_exponents(&fs::read_to_string(file).unwrap());
        let value: Value = serde_yaml::from_str(&text).unwrap();
        let name = file.strip_prefix(suite).unwrap().with_extension("").display().to_string();
        Case { name, kind: value["kind"].as_str().unwrap().to_owned(), value }
    });
    cases.collect()
}

/// Quotes what the writer of the cases took for a string: to YAML 1.1 a float has a dot.
fn quote_exponents(text: &str) -> String {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let quoted = text.lines().map(|line| match line.split_once(": ") {
        Some((key, value))
            if value
                .split_once('e')
                .is_some_and(|(left, right)| is_number(left) && is_number(right)) =>
        {
            format!("{key}: '{value}'\n")
        }
        _ => format!("{line}\n"),
    });
    quoted.collect()
}

fn read_generated(suite: &Path) -> Vec<Case> {
    let text = fs::read_to_string(suite.join("virtualservice-generated/cases.jsonl")).unwrap();
    let cases = text.lines().map(|line| {
        let value: Value = serde_json::from_str(line).unwrap();
        let name = format!("virtualservice-generated/{}", value["id"].as_str().unwrap());
        Case { name, kind: "generated".to_owned(), value }
    });
    cases.collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}
