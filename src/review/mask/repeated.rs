//! Values of a Secret that an alias repeats in other objects.
//!
//! They are masked wherever they stand, but in what says who an object is: kind and name are shown with
//! every object.

use std::collections::{BTreeMap, BTreeSet};

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
    repeated: [&BTreeSet<String>; 2],
) -> bool {
    let [gone, come] = repeated;
    let both = before.is_some() && after.is_some();
    let mut masked = false;
    for (object, values, others, mark) in [(before, gone, come, BEFORE), (after, come, gone, AFTER)]
    {
        let mark_of = |value: &String| if both && !others.contains(value) { mark } else { SAME };
        let marks: Marks = values.iter().map(|value| (value.clone(), mark_of(value))).collect();
        if !marks.is_empty()
            && let Some(object) = object
        {
            masked |= mask_object(object, &marks);
        }
    }
    masked
}

/// Returns whether one of the values of Secrets is in the object.
pub(crate) fn repeats_secret(object: &Value, values: &BTreeSet<String>) -> bool {
    let none = BTreeSet::new();
    !values.is_empty() && mask_repeated(Some(&mut object.clone()), None, [values, &none])
}

/// What is shown in place of each value.
type Marks = BTreeMap<String, &'static str>;

fn mask_object(object: &mut Value, marks: &Marks) -> bool {
    let Some(fields) = object.as_object_mut() else { return mask_all(object, marks) };
    let mut masked = false;
    for (key, field) in fields {
        masked |= match (key.as_str(), field) {
            (key, _) if IDENTITY.contains(&key) => false,
            ("metadata", Value::Object(metadata)) => {
                let others = metadata.iter_mut().filter(|(key, _)| !NAMES.contains(&key.as_str()));
                others.fold(false, |masked, (_, field)| mask_all(field, marks) || masked)
            }
            (_, field) => mask_all(field, marks),
        };
    }
    masked
}

fn mask_all(value: &mut Value, marks: &Marks) -> bool {
    let mark = match value {
        Value::String(text) => marks.get(text),
        Value::Number(number) => marks.get(&number.to_string()),
        Value::Array(items) => {
            return items.iter_mut().fold(false, |masked, item| mask_all(item, marks) || masked);
        }
        Value::Object(fields) => {
            let all = fields.values_mut();
            let masked = all.fold(false, |masked, field| mask_all(field, marks) || masked);
            return mask_keys(fields, marks) || masked;
        }
        Value::Null | Value::Bool(_) => None,
    };
    let Some(mark) = mark else { return false };
    *value = Value::from(*mark);
    true
}

fn mask_keys(fields: &mut Map<String, Value>, marks: &Marks) -> bool {
    if !fields.keys().any(|key| marks.contains_key(key)) {
        return false;
    }
    let masked = |key: String| marks.get(&key).map_or(key, |mark| (*mark).to_owned());
    *fields = std::mem::take(fields).into_iter().map(|(key, field)| (masked(key), field)).collect();
    true
}
