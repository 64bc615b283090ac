//! The schema of RollStep and what is read agree: on examples, each judged by both.
//!
//! `docs/rollstep.schema.json` is for editors and linters. Whether it says the same as the reader is
//! shown by npm's ajv, which is fetched below `target/`.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]

#[path = "fixture/node.rs"]
mod node;
#[path = "fixture/skipped.rs"]
mod skipped;

use std::fs;
use std::path::{Path, PathBuf};

use rollstep::diagnostic::codes;
use rollstep::{Input, Options, Source, render};
use serde_json::{Value, json};

/// What is told of a document that its schema does not take.
const REFUSALS: [&str; 4] =
    ["unknown-field", "missing-field", "invalid-field", "unsupported-version"];

/// Judges each value on standard input.
const JUDGE: &str = r#"
const { schema, values } = JSON.parse(require("fs").readFileSync(0));
const Ajv = require("ajv/dist/2020");
const validate = new Ajv({ strict: true }).compile(schema);
console.log(JSON.stringify(values.map((value) => validate(value))));
"#;

struct Example {
    name: String,
    text: String,
    valid: bool,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Value {
    let text = fs::read_to_string(root().join("docs/rollstep.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Returns the examples; their names say what is to be thought of them.
fn examples() -> Vec<Example> {
    let entries = fs::read_dir(root().join("tests/schema")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let example = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let valid = name.starts_with("valid-");
        assert!(valid || name.starts_with("invalid-"), "{name} is neither valid nor invalid");
        Example { name, text: fs::read_to_string(path).unwrap(), valid }
    };
    paths.iter().map(example).collect()
}

#[test]
fn examples_are_read_as_they_are_named() {
    let wrong: Vec<_> = examples()
        .into_iter()
        .filter(|example| refusals(&example.text).is_empty() != example.valid)
        .map(|example| (example.name, refusals(&example.text)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Returns what is told of a RollStep beside its rollout.
fn refusals(text: &str) -> Vec<String> {
    let beside = include_str!("beside/web.yaml");
    let route = include_str!("beside/route.yaml");
    let sources = [("beside.yaml", beside), ("route.yaml", route), ("step.yaml", text)];
    let sources = sources.map(|(name, text)| Source::new(name, text)).to_vec();
    let input = Input::new(sources, None);
    let outcome = render(&input, &Options::default());
    let of_schema = outcome.diagnostics.iter().filter(|told| REFUSALS.contains(&told.code.name));
    let told =
        of_schema.filter(|told| told.location.as_ref().is_some_and(|at| at.file == "step.yaml"));
    told.map(ToString::to_string).collect()
}

#[test]
fn the_schema_takes_the_codes_that_may_be_acknowledged() {
    let schema = schema();
    let listed = schema.pointer("/properties/spec/properties/allow/items/enum").unwrap();
    let names: Vec<_> = codes::all().filter(|code| code.allowable).map(|code| code.name).collect();
    assert_eq!(listed, &json!(names));
}

#[test]
fn the_schema_judges_as_the_reader_does() {
    let Some(modules) = node::fetch("ajv", &["ajv@8"]) else { return };
    let examples = examples();
    let value = |example: &Example| {
        let values = rollstep::read(&[Source::new(example.name.as_str(), example.text.as_str())]);
        values.unwrap().remove(0)
    };
    let values: Vec<_> = examples.iter().map(value).collect();
    let judged = node::ask(&modules, JUDGE, &json!({"schema": schema(), "values": values}));
    let wrong: Vec<_> = examples
        .iter()
        .zip(judged.as_array().unwrap())
        .filter(|(example, judged)| **judged != example.valid)
        .map(|(example, _)| &example.name)
        .collect();
    assert!(wrong.is_empty(), "the schema judges otherwise: {wrong:#?}");
}
