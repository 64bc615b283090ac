//! What of an object is compared.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::table::Verdict;
use crate::same::is_same;

/// The label of a canary Deployment; the controller gives its name a random end.
const CANARY_LABEL: &str = "rollouts.kruise.io/canary-deployment";

/// Returns what is compared of an object, both of ours and of the controller's.
///
/// Never written by us: the name of the canary Deployment (random, so ours differs), `generateName`,
/// `ownerReferences`, `finalizers` of the canary, the annotation that says which BatchRelease is in
/// control, and the status. Always written by us, and by us alone: what is below `rollstep.dev/`.
/// A null is dropped by the API server, as are labels and annotations of which there are none, and a
/// `targetPort` of 0 is what Go makes of none.
pub(crate) fn project(object: &Value) -> Value {
    let mut object = without_nulls(object);
    let is_canary = is_canary(&object);
    let fields = object.as_object_mut().unwrap();
    fields.remove("status");
    let metadata = fields.get_mut("metadata").and_then(Value::as_object_mut).unwrap();
    for key in ["generateName", "ownerReferences", "creationTimestamp"] {
        metadata.remove(key);
    }
    if is_canary {
        metadata.remove("name");
        metadata.remove("finalizers");
    }
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        let ours = |key: &str| key.starts_with("rollstep.dev/");
        let control = "batchrelease.rollouts.kruise.io/control-info";
        annotations.retain(|key, _| !ours(key) && key != control);
    }
    for key in ["labels", "annotations"] {
        let nothing = metadata.get(key).and_then(Value::as_object).is_some_and(Map::is_empty);
        if nothing {
            metadata.remove(key);
        }
    }
    let ports = object.pointer_mut("/spec/ports").and_then(Value::as_array_mut);
    for port in ports.into_iter().flatten().filter_map(Value::as_object_mut) {
        if port.get("targetPort").is_some_and(|target| *target == 0) {
            port.remove("targetPort");
        }
    }
    object
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        scalar => scalar.clone(),
    }
}

pub(crate) fn is_canary(object: &Value) -> bool {
    object["kind"] == "Deployment" && object["metadata"]["labels"][CANARY_LABEL].is_string()
}

/// Compares the objects of these kinds; their order says nothing.
pub(crate) fn compare(ours: &[Value], recorded: &[Value], kinds: &[&str]) -> Verdict {
    let (ours, recorded) = (by_name(ours, kinds), by_name(recorded, kinds));
    let names = |objects: &BTreeMap<String, Value>| objects.keys().cloned().collect::<Vec<_>>();
    if names(&ours) != names(&recorded) {
        return Verdict::Differs(format!("{:?}, recorded {:?}", names(&ours), names(&recorded)));
    }
    let differs = ours.iter().find(|(name, object)| !is_same(object, &recorded[*name]));
    match differs {
        None => Verdict::Passed,
        Some((name, object)) => {
            Verdict::Differs(format!("\n  ours     {object}\n  recorded {}", recorded[name]))
        }
    }
}

fn by_name(objects: &[Value], kinds: &[&str]) -> BTreeMap<String, Value> {
    let concerned =
        objects.iter().filter(|object| kinds.iter().any(|kind| object["kind"] == *kind));
    let named = concerned.map(|object| {
        let name = if is_canary(object) {
            "(canary)"
        } else {
            object["metadata"]["name"].as_str().unwrap()
        };
        (format!("{} {name}", object["kind"].as_str().unwrap()), project(object))
    });
    named.collect()
}
