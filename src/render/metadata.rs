//! What a canary object takes over from its stable twin's metadata.
//!
//! Labels and annotations that people wrote are kept; what tools wrote about that one object is not,
//! or two objects would claim the same place in them. A controller decides otherwise.

use serde_json::{Map, Value};

use crate::model::kept;

/// Returns the metadata of a canary object: name, namespace, labels and annotations only.
///
/// The namespace is there exactly when the stable twin has one. `keeps` tells the labels and
/// annotations that are taken over.
pub(super) fn clone_metadata(
    stable: &Value,
    name: &str,
    keeps: impl Fn(&str, &Value) -> bool,
) -> Map<String, Value> {
    let mut metadata = Map::new();
    let source = stable.get("metadata").and_then(Value::as_object);
    for (key, value) in source.into_iter().flatten() {
        match (key.as_str(), value) {
            ("name", _) => drop(metadata.insert(key.clone(), Value::from(name))),
            ("namespace", _) => drop(metadata.insert(key.clone(), value.clone())),
            ("labels" | "annotations", entries) => {
                let kept = kept(Some(entries), &keeps);
                if !kept.is_empty() {
                    metadata.insert(key.clone(), Value::Object(kept));
                }
            }
            _ => {}
        }
    }
    metadata
}

/// Adds an entry to the map `key` of `parent`, which is made where it is not there.
pub(super) fn add_entry(parent: &mut Map<String, Value>, key: &str, entry: (&str, Value)) {
    let map = parent.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if !map.is_object() {
        *map = Value::Object(Map::new());
    }
    if let Some(map) = map.as_object_mut() {
        map.insert(entry.0.to_owned(), entry.1);
    }
}
