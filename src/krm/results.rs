//! Results that orchestrators show of a run: diagnostics, and changes of the items.
//!
//! A result is an object of the list's `results`; kpt shows them and writes them to a directory,
//! kustomize drops them (kubernetes-sigs/kustomize:kyaml/fn/framework/result.go).

use serde_json::{Map, Value, json};

use super::config::CONFIG;
use super::item::{Item, is_of_orchestrator};
use super::transform::{Part, item_of};
use crate::diagnostic::{Diagnostic, Severity};
use crate::escape;
use crate::manifest::{FieldPath, Segment};
use crate::model::ORIGINAL_ANNOTATION;
use crate::render::{Edit, edits_between};

/// Returns a result for each diagnostic.
pub(super) fn of_diagnostics(
    diagnostics: &[Diagnostic],
    parts: &[Part<'_>],
    config: Option<&Item>,
) -> Vec<Value> {
    let item = |diagnostic: &Diagnostic| match &diagnostic.location {
        Some(location) if location.file == CONFIG => config,
        Some(location) => item_of(parts, &location.file),
        None => None,
    };
    diagnostics.iter().map(|diagnostic| of_diagnostic(diagnostic, item(diagnostic))).collect()
}

fn of_diagnostic(diagnostic: &Diagnostic, item: Option<&Item>) -> Value {
    let mut message = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        message = format!("{message}; {help}");
    }
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    };
    let mut result = result(&message, severity, item);
    let path = diagnostic.location.as_ref().and_then(|location| location.field.as_ref());
    if let (Some(path), Some(item), true) = (path, item, result.get("resourceRef").is_some()) {
        let mut field = json!({"path": path});
        let secret = item.text_at("/kind").is_some_and(|kind| kind.eq_ignore_ascii_case("Secret"));
        let current = at_text(item.value(), path).filter(|value| !secret && is_scalar(value));
        if let Some(value) = current {
            set(&mut field, "currentValue", value.clone());
        }
        set(&mut result, "field", field);
    }
    set(&mut result, "tags", json!({"code": diagnostic.code.name}));
    result
}

/// Returns the result of an object that the stage adds.
pub(super) fn of_added(item: &Item) -> Value {
    result(&format!("added: {}", called(item)), "info", Some(item))
}

/// Returns the result of an object of ours that the stage no longer has.
pub(super) fn of_removed(item: &Item) -> Value {
    result(&format!("removed: {}", called(item)), "info", Some(item))
}

/// Returns a result for each field that the stage changes.
pub(super) fn of_changed(before: &Item, after: &Item) -> Vec<Value> {
    let edits = edits_between(before.value(), after.value());
    edits.iter().filter_map(|edit| of_edit(edit, before)).collect()
}

fn of_edit(edit: &Edit, before: &Item) -> Option<Value> {
    let (path, proposed, message) = match edit {
        Edit::Set { path, value } => (path.clone(), Some(value), "set"),
        Edit::Insert { path, index, value } => (path.index(*index), Some(value), "inserted"),
        Edit::Remove { path } => (path.clone(), None, "removed"),
    };
    let annotation = path.segments().last().and_then(|last| match last {
        Segment::Key(key) => Some(key.as_str()),
        Segment::Index(_) => None,
    });
    if annotation.is_some_and(is_of_orchestrator) {
        return None;
    }
    let mut field = json!({"path": path.to_string()});
    let is_new = matches!(edit, Edit::Insert { .. });
    let current = if is_new { None } else { at(before.value(), &path) };
    // The original is there for the next run; no one reads it on one line.
    if annotation != Some(ORIGINAL_ANNOTATION) {
        for (key, value) in [("currentValue", current), ("proposedValue", proposed)] {
            if let Some(value) = value {
                set(&mut field, key, value.clone());
            }
        }
    }
    let mut result = result(&format!("{message} by the stage"), "info", Some(before));
    set(&mut result, "field", field);
    Some(result)
}

fn result(message: &str, severity: &str, item: Option<&Item>) -> Value {
    let mut result = json!({"message": escape::line(message), "severity": severity});
    let Some(item) = item else { return result };
    if let Some(reference) = reference(item) {
        set(&mut result, "resourceRef", reference);
    }
    if let Some(path) = item.path() {
        let mut file = json!({"path": path});
        if let Some(index) = item.index() {
            set(&mut file, "index", json!(index));
        }
        set(&mut result, "file", file);
    }
    result
}

fn reference(item: &Item) -> Option<Value> {
    let mut reference = Map::new();
    for (key, pointer) in [
        ("apiVersion", "/apiVersion"),
        ("kind", "/kind"),
        ("name", "/metadata/name"),
        ("namespace", "/metadata/namespace"),
    ] {
        if let Some(text) = item.text_at(pointer) {
            reference.insert(key.to_owned(), Value::from(text));
        }
    }
    reference.contains_key("kind").then_some(Value::Object(reference))
}

fn called(item: &Item) -> String {
    let text = |pointer: &str| item.text_at(pointer).unwrap_or_default();
    format!("{} `{}`", text("/kind").to_lowercase(), text("/metadata/name"))
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn at<'v>(value: &'v Value, path: &FieldPath) -> Option<&'v Value> {
    path.segments().iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.get(*index),
    })
}

/// Returns what lies at a path as diagnostics write it, as far as its keys are plain.
fn at_text<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, part| {
        let (key, indices) = part.split_once('[').unwrap_or((part, ""));
        let indices = indices.split(['[', ']']).filter(|index| !index.is_empty());
        indices
            .into_iter()
            .try_fold(value.get(key)?, |value, index| value.get(index.parse::<usize>().ok()?))
    })
}
