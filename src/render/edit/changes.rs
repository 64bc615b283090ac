//! Edits by the place that they change, and what they make of a value.
//!
//! Grouped this way, an index is that of the object before all edits wherever one looks, so that
//! edits can be applied in one walk. Of edits that contradict each other the last one holds.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Edit;
use crate::manifest::{FieldPath, Segment};

/// What becomes of one field and all below it.
#[derive(Debug, Default)]
pub(crate) struct Changes<'e> {
    pub(crate) own: Own<'e>,
    /// Values to put before items, by index.
    pub(crate) inserts: BTreeMap<usize, Vec<&'e Value>>,
    /// The values right below that change, in the order of the edits.
    keys: Vec<(&'e str, Self)>,
    /// The items right below that change.
    items: BTreeMap<usize, Self>,
}

/// What becomes of the field itself.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) enum Own<'e> {
    /// It stays, changed only below.
    #[default]
    Stays,
    /// It stays, but is to be written anew.
    Rewritten,
    Set(&'e Value),
    Removed,
}

/// Returns what the edits make of `value`.
///
/// A list or map that an edit needs and that is null or not there comes into being.
pub(crate) fn apply(value: &Value, edits: &[Edit]) -> Value {
    Changes::of(edits).apply(value)
}

impl<'e> Changes<'e> {
    /// Groups `edits`.
    pub(crate) fn of(edits: impl IntoIterator<Item = &'e Edit>) -> Self {
        let mut root = Self::default();
        for edit in edits {
            match edit {
                Edit::Set { path, value } => root.at(path).own = Own::Set(value),
                Edit::Remove { path } => root.at(path).own = Own::Removed,
                Edit::Insert { path, index, value } => {
                    root.at(path).inserts.entry(*index).or_default().push(value);
                }
            }
        }
        root
    }

    /// Marks the field at `segments`, or what is changed of the way to it, to be written anew.
    pub(crate) fn rewrite(&mut self, segments: &'e [Segment]) {
        let mut node = self;
        for segment in segments {
            if !node.changes(segment) {
                break;
            }
            node = node.child(segment);
        }
        if node.own == Own::Stays {
            node.own = Own::Rewritten;
        }
    }

    fn at(&mut self, path: &'e FieldPath) -> &mut Self {
        path.segments().iter().fold(self, Self::child)
    }

    fn changes(&self, segment: &Segment) -> bool {
        match segment {
            Segment::Key(key) => self.of_key(key).is_some(),
            Segment::Index(index) => self.items.contains_key(index),
        }
    }

    fn child(&mut self, segment: &'e Segment) -> &mut Self {
        let key = match segment {
            Segment::Index(index) => return self.items.entry(*index).or_default(),
            Segment::Key(key) => key.as_str(),
        };
        let found = self.keys.iter().position(|(own, _)| *own == key);
        let position = found.unwrap_or(self.keys.len());
        if found.is_none() {
            self.keys.push((key, Self::default()));
        }
        #[expect(clippy::indexing_slicing, reason = "found above, or pushed")]
        &mut self.keys[position].1
    }

    /// Returns what becomes of the value of `key`, if anything does.
    pub(crate) fn of_key(&self, key: &str) -> Option<&Self> {
        self.keys.iter().find(|(own, _)| *own == key).map(|(_, changes)| changes)
    }

    /// Returns what becomes of the item at `index`, if anything does.
    pub(crate) fn of_index(&self, index: usize) -> Option<&Self> {
        self.items.get(&index)
    }

    /// Returns the keys below that change, with what becomes of their values.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&'e str, &Self)> {
        self.keys.iter().map(|(key, changes)| (*key, changes))
    }

    /// Returns whether the field is taken away.
    pub(crate) fn is_removal(&self) -> bool {
        self.own == Own::Removed
    }

    /// Returns what becomes of `value`; a removal is for the parent to see.
    pub(crate) fn apply(&self, value: &Value) -> Value {
        match (self.own, value) {
            (Own::Set(value), _) => value.clone(),
            (_, Value::Object(map)) => Value::Object(self.apply_to_map(map)),
            (_, Value::Array(items)) => Value::Array(self.apply_to_list(items)),
            (_, Value::Null) if !self.inserts.is_empty() => Value::Array(self.apply_to_list(&[])),
            (_, Value::Null) if self.keys().any(|(_, changes)| !changes.is_removal()) => {
                Value::Object(self.apply_to_map(&Map::new()))
            }
            _ => value.clone(),
        }
    }

    fn apply_to_map(&self, map: &Map<String, Value>) -> Map<String, Value> {
        let mut map = map.clone();
        for (key, changes) in self.keys() {
            if changes.is_removal() {
                map.shift_remove(key);
            } else {
                let value = changes.apply(map.get(key).unwrap_or(&Value::Null));
                map.insert(key.to_owned(), value);
            }
        }
        map
    }

    fn apply_to_list(&self, items: &[Value]) -> Vec<Value> {
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            list.extend(self.inserts_at(index));
            match self.of_index(index) {
                Some(changes) if changes.is_removal() => {}
                Some(changes) => list.push(changes.apply(item)),
                None => list.push(item.clone()),
            }
        }
        list.extend(self.inserts_from(items.len()));
        list
    }

    /// Returns the values to put before the item at `index`.
    pub(crate) fn inserts_at(&self, index: usize) -> impl Iterator<Item = Value> {
        self.inserts.get(&index).into_iter().flatten().map(|value| (*value).clone())
    }

    /// Returns the values to put behind the last of `length` items.
    pub(crate) fn inserts_from(&self, length: usize) -> impl Iterator<Item = Value> {
        self.inserts.range(length..).flat_map(|(_, values)| values).map(|value| (*value).clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(path: FieldPath, value: Value) -> Edit {
        Edit::Set { path, value }
    }

    fn insert(path: FieldPath, index: usize, value: Value) -> Edit {
        Edit::Insert { path, index, value }
    }

    #[test]
    fn indexes_are_those_before_all_edits() {
        let list = FieldPath::of_keys(&["l"]);
        let edits = [
            insert(list.clone(), 1, json!("x")),
            Edit::Remove { path: list.index(0) },
            set(list.index(1).key("a"), json!(9)),
            insert(list.clone(), 1, json!("y")),
            insert(list, 2, json!("z")),
        ];
        let before = json!({"l": [{"a": 0}, {"a": 1}]});
        assert_eq!(json!({"l": ["x", "y", {"a": 9}, "z"]}), apply(&before, &edits));
    }

    #[test]
    fn new_keys_come_last() {
        let edits = [
            set(FieldPath::of_keys(&["n"]), json!(1)),
            set(FieldPath::of_keys(&["a"]), json!(2)),
            Edit::Remove { path: FieldPath::of_keys(&["b"]) },
            Edit::Remove { path: FieldPath::of_keys(&["absent"]) },
        ];
        let after = apply(&json!({"a": 0, "b": 0, "c": 0}), &edits);
        assert_eq!(r#"{"a":2,"c":0,"n":1}"#, after.to_string());
    }

    #[test]
    fn what_is_null_or_missing_comes_into_being() {
        let edits = [
            insert(FieldPath::of_keys(&["list"]), 0, json!(1)),
            set(FieldPath::of_keys(&["map", "a", "b"]), json!(2)),
        ];
        let expected = json!({"list": [1], "map": {"a": {"b": 2}}});
        assert_eq!(expected, apply(&json!({"list": null}), &edits));
    }
}
