//! Marks that keep definitions out of a cluster.
//!
//! A RollStep among the items of a kustomization is one of its resources, and so is the Rollout that it names.
//! Both are for rollstep alone: the mark has kustomize leave them out of what it builds, after they have been
//! read here. Items that have files of their own stay as they are: kpt would write the mark into them.

use serde_json::Value;

use super::item::{Item, LOCAL_CONFIG};
use super::transform::Part;
use crate::definition::is_kind_of_rollout;
use crate::model::ObjectName;

/// Returns the items with the mark on each RollStep, and on each Rollout that one of them moves.
pub(super) fn mark(items: Vec<Item>, parts: &[Part<'_>], namespace: &str) -> Vec<Item> {
    let steps: Vec<_> = items.iter().filter(|item| is_roll_step(item)).collect();
    let moved: Vec<ObjectName> =
        steps.iter().filter_map(|step| rollout(step, parts, namespace)).collect();
    let is_moved = |item: &Item| {
        let key = item.key(namespace);
        let named = |name: &ObjectName| {
            name.name == key.name && name.namespace.as_ref() == Some(&key.namespace)
        };
        is_kind_of_rollout(&key.group, &key.kind) && moved.iter().any(named)
    };
    let wanted: Vec<bool> = items.iter().map(|item| is_roll_step(item) || is_moved(item)).collect();
    let mark = |(item, wanted): (Item, bool)| match wanted && item.path().is_none() {
        true => marked_local(item),
        false => item,
    };
    items.into_iter().zip(wanted).map(mark).collect()
}

/// Returns whether an item is a RollStep that says what the configuration says, under a name that was
/// made of its name.
pub(super) fn is_renamed(item: &Item, config: &Item) -> bool {
    let name = |item: &Item| item.text_at("/metadata/name").unwrap_or_default().to_owned();
    let (now, before) = (name(item), name(config));
    is_roll_step(item)
        && now != before
        && now.contains(&before)
        && without_name(item) == without_name(config)
}

/// Returns what a RollStep says, without the name of its rollout.
fn without_name(step: &Item) -> Value {
    let mut spec = step.value.get("spec").cloned().unwrap_or_default();
    if let Some(spec) = spec.as_object_mut() {
        spec.shift_remove("rollout");
    }
    spec
}

fn is_roll_step(item: &Item) -> bool {
    item.text_at("/apiVersion").is_some_and(|version| version.starts_with("rollstep.dev/"))
        && item.text_at("/kind") == Some("RollStep")
}

/// Returns the rollout of a RollStep that says a step, by its name of now.
fn rollout(step: &Item, parts: &[Part<'_>], namespace: &str) -> Option<ObjectName> {
    step.value.pointer("/spec/step")?;
    let key = step.key(namespace);
    let part = parts.iter().find(|part| part.item.key(namespace) == key);
    let name = part.map_or(step, |part| &part.resolved).text_at("/spec/rollout")?;
    let ObjectName { namespace, name } = ObjectName::from(name);
    Some(ObjectName { namespace: namespace.or(Some(key.namespace)), name })
}

fn marked_local(item: Item) -> Item {
    if item.annotation(LOCAL_CONFIG) == Some("true") {
        return item;
    }
    let mut value = item.value.clone();
    let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) else {
        return item;
    };
    let annotations = metadata.entry("annotations").or_insert_with(|| serde_json::json!({}));
    if annotations.is_null() {
        *annotations = serde_json::json!({});
    }
    let Some(annotations) = annotations.as_object_mut() else { return item };
    annotations.insert(LOCAL_CONFIG.to_owned(), Value::from("true"));
    item.with_value(value)
}
