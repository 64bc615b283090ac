//! Empty maps and lists, which do not survive the way through the script.
//!
//! They come back as null (pkg/util/luamanager/json.go), which the API server drops. An empty map is
//! a value of its own in a condition, where it asks that a header or parameter is there.

use serde_json::Value;

use super::{Fault, is_empty};
use crate::diagnostic::codes::SCRIPT_DROPS_EMPTY_FIELDS;
use crate::manifest::FieldPath;

/// Tells every empty map and list of a spec.
pub(super) fn find_empty(spec: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    find(spec, (&FieldPath::of_keys(&["spec"]), false), &mut faults);
    faults
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
    Fault { code: &SCRIPT_DROPS_EMPTY_FIELDS, path, message, help }
}
