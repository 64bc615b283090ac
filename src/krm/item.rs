//! An item of a ResourceList, and what orchestrators note in its annotations.

use std::cell::OnceCell;
use std::ops::Range;

use serde_json::{Map, Value};

use crate::definition::is_group_of_rollouts;
use crate::emit::{ItemText, item_text, splice, to_yaml};
use crate::manifest::{Node, ObjectKey, parse};
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
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) text: String,
    /// `apiVersion`, `kind` and `metadata`, which every item is asked for.
    head: Value,
    /// The whole object, read from the text when it is first asked for.
    value: OnceCell<Value>,
    /// The bytes of the ResourceList that the text was cut out of.
    pub(super) lines: Option<Range<usize>>,
}

/// The fields of the head.
const HEAD: [&str; 3] = ["apiVersion", "kind", "metadata"];

impl Item {
    /// Returns an object with its text.
    pub(super) fn new(text: String, value: Value) -> Self {
        let field = |key: &str| Some((key.to_owned(), value.get(key)?.clone()));
        let head = HEAD.into_iter().filter_map(field).collect();
        Self { text, head: Value::Object(head), value: OnceCell::from(value), lines: None }
    }

    /// Returns the item of a list; the next one, where there is one, shows where it ends.
    pub(super) fn of_list(list: &str, item: &Node, next: Option<&Node>) -> Self {
        let ItemText { text, lines } = item_text(list, item, next);
        let field = |key: &str| Some((key.to_owned(), item.child(key)?.to_value()));
        let head = HEAD.into_iter().filter_map(field).collect();
        Self { text, head: Value::Object(head), value: OnceCell::new(), lines }
    }

    /// Returns the whole object.
    pub(super) fn value(&self) -> &Value {
        self.value.get_or_init(|| parse(&self.text).map(|node| node.to_value()).unwrap_or_default())
    }

    pub(super) fn key(&self, namespace: &str) -> ObjectKey {
        ObjectKey::of(&self.head, namespace)
    }

    pub(super) fn text_at(&self, pointer: &str) -> Option<&str> {
        let in_head = pointer.split('/').nth(1).is_some_and(|key| HEAD.contains(&key));
        let object = if in_head { &self.head } else { self.value() };
        object.pointer(pointer).and_then(Value::as_str)
    }

    pub(super) fn label(&self, key: &str) -> Option<&Value> {
        self.head.get("metadata")?.get("labels")?.get(key)
    }

    pub(super) fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations()?.get(key)?.as_str()
    }

    fn annotations(&self) -> Option<&Map<String, Value>> {
        self.head.get("metadata")?.get("annotations")?.as_object()
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
        if list { self.value().get("items")?.as_array() } else { None }
    }

    /// Returns whether the orchestrator notes anything in the item.
    pub(super) fn has_place(&self) -> bool {
        self.annotations().is_some_and(|all| all.keys().any(|key| is_of_orchestrator(key)))
    }

    /// Returns the value without what the orchestrator notes.
    ///
    /// A route keeps its original with its annotations, and these do not belong to it.
    pub(super) fn without_place(&self) -> Value {
        let mut value = self.value().clone();
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
        let edits = edits_between(self.value(), &value);
        let text = match parse(&self.text) {
            Some(node) => splice(&self.text, &node, &edits, &value),
            None => to_yaml(&value),
        };
        Self::new(text, value)
    }
}

/// Returns `value` with the orchestrator's annotations of `twin`, and no others of its kind.
pub(super) fn with_place_of(value: &Value, twin: &Item) -> Value {
    let own = |(key, _): &(&String, &Value)| is_of_orchestrator(key);
    let kept = twin.annotations().into_iter().flatten().filter(own);
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
