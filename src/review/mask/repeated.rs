//! Values of a Secret that an alias repeats in other objects.
//!
//! They are masked wherever they stand, but in what says who an object is: kind and name are shown with
//! every object.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{AFTER, BEFORE, SAME};

/// Fields that say who an object is.
const IDENTITY: [&str; 2] = ["apiVersion", "kind"];

/// Fields of the metadata that do.
const NAMES: [&str; 2] = ["name", "namespace"];

/// Masks in an object before and after what is repeated of Secrets on each side, and returns whether there
/// was anything to mask.
pub fn mask_repeated(
    before: Option<&mut Value>,
    after: Option<&mut Value>,
    [gone, come]: [&BTreeSet<String>; 2],
) -> bool {
    let both = before.is_some() && after.is_some();
    let old = Marks { values: gone, others: both.then_some(come), differs: BEFORE };
    let new = Marks { values: come, others: both.then_some(gone), differs: AFTER };
    let mut masked = false;
    for (object, marks) in [(before, old), (after, new)] {
        if !marks.values.is_empty()
            && let Some(object) = object
        {
            masked |= mask_object(object, &marks);
        }
    }
    masked
}

/// What is shown in place of each value.
struct Marks<'v> {
    values: &'v BTreeSet<String>,
    /// The values of the other side, where there is one.
    others: Option<&'v BTreeSet<String>>,
    /// What is shown in place of a value that the other side has not.
    differs: &'static str,
}

impl Marks<'_> {
    fn of(&self, text: &str) -> Option<&'static str> {
        let same = self.others.is_none_or(|others| others.contains(text));
        let mark = if same { SAME } else { self.differs };
        self.values.contains(text).then_some(mark)
    }
}

/// Returns whether one of the values of Secrets is in the object.
pub(crate) fn repeats_secret(object: &Value, values: &BTreeSet<String>) -> bool {
    let none = BTreeSet::new();
    !values.is_empty() && mask_repeated(Some(&mut object.clone()), None, [values, &none])
}

fn mask_object(object: &mut Value, marks: &Marks<'_>) -> bool {
    let Some(fields) = object.as_object_mut() else { return mask_all(object, marks) };
    let mut masked = false;
    for (key, field) in fields {
        if IDENTITY.contains(&key.as_str()) {
            continue;
        }
        let metadata = (key == "metadata").then(|| field.as_object_mut()).flatten();
        let Some(metadata) = metadata else {
            masked |= mask_all(field, marks);
            continue;
        };
        for (_, field) in metadata.iter_mut().filter(|(key, _)| !NAMES.contains(&key.as_str())) {
            masked |= mask_all(field, marks);
        }
    }
    masked
}

fn mask_all(value: &mut Value, marks: &Marks<'_>) -> bool {
    let mut masked = false;
    match value {
        Value::Array(items) => {
            for item in items {
                masked |= mask_all(item, marks);
            }
        }
        Value::Object(fields) => {
            for field in fields.values_mut() {
                masked |= mask_all(field, marks);
            }
            masked |= mask_keys(fields, marks);
        }
        Value::String(_) | Value::Number(_) => {
            let mark = match value.as_str() {
                Some(text) => marks.of(text),
                None => marks.of(&value.to_string()),
            };
            if let Some(mark) = mark {
                *value = Value::from(mark);
                masked = true;
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
    masked
}

fn mask_keys(fields: &mut Map<String, Value>, marks: &Marks<'_>) -> bool {
    if !fields.keys().any(|key| marks.of(key).is_some()) {
        return false;
    }
    let masked = |key: String| marks.of(&key).map_or(key, str::to_owned);
    *fields = std::mem::take(fields).into_iter().map(|(key, field)| (masked(key), field)).collect();
    true
}
