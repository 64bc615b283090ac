//! The stable Deployment as it is meanwhile, and the canary Deployment.

use serde_json::{Map, Value};

use super::metadata::{add_entry, clone_metadata};
use super::{Change, Edited, pod_template};
use crate::model::{
    CANARY_DEPLOYMENT_LABEL, Compat, Labels, REPLACED_ANNOTATION, Remains, Replicas,
    is_bookkeeping, replaced, with_suffix,
};
use crate::plan::{Plan, StagePlan};
use crate::strategy::StableWorkload;

/// Returns what happens to the stable Deployment.
///
/// The old version is written as it was but for its replicas, where it is known, and held back
/// otherwise:
///
/// ```yaml
/// spec:              # steps, without the old version
///   paused: true
/// ```
///
/// From `promote` on it is the new version, and runs.
pub(super) fn render_stable<'m, 'a>(at: &'m StagePlan<'m, 'a>) -> Option<Change<'m, 'a>> {
    let rollout = at.plan.rollout;
    let resource = &rollout.workload.resource;
    let mut after = rollout.workload.value.clone();
    let spec = after.get_mut("spec").and_then(Value::as_object_mut)?;
    match at.standing.stable {
        StableWorkload::Old => {
            let old = &rollout.old_workload.as_ref()?.resource;
            let mut after = old.to_value();
            set_replicas(&mut after, at.replicas_of_old());
            let edited = Edited::into(old, after);
            return Some(edited.map_or(Change::Replace(old), Change::Edit));
        }
        StableWorkload::Held => drop(spec.insert("paused".to_owned(), Value::Bool(true))),
        StableWorkload::New => drop(spec.shift_remove("paused")),
    }
    Edited::into(resource, after).map(Change::Edit)
}

fn set_replicas(deployment: &mut Value, replicas: Option<Replicas>) {
    let Some(spec) = deployment.get_mut("spec").and_then(Value::as_object_mut) else { return };
    match replicas {
        Some(replicas) => drop(spec.insert("replicas".to_owned(), Value::from(replicas.0))),
        None => drop(spec.shift_remove("replicas")),
    }
}

/// Returns the canary Deployment with that many pods.
///
/// ```yaml
/// metadata:
///   name: web-canary
///   labels:
///     app: web
///     rollouts.kruise.io/canary-deployment: web
/// spec:
///   replicas: 1
///   selector: { matchLabels: { app: web-canary } }
///   template:
///     metadata: { labels: { app: web-canary } }
///     …                                             # the new template
/// ```
///
/// A controller takes over neither labels nor annotations, and gives the canary the stable selector:
/// openkruise/rollouts:pkg/controller/batchrelease/control/canarystyle/deployment/canary.go `create`.
pub(super) fn render_canary(plan: &Plan<'_, '_>, replicas: Replicas) -> Value {
    let workload = &plan.rollout.workload.resource;
    let source = &plan.rollout.workload.value;
    let mut metadata = match plan.rollout.compat {
        None => clone_metadata(source, &plan.workload_name, |key, _| !is_bookkeeping(key)),
        Some(Compat::Kruise) => clone_metadata(source, &plan.workload_name, |_, _| false),
    };
    let mark = Value::from(with_suffix(&workload.identity.name, ""));
    add_entry(&mut metadata, "labels", (CANARY_DEPLOYMENT_LABEL, mark));
    let mut object = Map::new();
    for key in ["apiVersion", "kind"] {
        object.insert(key.to_owned(), source.get(key).cloned().unwrap_or_default());
    }
    object.insert("metadata".to_owned(), Value::Object(metadata));
    object.insert("spec".to_owned(), Value::Object(canary_spec(plan, source, replicas)));
    let mut canary = Value::Object(object);
    record_replaced(plan, &mut canary);
    canary
}

/// Notes what our changes replaced, so that the new version can be had back from the canary.
fn record_replaced(plan: &Plan<'_, '_>, canary: &mut Value) {
    let rollout = plan.rollout;
    let Some(old) = &rollout.old_workload else { return };
    let namespace = &rollout.workload.resource.identity.namespace;
    let remains = Remains { old: &old.value, canary, patch: &rollout.pod_metadata, namespace };
    let replaced = replaced(remains, &rollout.workload.value);
    let metadata = canary.get_mut("metadata").and_then(Value::as_object_mut);
    if let (Some(metadata), Some(replaced)) = (metadata, replaced) {
        add_entry(metadata, "annotations", (REPLACED_ANNOTATION, Value::from(replaced)));
    }
}

/// Returns the fields of the stable spec in their order, replicas first where there were none.
fn canary_spec(plan: &Plan<'_, '_>, source: &Value, replicas: Replicas) -> Map<String, Value> {
    let mut spec = Map::new();
    let fields = source.get("spec").and_then(Value::as_object);
    if fields.is_none_or(|fields| !fields.contains_key("replicas")) {
        spec.insert("replicas".to_owned(), Value::from(replicas.0));
    }
    for (key, value) in fields.into_iter().flatten() {
        let value = match key.as_str() {
            "paused" => continue,
            "replicas" => Value::from(replicas.0),
            "selector" => selector(value, &plan.isolation.selector.match_labels),
            "template" => pod_template::render_canary(plan, value),
            _ => value.clone(),
        };
        spec.insert(key.clone(), value);
    }
    spec
}

/// Puts the labels into a selector, those that were there in their order.
fn selector(stable: &Value, labels: &Labels) -> Value {
    let mut selector = stable.clone();
    let old = stable.get("matchLabels").and_then(Value::as_object);
    let match_labels = in_order_of(old, labels);
    let is_there = old.is_some() || !labels.is_empty();
    if let Some(fields) = selector.as_object_mut()
        && is_there
    {
        fields.insert("matchLabels".to_owned(), match_labels);
    }
    selector
}

/// Returns `labels` as a map: first the keys of `order`, then the others.
pub(super) fn in_order_of(order: Option<&Map<String, Value>>, labels: &Labels) -> Value {
    let known = order.into_iter().flatten().filter_map(|(key, _)| labels.get_key_value(key));
    let others =
        labels.iter().filter(|(key, _)| order.is_none_or(|order| !order.contains_key(*key)));
    let pairs = known.chain(others);
    Value::Object(pairs.map(|(key, value)| (key.clone(), Value::from(value.clone()))).collect())
}
