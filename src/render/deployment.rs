//! The stable Deployment as it is meanwhile, and the canary Deployment.

use serde_json::{Map, Value};

use super::metadata::{add_entry, clone_metadata};
use super::{Change, Edit, pod_template};
use crate::manifest::FieldPath;
use crate::model::{Labels, Replicas};
use crate::plan::{CANARY_DEPLOYMENT_LABEL, Plan, Stage, with_suffix};

/// Returns what happens to the stable Deployment at `stage`.
///
/// With the old version at hand it is written as it was, otherwise held back:
///
/// ```yaml
/// spec:              # steps, without the old version
///   paused: true
/// ```
///
/// From `promote` on it is the new version, and runs.
pub(super) fn render_stable<'m, 'a>(plan: &Plan<'m, 'a>, stage: Stage) -> Option<Change<'m, 'a>> {
    let rollout = plan.rollout;
    let resource = &rollout.workload.resource;
    let paused = FieldPath::of_keys(&["spec", "paused"]);
    let edit = match (stage, &rollout.old_workload) {
        (Stage::Stable | Stage::Step(_), Some(old)) => return Some(Change::Replace(&old.resource)),
        (Stage::Stable | Stage::Step(_), None) => match resource.field(&["spec", "paused"]) {
            Some(field) if field.to_value() == Value::Bool(true) => return None,
            _ => Edit::Set { path: paused, value: Value::Bool(true) },
        },
        (Stage::Promote | Stage::Done, _) => {
            // Also where it is written as null.
            resource.node.child("spec")?.child("paused")?;
            Edit::Remove { path: paused }
        }
    };
    Some(Change::Edit { resource, edits: vec![edit] })
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
pub(super) fn render_canary(plan: &Plan<'_, '_>, replicas: Replicas) -> Value {
    let workload = &plan.rollout.workload.resource;
    let source = workload.to_value();
    let mut metadata = clone_metadata(&source, &plan.workload_name, |_, _| false);
    let mark = Value::from(with_suffix(&workload.identity.name, ""));
    add_entry(&mut metadata, "labels", (CANARY_DEPLOYMENT_LABEL, mark));
    let mut object = Map::new();
    for key in ["apiVersion", "kind"] {
        object.insert(key.to_owned(), source.get(key).cloned().unwrap_or_default());
    }
    object.insert("metadata".to_owned(), Value::Object(metadata));
    object.insert("spec".to_owned(), Value::Object(canary_spec(plan, &source, replicas)));
    Value::Object(object)
}

/// The fields of the stable spec in their order, replicas first where there were none.
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
    if let Some(fields) = selector.as_object_mut() {
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
