//! Any bytes are read or refused, and what was read is written so that it is read the same again.

use rollstep::Source;
use rollstep::fuzzing::{scans_as_it_reads, unsound_events};
use serde_json::Value;

use crate::same::is_same;

pub fn read(bytes: &[u8]) {
    let Ok(source) = Source::from_bytes("input.yaml", bytes.to_vec()) else { return };
    assert!(scans_as_it_reads(&source), "a scan finds something else than a reader of everything");
    assert_eq!(unsound_events(&source), None);
    match rollstep::read(std::slice::from_ref(&source)) {
        Ok(objects) => objects.iter().for_each(check_round_trip),
        Err(diagnostics) => {
            assert!(!diagnostics.is_empty(), "refused without a word");
            diagnostics.iter().for_each(|diagnostic| drop(diagnostic.to_string()));
        }
    }
}

fn check_round_trip(object: &Value) {
    // A list within a list would be taken apart now.
    let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
    if kind.ends_with("List") && object.get("items").is_some_and(Value::is_array) {
        return;
    }
    let text = rollstep::to_yaml(object);
    match rollstep::read(&[Source::new("written.yaml", text.as_str())]) {
        Ok(again) => {
            let same = again.len() == 1 && is_same(object, &again[0]);
            assert!(same, "{object}\nis written as\n{text}and read as\n{again:?}");
        }
        Err(diagnostics) => {
            panic!("{object}\nis written as\n{text}and refused: {}", diagnostics[0])
        }
    }
}
