//! The diff as JSON merge patches (RFC 7386), one for each object.
//!
//! Such a patch replaces lists as a whole, and cannot set anything to null, which it takes for a wish
//! to remove. Where that is needed it is said that the patch does not apply.

use serde_json::{Map, Value};

use super::identity::to_map;
use super::json_patch::MASKED;
use super::{Comparison, ObjectChange, State};
use crate::escape;

/// Why some changes cannot be written.
const NULL: &str =
    "a merge patch cannot set a value to null, so this one does not give the object after";

/// Returns a JSON list with one patch for each object that differs, and a newline at its end.
///
/// The patch of a new object is the object, that of one that is gone is `null`. A patch with
/// `applies: false` does not give the object after, and says in `reason` why.
pub fn to_merge_patches(comparison: &Comparison) -> String {
    let patches: Vec<_> = comparison.changes.iter().map(|change| object(change).into()).collect();
    escape::json(&Value::Array(patches))
}

fn object(change: &ObjectChange) -> Map<String, Value> {
    let (before, after) = change.sides();
    let value = |state: Option<&State>| state.map_or(Value::Null, |state| state.value.clone());
    let (before, after) = (value(before), value(after));
    let patch = between(&before, &after);
    let mut patched = before;
    json_patch::merge(&mut patched, &patch);
    let reason = match (change.masked, patched == after) {
        (true, _) => Some(MASKED),
        (false, false) => Some(NULL),
        (false, true) => None,
    };
    let mut map = to_map(change);
    map.insert("applies".to_owned(), Value::from(reason.is_none()));
    map.extend(reason.map(|reason| ("reason".to_owned(), Value::from(reason))));
    map.insert("patch".to_owned(), patch);
    map
}

/// Returns the patch that makes one value of another, as far as there is one.
fn between(before: &Value, after: &Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (before, after) else { return after.clone() };
    let mut patch = Map::new();
    for (key, value) in new {
        match old.get(key) {
            Some(same) if same == value => {}
            Some(other) => {
                patch.insert(key.clone(), between(other, value));
            }
            None => {
                patch.insert(key.clone(), value.clone());
            }
        }
    }
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    Value::Object(patch)
}
