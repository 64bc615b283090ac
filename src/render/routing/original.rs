//! An object that keeps its original in an annotation while it is changed.

use serde_json::{Map, Value};

use crate::manifest::Resource;
use crate::model::{ORIGINAL_ANNOTATION, Original};
use crate::render::metadata::add_entry;

/// Returns the object with this spec and its original beside it.
pub(super) fn render_changed(resource: &Resource<'_>, original: &Original, spec: Value) -> Value {
    let mut object = with_spec(resource, original, spec);
    if let Some(metadata) = metadata(&mut object) {
        let stored = Value::from(original.to_annotation());
        add_entry(metadata, "annotations", (ORIGINAL_ANNOTATION, stored));
    }
    object
}

/// Returns the object as it was before anything was changed.
pub(super) fn render_original(resource: &Resource<'_>, original: &Original) -> Value {
    with_spec(resource, original, original.spec.clone())
}

fn with_spec(resource: &Resource<'_>, original: &Original, spec: Value) -> Value {
    let mut object = resource.to_value();
    if let Some(fields) = object.as_object_mut() {
        fields.insert("spec".to_owned(), spec);
    }
    if let Some(metadata) = metadata(&mut object).filter(|_| original.stored) {
        restore(metadata, "labels", original.labels.as_ref());
        restore(metadata, "annotations", original.annotations.as_ref());
    }
    object
}

fn metadata(object: &mut Value) -> Option<&mut Map<String, Value>> {
    object.get_mut("metadata").and_then(Value::as_object_mut)
}

fn restore(metadata: &mut Map<String, Value>, key: &str, original: Option<&Value>) {
    match original {
        Some(value) => drop(metadata.insert(key.to_owned(), value.clone())),
        None => drop(metadata.shift_remove(key)),
    }
}
