//! The new version of a workload, out of a tree that holds the old one beside the canary.
//!
//! A tree rendered with `--stable` holds the old manifest and, in the canary Deployment, the new
//! template with our changes laid over. Taking them off again needs the values that were replaced:
//! those of the old manifest, and where the new one's differed, a JSON patch in an annotation.

use crate::rollout::{Labels, PodMetadata, labels_of};
use json_patch::{Patch, PatchOperation};
use serde_json::{Map, Value};

use super::bookkeeping::{is_bookkeeping, kept};
use super::name::CANARY_DEPLOYMENT_LABEL;
use super::peers::Peers;

/// The annotation that holds what our changes replaced, where the old manifest does not tell.
pub(crate) const REPLACED_ANNOTATION: &str = "rollstep.dev/replaced";

/// The longest path of a patch; manifests nest no deeper.
const MAX_PATH: usize = 255;

/// What is at hand to recover the new version from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remains<'r> {
    pub(crate) old: &'r Value,
    pub(crate) canary: &'r Value,
    pub(crate) patch: &'r PodMetadata,
    pub(crate) namespace: &'r str,
}

/// Returns the new version of the workload; nothing where the annotation does not fit.
pub(crate) fn recover(remains: Remains<'_>) -> Option<Value> {
    let mut workload = recover_without_annotation(remains);
    let pointer = remains.canary.pointer("/metadata/annotations");
    let replaced = pointer.and_then(|annotations| annotations.get(REPLACED_ANNOTATION));
    if let Some(replaced) = replaced {
        json_patch::patch(&mut workload, &parse_patch(replaced.as_str()?)?).ok()?;
    }
    Some(workload)
}

/// Reads a patch if it is one that [`replaced`] could have written: anybody can write an annotation,
/// and a few `copy` of what was copied before make gigabytes of a line.
fn parse_patch(text: &str) -> Option<Patch> {
    let patch: Patch = serde_json::from_str(text).ok()?;
    let is_ours = |operation: &PatchOperation| match operation {
        PatchOperation::Add(_) | PatchOperation::Remove(_) | PatchOperation::Replace(_) => {
            operation.path().count() <= MAX_PATH
        }
        PatchOperation::Move(_) | PatchOperation::Copy(_) | PatchOperation::Test(_) => false,
    };
    patch.0.iter().all(is_ours).then_some(patch)
}

/// Returns the annotation that makes [`recover`] find `new`; nothing where none is needed.
///
/// Keys are sorted, since those of what was recovered stand in another order than in the source.
pub(crate) fn replaced(remains: Remains<'_>, new: &Value) -> Option<String> {
    let mut found = recover_without_annotation(remains);
    let mut wanted = recoverable(remains.old, new);
    found.sort_all_objects();
    wanted.sort_all_objects();
    let patch = json_patch::diff(&found, &wanted);
    #[expect(clippy::expect_used, reason = "a patch holds nothing but JSON values and strings")]
    (!patch.0.is_empty()).then(|| serde_json::to_string(&patch).expect("a patch is JSON"))
}

/// Returns what of `new` is to be recovered: all but `paused` and what tools wrote about it.
fn recoverable(old: &Value, new: &Value) -> Value {
    let mut spec = new.get("spec").and_then(Value::as_object).cloned().unwrap_or_default();
    spec.shift_remove("paused");
    assemble(old, new, spec)
}

fn recover_without_annotation(remains: Remains<'_>) -> Value {
    let Remains { old, canary, .. } = remains;
    let mut spec = canary.get("spec").and_then(Value::as_object).cloned().unwrap_or_default();
    for key in ["replicas", "selector"] {
        match old.pointer(&format!("/spec/{key}")) {
            Some(value) => drop(spec.insert(key.to_owned(), value.clone())),
            None => drop(spec.shift_remove(key)),
        }
    }
    if let Some(template) = spec.get_mut("template") {
        strip_template(template, remains);
    }
    assemble(old, canary, spec)
}

/// Returns the old object with `spec` and with the version, labels and annotations of `new`.
fn assemble(old: &Value, new: &Value, spec: Map<String, Value>) -> Value {
    let mut object = old.clone();
    let Some(fields) = object.as_object_mut() else { return object };
    if let Some(version) = new.get("apiVersion") {
        fields.insert("apiVersion".to_owned(), version.clone());
    }
    let metadata = new.get("metadata");
    fields.shift_remove("status");
    fields.insert("spec".to_owned(), Value::Object(spec));
    let Some(own) = fields.get_mut("metadata").and_then(Value::as_object_mut) else {
        return object;
    };
    for key in ["labels", "annotations"] {
        let new = metadata.and_then(|metadata| metadata.get(key));
        let mut merged = kept(new, |key, _| !is_bookkeeping(key));
        merged.extend(kept(own.get(key), |key, _| is_bookkeeping(key)));
        match merged.is_empty() {
            true => drop(own.shift_remove(key)),
            false => drop(own.insert(key.to_owned(), Value::Object(merged))),
        }
    }
    object
}

/// Takes our labels and annotations off the template, and turns its selectors back.
fn strip_template(template: &mut Value, remains: Remains<'_>) {
    let Remains { old, canary, patch, namespace } = remains;
    let labels = |object: &Value| labels_of(object.pointer("/spec/template/metadata/labels"));
    let (pods, old_pods) = (labels(canary), labels(old));
    let laid_over = laid_over(remains, &pods);
    let changed: Vec<_> = laid_over
        .iter()
        .filter_map(|key| Some((key.clone(), pods.get(key)?.clone(), old_pods.get(key)?.clone())))
        .collect();
    if let Some(spec) = template.get_mut("spec") {
        Peers { labels: &pods, changed: &changed, namespace }.follow(spec);
    }
    let Some(metadata) = template.get_mut("metadata").and_then(Value::as_object_mut) else {
        return;
    };
    let old_metadata = old.pointer("/spec/template/metadata");
    restore(metadata, "labels", (&laid_over, old_metadata));
    let annotations: Vec<_> = patch.annotations.keys().cloned().collect();
    restore(metadata, "annotations", (&annotations, old_metadata));
}

/// Returns the labels that we changed: those of the rollout, and those that the canary's selector
/// has and the old one has not.
fn laid_over(remains: Remains<'_>, pods: &Labels) -> Vec<String> {
    let selector = |object: &Value| labels_of(object.pointer("/spec/selector/matchLabels"));
    let (old, canary) = (selector(remains.old), selector(remains.canary));
    let ours = |key: &String| {
        key == CANARY_DEPLOYMENT_LABEL
            || remains.patch.labels.contains_key(key)
            || (canary.contains_key(key) && canary.get(key) != old.get(key))
    };
    pods.keys().filter(|key| ours(key)).cloned().collect()
}

/// Gives `keys` of a map the old values; what was not there goes.
fn restore(metadata: &mut Map<String, Value>, map: &str, (keys, old): (&[String], Option<&Value>)) {
    let old = old.and_then(|old| old.get(map));
    let Some(entries) = metadata.get_mut(map).and_then(Value::as_object_mut) else { return };
    for key in keys {
        match old.and_then(|old| old.get(key)) {
            Some(value) => drop(entries.insert(key.clone(), value.clone())),
            None => drop(entries.shift_remove(key)),
        }
    }
    if entries.is_empty() && old.is_none() {
        metadata.shift_remove(map);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Remains, replaced};
    use crate::rollout::PodMetadata;

    fn workload(labels: &Value) -> Value {
        let template = json!({"metadata": {"labels": labels}});
        json!({"metadata": {"name": "web"}, "spec": {"template": template}})
    }

    #[test]
    fn the_annotation_does_not_depend_on_the_order_of_keys() {
        let keys = ["version", "rank"].map(|key| (key.to_owned(), "canary".to_owned()));
        let patch = PodMetadata { labels: keys.into(), ..PodMetadata::default() };
        let old = workload(&json!({"version": "v1"}));
        let written = |canary: &Value, new: &Value| {
            let (canary, new) = (workload(canary), workload(new));
            replaced(
                Remains { old: &old, canary: &canary, patch: &patch, namespace: "default" },
                &new,
            )
        };
        let one = written(
            &json!({"rank": "canary", "version": "canary"}),
            &json!({"rank": "1", "version": "v2"}),
        );
        let other = written(
            &json!({"version": "canary", "rank": "canary"}),
            &json!({"version": "v2", "rank": "1"}),
        );
        assert!(one.is_some());
        assert_eq!(one, other);
    }
}
