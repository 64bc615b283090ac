//! An item of a ResourceList, and what orchestrators note in its annotations.

use serde_json::Value;

use crate::definition::is_group_of_rollouts;
use crate::emit::{splice, to_yaml};
use crate::manifest::ObjectKey;
use crate::manifest::parse;
/// Items that are not for the API server.
pub(super) use crate::model::LOCAL_CONFIG_ANNOTATION as LOCAL_CONFIG;
use crate::render::edits_between;

/// What orchestrators call the file of an item; each in its older and its newer spelling.
///
/// From kubernetes-sigs/kustomize:kyaml/kio/kioutil/kioutil.go.
pub(super) const PATH: [&str; 2] =
    ["config.kubernetes.io/path", "internal.config.kubernetes.io/path"];
/// The position of an item in its file.
pub(super) const INDEX: [&str; 2] =
    ["config.kubernetes.io/index", "internal.config.kubernetes.io/index"];
/// Annotations that belong to the orchestrator, by the beginning of their key.
const ORCHESTRATOR: [&str; 5] = [
    "internal.config.kubernetes.io/",
    "kustomize.config.k8s.io/",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
];

/// An object, and the text that it was read from or is written as.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) text: String,
    pub(super) value: Value,
}

impl Item {
    pub(super) fn key(&self, namespace: &str) -> ObjectKey {
        ObjectKey::of(&self.value, namespace)
    }

    pub(super) fn text_at(&self, pointer: &str) -> Option<&str> {
        self.value.pointer(pointer).and_then(Value::as_str)
    }

    pub(super) fn annotation(&self, key: &str) -> Option<&str> {
        self.value.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }

    /// Returns the file of the item, in either spelling.
    pub(super) fn path(&self) -> Option<&str> {
        PATH.iter().find_map(|key| self.annotation(key))
    }

    /// Returns the position of the item in its file.
    pub(super) fn index(&self) -> Option<usize> {
        INDEX.iter().find_map(|key| self.annotation(key))?.parse().ok()
    }

    /// Returns whether the item is for a tool of its own: packages have many of one name.
    pub(super) fn is_for_others(&self) -> bool {
        let api_version = self.text_at("/apiVersion").unwrap_or_default();
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let ours = group == "rollstep.dev" || is_group_of_rollouts(group);
        let local = self.annotation(LOCAL_CONFIG).is_some_and(|value| value != "false");
        group == "kpt.dev" || (local && !ours)
    }

    /// Returns the objects of an item that is a list itself.
    pub(super) fn listed(&self) -> Option<&Vec<Value>> {
        let list = self.text_at("/kind").is_some_and(|kind| kind.ends_with("List"));
        self.value.get("items").filter(|_| list).and_then(Value::as_array)
    }

    /// Returns the value without what the orchestrator notes.
    ///
    /// A route keeps its original, annotations and all, and these are none of it.
    pub(super) fn without_place(&self) -> Value {
        let mut value = self.value.clone();
        let metadata = value.get_mut("metadata").and_then(Value::as_object_mut);
        let Some(metadata) = metadata else { return value };
        let annotations = metadata.get_mut("annotations").and_then(Value::as_object_mut);
        let Some(annotations) = annotations else { return value };
        let before = annotations.len();
        annotations.retain(|key, _| !is_of_orchestrator(key));
        if annotations.is_empty() && before > 0 {
            metadata.shift_remove("annotations");
        }
        value
    }

    /// Returns the item with another value, in the layout of its text.
    pub(super) fn with_value(&self, value: Value) -> Self {
        let edits = edits_between(&self.value, &value);
        let text = match parse(&self.text) {
            Some(node) => splice(&self.text, &node, &edits, &value),
            None => to_yaml(&value),
        };
        Self { text, value }
    }
}

/// Returns `value` with the orchestrator's annotations of `twin`, and no others of its kind.
pub(super) fn with_place_of(value: &Value, twin: &Item) -> Value {
    let own = |(key, _): &(&String, &Value)| is_of_orchestrator(key);
    let annotations = twin.value.pointer("/metadata/annotations").and_then(Value::as_object);
    let kept = annotations.into_iter().flatten().filter(own);
    with_annotations(value, kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// Returns `value` with `added`, and no other annotations of an orchestrator.
pub(super) fn with_annotations(value: &Value, added: Vec<(String, Value)>) -> Value {
    let mut value = value.clone();
    let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) else {
        return value;
    };
    if added.is_empty() && !metadata.contains_key("annotations") {
        return value;
    }
    let annotations = metadata.entry("annotations").or_insert_with(|| serde_json::json!({}));
    if annotations.is_null() {
        *annotations = serde_json::json!({});
    }
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.retain(|key, _| {
            !is_of_orchestrator(key) || added.iter().any(|(other, _)| other == key)
        });
        annotations.extend(added);
    }
    value
}

/// Returns whether the annotation belongs to the orchestrator.
pub(super) fn is_of_orchestrator(key: &str) -> bool {
    ORCHESTRATOR.iter().any(|prefix| key.starts_with(prefix))
}
