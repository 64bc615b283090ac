//! Writes hard values in every place, and lets others read them back.
//!
//! The values are those of the recorded suite; the readers are this library and `kubectl` itself.
#![allow(clippy::disallowed_methods, reason = "tests read files")]
#![cfg(test)]

#[path = "fixture/conformance.rs"]
mod conformance;
#[path = "fixture/same.rs"]
mod same;
#[path = "fixture/skipped.rs"]
mod skipped;

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use conformance::recorded;
use rollstep::Source;
use same::is_same;
use serde_json::{Value, json};
use skipped::has;

#[test]
fn the_library_reads_back_what_it_wrote() {
    let Some(objects) = objects() else { return };
    for (id, object) in &objects {
        let text = rollstep::to_yaml(object);
        let read = rollstep::read(&[Source::new("case.yaml", text.clone())]);
        let read = read.unwrap_or_else(|problems| panic!("{id}: {}\n{text}", problems[0]));
        assert!(is_same(object, &read[0]), "{id}:\n{text}\n{}", read[0]);
    }
}

#[test]
fn documents_in_a_row_are_read_back() {
    let Some(objects) = objects() else { return };
    let read = rollstep::read(&[Source::new("case.yaml", stream(&objects))]).unwrap();
    assert_eq!(objects.len(), read.len());
    for ((id, object), read) in objects.iter().zip(&read) {
        assert!(is_same(object, read), "{id}: {read}");
    }
}

#[test]
fn kubectl_reads_what_we_wrote() {
    let Some(objects) = objects() else { return };
    let Some(output) = label(&stream(&objects)) else { return };
    let read: Vec<Value> = read_json(&output);
    assert_eq!(objects.len(), read.len());
    for ((id, object), mut read) in objects.iter().zip(read) {
        read["metadata"].as_object_mut().unwrap().remove("labels");
        assert!(is_same(object, &read), "{id}:\n{}\n{read}", rollstep::to_yaml(object));
    }
}

/// Returns an object for every value in every place.
fn objects() -> Option<Vec<(String, Value)>> {
    let vectors: Value =
        serde_json::from_str(&fs::read_to_string(recorded("yaml")?.join("write.json")).unwrap())
            .unwrap();
    let vectors = vectors.as_array().unwrap().iter();
    Some(
        vectors
            .flat_map(|vector| places(&vector["value"], vector["id"].as_str().unwrap()))
            .collect(),
    )
}

fn places(value: &Value, id: &str) -> Vec<(String, Value)> {
    let object = |place: &str, v: Value| {
        let metadata = json!({"name": format!("{place}-{id}")});
        json!({"apiVersion": "v1", "kind": "T", "metadata": metadata, "v": v})
    };
    let mut places = vec![
        ("item", object("item", json!([value, {"x": value}, [value], "end"]))),
        ("value", object("value", json!({"a": value, "b": {"c": value}, "end": 1}))),
        ("last", object("last", value.clone())),
    ];
    if let Some(text) = value.as_str() {
        places.push(("key", object("key", json!({text: {text: text}, "zz": [{text: 1}]}))));
        let mut annotated = object("annotation", json!(1));
        annotated["metadata"]["annotations"] = json!({"example.com/a": text});
        places.push(("annotation", annotated));
    }
    places.into_iter().map(|(place, object)| (format!("{place} {id}"), object)).collect()
}

fn stream(objects: &[(String, Value)]) -> String {
    let documents: Vec<String> =
        objects.iter().map(|(_, object)| rollstep::to_yaml(object)).collect();
    documents.join("---\n")
}

/// Runs `kubectl label --local` on a text; nothing where there is no `kubectl`.
fn label(text: &str) -> Option<String> {
    if !has("kubectl") {
        return None;
    }
    let arguments = ["label", "--local", "-f", "-", "-o", "json", "x=y"];
    let mut child = Command::new("kubectl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = text.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Reads objects one behind the other, or the items of a list.
fn read_json(text: &str) -> Vec<Value> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    values
        .flat_map(|value| match value.unwrap() {
            Value::Object(mut list) if list["kind"] == "List" => {
                list["items"].take().as_array().unwrap().clone()
            }
            value => vec![value],
        })
        .collect()
}
