//! The comparison as JSON, for machines.

use serde_json::{Value, json};

use super::identity::to_map;
use super::lines::count;
use super::{Comparison, Counts, Labels, ObjectChange};
use crate::escape;

/// Returns the comparison as one JSON object, with a newline at its end.
///
/// `objects` holds for each object that differs who it is, what became of it (`created`, `changed` or
/// `removed`), whether values in it are masked, and its value `before` and `after`, `null` where it is
/// not there.
pub fn to_json(comparison: &Comparison, labels: &Labels) -> String {
    let Counts { created, changed, removed } = comparison.counts();
    let objects: Vec<_> = comparison.changes.iter().map(object).collect();
    let json = json!({
        "before": labels.before,
        "after": labels.after,
        "created": created,
        "changed": changed,
        "removed": removed,
        "unchanged": comparison.unchanged,
        "objects": objects,
    });
    escape::json(&json)
}

fn object(change: &ObjectChange) -> Value {
    let (added, removed) = count(change);
    let (before, after) = change.sides();
    let mut map = to_map(change);
    map.insert("masked".to_owned(), Value::from(change.masked));
    map.insert("linesAdded".to_owned(), Value::from(added));
    map.insert("linesRemoved".to_owned(), Value::from(removed));
    for (key, state) in [("before", before), ("after", after)] {
        map.insert(key.to_owned(), state.map_or(Value::Null, |state| state.value.clone()));
    }
    Value::Object(map)
}
