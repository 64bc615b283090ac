//! The diff as JSON patches (RFC 6902), one for each object.

use serde_json::{Value, json};

use super::identity::to_map;
use super::{Comparison, ObjectChange, State};
use crate::escape;

/// Why the patch of a masked object cannot be applied.
pub(super) const MASKED: &str = "values of a Secret are masked, so this patch cannot be applied";

/// Returns a JSON list with one patch for each object that differs, and a newline at its end.
///
/// Applied to the object before, a patch gives the object after; an object that is not there counts as
/// `null`, which is replaced, or replaces, as a whole. A patch with `applies: false` says in `reason`
/// why that does not hold for it.
pub fn to_json_patches(comparison: &Comparison) -> String {
    let patches: Vec<_> = comparison.changes.iter().map(|change| object(change).into()).collect();
    escape::json(&Value::Array(patches))
}

fn object(change: &ObjectChange) -> serde_json::Map<String, Value> {
    let (before, after) = change.sides();
    let value = |state: Option<&State>| state.map_or(Value::Null, |state| state.value.clone());
    let patch = json_patch::diff(&value(before), &value(after));
    let mut map = to_map(change);
    map.insert("applies".to_owned(), Value::from(!change.masked));
    if change.masked {
        map.insert("reason".to_owned(), Value::from(MASKED));
    }
    map.insert("patch".to_owned(), json!(patch));
    map
}
