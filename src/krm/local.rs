//! Marks that keep definitions out of a cluster.
//!
//! A RollStep among the items of a kustomization is one of its resources, and so is the Rollout that it names.
//! Both are for rollstep alone: the mark has kustomize leave them out of what it builds, after they have been
//! read here. Items that have files of their own stay as they are: kpt would write the mark into them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::item::{Item, LOCAL_CONFIG};
use super::transform::Part;
use crate::definition::is_kind_of_rollout;
use crate::manifest::ObjectKey;
use crate::model::ObjectName;

/// Returns the items with the mark on each RollStep, and on each Rollout that one of them moves.
pub(super) fn mark<'i>(
    items: Vec<Cow<'i, Item>>,
    parts: &[Part<'_>],
    namespace: &str,
) -> Vec<Cow<'i, Item>> {
    let resolved: BTreeMap<ObjectKey, &Item> = parts
        .iter()
        .filter(|part| is_roll_step(part.item))
        .map(|part| (part.item.key(namespace), part.resolved.as_ref()))
        .collect();
    let steps = items.iter().filter(|item| is_roll_step(item));
    let moved: BTreeSet<ObjectName> =
        steps.filter_map(|step| rollout(step, &resolved, namespace)).collect();
    let is_moved = |item: &Item| {
        let ObjectKey { group, kind, namespace, name } = item.key(namespace);
        is_kind_of_rollout(&group, &kind)
            && moved.contains(&ObjectName { namespace: Some(namespace), name })
    };
    let mut marked = Vec::with_capacity(items.len());
    for item in items {
        let wanted = item.path().is_none() && (is_roll_step(&item) || is_moved(&item));
        marked.push(if wanted { marked_local(item) } else { item });
    }
    marked
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
    let mut spec = step.value().get("spec").cloned().unwrap_or_default();
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
fn rollout(
    step: &Item,
    resolved: &BTreeMap<ObjectKey, &Item>,
    namespace: &str,
) -> Option<ObjectName> {
    step.value().pointer("/spec/step")?;
    let key = step.key(namespace);
    let name = resolved.get(&key).copied().unwrap_or(step).text_at("/spec/rollout")?;
    let ObjectName { namespace, name } = ObjectName::from(name);
    Some(ObjectName { namespace: namespace.or(Some(key.namespace)), name })
}

fn marked_local(item: Cow<'_, Item>) -> Cow<'_, Item> {
    if item.annotation(LOCAL_CONFIG) == Some("true") {
        return item;
    }
    let mut value = item.value().clone();
    let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) else {
        return item;
    };
    let annotations = metadata.entry("annotations").or_insert_with(|| serde_json::json!({}));
    if annotations.is_null() {
        *annotations = serde_json::json!({});
    }
    let Some(annotations) = annotations.as_object_mut() else { return item };
    annotations.insert(LOCAL_CONFIG.to_owned(), Value::from("true"));
    Cow::Owned(item.with_value(value))
}
