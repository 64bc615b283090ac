//! Empty maps and lists, which do not survive the way through the script.
//!
//! They come back as null (pkg/util/luamanager/json.go), which the API server drops. An empty map is
//! a value of its own in a condition, where it asks that a header or parameter is there.

use serde_json::Value;

use super::{Fault, is_empty};
use crate::diagnostic::codes::SCRIPT_DROPS_EMPTY_FIELDS;
use crate::manifest::{FieldPath, Segment};

/// Reports every empty map and list of a spec that the result lacks.
///
/// The script puts `added` rules before those of `http`, so that these have moved in the result.
pub(super) fn find_empty(spec: &Value, result: &Value, added: usize) -> Vec<Fault> {
    let mut faults = Vec::new();
    find(spec, (&FieldPath::of_keys(&["spec"]), false), &mut faults);
    faults.retain(|fault| !is_there(result, &fault.path, added));
    faults
}

/// Returns whether the result has the field that a path of the original names.
fn is_there(result: &Value, path: &FieldPath, added: usize) -> bool {
    let mut value = Some(result);
    let mut is_http = false;
    for (depth, segment) in path.segments().iter().skip(1).enumerate() {
        value = value.and_then(|value| match segment {
            Segment::Key(key) => value.get(key),
            Segment::Index(index) if depth == 1 && is_http => value.get(index + added),
            Segment::Index(index) => value.get(index),
        });
        is_http = depth == 0 && *segment == Segment::Key("http".to_owned());
    }
    value.is_some_and(|value| !value.is_null())
}

fn find(value: &Value, (path, in_match): (&FieldPath, bool), faults: &mut Vec<Fault>) {
    let mut visit = |path: FieldPath, value: &Value, below: bool| {
        if is_empty(value) {
            faults.push(dropped(path, in_match));
        } else {
            find(value, (&path, below), faults);
        }
    };
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                visit(path.key(key), value, in_match || key == "match");
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                visit(path.index(index), value, in_match);
            }
        }
        _ => {}
    }
}

fn dropped(path: FieldPath, in_match: bool) -> Fault {
    let (message, help) = if in_match {
        (
            format!(
                "the empty `{path}` is dropped: the rule no longer asks for it, and takes requests that it did not take before"
            ),
            "ask for any value instead: `regex: .*`",
        )
    } else {
        (
            format!("the empty `{path}` is dropped, and with it what it says by being there"),
            "remove the field if it says nothing, or render without `--compat`",
        )
    };
    Fault { code: &SCRIPT_DROPS_EMPTY_FIELDS, path, message, help: help.into() }
}
