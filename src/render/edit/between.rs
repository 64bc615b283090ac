//! The edits that make one value of another.
//!
//! Where a part of the object is to become another, only what differs is edited, so that comments and
//! layout of the rest stay. Lists are aligned by their equal items.

use serde_json::{Map, Value};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Edit;
use crate::manifest::{FieldPath, write_go_json};

/// Returns the edits that turn `before` into `after`.
pub(crate) fn edits_between(before: &Value, after: &Value) -> Vec<Edit> {
    let mut edits = Vec::new();
    if before != after {
        compare(&FieldPath::default(), before, after, &mut edits);
    }
    edits
}

/// Compares values that differ.
fn compare(path: &FieldPath, before: &Value, after: &Value, edits: &mut Vec<Edit>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => compare_maps(path, before, after, edits),
        (Value::Array(before), Value::Array(after)) => compare_lists(path, before, after, edits),
        _ => edits.push(Edit::Set { path: path.clone(), value: after.clone() }),
    }
}

fn compare_maps(
    path: &FieldPath,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    edits: &mut Vec<Edit>,
) {
    for (key, old) in before {
        match after.get(key) {
            Some(new) if old == new => {}
            Some(new) => compare(&path.key(key), old, new, edits),
            None => edits.push(Edit::Remove { path: path.key(key) }),
        }
    }
    for (key, new) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        edits.push(Edit::Set { path: path.key(key), value: new.clone() });
    }
}

fn compare_lists(path: &FieldPath, before: &[Value], after: &[Value], edits: &mut Vec<Edit>) {
    let (old, new) = (texts(before), texts(after));
    for operation in capture_diff_slices(Algorithm::Myers, &old, &new) {
        if matches!(operation, DiffOp::Equal { .. }) {
            continue;
        }
        let (old, new) = (operation.old_range(), operation.new_range());
        let run = Run {
            path,
            start: old.start,
            before: before.get(old).unwrap_or_default(),
            after: after.get(new).unwrap_or_default(),
        };
        edits.extend(run.fewest_edits());
    }
}

/// Items of a list that all differ from those that take their place.
struct Run<'r> {
    path: &'r FieldPath,
    /// The index of the first of them in the list.
    start: usize,
    before: &'r [Value],
    after: &'r [Value],
}

impl Run<'_> {
    /// Pairs items from the front or from the back, whichever leaves less to edit: what is added to
    /// a list stands before what is there (a twin) or behind it (a destination).
    fn fewest_edits(&self) -> Vec<Edit> {
        let (removed, added) = (self.before.len(), self.after.len());
        let front = self.edits(0, 0);
        if removed == added {
            return front;
        }
        let paired = removed.min(added);
        let back = self.edits(removed - paired, added - paired);
        if back.len() < front.len() { back } else { front }
    }

    /// Pairs the items from these positions on, and removes or inserts the others.
    fn edits(&self, old_from: usize, new_from: usize) -> Vec<Edit> {
        let mut edits = Vec::new();
        let pairs = self.before.iter().skip(old_from).zip(self.after.iter().skip(new_from));
        let paired = pairs.len();
        for (offset, (old, new)) in pairs.enumerate().filter(|(_, (old, new))| old != new) {
            compare(&self.path.index(self.start + old_from + offset), old, new, &mut edits);
        }
        let is_paired = |from: usize, index: usize| (from..from + paired).contains(&index);
        for index in (0..self.before.len()).filter(|&index| !is_paired(old_from, index)) {
            edits.push(Edit::Remove { path: self.path.index(self.start + index) });
        }
        let place = self.start + if new_from > 0 { 0 } else { self.before.len() };
        for (index, value) in self.after.iter().enumerate() {
            if !is_paired(new_from, index) {
                edits.push(Edit::Insert {
                    path: self.path.clone(),
                    index: place,
                    value: value.clone(),
                });
            }
        }
        edits
    }
}

/// Items are aligned by a text of their value that does not depend on the order of keys.
fn texts(items: &[Value]) -> Vec<String> {
    let text = |item: &Value| {
        let mut text = String::new();
        write_go_json(&mut text, item);
        text
    };
    items.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::edits_between;
    use crate::manifest::FieldPath;
    use crate::render::Edit;

    #[test]
    fn only_what_differs_is_edited() {
        let before = json!({"a": [1, {"b": 2}], "c": 3});
        let after = json!({"a": [0, 1, {"b": 4}], "d": 5});
        let list = FieldPath::of_keys(&["a"]);
        assert_eq!(
            edits_between(&before, &after),
            [
                Edit::Insert { path: list.clone(), index: 0, value: json!(0) },
                Edit::Set { path: list.index(1).key("b"), value: json!(4) },
                Edit::Remove { path: FieldPath::of_keys(&["c"]) },
                Edit::Set { path: FieldPath::of_keys(&["d"]), value: json!(5) },
            ]
        );
    }
}
