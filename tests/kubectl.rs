//! Lets `kubectl` read what is rendered, and compares with how we read it ourselves.
//!
//! `kubectl label --local` decodes documents as `kubectl apply` does and needs no cluster.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "tests read files")]
#![allow(dead_code, reason = "the fixtures are read for more than this test")]

#[path = "fixture/case.rs"]
mod case;
#[path = "fixture/skipped.rs"]
mod skipped;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use case::read_all;
use rollstep::{Format, Source};
use serde_json::Value;
use skipped::has;

/// A result, and the fixture and step that it is of.
struct Text {
    name: String,
    text: String,
}

#[test]
fn every_result_is_read_as_it_stands() {
    let Some(texts) = texts() else { return };
    let differ: Vec<_> = texts.iter().filter_map(|one| compare(&one.name, &one.text)).collect();
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
}

/// Returns every result in YAML; nothing where there is no `kubectl` to read them.
fn texts() -> Option<Vec<Text>> {
    if !has("kubectl") {
        return None;
    }
    let cases = read_all();
    let yaml = cases.iter().filter(|case| case.options.format == Format::Yaml);
    let texts = yaml.flat_map(|case| {
        let rendered = case.render_all().into_iter();
        rendered.filter_map(|(step, rendered)| {
            Some(Text { name: format!("{} at {step}", case.name), text: rendered.text? })
        })
    });
    Some(texts.collect())
}

/// Tells where `kubectl` and we read a text differently.
fn compare(name: &str, text: &str) -> Option<String> {
    let theirs = match label(text) {
        Ok(theirs) => theirs,
        Err(refused) => return Some(format!("{name}: {refused}")),
    };
    let mut ours = rollstep::read(&[Source::new(name, text)]).unwrap();
    for object in &mut ours {
        add_label(object);
    }
    if ours.len() != theirs.len() {
        return Some(format!("{name}: {} objects, to kubectl {}", ours.len(), theirs.len()));
    }
    let differs = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
    differs.map(|(ours, theirs)| format!("{name}:\nours {ours}\nkubectl's {theirs}"))
}

fn add_label(object: &mut Value) {
    let metadata = object["metadata"].as_object_mut().unwrap();
    let labels = metadata.entry("labels").or_insert_with(|| Value::Object(serde_json::Map::new()));
    labels["x"] = Value::from("y");
}

/// Returns the objects of a text as `kubectl` reads them, or what it says.
fn label(text: &str) -> Result<Vec<Value>, String> {
    let mut kubectl = Command::new("kubectl")
        .args(["label", "--local", "-f", "-", "-o", "json", "x=y"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = kubectl.stdin.take().unwrap();
    let text = text.to_owned();
    let writer = thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = kubectl.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let objects = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    Ok(objects.map(Result::unwrap).collect())
}
